"""A person or a team may not act for a while: they look, fetch their data and sign out, and nothing else.

What waits to be sent ends, and its credits go back; what a vendor has is finished and stored.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from generations.models import AuditEntry, Generation, Person, State, Suspension, Team, clock
from generations.models.moderation.suspension import REASON_CHARACTERS_MAX
from generations.services.reviewing import telling
from generations.services.reviewing.refusals import (
    NotModerator,
    NotSuspendable,
    OwnSuspension,
    ReasonMissing,
    SuspendedAlready,
)
from generations.services.reviewing.stopping import Stop, stop_waiting

log = logging.getLogger(__name__)

STAFF = "People of the studio’s staff cannot be suspended. Take their staff rights away first."


def suspend_person(*, person: Person, by: Person, reason: str, until: datetime | None) -> Suspension:
    """In every team they are in. No `until`: it lasts until it is lifted.

    Raises NotModerator, NotSuspendable, ReasonMissing, SuspendedAlready; then nothing was changed.
    """
    with transaction.atomic():
        made = begin(person=person, by=by, reason=reason, until=until)
        stop_waiting([waiting_of(made)], actor=f"person:{by.pk}")
    return made


def begin(*, person: Person, by: Person, reason: str, until: datetime | None) -> Suspension:
    """The same in the caller's transaction, which also stops what is `waiting_of` it."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)  # somebody may put them on the staff now
    if person.is_staff or person.is_superuser or person.pk == by.pk:
        raise NotSuspendable(STAFF)
    return _begin({"person": person}, called=person.called, by=by, reason=reason, until=until)


def waiting_of(suspension: Suspension) -> Stop:
    """What of theirs nobody has begun."""
    whose = {"member__person": suspension.person} if suspension.person else {"team": suspension.team}
    return Stop(Generation.objects.filter(**whose), State.CANCELED, "canceled", {})


def suspend_team(*, team: Team, by: Person, reason: str, until: datetime | None) -> Suspension:
    """Everybody in it, as long as they act there. Raises as `suspend_person`."""
    with transaction.atomic():
        made = _begin({"team": team}, called=str(team), by=by, reason=reason, until=until)
        stop_waiting([waiting_of(made)], actor=f"person:{by.pk}")
    return made


def lift(*, suspension: Suspension, by: Person) -> None:
    """They may act again from now on; one that was lifted before stays as it is, and nobody lifts their own.

    Raises NotModerator, for one's own OwnSuspension.
    """
    if not by.may_moderate:
        raise NotModerator
    if suspension.person_id == by.pk:
        raise OwnSuspension
    was_over = suspension.until is not None and suspension.until <= clock.now()
    with transaction.atomic():
        if not suspension.lift(by=by):
            return
        _note("suspension_lifted", suspension, by=by, after={})
        if not was_over:
            telling.tell_lifted(suspension)
    log.info("suspension %s is lifted by person %s", suspension.pk, by.pk)


def _begin(whom: dict[str, Any], *, called: str, by: Person, reason: str, until: datetime | None) -> Suspension:
    if not by.may_moderate:
        raise NotModerator
    if not reason.strip():
        raise ReasonMissing
    moment = clock.now()
    with transaction.atomic():
        # What ended by itself makes room for the next.
        Suspension.objects.standing().filter(**whom, until__lte=moment).update(lifted_at=F("until"))
        try:
            with transaction.atomic():
                made = Suspension.objects.create(
                    **whom, by=by, reason=reason.strip()[:REASON_CHARACTERS_MAX], until=until, at=moment
                )
        except IntegrityError as error:
            raise SuspendedAlready(called) from error
        ends = until.isoformat() if until else ""
        name = "person_suspended" if made.person else "team_suspended"
        _note(name, made, by=by, after={"reason": made.reason, "until": ends})
        telling.tell_suspended(made)
    log.info("suspension %s begins, by person %s", made.pk, by.pk)
    return made


def _note(action: str, suspension: Suspension, *, by: Person, after: dict[str, str]) -> None:
    target = f"person:{suspension.person_id}" if suspension.person_id else f"team:{suspension.team_id}"
    actor = f"person:{by.pk}"
    AuditEntry.note(action, by=None, actor=actor, person=by, team=suspension.team, target=target, after=after)
