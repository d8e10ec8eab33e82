"""Decides what a vendor's answer means for a generation. Every result of one turn of the pump is written together."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, Error, InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Value, When

from generations import ledger
from generations.models import Generation, State, clock
from generations.providers.base import Accepted, Failed, Ready, Working
from generations.services.pumping.hushing import reworded, safe
from generations.services.pumping.talk import Heard, Looked, Recalled, Submitted
from generations.services.pumping.verdicts import adoptions, costs, looks, submits

log = logging.getLogger(__name__)

LATE_LOOK_SECONDS = 60
COST_MAX = Decimal(10) ** 8
COST_STEP = Decimal("0.0001")

AWAY = (OperationalError, InterfaceError)
"""It is the database that is in trouble, whatever is written: no answer is to blame."""
TROUBLE = (
    DatabaseError,
    ObjectDoesNotExist,
    ValidationError,
    ArithmeticError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    ledger.LedgerRefusal,
)
"""What writing one answer may meet. It must not take the other answers of the same turn with it."""


def apply(results: list[Heard]) -> list[Heard]:
    """Write what these answers mean, in one transaction of guarded updates; returns what has to be written later.

    An answer nobody can write does not hurt the others: then each is written on its own. The answer to an order is
    kept until it is written, because the vendor may be paid for it; a look is simply repeated.
    """
    if not results:
        return []
    results = [cleaned(result) for result in results]
    try:
        _write(results)
    except AWAY as error:
        log.warning("%s answers wait for the database: %s", len(results), type(error).__name__)
        return [result for result in results if isinstance(result, Submitted)]
    except TROUBLE as error:
        log.warning("%s answers are written one by one: %s", len(results), type(error).__name__)
        return [result for result in results if not _written_alone(result)]
    return []


def _write(results: list[Heard]) -> None:
    with transaction.atomic():
        about = [one for one in results if not isinstance(one, Recalled)]
        rows = Generation.objects.select_related("credential", "team").filter(pk__in={one.generation for one in about})
        # Locked, so that the sweep does not move a row between our look at it and our write; always in one order.
        found = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}
        ledger.lock_for_all(_ending(about, found))
        for result in sorted(about, key=lambda one: one.generation):
            row = found.get(result.generation)
            if row is None:
                continue
            if isinstance(result, Submitted):
                submits.heard(row, result)
                costs.heard(row, result)
            elif row.state in {State.RUNNING, State.LAPSED}:
                looks.heard(row, result)
                costs.heard(row, result)
        for one in results:
            if isinstance(one, Recalled):
                adoptions.heard(one)


def _ending(answers: Iterable[Submitted | Looked], found: Mapping[UUID, Generation]) -> list[UUID]:
    """Those whose credits may move by these answers, where that are several: two shards must lock alike."""
    rows = [found[answer.generation].pk for answer in answers if _may_end(answer, found.get(answer.generation))]
    return rows if len(rows) > 1 else []


def _may_end(answer: Submitted | Looked, row: Generation | None) -> bool:
    match answer.result:
        case Accepted():
            return False
        case Ready(urls=urls):
            return row is not None and not urls
        case Working() if isinstance(answer, Looked):
            return row is not None and answer.asked >= row.deadline_at
    return row is not None


def _written_alone(result: Heard) -> bool:
    """False for the answer to a submit that still has to be written; a look comes again by itself, only later."""
    try:
        _write([result])
    except TROUBLE:
        if isinstance(result, Submitted):
            log.exception("generation %s: its answer is not written yet: %r", result.generation, result.result)
            return False
        if isinstance(result, Recalled):
            log.exception("hint %s: what the vendor recalled could not be written", result.hint)
            return True
        log.exception("generation %s: its look could not be written", result.generation)
        moment = clock.now()
        later = moment + timedelta(seconds=LATE_LOOK_SECONDS)
        # The look at the deadline is never put off.
        soon = When(state=State.RUNNING, deadline_at__gt=moment, deadline_at__lt=later, then=F("deadline_at"))
        with suppress(Error):  # a database that is away now: then the look is due as it was
            Generation.objects.filter(pk=result.generation).update(next_at=Case(soon, default=Value(later)))
    return True


def cleaned(result: Heard) -> Heard:
    """The same answer with nothing in it that opens something (S32) or that a database would refuse."""
    said = reworded(result.result, safe)
    if isinstance(said, Accepted | Failed | Ready):
        said = replace(said, cost=_amount(said.cost))
    if isinstance(said, Ready):
        said = replace(said, urls=tuple(map(_text, said.urls)))
    return replace(result, result=said)  # type: ignore[arg-type]  # of the kind it was before


def _amount(cost: Decimal | None) -> Decimal | None:
    """A cost as our column holds it, or None for one that makes no sense."""
    if cost is None or not cost.is_finite() or not 0 <= cost < COST_MAX:
        return None
    return cost.quantize(COST_STEP)


def _text(words: str) -> str:
    """Without what is not text to every database: NUL and halves of characters."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()
