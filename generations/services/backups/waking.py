"""Settles what a restored studio was in the middle of, so that nothing is ordered or paid for a second time.

What the dump calls waiting may have been sent the minute after it: it is released, never sent. What was being sent is
in doubt, as after any death of a sender: a vendor's word may still bring it home, and nothing sends it again. What a
vendor had is asked about, which orders nothing; where its time ran out meanwhile it has a little more. Sessions that
were ended after the backup would live again, so none is kept.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from generations import queue
from generations.models import AuditEntry, Generation, Heartbeat, Lease, Outcome, State, clock
from generations.models.generation.states import DOUBT_WAIT_MAX
from generations.services import announcing, ordering
from generations.services.backups import marks
from generations.services.pumping.verdicts.deadlines import RESPITE

log = logging.getLogger(__name__)

ACTOR = "restore"
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Woken:
    """How many generations were released, are in doubt, and will be asked about; and how many sessions were ended."""

    released: int
    doubted: int
    asked: int
    sessions: int


def wake(*, made_at: str) -> Woken:
    """Settle every open row of a database that was just restored and that nobody works on yet. Safe to run twice.

    Only then may the studio start again.
    """
    messages = queue.forget_messages()
    Lease.objects.all().delete()
    Heartbeat.objects.forget_workers(before=clock.now())
    sessions = Session.objects.all().delete()[0]
    UserSession.objects.all().delete()
    done: Counter[str] = Counter()
    for row in _live():
        done[_settle(row)] += 1
    announcing.follow()
    woken = Woken(released=done["released"], doubted=done["doubted"], asked=done["asked"], sessions=sessions)
    told = {**asdict(woken), "messages": messages}
    AuditEntry.note("studio_restored", by=None, actor=ACTOR, target=made_at, after=told)
    log.warning("restored from the backup of %s: %s", made_at, told)
    marks.end()
    return woken


def _live() -> Iterator[Generation]:
    """Every row with something left to do, a few at a time, while they change."""
    last: Any = None
    while True:
        rows = Generation.objects.live().order_by("pk")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:ROWS_AT_ONCE])
        if not batch:
            return
        yield from batch
        last = batch[-1].pk


def _settle(row: Generation) -> str:
    moment = clock.now()
    if row.state == State.QUEUED:
        ordering.cancel(generation=row, actor=ACTOR)
        return "released"
    if row.state == State.SUBMITTING:
        return _doubt(row, moment)
    if row.state == State.IN_DOUBT:
        # The vendor can only call now that somebody listens again.
        row.postpone(moment + DOUBT_WAIT_MAX, deadline_at=moment + DOUBT_WAIT_MAX)
        return "doubted"
    changes: dict[str, Any] = {"lease_token": "", "lease_until": None}
    if row.state == State.LAPSED and row.watch_until is not None:
        changes["watch_until"] = max(row.watch_until, moment + RESPITE)
    elif row.deadline_at < moment:
        changes["deadline_at"] = moment + RESPITE
    row.postpone(max(row.next_at, moment), **changes)
    return "asked"


def _doubt(row: Generation, moment: datetime) -> str:
    end = moment + DOUBT_WAIT_MAX
    with transaction.atomic():
        if row.move(State.IN_DOUBT, actor=ACTOR, next_at=end, deadline_at=end):
            for attempt in row.attempts.filter(outcome=Outcome.OPEN):
                attempt.end(Outcome.UNKNOWN, detail="the studio was restored from a backup made while this was sent")
    return "doubted"
