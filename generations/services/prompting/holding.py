"""What becomes of an order that a rule holds: its reviewer lets it through or refuses it, its member takes it back.

Letting it through orders it for the member in the same transaction. What keeps it from being ordered then (credits,
a vendor, a suspension, a rule that blocks by now) is told to the member, and the decision stands.
"""

import logging
from typing import Any

from django.db import transaction

from generations import ledger
from generations.models import AuditEntry, Batch, HeldOrder, HeldState, Member, Reviewer
from generations.services import ordering
from generations.services.prompting import telling
from generations.services.prompting.refusals import DecidedAlready, NotTheirs, WordsMissing

log = logging.getLogger(__name__)


def withdraw(*, held: HeldOrder, member: Member) -> None:
    """The member does not want it any more. Raises NotTheirs and DecidedAlready."""
    if held.member_id != member.pk:
        raise NotTheirs
    with transaction.atomic():
        if not held.settle(HeldState.WITHDRAWN, by=None):
            raise DecidedAlready
        AuditEntry.note("held_order_withdrawn", by=member, target=f"held_order:{held.pk}")


def let_through(*, held: HeldOrder, reviewer: Reviewer, words: str = "") -> HeldOrder:
    """Order it, once, at no more than the price its member saw. Raises NotTheirs and DecidedAlready."""
    with transaction.atomic():
        held = _decide(held, reviewer, HeldState.PASSED, words)
        placed = _place(held)
        batch = placed if isinstance(placed, Batch) else None
        held.record(batch=batch, trouble="" if batch else str(placed))
        _note("held_order_passed", held, reviewer, ordered=batch is not None)
        telling.tell_passed(held, is_blocked=isinstance(placed, ordering.PromptBlocked))
    log.info("held order %s is let through by %s", held.pk, reviewer.actor)
    return held


def refuse(*, held: HeldOrder, reviewer: Reviewer, words: str) -> HeldOrder:
    """Nothing comes of it, and the member reads why. Raises NotTheirs, DecidedAlready, WordsMissing."""
    if not words.strip():
        raise WordsMissing
    with transaction.atomic():
        held = _decide(held, reviewer, HeldState.REFUSED, words)
        _note("held_order_refused", held, reviewer)
        telling.tell_refused(held)
    log.info("held order %s is refused by %s", held.pk, reviewer.actor)
    return held


def _decide(held: HeldOrder, reviewer: Reviewer, state: HeldState, words: str) -> HeldOrder:
    parts = ("team", "member__person", "member__team", "hit", "retry_of", "decided_by")
    found = HeldOrder.objects.within(reviewer).select_related(*parts).filter(pk=held.pk).first()
    if found is None:
        raise NotTheirs
    if not found.settle(state, by=reviewer, words=words.strip()):
        found.refresh_from_db()
        raise DecidedAlready(found.decided_by.called if found.decided_by else "")
    made: HeldOrder = found
    return made


def _place(held: HeldOrder) -> Batch | ordering.OrderRefused | ledger.NotEnoughCredits:
    """The order, or why there is none."""
    try:
        return ordering.order_held(held=held)
    except (ordering.OrderRefused, ledger.NotEnoughCredits) as refusal:
        return refusal


def _note(action: str, held: HeldOrder, reviewer: Reviewer, **facts: Any) -> None:
    AuditEntry.note(
        action,
        by=reviewer.member,
        actor=reviewer.actor,
        person=reviewer.person,
        team=held.team,
        target=f"held_order:{held.pk}",
        after={"member": held.member_id, "rule": held.hit.rule_name, "words": held.words, **facts},
    )
