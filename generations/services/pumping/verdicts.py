"""Decides what a vendor's answer means for a generation. Every result of one turn of the pump is written together."""

import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, transaction

from generations import ledger, queue
from generations.models import Attempt, Generation, Outcome, Reason, State, clock
from generations.models.generation.states import (
    DOUBT_WAIT_MAX,
    FETCH_WAIT_MAX,
    NOT_FOUND_TOLERANCE,
    SUBMITS_MAX,
    VENDOR_LINK_LIFE,
)
from generations.providers.base import (
    Accepted,
    Busy,
    Failed,
    Fault,
    KeyRefused,
    NotFound,
    NotSent,
    Ready,
    Refused,
    SourceBy,
    SubmitError,
    Unreachable,
    Working,
)
from generations.services.pumping.talk import Looked, Submitted

log = logging.getLogger(__name__)

ACTOR = "pump"
BACKOFF_SECONDS_MAX = 60
LOOK_SECONDS_MAX = 15
LOOK_SECONDS_AFTER_TROUBLE = 5
LATE_LOOK_SECONDS = 60
EAGER_SECONDS = 30
"""For so long after the usual time a look comes every second."""
COST_MAX = Decimal(10) ** 8
COST_STEP = Decimal("0.0001")
REST_AFTER = {Fault.CREDENTIALS: timedelta(minutes=10), Fault.OUT_OF_FUNDS: timedelta(minutes=10)}
REST_BECAUSE = {Fault.CREDENTIALS: "The vendor refused this key.", Fault.OUT_OF_FUNDS: "The account is empty."}


TROUBLE = (
    DatabaseError,
    ObjectDoesNotExist,
    ValidationError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    ledger.LedgerRefusal,
)
"""What writing one answer may meet. It must not take the other answers of the same turn with it."""


def apply(results: list[Submitted | Looked]) -> list[Submitted | Looked]:
    """Write what these answers mean, in one transaction of guarded updates; returns what has to be written later.

    An answer nobody can write does not hurt the others: then each is written on its own. An accepted order is kept
    until it is written, because the vendor is paid for it; a look is simply repeated.
    """
    if not results:
        return []
    results = [cleaned(result) for result in results]
    try:
        _write(results)
    except TROUBLE as error:
        log.warning("%s answers are written one by one: %s", len(results), type(error).__name__)
        return [result for result in results if not _written_alone(result)]
    return []


def _write(results: list[Submitted | Looked]) -> None:
    with transaction.atomic():
        rows = Generation.objects.select_related("credential").filter(pk__in={one.generation for one in results})
        # Locked, so that the sweep does not move a row between our look at it and our write; always in one order.
        found = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}
        for result in sorted(results, key=lambda one: one.generation):
            row = found.get(result.generation)
            if row is None:
                continue
            if isinstance(result, Submitted):
                _submitted(row, result)
            else:
                _looked(row, result)


def _written_alone(result: Submitted | Looked) -> bool:
    """False for the answer to a submit that still has to be written; a look comes again by itself, only later."""
    try:
        _write([result])
    except TROUBLE:
        if isinstance(result, Submitted):
            log.exception("generation %s: its answer is not written yet: %r", result.generation, result.result)
            return False
        log.exception("generation %s: its look could not be written", result.generation)
        later = clock.now() + timedelta(seconds=LATE_LOOK_SECONDS)
        Generation.objects.filter(pk=result.generation).update(next_at=later)
    return True


def cleaned(result: Submitted | Looked) -> Submitted | Looked:
    """The same answer with nothing in it that a database would refuse: a vendor may send anything."""
    if isinstance(result, Submitted):
        told = result.result
        if isinstance(told, Accepted):
            return replace(result, result=replace(told, cost=_amount(told.cost)))
        if isinstance(told, Refused):
            told.vendor_code, told.vendor_text = _text(told.vendor_code), _text(told.vendor_text)
        return result
    look = result.result
    if isinstance(look, Failed):
        code, text = _text(look.vendor_code), _text(look.vendor_text)
        return replace(result, result=replace(look, cost=_amount(look.cost), vendor_code=code, vendor_text=text))
    if isinstance(look, Ready):
        return replace(result, result=replace(look, cost=_amount(look.cost), urls=tuple(map(_text, look.urls))))
    return result


