"""What nobody has begun ends, because of what a moderator decided, and its credits go back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from generations import ledger
from generations.models import Generation, State


@dataclass(frozen=True)
class Stop:
    """These, as far as they wait; `facts` are those of the move, and `reason` is that of the released credits."""

    rows: QuerySet[Generation]
    to: State
    reason: str
    facts: dict[str, Any]


def stop_waiting(stops: Iterable[Stop], *, actor: str) -> None:
    """In the caller's transaction. All rows move before any account is locked: that is the order of locks."""
    waiting = [(row, stop) for stop in stops for row in stop.rows.filter(state=State.QUEUED)]
    waiting.sort(key=lambda pair: pair[0].pk)
    ended = [(row, stop) for row, stop in waiting if row.move(stop.to, actor=actor, **stop.facts)]
    ledger.lock_for_all([row.pk for row, _ in ended])
    for row, stop in ended:
        ledger.release(generation=row, actor=actor, reason=stop.reason)
