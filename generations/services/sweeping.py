"""The tick: one pass over what is due, lost, expired or orphaned. Each row is its own transaction.

It depends on nothing the queue remembers, so a queue that lost everything is whole again after one pass. However much
is due, it reads one batch at a time, and each kind of work and each member has a turn before any has a second one.
"""

import logging
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber

from generations import ledger, nudge, providers, queue
from generations.models import (
    Alert,
    CredentialState,
    Doors,
    Generation,
    IllegalMove,
    Lease,
    Outcome,
    Reason,
    Sales,
    State,
    clock,
)
from generations.models.generation.states import DOUBT_WAIT_MAX, STARTS_WITHOUT_END_MAX
from generations.services import (
    acting,
    announcing,
    archiving,
    collecting,
    credentials,
    housekeeping,
    shutting,
    uploading,
)
from generations.services.pumping.verdicts import TROUBLE, deadlines, ends

log = logging.getLogger(__name__)

ACTOR = "sweep"
TROUBLED = "troubled"
LEASE = "sweep"
LEASE_SECONDS = 30
BUDGET_SECONDS = 10
"""No further batch after this, so that the next pass, which also wakes the pump, is not late."""
ROWS_MAX = 200
STAYED_MAX = 1000
"""So many rows that cannot be dealt with end a chore for this pass."""
WAITING_MAX = 300
"""Pictures are asked for only while fewer messages wait: half a minute of work, soon enough for the next pass."""
ASK_AGAIN_AFTER = timedelta(seconds=60)


def sweep() -> dict[str, int]:
    """Do what is due and say how often each thing was done. Another sweep under way: nothing, and an empty answer."""
    token = Lease.objects.take(LEASE, seconds=LEASE_SECONDS)
    if token is None:
        return {}
    done: Counter[str] = Counter()
    try:
        done["opened again"] = shutting.end_over()
        done["kicked"] = nudge.kick()
        if _work_off(_chores(clock.now()), done, token=token):
            done["hints"] = announcing.follow()
            done["archives woken"] = archiving.wake()
            done["told"] = housekeeping.watch_links()
            done["uploads asked for"] = uploading.ask_again()
            done["empty accounts asked"] = credentials.ask_the_empty()
            done["bulk acts asked for again"] = acting.wake()
            housekeeping.keep_house(done)
            housekeeping.pay_on_time(done)
            done["proofs asked for"] = housekeeping.ask_for_proof()
    finally:
        Lease.objects.release(LEASE, token=token)
    happened = {what: number for what, number in done.items() if what and number}
    if happened:
        log.info("sweep: %s", happened)
    return happened


@dataclass
class Chore:
    """What is due for one kind of work."""

    rows: QuerySet[Generation]
    deal_with: Callable[[Generation], str]
    room: Callable[[], int] = lambda: ROWS_MAX
    """How many rows may be dealt with now."""
    goes_on: bool = False
    """Whether more was due than the last batch could hold."""
    stayed: set[uuid.UUID] = field(default_factory=set)
    """Still due although dealt with: not to be met again in this pass."""

    def next_batch(self) -> list[Generation]:
        """All that is due if it fits into a batch, else a fair part of it."""
        if not self.goes_on:
            found = list(self.rows[: ROWS_MAX + 1])
            if not found:
                return []
        room = max(0, min(ROWS_MAX, self.room()))
        if not self.goes_on and len(found) <= room:
            return found
        batch = self._in_turns(room)
        self.goes_on = len(batch) == ROWS_MAX and len(self.stayed) < STAYED_MAX
        return batch

    def _in_turns(self, room: int) -> list[Generation]:
        """The oldest of each member, then the second of each, and so on. Only keys are ranked; rows are read after."""
        turn = Window(RowNumber(), partition_by="member", order_by=["next_at", "pk"])
        due = self.rows.exclude(pk__in=self.stayed).annotate(turn=turn).order_by("turn", "next_at", "pk")
        chosen = list(due.values_list("pk", flat=True)[:room])
        found = self.rows.in_bulk(chosen)
        return [found[key] for key in chosen if key in found]

    def do(self, row: Generation) -> str:
        """Deal with one row; says what became of it."""
        what = _one(row, self.deal_with)
        if what in {"", TROUBLED}:
            self.stayed.add(row.pk)
        return what


