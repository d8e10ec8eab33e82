"""How long an order that was not taken is tried again: the vendor's answers use it up, no wait here.

What counts are the refusals in a row that say the same. Between two of them it is the pause that was asked for that
counts; what the order then stood in line for a place is nobody's refusal.
"""

import random
from datetime import timedelta
from itertools import pairwise

from generations.models import Attempt, Generation, Outcome
from generations.providers.base import Patience
from generations.services.pumping.talk import GivenBack

JITTER = (0.8, 1.2)
TURN = timedelta(seconds=1)
"""What the pump may take to notice that a pause is over."""


def same_before(row: Generation, attempt: Attempt, outcome: Outcome, detail: str) -> list[Attempt]:
    """The tries right before this one that ended as it does, the oldest first; what was given back does not count."""
    found: list[Attempt] = []
    earlier = row.attempts.filter(number__lt=attempt.number).exclude(detail=GivenBack.WORDS)
    for one in earlier.order_by("-number"):
        if one.outcome != outcome or (outcome == Outcome.BUSY and one.detail != detail):
            break
        found.insert(0, one)
    return found


def is_over(patience: Patience, tries: list[Attempt], *, asked: float | None) -> bool:
    """Whether these tries, the last of them the newest, used it up. `asked` is the pause the vendor wishes for."""
    if patience.tries_max is not None and len(tries) >= patience.tries_max:
        return True
    return patience.seconds_max is not None and _seconds(patience, tries, asked) >= patience.seconds_max


def pause(patience: Patience, tries: int, *, asked: float | None) -> float:
    """Seconds until the next try: what the vendor asked for, else twice the last, with some chance in it."""
    if asked is not None:
        return max(1.0, asked)
    return _nominal(patience, tries) * random.uniform(*JITTER)  # noqa: S311  # jitter, not a secret


def _seconds(patience: Patience, tries: list[Attempt], asked: float | None) -> float:
    """From the first of these tries to the last, without what they stood in line."""
    spent = timedelta()
    for number, (before, after) in enumerate(pairwise(tries), start=1):
        ended = before.ended_at or before.started_at
        longest = timedelta(seconds=max(asked or 0.0, JITTER[1] * _nominal(patience, number))) + TURN
        spent += (ended - before.started_at) + min(after.started_at - ended, longest)
    return spent.total_seconds()


def _nominal(patience: Patience, tries: int) -> float:
    return min(patience.longest_seconds, patience.first_seconds * 2.0 ** min(max(tries - 1, 0), 16))
