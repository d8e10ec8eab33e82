"""Answers to a look: working, ready, failed, or nothing usable."""

import logging
import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from generations import providers, queue
from generations.failpoints import failpoint
from generations.models import Generation, Reason, State, clock
from generations.models.generation.states import FETCH_WAIT_MAX, VENDOR_LINK_LIFE
from generations.providers.base import Busy, Failed, Fault, KeyRefused, NotFound, Ready, Unreachable, Working
from generations.services.pumping.talk import Looked
from generations.services.pumping.verdicts import deadlines, ends
from generations.services.pumping.verdicts.ends import ACTOR

log = logging.getLogger(__name__)

LOOK_SECONDS_MAX = 15
LOOK_SECONDS_AFTER_TROUBLE = 5
LOOK_SECONDS_AT_MOST = 60
LAST_LOOK_SECONDS = 15
"""Between the look at the deadline and the next one, where the vendor did not ask for more."""
LATE_LOOKS = ((4 * 60, 5 * 60), (30 * 60, 30 * 60))
"""Until so long after its credits went back a task is asked for so long apart, in seconds,"""
LATE_LOOK_SECONDS_AT_MOST = 2 * 60 * 60
"""and then this: nobody waits for it any more, and hundreds of them must not stand in the way of those who do."""
OWN_PACE = 1.0
"""Seconds between two looks while a picture may come any moment; a vendor that wants more says so in its offers."""
EAGER_SECONDS = 30
"""For so long after the usual time looks come at that pace."""
NOT_FOUND_TRIES, NOT_FOUND_SECONDS = 5, 60
"""How often, and how far apart, a task the vendor should know is asked for before it counts as lost."""
EMPTY_TRIES, EMPTY_SECONDS = 3, 10
"""The same for one that is done, without an address of its picture."""


def heard(row: Generation, look: Looked) -> None:
    if row.state not in {State.RUNNING, State.LAPSED}:
        return
    result, asked = look.result, look.asked
    if isinstance(result, Ready):
        _ready(row, result, asked)
    elif isinstance(result, Failed):
        ends.fail(row, result.fault, result.vendor_code, result.vendor_text, vendor_cost=result.cost)
        ends.rest(row.credential, result.fault)
        if result.tell:
            ends.tell(row, f"a task failed with {result.vendor_code or 'no code'}.")
    elif isinstance(result, Working):
        _go_on(row, asked)
    else:
        _no_verdict(row, result, asked)


def _ready(row: Generation, ready: Ready, asked: datetime) -> None:
    """T10; for a row whose credits are back, only the addresses are kept and T16 follows with the picture."""
    failpoint("after_look")
    moment = clock.now()
    urls = list(ready.urls)
    if not urls:
        words = f"a finished task names no picture. {ready.vendor_text}".strip()
        _missed(row, EMPTY_TRIES, EMPTY_SECONDS, asked, fault=Fault.BAD_ANSWER, words=words)
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
        transaction.on_commit(partial(failpoint, "after_ready"))


def _asked_for(moment: datetime) -> datetime:
    """A row whose job was just enqueued is asked for again only if that job never came."""
    return moment + timedelta(seconds=60)


def _go_on(row: Generation, asked: datetime) -> None:
    """Wait for it, or T12: asked after its deadline the vendor has had its time, unless nobody asked in that time."""
    is_over = row.state == State.RUNNING and asked >= row.deadline_at
    if is_over and not deadlines.wants_respite(row, asked):
        ends.lapse(row, Reason.TIMEOUT, look_after=_late_pace(0))
    else:
        # From when it was asked, so that a busy machine keeps time; but what a vendor wants between two, from now on.
        pace, wanted = _pace(row), row.offer().seconds_between_looks(row.choices)
        least = wanted if wanted > OWN_PACE else pace / 2
        _look_again(row, max(least, pace - (clock.now() - asked).total_seconds()), asked)


def _no_verdict(row: Generation, trouble: Exception, asked: datetime) -> None:
    """The vendor said nothing usable: look again later; the row's deadline decides in the end."""
    if isinstance(trouble, NotFound):
        _not_found(row, asked)
        return
    if isinstance(trouble, KeyRefused):
        ends.rest(row.credential, trouble.fault)
        _look_again(row, LOOK_SECONDS_AT_MOST, asked)
        return
    if not isinstance(trouble, Unreachable | Busy):
        log.warning("generation %s: look failed: %s", row.pk, type(trouble).__name__)
    wait = max(LOOK_SECONDS_AFTER_TROUBLE, 2 * _pace(row), 2 * row.busy_seconds)
    wait = min(getattr(trouble, "retry_after", None) or wait, LOOK_SECONDS_AT_MOST)
    if asked >= row.deadline_at and not isinstance(trouble, Busy):
        wait = min(wait, LAST_LOOK_SECONDS)
    _look_again(row, wait, asked, busy_seconds=round(wait) if isinstance(trouble, Busy) else 0)


def _not_found(row: Generation, asked: datetime) -> None:
    """Right after it was accepted a task may not be visible yet; later on it is lost, if it stays away."""
    age = (clock.now() - (row.accepted_at or row.changed_at)).total_seconds()
    if age < providers.get(row.provider).not_found_seconds_max:
        _look_again(row, _pace(row), asked)
    else:
        _missed(row, NOT_FOUND_TRIES, NOT_FOUND_SECONDS, asked, fault=Fault.NOT_FOUND, words="it lost a task.")


def _missed(row: Generation, tries: int, seconds: float, asked: datetime, *, fault: Fault, words: str) -> None:
    """Ask so often again, then give it up; what nobody waits for any more is asked for until its watch ends."""
    if row.state == State.RUNNING and row.misses >= tries:
        ends.fail(row, fault)
        ends.tell(row, words)
        return
    _look_again(row, seconds, asked, misses=min(row.misses + 1, 1000))


def _pace(row: Generation) -> float:
    """Seconds until the next look: at the usual time, then one while the picture may come any moment, more with age."""
    offer = row.offer()
    age = (clock.now() - (row.accepted_at or row.changed_at)).total_seconds()
    least = offer.seconds_between_looks(row.choices)
    until_usual = offer.usual_seconds[0] - age
    if least <= 1 and 0.5 <= until_usual < 1:
        return until_usual
    over = max(0.0, age - offer.usual_seconds[1] - EAGER_SECONDS)
    wait = min(LOOK_SECONDS_MAX, OWN_PACE + over / 10) * random.uniform(0.9, 1.1)  # noqa: S311  # jitter, not a secret
    return max(least * random.uniform(1.0, 1.1), wait)  # noqa: S311  # the same


def _look_again(row: Generation, seconds: float, asked: datetime, *, misses: int = 0, busy_seconds: int = 0) -> None:
    """Say when the next look is due: one is at the deadline; a row nobody waits for any more is watched at leisure."""
    moment = clock.now()
    if row.state == State.LAPSED:
        seconds = _late_pace((moment - row.changed_at).total_seconds())
    again = moment + timedelta(seconds=seconds)
    changes: dict[str, Any] = {"looks": row.looks + 1, "misses": misses, "busy_seconds": busy_seconds}
    if deadlines.wants_respite(row, asked):
        changes["deadline_at"] = moment + deadlines.RESPITE
    elif row.state == State.RUNNING and asked < row.deadline_at:
        again = min(again, row.deadline_at)
    row.postpone(again, **changes)


def _late_pace(age: float) -> float:
    return next((seconds for until, seconds in LATE_LOOKS if age < until), LATE_LOOK_SECONDS_AT_MOST)