def _amount(cost: Decimal | None) -> Decimal | None:
    """A cost as our column holds it, or None for one that makes no sense."""
    if cost is None or not cost.is_finite() or not 0 <= cost < COST_MAX:
        return None
    return cost.quantize(COST_STEP)


def _text(words: str) -> str:
    """Without what is not text to every database: NUL and halves of characters."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()


def first_look(row: Generation, moment: datetime) -> datetime:
    """When a task accepted at `moment` is first worth asking for: at 80 % of the shortest usual time."""
    return moment + timedelta(seconds=0.8 * row.offer().usual_seconds[0])


# --- Answers to a submit ---


def _submitted(row: Generation, answer: Submitted) -> None:
    attempt = Attempt.objects.get(pk=answer.attempt)
    result = answer.result
    if isinstance(result, Accepted):
        _accept(row, attempt, result)
    elif row.state == State.SUBMITTING and row.lease_token == answer.token:
        _not_accepted(row, attempt, result)
    else:
        attempt.end(Outcome.REFUSED if isinstance(result, Refused) else Outcome.UNKNOWN, detail=str(result))


def _accept(row: Generation, attempt: Attempt, accepted: Accepted) -> None:
    """T3; T3b when the sweep had doubted it meanwhile; after the credits went back the work is still watched.

    An id another row owns is no proof of ours (F23).
    """
    if Generation.objects.filter(provider=row.provider, vendor_task_id=accepted.task_id).exclude(pk=row.pk).exists():
        log.error("generation %s: the vendor gave it the task id of another generation", row.pk)
        if row.state == State.SUBMITTING:
            _doubt(row, attempt, "task id already taken")
    elif row.state in {State.SUBMITTING, State.IN_DOUBT}:
        _run(row, attempt, accepted)
    elif row.state == State.LAPSED and row.adopt(accepted.task_id):
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


def _not_accepted(row: Generation, attempt: Attempt, error: SubmitError) -> None:
    if isinstance(error, Refused):
        _fail(row, error.fault, error.vendor_code, error.vendor_text)
        attempt.end(Outcome.REFUSED, detail=f"{error.vendor_code} {error.vendor_text}".strip())
    elif isinstance(error, Busy):
        asked = _backoff(row.submits) if error.retry_after is None else max(1.0, error.retry_after)
        _wait(row, attempt, Outcome.BUSY, asked, str(error))
    elif isinstance(error, NotSent):
        attempt.end(Outcome.NOT_SENT, detail=str(error))
        if row.attempts.filter(outcome=Outcome.NOT_SENT).count() >= SUBMITS_MAX:
            _fail(row, Fault.UNREACHABLE)
        else:
            _wait(row, attempt, Outcome.NOT_SENT, _backoff(row.submits), str(error))
    else:
        _doubt(row, attempt, str(error))


def _wait(row: Generation, attempt: Attempt, outcome: Outcome, seconds: float, detail: str) -> None:
    """T4: nothing was sent or nothing was taken; the row goes back in line for later, to whatever key is free then."""
    again = clock.now() + timedelta(seconds=seconds)
    credential = row.credential if row.offer().source_by is SourceBy.TASK_ID else None
    if row.move(State.QUEUED, actor=ACTOR, next_at=again, credential=credential, lease_token="", lease_until=None):
        attempt.end(outcome, detail=detail)


def _doubt(row: Generation, attempt: Attempt, detail: str) -> None:
    """T6: the vendor may have it. It is never sent a second time."""
    end = clock.now() + DOUBT_WAIT_MAX
    if row.move(State.IN_DOUBT, actor=ACTOR, next_at=end, deadline_at=end):
        attempt.end(Outcome.UNKNOWN, detail=detail)
        log.warning("generation %s is in doubt: %s", row.pk, detail)


def _backoff(tries: int) -> float:
    return min(BACKOFF_SECONDS_MAX, 2.0**tries) * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret


# --- Answers to a look ---


def _looked(row: Generation, look: Looked) -> None:
    if row.state not in {State.RUNNING, State.LAPSED}:
        return
    result = look.result
    if isinstance(result, Ready):
        _ready(row, result)
    elif isinstance(result, Failed):
        _failed(row, result)
    elif isinstance(result, Working):
        _look_again(row, _pace(row))
    else:
        _no_verdict(row, result)


def _ready(row: Generation, ready: Ready) -> None:
    """T10; for a row whose credits are back, only the addresses are kept and T16 follows with the picture."""
    moment = clock.now()
    urls = list(ready.urls)
    if not urls:
        _look_again(row, LOOK_SECONDS_AFTER_TROUBLE)
        return
    if row.state == State.LAPSED:
        moved = row.record_results(urls, vendor_cost=ready.cost, next_at=_asked_for(moment))
    else:
        moved = row.move(
            State.FETCHING,
            actor=ACTOR,
            result_urls=urls,
            vendor_cost=ready.cost,
            next_at=_asked_for(moment),
            deadline_at=min(moment + FETCH_WAIT_MAX, (row.accepted_at or moment) + VENDOR_LINK_LIFE),
            lease_token="",
            lease_until=None,
        )
    if moved:
        queue.later("collect", generation=row.pk)


def _asked_for(moment: datetime) -> datetime:
    """A row whose job was just enqueued is asked for again only if that job never came."""
    return moment + timedelta(seconds=60)


def _failed(row: Generation, failed: Failed) -> None:
    """T11, or T17 for a row whose credits are back."""
    _fail(row, failed.fault, failed.vendor_code, failed.vendor_text, vendor_cost=failed.cost)


def _no_verdict(row: Generation, trouble: Exception) -> None:
    """The vendor said nothing usable: look again later; the row's deadline decides in the end."""
    if isinstance(trouble, NotFound) and clock.now() - (row.accepted_at or row.changed_at) < NOT_FOUND_TOLERANCE:
        _look_again(row, _pace(row))
        return
    if isinstance(trouble, KeyRefused):
        _rest(row, trouble.fault)
        _look_again(row, BACKOFF_SECONDS_MAX)
        return
    if not isinstance(trouble, NotFound | Unreachable | Busy):
        log.warning("generation %s: look failed: %s", row.pk, type(trouble).__name__)
    asked = getattr(trouble, "retry_after", None)
    _look_again(row, asked or max(LOOK_SECONDS_AFTER_TROUBLE, 2 * _pace(row)))


