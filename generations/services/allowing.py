"""Monthly allowances: paid from the pool on the first of the month in the team's time zone, each month once.

Whoever runs it, how often and on how many machines: the key of the transfer names the month. A studio that was off pays
the months it missed when it is back, each up to what the account may hold.
"""

import logging
import time

from django.db import transaction
from django.urls import reverse

from generations import ledger, queue
from generations.models import Allowance, AuditEntry, CreditAccount, CreditEntry, Member, Role, clock
from generations.queries.months import Month
from generations.services import notifying

log = logging.getLogger(__name__)

ACTOR = "allowance"
MONTHS_MISSED_MAX = 24
AT_ONCE = 500
STEP_SECONDS = 5
"""For so long one step pays; what is left is a job of its own. The sweep takes the first step, within its lease."""


class NotManager(Exception):
    """Only owners and admins decide about allowances."""


def begins(member: Member) -> Month:
    """The first month that a decision made now counts for: this one, or the next where this one was paid already."""
    month = Month.of(clock.now(), member.team.time_zone)
    marked = Allowance.objects.filter(member=member, paid__gte=str(month)).exists()
    return month.next() if marked or _was_paid(member, month) else month


def allow(*, by: Member, member: Member, amount: int, rollover: int) -> None:
    """Decide what a member gets each month, from the one that `begins` names on; 0 ends it. Raises NotManager."""
    if not by.may_manage or by.left_at is not None or by.team_id != member.team_id:
        raise NotManager
    known = Allowance.objects.filter(member=member).first()
    before = {"amount": known.amount, "rollover": known.rollover} if known else {}
    with transaction.atomic():
        if amount == 0:
            Allowance.objects.filter(member=member).delete()
        else:
            facts = {"amount": amount, "rollover": rollover}
            Allowance.objects.update_or_create(member=member, defaults=facts)
        AuditEntry.note(
            "allowance_changed",
            by=by,
            target=f"member:{member.pk}",
            before=before,
            after={"amount": amount, "rollover": rollover} if amount else {},
        )
    for one in Allowance.objects.filter(member=member).select_related("member__team"):
        _pay(one)


def pay_due(*, after: int = 0) -> int:
    """Pay whatever began since it was last asked for; says how many allowances got something.

    It goes through all of them, those after `after` first to last, and those that cannot be paid keep none of the
    others waiting: where the time is up, a job goes on.
    """
    paid, end = 0, time.monotonic() + STEP_SECONDS
    waiting = Allowance.objects.filter(member__left_at=None).select_related("member__team", "member__person")
    newest = str(Month.of(clock.now(), "Pacific/Kiritimati"))  # nowhere is it a later month
    while some := list(waiting.filter(paid__lt=newest, pk__gt=after).order_by("pk")[:AT_ONCE]):
        for one in some:
            paid, after = paid + _pay_safely(one), one.pk
            if time.monotonic() >= end:
                queue.later("allowances", after=after)
                return paid
    return paid


def _pay_safely(one: Allowance) -> bool:
    """One that fails is looked at by people, and is none of the others' business."""
    try:
        return _pay(one)
    except Exception:
        log.exception("the allowance of member %s was not paid", one.member_id)
        return False


def _pay(one: Allowance) -> bool:
    """The months since it was last paid, oldest first. Stops at one the pool cannot pay, and tells the owners."""
    now = Month.of(clock.now(), one.member.team.time_zone)
    first = Month.parse(one.paid)
    due = now.back_to(first.next())[::-1] if first and first < now else [now] if first is None else []
    moved = False
    for month in due[-MONTHS_MISSED_MAX:]:
        try:
            moved = _pay_month(one, month) or moved
        except ledger.NotEnoughCredits as refusal:
            _tell_owners(one, month, refusal.available)
            break
    return moved


def _pay_month(one: Allowance, month: Month) -> bool:
    """Fill the account for this month, and remember it, both or neither; whoever remembers it first is who pays."""
    member = one.member
    key = _key(member, month)
    with transaction.atomic():
        if not one.mark_paid(str(month)) or _was_paid(member, month):
            return False
        pool, account = ledger.pool_of(member.team), ledger.account_of(member)
        both = CreditAccount.objects.select_for_update(no_key=True).order_by("pk").in_bulk([pool.pk, account.pk])
        amount = min(one.amount, max(0, one.most - both[account.pk].posted))
        if amount:
            reason = f"Allowance for {month.label}"
            ledger.transfer(source=pool, target=account, amount=amount, reason=reason, key=key, actor=ACTOR)
    log.info("member %s: allowance of %s for %s", member.pk, amount, month)
    return amount > 0


def _key(member: Member, month: Month) -> str:
    return f"allowance:{member.pk}:{month}"


def _was_paid(member: Member, month: Month) -> bool:
    return CreditEntry.objects.filter(idempotency_key=f"{_key(member, month)}:out").exists()


def _tell_owners(one: Allowance, month: Month, available: int) -> None:
    """Once a month for each member: the pool is too small."""
    owners = Member.objects.present().filter(team=one.member.team_id, role=Role.OWNER).select_related("person")
    for owner in owners:
        if owner.person:
            word = notifying.Word(
                kind="allowance",
                subject=f"The pool cannot pay {one.member.called}’s allowance",
                words=f"{one.amount:,} credits are due for {month.label}; the pool has {available:,}. "
                "It is paid as soon as there is enough.",
                path=reverse("credits") + "?whose=pool",
            )
            notifying.tell_once(owner.person, word, key=_key(one.member, month), team=one.member.team)
