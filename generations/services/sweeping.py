"""The tick: one pass over what is due, lost, expired or orphaned. Each row is its own transaction.

It depends on nothing the queue remembers, so a queue that lost everything is whole again after one pass.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet

from generations import ledger, nudge, providers, queue, storage
from generations.models import (
    CallbackHint,
    CredentialState,
    Generation,
    Heartbeat,
    Lease,
    Outcome,
    Reason,
    State,
    clock,
)
from generations.models.generation.states import DOUBT_WAIT_MAX, STARTS_WITHOUT_END_MAX, WATCH_AFTER_LAPSE

log = logging.getLogger(__name__)

ACTOR = "sweep"
LEASE = "sweep"
LEASE_SECONDS = 30
ROWS_MAX = 200
ASK_AGAIN_AFTER = timedelta(seconds=60)
HOUSEKEEPING_EVERY = timedelta(hours=1)
FAILURES_KEPT = timedelta(days=7)


def sweep() -> dict[str, int]:
    """Do what is due and say how often each thing was done. Another sweep under way: nothing, and an empty answer."""
    token = Lease.objects.take(LEASE, seconds=LEASE_SECONDS)
    if token is None:
        return {}
    done: Counter[str] = Counter()
    try:
        done["kicked"] = nudge.kick()
        for rows, deal_with in _chores(clock.now()):
            for row in rows[:ROWS_MAX]:
                done[_one(row, deal_with)] += 1
            if not Lease.objects.renew(LEASE, token=token, seconds=LEASE_SECONDS):
                break
        done["hints"] = _follow_hints()
        _keep_house(done)
    finally:
        Lease.objects.release(LEASE, token=token)
    happened = {what: number for what, number in done.items() if what and number}
    if happened:
        log.info("sweep: %s", happened)
    return happened


def _one(row: Generation, deal_with: Callable[[Generation], str]) -> str:
    """Deal with one row; one that cannot be dealt with is logged and keeps nobody else waiting."""
    try:
        with transaction.atomic():
            return deal_with(row)
    except (DatabaseError, ObjectDoesNotExist, RuntimeError, ledger.LedgerRefusal):
        log.exception("sweep: generation %s (%s) could not be dealt with", row.pk, row.state)
        return "troubled"


Chore = tuple[QuerySet[Generation], Callable[[Generation], str]]


def _chores(moment: datetime) -> list[Chore]:
    rows = Generation.objects.order_by("next_at", "pk")
    crashing = rows.filter(state__in=[State.FETCHING, State.LAPSED], starts__gte=STARTS_WITHOUT_END_MAX)
    fetchable = rows.unleased(moment).due(moment).exclude(result_urls=[])
    return [
        (rows.filter(state=State.SUBMITTING, lease_until__lt=moment), _doubt),
        (rows.filter(state=State.IN_DOUBT, deadline_at__lte=moment), _lapse_unknown),
        (rows.filter(state=State.RUNNING, deadline_at__lte=moment), _lapse_late),
        (rows.filter(state=State.QUEUED, deadline_at__lte=moment), _expire),
        (rows.filter(state=State.QUEUED).exclude(_sold()), _orphan),
        (rows.filter(state=State.QUEUED, credential__state=CredentialState.RETIRED), _orphan),
        (crashing.unleased(moment), _give_up_crashing),
        (rows.filter(state=State.FETCHING, deadline_at__lte=moment).unleased(moment), _give_up_fetching),
        (rows.filter(state=State.LAPSED, watch_until__lte=moment).unleased(moment), _stop_watching),
        (fetchable.filter(state__in=[State.FETCHING, State.LAPSED]), _collect),
    ]


def _sold() -> Q:
    """Everything some provider still sells."""
    offers = [(provider.key, offer.key) for provider in providers.PROVIDERS.values() for offer in provider.offers]
    return reduce(or_, (Q(provider=provider, offer_key=key) for provider, key in offers))


def _doubt(row: Generation) -> str:
    """T6: whoever was sending this is gone, and the vendor may have it."""
    end = clock.now() + DOUBT_WAIT_MAX
    if row.move(State.IN_DOUBT, actor=ACTOR, next_at=end, deadline_at=end):
        for attempt in row.attempts.filter(outcome=Outcome.OPEN):
            attempt.end(Outcome.UNKNOWN, detail="nobody was left to hear the answer")
    return "doubted"


def _lapse_unknown(row: Generation) -> str:
    """T7: ten minutes without evidence; the credits go back and a late result will be free."""
    return _lapse(row, Reason.SUBMISSION_UNKNOWN)


def _lapse_late(row: Generation) -> str:
    """T12: the vendor has had its time."""
    return _lapse(row, Reason.TIMEOUT)


def _lapse(row: Generation, reason: Reason) -> str:
    moment = clock.now()
    end = moment + WATCH_AFTER_LAPSE
    changes: dict[str, Any] = {"watch_until": end, "next_at": moment, "lease_token": "", "lease_until": None}
    if row.move(State.LAPSED, actor=ACTOR, reason=reason, **changes):
        ledger.release(generation=row, actor=ACTOR, reason=reason)
    return "lapsed"


def _expire(row: Generation) -> str:
    """T9 after a day in line."""
    return _fail(row, Reason.WAITED_TOO_LONG)


def _orphan(row: Generation) -> str:
    """T9: nobody sells this any more, or the one key that could do it is out of use."""
    return _fail(row, Reason.PROVIDER_GONE)


def _give_up_crashing(row: Generation) -> str:
    """T14, or T17 for a late picture: three starts, and no worker lived to tell."""
    return _fail(row, Reason.WORKER_CRASH)


def _give_up_fetching(row: Generation) -> str:
    """T14: the hours in which the result could be fetched are over."""
    return _fail(row, Reason.RESULT_LOST)


def _fail(row: Generation, reason: Reason) -> str:
    held = row.is_open
    reason = reason if held else Reason(row.reason)
    if row.move(State.FAILED, actor=ACTOR, reason=reason, lease_token="", lease_until=None) and held:
        ledger.release(generation=row, actor=ACTOR, reason=reason)
    return "failed"


def _stop_watching(row: Generation) -> str:
    """T17: it did not come; the credits went back long ago."""
    row.move(State.FAILED, actor=ACTOR)
    return "stopped watching"


def _collect(row: Generation) -> str:
    """Ask again for a fetch nobody is doing; the next asking waits, whatever became of this one."""
    if row.postpone(clock.now() + ASK_AGAIN_AFTER):
        queue.later("collect", generation=row.pk)
        return "collected"
    return ""


def _follow_hints() -> int:
    """A callback nobody followed makes the look come now."""
    waiting = list(CallbackHint.objects.filter(processed_at=None).values_list("pk", "attempt__generation")[:ROWS_MAX])
    if not waiting:
        return 0
    moment = clock.now()
    rows = [generation for _, generation in waiting]
    Generation.objects.filter(pk__in=rows, state__in=[State.RUNNING, State.LAPSED]).update(next_at=moment)
    return CallbackHint.objects.filter(pk__in=[hint for hint, _ in waiting]).update(processed_at=moment)


def _keep_house(done: Counter[str]) -> None:
    """Once an hour: files without rows, old failures of the queue, sessions that ended."""
    moment = clock.now()
    last = Heartbeat.objects.last("housekeeping")
    if last is not None and moment - last < HOUSEKEEPING_EVERY:
        return
    Heartbeat.objects.stamp("housekeeping")
    done["files removed"] = storage.sweep()
    done["failures pruned"] = queue.prune_failures(before=moment - FAILURES_KEPT)
    call_command("clearsessions")