def _work_off(chores: list[Chore], done: Counter[str], *, token: str) -> bool:
    """A batch of each chore, and then further batches until nothing is left or the time is up.

    False when this sweep must end at once: it is asked to stop, or another one took over.
    """
    end = time.monotonic() + BUDGET_SECONDS
    line, unserved = deque(chores), len(chores)
    while line and (unserved > 0 or time.monotonic() < end):
        chore = line.popleft()
        unserved -= 1
        batch = chore.next_batch()
        for row in batch:
            if queue.is_stopping():
                return False
            done[chore.do(row)] += 1
        if batch and not Lease.objects.renew(LEASE, token=token, seconds=LEASE_SECONDS):
            return False
        if chore.goes_on:
            line.append(chore)
    return True


def _one(row: Generation, deal_with: Callable[[Generation], str]) -> str:
    """Deal with one row; one that cannot be dealt with is logged and keeps nobody else waiting."""
    try:
        with transaction.atomic():
            return deal_with(row)
    except (*TROUBLE, IllegalMove):
        log.exception("sweep: generation %s (%s) could not be dealt with", row.pk, row.state)
        return TROUBLED


def _chores(moment: datetime) -> list[Chore]:
    """What is due at that moment; what becomes due later waits for the next pass."""
    rows = Generation.objects.order_by("next_at", "pk")
    crashing = rows.filter(state__in=[State.FETCHING, State.LAPSED], starts__gte=STARTS_WITHOUT_END_MAX)
    fetchable = rows.unleased(moment).due(moment).exclude(result_urls=[]).filter(starts__lt=STARTS_WITHOUT_END_MAX)
    return [
        Chore(rows.filter(state=State.SUBMITTING, lease_until__lt=moment), _doubt),
        Chore(rows.filter(state=State.IN_DOUBT, deadline_at__lte=moment), _lapse_unknown),
        Chore(rows.filter(state=State.RUNNING, deadline_at__lte=moment - deadlines.LAST_LOOKS), _lapse_late),
        Chore(rows.filter(state=State.QUEUED, deadline_at__lte=moment), _expire),
        Chore(rows.filter(state=State.QUEUED).exclude(_sold()), _orphan),
        Chore(rows.filter(state=State.QUEUED, credential__isnull=False).filter(_given_up()), _orphan),
        Chore(crashing.unleased(moment), _give_up_crashing),
        Chore(rows.filter(state=State.FETCHING, deadline_at__lte=moment).unleased(moment), _give_up_fetching),
        Chore(rows.filter(state=State.LAPSED, watch_until__lte=moment).unleased(moment), _stop_watching),
        Chore(fetchable.filter(state__in=[State.FETCHING, State.LAPSED]), _collect, room=_room_in_queue),
    ]


def _sold() -> Q:
    """Everything some provider still sells and no admin switched off."""
    sales = Sales.read()
    on_sale = [
        Q(provider=provider.key, offer_key=offer.key)
        for provider in providers.PROVIDERS.values()
        for offer in provider.offers
        if sales.is_on(provider.key, offer)
    ]
    return reduce(or_, on_sale, Q(pk__in=[]))


def _given_up() -> Q:
    """What waits for one key only, of work that key will never do: it was removed, or its vendor refuses it there."""
    refused = [
        Q(provider=provider.key, offer_key=offer.key, credential__offers_off__has_key=offer.key)
        for provider in providers.PROVIDERS.values()
        for offer in provider.offers
    ]
    removed = Q(credential__state=CredentialState.DRAINING, credential__successors=None)
    return reduce(or_, refused, Q(credential__state=CredentialState.RETIRED) | removed)


