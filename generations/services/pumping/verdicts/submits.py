"""Answers to a submit: taken, not taken, or nobody can tell."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from generations.failpoints import failpoint
from generations.models import Attempt, Credential, Generation, Outcome, Reason, State, clock
from generations.models.generation.states import DOUBT_WAIT_MAX
from generations.providers.base import Accepted, Busy, Fault, NotSent, Patience, Refused, SourceBy, SubmitError
from generations.services.pumping.talk import GivenBack, NotUploaded, SourceLost, Submitted
from generations.services.pumping.verdicts import ends, patiences
from generations.services.pumping.verdicts.ends import ACTOR

log = logging.getLogger(__name__)

NOT_SENT_PATIENCE = Patience(first_seconds=5, longest_seconds=60, tries_max=4, seconds_max=None)
"""Three more tries where the vendor could not even be reached."""
DETAIL_MAX = 500
"""So much of what was said is kept with an attempt."""
HELD_BACK = {Outcome.BUSY: "The vendor asked us to wait.", Outcome.NOT_SENT: "The vendor cannot be reached."}


def heard(row: Generation, answer: Submitted) -> None:
    attempt = Attempt.objects.get(pk=answer.attempt)
    result = answer.result
    if isinstance(result, Accepted):
        _accept(row, attempt, result)
    elif row.state == State.SUBMITTING and row.lease_token == answer.token:
        _not_accepted(row, attempt, result)
    else:
        attempt.end(_outcome_of(result), detail=str(result))


def _outcome_of(error: SubmitError) -> Outcome:
    """Of a try whose generation went on without it."""
    if isinstance(error, Refused):
        return Outcome.REFUSED
    return Outcome.NOT_SENT if isinstance(error, NotSent | SourceLost) else Outcome.UNKNOWN


def adopt(row: Generation, attempt: Attempt, accepted: Accepted) -> None:
    """T3b, or the watch over work whose credits went back: a task proved to be ours."""
    _accept(row, attempt, accepted)


def _accept(row: Generation, attempt: Attempt, accepted: Accepted) -> None:
    """T3; T3b when the sweep had doubted it meanwhile; after the credits went back the work is still watched.

    An id another row owns is no proof of ours (F23).
    """
    failpoint("after_submit")
    if Generation.objects.filter(provider=row.provider, vendor_task_id=accepted.task_id).exclude(pk=row.pk).exists():
        log.error("generation %s: the vendor gave it the task id of another generation", row.pk)
        ends.tell(row, "two orders were answered with one task id.")
        if row.state == State.SUBMITTING:
            _doubt(row, attempt, "task id already taken")
    elif row.state in {State.SUBMITTING, State.IN_DOUBT}:
        _run(row, attempt, accepted)
    elif row.state == State.LAPSED and row.adopt(accepted.task_id, accepted_at=attempt.started_at):
        attempt.end(Outcome.ADOPTED, vendor_cost=accepted.cost)
    else:
        log.error("generation %s is %s, and the vendor accepted it as %s", row.pk, row.state, accepted.task_id)
        attempt.end(Outcome.ACCEPTED, detail=accepted.task_id, vendor_cost=accepted.cost)


def _run(row: Generation, attempt: Attempt, accepted: Accepted) -> None:
    moment = clock.now()
    outcome = Outcome.ACCEPTED if row.state == State.SUBMITTING else Outcome.ADOPTED
    running = row.move(
        State.RUNNING,
        actor=ACTOR,
        vendor_task_id=accepted.task_id,
        accepted_at=moment,
        next_at=first_look(row, moment),
        deadline_at=moment + timedelta(seconds=row.offer().deadline_seconds),
        lease_token="",
        lease_until=None,
    )
    if running:
        attempt.end(outcome, vendor_cost=accepted.cost)
        ends.heal(row.credential, sent_at=attempt.started_at)
        transaction.on_commit(partial(failpoint, "after_running"))


def first_look(row: Generation, moment: datetime) -> datetime:
    """When a task accepted at `moment` is first worth asking for: at 80 % of the shortest usual time."""
    return moment + timedelta(seconds=0.8 * row.offer().usual_seconds[0])


def _not_accepted(row: Generation, attempt: Attempt, error: SubmitError) -> None:
    if isinstance(error, Refused):
        _refused(row, attempt, error)
    elif isinstance(error, Busy):
        if error.tell:
            ends.tell(row, f"it takes no orders now. {error}")
        _turned_away(row, attempt, Outcome.BUSY, error, patience=error.patience, fault=error.fault)
    elif isinstance(error, SourceLost):
        attempt.end(Outcome.NOT_SENT, detail=str(error))
        ends.give_up(row, Reason.SOURCE_GONE)
    elif isinstance(error, GivenBack):
        attempt.end(Outcome.NOT_SENT, detail=str(error))
        _back_in_line(row, clock.now())
    elif isinstance(error, NotSent):
        _turned_away(row, attempt, Outcome.NOT_SENT, error, patience=NOT_SENT_PATIENCE, fault=Fault.UNREACHABLE)
    else:
        _doubt(row, attempt, str(error))


def _refused(row: Generation, attempt: Attempt, error: Refused) -> None:
    """T5; where the key is refused, or may not do this, another key of the vendor may: nothing was accepted.

    That an account is empty is found out by one order, and only that one fails: others that were under way, and what
    tries the key later, wait for it like all that comes after them.
    """
    attempt.end(Outcome.REFUSED, detail=f"{error.vendor_code} {error.vendor_text}".strip())
    if error.switch_off:
        ends.switch_off(row, error.vendor_code)
    elif error.tell:
        ends.tell(row, f"it refused an order with {error.vendor_code or 'no code'}.")
    is_news = ends.rest(row.credential, error.fault, seconds=error.rest_seconds)
    waits = error.fault is Fault.OUT_OF_FUNDS and not is_news
    if waits or ((error.fault in ends.REST_SECONDS or error.switch_off) and _another_key(row)):
        _back_in_line(row, clock.now())
    else:
        # There is no task yet that the vendor could have lost.
        reason = Reason.NOT_SOLD if error.fault is Fault.NOT_FOUND else error.fault
        ends.fail(row, reason, error.vendor_code, error.vendor_text)


def _another_key(row: Generation) -> bool:
    if row.offer().source_by is SourceBy.TASK_ID:
        return False  # only the account that drew the picture knows it
    usable = Credential.objects.serving(row.team).filter(provider=row.provider).free(clock.now())
    return any(row.offer_key not in key.offers_off for key in usable.exclude(pk=row.credential_id or 0))


def _turned_away(
    row: Generation, attempt: Attempt, outcome: Outcome, error: SubmitError, *, patience: Patience, fault: Fault
) -> None:
    """T4: nothing was taken, so the same order may go again, for as long as patience lasts."""
    asked = getattr(error, "retry_after", None)
    tries = [*patiences.same_before(row, attempt, outcome, str(error)[:DETAIL_MAX]), attempt]
    pause = patiences.pause(patience, len(tries), asked=asked)
    attempt.end(outcome, detail=str(error))
    if row.credential is not None and _is_about_the_key(error, fault):
        row.credential.hold_back(seconds=pause, because=HELD_BACK[outcome])
    if patiences.is_over(patience, tries, asked=asked):
        ends.fail(row, fault)
        ends.tell(row, f"orders were given up after {len(tries)} tries: {error}")
    else:
        _back_in_line(row, clock.now() + timedelta(seconds=pause))


def _is_about_the_key(error: SubmitError, fault: Fault) -> bool:
    """Whether what comes next to this key would be turned away, too; not so when it is about this one order."""
    return fault in {Fault.BUSY, Fault.UNREACHABLE} and not isinstance(error, NotUploaded)


def _back_in_line(row: Generation, again: datetime) -> None:
    """To whatever key is free then, unless only one will do."""
    credential = row.credential if row.offer().source_by is SourceBy.TASK_ID else None
    row.move(State.QUEUED, actor=ACTOR, next_at=again, credential=credential, lease_token="", lease_until=None)


def _doubt(row: Generation, attempt: Attempt, detail: str) -> None:
    """T6: the vendor may have it. It is never sent a second time."""
    end = clock.now() + DOUBT_WAIT_MAX
    if row.move(State.IN_DOUBT, actor=ACTOR, next_at=end, deadline_at=end):
        attempt.end(Outcome.UNKNOWN, detail=detail)
        log.warning("generation %s is in doubt: %s", row.pk, detail)