def _pace(row: Generation) -> float:
    """Seconds until the next look: one while the picture may come any moment, more with age."""
    age = (clock.now() - (row.accepted_at or row.changed_at)).total_seconds()
    over = max(0.0, age - row.offer().usual_seconds[1] - EAGER_SECONDS)
    return min(LOOK_SECONDS_MAX, 1.0 + over / 10) * random.uniform(0.9, 1.1)  # noqa: S311  # jitter, not a secret


def _look_again(row: Generation, seconds: float) -> None:
    """Say when the next look is due; a row nobody waits for any more is watched at leisure."""
    if row.state == State.LAPSED:
        seconds = LATE_LOOK_SECONDS
    row.postpone(clock.now() + timedelta(seconds=seconds), looks=row.looks + 1)


# --- Ends ---


def _fail(row: Generation, fault: Fault, code: str = "", text: str = "", **facts: Any) -> None:
    """T5, T11 or T17: the reason people read, the vendor's words for staff, and the credits back if they were held."""
    held = row.is_open
    reason = Reason(fault.value) if held else Reason(row.reason)
    ended = row.move(
        State.FAILED,
        actor=ACTOR,
        reason=reason,
        vendor_code=code[:64],
        vendor_text=text[:500],
        lease_token="",
        lease_until=None,
        **facts,
    )
    if ended and held:
        ledger.release(generation=row, actor=ACTOR, reason=reason)
    _rest(row, fault)


def _rest(row: Generation, fault: Fault) -> None:
    """A key the vendor refuses, or an account without money, is not tried with every picture that waits."""
    if row.credential is not None and fault in REST_AFTER:
        row.credential.pause(until=clock.now() + REST_AFTER[fault], because=REST_BECAUSE[fault])
        log.error("credential %s rests: %s", row.credential.pk, fault)