def _doubt(row: Generation) -> str:
    """T6: whoever was sending this is gone, and the vendor may have it."""
    end = clock.now() + DOUBT_WAIT_MAX
    if row.move(State.IN_DOUBT, actor=ACTOR, next_at=end, deadline_at=end):
        for attempt in row.attempts.filter(outcome=Outcome.OPEN):
            attempt.end(Outcome.UNKNOWN, detail="nobody was left to hear the answer")
    return "doubted"


def _lapse_unknown(row: Generation) -> str:
    """T7: ten minutes without evidence; the credits go back and a late result will be free.

    Staff hear of it: the vendor may want to be paid, and only its own log can tell.
    """
    sent = row.attempts.order_by("number").last()
    at = f", sent {sent.started_at:%d %b %H:%M:%S} UTC" if sent is not None else ""
    words = f"{row.provider}: it never confirmed an order of {row.offer_key}{at}. Our name for it: {row.pk}."
    Alert.objects.tell("vendor", subject=f"{row.provider}:{row.offer_key}", words=words)
    ends.lapse(row, Reason.SUBMISSION_UNKNOWN, actor=ACTOR)
    return "lapsed"


def _lapse_late(row: Generation) -> str:
    """T12 where the vendor said nothing usable at the deadline; where it answers, the look itself decides.

    When nobody asked, it was the studio that stood still: the vendor may have finished long ago, so it is asked first.
    """
    if deadlines.was_asked(row) or deadlines.had_respite(row):
        ends.lapse(row, Reason.TIMEOUT, actor=ACTOR)
        return "lapsed"
    moment = clock.now()
    row.postpone(min(row.next_at, moment), deadline_at=moment + deadlines.RESPITE)
    return "respited"


def _expire(row: Generation) -> str:
    """T9 after a day in line. Where staff had paused the vendor it says so, and the person hears of it (`shutting`)."""
    pause = Doors.read().pause_of(row.provider)
    if pause is None:
        return _fail(row, Reason.WAITED_TOO_LONG)
    what = _fail(row, Reason.VENDOR_PAUSED)
    if row.state == State.FAILED:  # and not canceled by its maker at this moment
        shutting.tell_given_up(row, pause)
    return what


def _orphan(row: Generation) -> str:
    """T9: nobody sells this any more, or the one key that could do it is out of use or may no longer do it."""
    credential = row.credential
    why = credential.offers_off.get(row.offer_key, "") if credential is not None else ""
    return _fail(row, Reason.PROVIDER_GONE, vendor_text=why[:500])


def _give_up_crashing(row: Generation) -> str:
    """T14, or T17 for a late picture: three starts, and no worker lived to tell. What arrived before is kept."""
    return "kept" if collecting.keep_arrived(row, actor=ACTOR) else _fail(row, Reason.WORKER_CRASH)


def _give_up_fetching(row: Generation) -> str:
    """T14: the hours in which the result could be fetched are over. What arrived meanwhile is kept."""
    return "kept" if collecting.keep_arrived(row, actor=ACTOR) else _fail(row, Reason.RESULT_LOST)


def _fail(row: Generation, reason: Reason, **facts: str) -> str:
    held = row.is_open
    reason = reason if held else Reason(row.reason)
    if row.move(State.FAILED, actor=ACTOR, reason=reason, lease_token="", lease_until=None, **facts) and held:
        ledger.release(generation=row, actor=ACTOR, reason=reason)
    return "failed"


def _stop_watching(row: Generation) -> str:
    """T17: it did not come, or not whole; the credits went back long ago."""
    if collecting.keep_arrived(row, actor=ACTOR):
        return "kept"
    row.move(State.FAILED, actor=ACTOR)
    return "stopped watching"


def _collect(row: Generation) -> str:
    """Ask again for a fetch nobody is doing; the next asking waits, whatever became of this one."""
    if row.postpone(clock.now() + ASK_AGAIN_AFTER):
        queue.later("collect", generation=row.pk)
        return "collected"
    return ""


def _room_in_queue() -> int:
    return WAITING_MAX - queue.waiting()
