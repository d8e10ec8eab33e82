"""An operator ends a wait: the credits go back at once, and what the vendor still brings is free.

It is an end the state machine has anyway, only sooner: T8 for what nobody has begun, T7 and T12 for what is at the
vendor, T14 for what is done there and not saved. Of several pictures those that are here already stay and are paid.
"""

import logging

from django.db import transaction

from generations import ledger
from generations.models import Generation, Person, Reason, State, clock
from generations.services import collecting
from generations.services.operating.refusals import BeingFetched, BeingSent, EndedBefore, MovedMeanwhile, ShelfSilent
from generations.services.operating.witness import expect_operator, note, target_of
from generations.services.pumping.verdicts import ends

log = logging.getLogger(__name__)

STOPPED = "generation_stopped"


def stop(*, generation: Generation, by: Person) -> State:
    """End it and say where it stands now: `canceled`, `lapsed`, `failed`, or `succeeded` with what was here already.

    Raises NotOperator, EndedBefore, BeingSent, BeingFetched, ShelfSilent, and MovedMeanwhile when somebody else was
    faster; then nothing was written.
    """
    actor = expect_operator(by)
    if not generation.is_open:
        raise EndedBefore
    if generation.state == State.SUBMITTING:
        raise BeingSent
    before = generation.state
    with transaction.atomic():
        try:
            _end(generation, actor)
        except collecting.NotNow:
            raise ShelfSilent from None
        if generation.state == before:
            raise MovedMeanwhile
        after = {"state": generation.state, "credits_back": generation.price - generation.charged}
        note(
            STOPPED,
            by=by,
            team=generation.team,
            target=target_of(generation),
            before={"state": before},
            after=after,
        )
    log.info("generation %s was stopped by person %s: %s", generation.pk, by.pk, generation.state)
    return State(generation.state)


def _end(row: Generation, actor: str) -> None:
    """Leaves the row as it was when somebody else moved it first."""
    if row.state == State.QUEUED:
        if row.move(State.CANCELED, actor=actor, reason=Reason.STOPPED):
            ledger.release(generation=row, actor=actor, reason=Reason.STOPPED)
    elif row.state == State.FETCHING:
        _drop(row, actor)
    else:
        ends.lapse(row, Reason.STOPPED, actor=actor)


def _drop(row: Generation, actor: str) -> None:
    """T14, unless a worker saves it at this moment or a part of it is here."""
    if row.lease_until is not None and row.lease_until > clock.now():
        raise BeingFetched
    if row.arrived and collecting.keep_arrived(row, actor=actor):
        return
    facts = {"lease_token": "", "lease_until": None}
    if row.move(State.FAILED, actor=actor, reason=Reason.STOPPED, **facts):
        ledger.release(generation=row, actor=actor, reason=Reason.STOPPED)
