"""An operator has a generation looked at now, instead of when it is due. Nothing about it is decided by that."""

import logging

from django.db import transaction

from generations import nudge, queue
from generations.models import LIVE, CallbackHint, Generation, Person, State, clock
from generations.services.operating.refusals import BeingFetched, MovedMeanwhile, NothingToAsk, NothingToDo
from generations.services.operating.witness import expect_operator, note, target_of

log = logging.getLogger(__name__)


def look_again(*, generation: Generation, by: Person) -> None:
    """Make it due at once, and wake who looks.

    Raises NotOperator, NothingToDo where it has ended, NothingToAsk where the vendor named no task, BeingFetched, and
    MovedMeanwhile.
    """
    expect_operator(by)
    if generation.state not in LIVE:
        raise NothingToDo
    is_result = generation.state in {State.FETCHING, State.LAPSED} and bool(generation.result_urls)
    with transaction.atomic():
        if generation.state in {State.SUBMITTING, State.IN_DOUBT, State.LAPSED} and not generation.vendor_task_id:
            _follow_callbacks(generation)
        elif is_result and not Generation.objects.unleased(clock.now()).filter(pk=generation.pk).exists():
            raise BeingFetched
        elif not generation.postpone(clock.now()):
            raise MovedMeanwhile
        elif is_result:
            queue.later("collect", generation=generation.pk)
        note("generation_looked_for", by=by, team=generation.team, target=target_of(generation))
        nudge.kick()
    log.info("generation %s is looked at now, for person %s", generation.pk, by.pk)


def _follow_callbacks(generation: Generation) -> None:
    """What callbacks named for it is asked for again at once. Raises NothingToAsk where they named nothing."""
    named = CallbackHint.objects.filter(attempt__generation=generation, processed_at=None).exclude(task_id="")
    if not named.update(next_at=None):
        raise NothingToAsk
