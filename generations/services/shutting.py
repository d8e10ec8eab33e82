"""Staff close a vendor or the whole studio for a while, plan that, and open it again. Each time is in the audit log.

A paused vendor is sent nothing more from the moment this commits: whoever claims work holds the vendor's keys locked,
and so does whoever pauses it. What was claimed before goes out and is finished.

What waits for a paused vendor keeps its place and its hold, and its day in line goes on: credits must not be held
without an end because somebody forgot a pause. When the day is over while the pause lasts, the sweep ends it as it ends
every other wait (T9: one conditional move, and one release with it), with a reason of its own, and the person is told
in their inbox. When a pause ends sooner, by hand or by itself, everything that still waits has at least another hour,
so that nothing is given up just because the line begins to move again.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from generations import nudge, providers
from generations.models import AuditEntry, Closure, Credential, Generation, Person, Shut, clock
from generations.models.closure import REASON_CHARACTERS_MAX, STUDIO, TOLD_BEFORE
from generations.models.generation.states import WAIT_AFTER_PAUSE
from generations.queries.closures import closed_words
from generations.services import notifying
from generations.services.notifying import Word

log = logging.getLogger(__name__)

COMMAND = "command"
"""Who it was, where nobody sat at the desk."""
NAMES = {
    Shut.PAUSED: ("vendor_paused", "vendor_opened"),
    Shut.DRAINING: ("vendor_drained", "vendor_opened"),
    Shut.MAINTENANCE: ("maintenance_set", "maintenance_ended"),
}
"""What the audit log calls its begin and its end."""


class NotOperator(Exception):
    """Only operators and superusers close and open anything."""


class ShutRefused(Exception):
    """Nothing was closed; the message is for who tried."""


class ReasonMissing(ShutRefused):
    def __init__(self) -> None:
        super().__init__("Write why: everybody who meets it reads your words.")


class TimesWrong(ShutRefused):
    """It would end before it begins, or has ended already."""


class ChangedMeanwhile(ShutRefused):
    """Somebody closed or opened the same meanwhile."""

    def __init__(self) -> None:
        super().__init__("Somebody else changed this a moment ago. Nothing was done: look at how it stands now.")


def shut(
    *,
    kind: Shut,
    provider: str = STUDIO,
    reason: str,
    by: Person | None,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    told_at: datetime | None = None,
    instead_of: int | None = None,
) -> Closure:
    """Close it now or from `begins_at` on, until `ends_at` or until it is opened again.

    `instead_of` is the closure of the same target that stood when whoever closes it looked; this one takes its place.
    Without `by` it is a command. Raises NotOperator, or ShutRefused (or one of its kinds); then nothing was changed.
    """
    if by is not None and not by.may_operate:
        raise NotOperator
    moment = clock.now()
    begins_at = max(begins_at or moment, moment)
    reason = " ".join(reason.replace("\0", "").split())[:REASON_CHARACTERS_MAX]
    _check(provider, reason, begins_at=begins_at, ends_at=ends_at, moment=moment)
    with transaction.atomic():
        _lock(provider)
        _end_over(moment)
        _make_room(provider, instead_of, by=by)
        try:
            with transaction.atomic():
                made = Closure.objects.create(
                    kind=kind,
                    provider=provider,
                    reason=reason,
                    told_at=min(told_at or max(begins_at - TOLD_BEFORE, moment), begins_at),
                    begins_at=begins_at,
                    ends_at=ends_at,
                    actor=_actor(by),
                    by=by,
                    at=moment,
                )
        except IntegrityError as error:
            raise ChangedMeanwhile from error
        _note(NAMES[kind][0], made, by=by, after=_facts(made))
    log.info("closure %s (%s) by %s", made.pk, made, made.actor)
    return made


def reopen(*, closure: Closure, by: Person | None) -> bool:
    """End it now, or give up what was planned; False when that was done before. Raises NotOperator."""
    if by is not None and not by.may_operate:
        raise NotOperator
    with transaction.atomic():
        _lock(closure.provider)
        if not closure.lift(by=by):
            return False
        _note(NAMES[Shut(closure.kind)][1], closure, by=by, before=_facts(closure))
        _go_on(closure)
    log.info("closure %s (%s) is lifted by %s", closure.pk, closure, _actor(by))
    return True


def end_over() -> int:
    """Put away what ended by itself, and let go on what waited for it."""
    moment = clock.now()
    if not Closure.objects.over(moment).exists():
        return 0
    with transaction.atomic():
        return _end_over(moment)


def tell_given_up(row: Generation, pause: Closure) -> None:
    """Its maker hears once for each pause that pictures were given up over it; each card says it, too."""
    person = row.member.person
    if person is None:
        return
    word = Word(
        kind="vendor_paused",
        subject=f"Pictures that waited for {pause.target} were given up",
        words=f"{closed_words(pause)} After a day in line the credits of each came back to you: nothing was charged.",
        path=reverse("generation", args=[row.pk]),
    )
    notifying.tell_once(person, word, key=f"closure:{pause.pk}", team=row.team)


def _check(provider: str, reason: str, *, begins_at: datetime, ends_at: datetime | None, moment: datetime) -> None:
    if provider != STUDIO and provider not in providers.PROVIDERS:
        raise ShutRefused("There is no such vendor.")
    if not reason:
        raise ReasonMissing
    if ends_at is not None and ends_at <= moment:
        raise TimesWrong("That end has passed already. Choose a later one, or leave it open.")
    if ends_at is not None and ends_at <= begins_at:
        raise TimesWrong("It would end before it begins.")


def _lock(provider: str) -> None:
    """Whoever claims work for this vendor has done so by now, or waits until this is decided."""
    keys = Credential.objects.filter(provider=provider).order_by("pk").select_for_update(no_key=True)
    list(keys.values_list("pk", flat=True))


def _make_room(provider: str, instead_of: int | None, *, by: Person | None) -> None:
    standing = Closure.objects.standing().filter(provider=provider).first()
    if (standing.pk if standing else None) != instead_of:
        raise ChangedMeanwhile
    if standing is not None:
        if not standing.lift(by=by):
            raise ChangedMeanwhile
        _go_on(standing)


def _end_over(moment: datetime) -> int:
    over = list(Closure.objects.over(moment))
    ended: int = Closure.objects.filter(pk__in=[one.pk for one in over]).end_over(moment)
    for closure in over:
        _go_on(closure)
    return ended


def _go_on(closure: Closure) -> None:
    """What a pause kept in line has some time left to be sent."""
    if closure.kind == Shut.PAUSED:
        Generation.objects.filter(provider=closure.provider).wait_until(clock.now() + WAIT_AFTER_PAUSE)
        nudge.kick()


def _facts(closure: Closure) -> dict[str, str]:
    times: dict[str, datetime | None] = {"begins_at": closure.begins_at, "ends_at": closure.ends_at}
    said = {name: at.isoformat(timespec="seconds") if at else "" for name, at in times.items()}
    return {"kind": closure.kind, "reason": closure.reason, **said}


def _note(action: str, closure: Closure, *, by: Person | None, **values: Any) -> None:
    target = f"vendor:{closure.provider}" if closure.provider else "studio"
    AuditEntry.note(action, by=None, actor=_actor(by), person=by, target=target, **values)


def _actor(by: Person | None) -> str:
    return f"person:{by.pk}" if by else COMMAND
