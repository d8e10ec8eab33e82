"""A reviewer decides a case, or undoes what was decided last."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from generations.models import (
    Action,
    CaseState,
    Concern,
    Level,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    Suspension,
)
from generations.queries.review_case import HIDING
from generations.services import packing
from generations.services.reviewing import quarantine, suspending, telling
from generations.services.reviewing.holding import check_reach, fresh, whose
from generations.services.reviewing.noting import note
from generations.services.reviewing.refusals import NothingToReverse, NotSuspendable, NotTheirs, ReasonMissing

log = logging.getLogger(__name__)

LEADS_TO = {
    Action.HIDE: CaseState.HIDDEN,
    Action.KEEP: CaseState.KEPT,
    Action.ESCALATE: CaseState.OPEN,
    Action.SUSPEND: CaseState.HIDDEN,
}
REVERSIBLE = (Action.HIDE, Action.KEEP, Action.SUSPEND, Action.RESTORE)
NO_MAKER = "The account of this picture’s maker was deleted. Hide the picture instead."
FOR_STAFF = "Only moderators of the studio suspend people. Hand the case to them."
THERE_ALREADY = "This case is with the studio’s moderators already."


def decide(
    *,
    case: ReviewCase,
    reviewer: Reviewer,
    action: str,
    reason: str,
    words: str = "",
    version: int,
    until: datetime | None = None,
) -> ReviewDecision:
    """Hide, keep, escalate or suspend: of a case that still stands as the reviewer saw it, at that `version`.

    Suspending hides the picture, too; its maker may do nothing until `until`, or until that is lifted.
    Raises ClaimedBySomebody, DecidedMeanwhile, NotTheirs, ReasonMissing, SuspensionRefused; then nothing was changed.
    """
    chosen = Action(action)
    _check(case, reviewer, chosen, reason)
    with transaction.atomic():
        case = fresh(case)
        facts: dict[str, Any] = {"reason": reason, "words": words} if chosen in HIDING else {}
        if chosen is Action.ESCALATE:
            facts["level"] = Level.STAFF
        if not case.is_open or not case.decide(LEADS_TO[chosen], by=reviewer, version=version, **facts):
            raise whose(case, reviewer)
        suspension = _suspend(case, reviewer, until) if chosen is Action.SUSPEND else None
        decision = _write(case, reviewer, chosen, reason=reason, words=words, suspension=suspension)
        withdrawn = _take_effect(case, reviewer, decision)
    _discard(withdrawn)
    log.info("case %s: %s by %s", case.pk, chosen.value, reviewer.actor)
    return decision


def may_reverse(*, decision: ReviewDecision, reviewer: Reviewer) -> bool:
    """Whether this is what the case stands at, and this reviewer may undo it."""
    case = decision.case
    if case.is_open or case.purged_at is not None or decision.action not in REVERSIBLE:
        return False
    if decision.role == Level.STAFF and not reviewer.is_staff:
        return False
    if not ReviewCase.objects.within(reviewer).filter(pk=case.pk).exists():
        return False
    last = ReviewDecision.objects.filter(case=case, action__in=REVERSIBLE).order_by("-pk").first()
    return last is not None and last.pk == decision.pk


def reverse(*, decision: ReviewDecision, reviewer: Reviewer, words: str = "") -> ReviewDecision:
    """Show again what was hidden, with the suspension that came of it lifted; or hide what was kept or shown again.

    Raises ClaimedBySomebody, DecidedMeanwhile, NothingToReverse, NotTheirs; then nothing was changed.
    """
    check_reach(decision.case, reviewer)
    if decision.role == Level.STAFF and not reviewer.is_staff:
        raise NotTheirs("The studio’s moderators decided this. Only they can reverse it.")
    with transaction.atomic():
        case = fresh(decision.case)
        decision = ReviewDecision.objects.select_related("case", "suspension__person").get(pk=decision.pk)
        if not may_reverse(decision=decision, reviewer=reviewer):
            raise NothingToReverse
        was_hidden = decision.action in HIDING
        facts: dict[str, Any] = {"purge_asked_by": None}
        if not was_hidden:
            facts |= {"reason": _reason_to_hide(case), "words": words}
        to = CaseState.KEPT if was_hidden else CaseState.HIDDEN
        if not case.decide(to, by=reviewer, version=case.version, **facts):
            raise whose(case, reviewer)
        action = Action.RESTORE if was_hidden else Action.HIDE
        reason = "" if was_hidden else case.reason
        made = _write(case, reviewer, action, reason=reason, words=words, reverses=decision)
        withdrawn = _take_effect(case, reviewer, made)
    _discard(withdrawn)
    log.info("case %s: decision %s reversed by %s", case.pk, decision.pk, reviewer.actor)
    return made


def _check(case: ReviewCase, reviewer: Reviewer, action: Action, reason: str) -> None:
    check_reach(case, reviewer)
    if action not in LEADS_TO:
        raise NotTheirs("Choose to hide it, to keep it, to hand it on, or to suspend its maker.")
    if reason not in Concern.values or (reason == Concern.FINE and action in HIDING):
        raise ReasonMissing
    if action is Action.SUSPEND and not reviewer.is_staff:
        raise NotTheirs(FOR_STAFF)
    if action is Action.ESCALATE and case.level == Level.STAFF:
        raise NotTheirs(THERE_ALREADY)


def _suspend(case: ReviewCase, reviewer: Reviewer, until: datetime | None) -> Suspension:
    maker = case.generation.member.person
    if maker is None:
        raise NotSuspendable(NO_MAKER)
    reason = f"{Concern(case.reason).label}. {case.words}".strip()
    return suspending.begin(person=maker, by=reviewer.person, reason=reason, until=until)


def _write(case: ReviewCase, reviewer: Reviewer, action: Action, **facts: Any) -> ReviewDecision:
    made: ReviewDecision = ReviewDecision.objects.create(
        case=case, action=action, by=reviewer.person, role=reviewer.role, **facts
    )
    note(made, reviewer)
    return made


def _take_effect(case: ReviewCase, reviewer: Reviewer, decision: ReviewDecision) -> list[Path]:
    """Pictures disappear or come back, a suspension that is undone ends, and everybody concerned is told.

    Says whose files with their own data are to be discarded once that is certain.
    """
    change = quarantine.Change(set(), [])
    if decision.action in HIDING:
        stops = [suspending.waiting_of(decision.suspension)] if decision.suspension else []
        change = quarantine.hide(case, actor=reviewer.actor, with_them=stops)
        telling.tell_hidden(case, decision)
        telling.tell_enlargers(case, change.generations, telling.enlargement_hidden(case, decision))
    elif decision.action == Action.RESTORE:
        change = quarantine.show(case, actor=reviewer.actor)
        undone = decision.reverses.suspension if decision.reverses else None
        if undone is not None:
            suspending.lift(suspension=undone, by=reviewer.person)
        telling.tell_restored(case)
        telling.tell_enlargers(case, change.generations, telling.ENLARGEMENT_SHOWN)
    elif decision.action == Action.KEEP:
        telling.tell_kept(case)
    else:
        telling.tell_reviewers(case)
    return change.withdrawn


def _discard(withdrawn: Iterable[Path]) -> None:
    for path in withdrawn:
        packing.discard(path)


def _reason_to_hide(case: ReviewCase) -> str:
    """As it was hidden before, else as it was reported first."""
    first = case.reports.order_by("pk").first()
    return case.reason or (first.reason if first else Concern.OTHER)
