"""I9 and I11 to I14: generations, their trail and their pictures, and whether anything is stuck."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, Lag

from generations.models import (
    ANEW,
    AT_VENDOR,
    MOVES,
    WITH_IMAGES,
    Attempt,
    CallbackHint,
    Credential,
    CredentialState,
    Generation,
    GenerationEvent,
    Image,
    Outcome,
    State,
    clock,
)
from generations.services.auditing.findings import Finding

STUCK_AFTER = timedelta(minutes=5)
UNTRIED_AFTER = timedelta(hours=1)
"""A vendor's hourly limit may keep a row waiting this long while nothing is sent there."""


def tasks(rule: str) -> Iterator[Finding]:
    """I9: a vendor's task belongs to one generation, and a generation was accepted once."""
    named = Generation.objects.exclude(vendor_task_id="").order_by().values("provider", "vendor_task_id")
    shared = named.annotate(times=Count("pk"), first=Min("created_at")).filter(times__gt=1)
    same = shared.filter(provider=OuterRef("provider"), vendor_task_id=OuterRef("vendor_task_id"))
    yield from _generations(rule, Generation.objects.filter(Exists(same)), "shares its vendor task with another")
    accepted = Attempt.objects.filter(outcome__in=[Outcome.ACCEPTED, Outcome.ADOPTED]).order_by()
    for row in accepted.values("generation").annotate(times=Count("pk")).filter(times__gt=1).order_by("generation"):
        words = f"was accepted {row['times']} times"
        yield Finding(rule=rule, subject="generation", id=str(row["generation"]), words=words)


def images(rule: str) -> Iterator[Finding]:
    """I11: generations that ended with a picture have one, and no others do."""
    has_image = Exists(Image.objects.filter(generation=OuterRef("pk")))
    done = Generation.objects.filter(state__in=WITH_IMAGES)
    yield from _generations(rule, done.filter(~has_image), "is done and has no picture")
    others = Generation.objects.exclude(state__in=WITH_IMAGES)
    yield from _generations(rule, others.filter(has_image), "has a picture and is not done")


def trails(rule: str) -> Iterator[Finding]:
    """I12: the last event is the state, and the events before it are legal moves that follow each other."""
    events = GenerationEvent.objects.all()
    last = events.filter(generation=OuterRef("pk")).order_by("-seq")
    rows = Generation.objects.annotate(
        last_state=Coalesce(Subquery(last.values("to_state")[:1]), Value("")),
        last_seq=Coalesce(Subquery(last.values("seq")[:1]), Value(0)),
    )
    untold = rows.exclude(last_state=F("state"), last_seq=F("version"))
    yield from _generations(rule, untold, "is not where its last event says")
    linked = events.annotate(
        state_before=Coalesce(Window(Lag("to_state"), partition_by="generation", order_by="seq"), Value("")),
        seq_before=Coalesce(Window(Lag("seq"), partition_by="generation", order_by="seq"), Value(0)),
    )
    broken = linked.exclude(from_state=F("state_before"), seq=F("seq_before") + 1)
    yield from _events(rule, broken, "does not follow the one before it")
    told = events.order_by().values_list("from_state", "to_state").distinct()
    for before, after in told:
        if (before, after) not in MOVES | ANEW:
            moved = events.filter(from_state=before, to_state=after)
            yield from _events(rule, moved, f"is no legal move: {before} to {after}")


def liveness(rule: str) -> Iterator[Finding]:
    """I13: nothing has waited for us for more than five minutes past its moment."""
    late = clock.now() - STUCK_AFTER
    rows = Generation.objects.all()
    leased = rows.filter(state__in=[State.SUBMITTING, State.FETCHING], lease_until__lt=late)
    yield from _generations(rule, leased, "has a lease that ended long ago")
    unowned = rows.unleased(late)
    ended = Q(state__in=[State.QUEUED, State.IN_DOUBT, State.RUNNING, State.FETCHING], deadline_at__lt=late)
    ended |= Q(state=State.LAPSED, watch_until__lt=late)
    yield from _generations(rule, unowned.filter(ended), "should have ended by its deadline")
    watched = Q(state=State.LAPSED) & (~Q(vendor_task_id="") | ~Q(result_urls=[]))
    due = Q(next_at__lt=late) & (Q(state__in=[State.RUNNING, State.FETCHING]) | watched)
    yield from _generations(rule, unowned.filter(due), "is due and nobody looks after it")
    yield from _generations(rule, _unsent(late), "waits although its vendor has nothing to do")


def _unsent(late: object) -> QuerySet[Generation]:
    """Queued rows that are due while nothing is at their vendor and nothing was tried there for an hour.

    Where there are keys and each of them rests or was switched off, they wait by right.
    """
    mine = Q(team=None) | Q(team=OuterRef("team"))
    keys = Credential.objects.filter(mine, provider=OuterRef("provider"))
    awake = keys.filter(state=CredentialState.ACTIVE).free(clock.now())
    asleep = Exists(keys.filter(state__in=[CredentialState.ACTIVE, CredentialState.PAUSED])) & ~Exists(awake)
    busy = Generation.objects.filter(provider=OuterRef("provider"), state__in=AT_VENDOR)
    tried = Attempt.objects.filter(
        generation__provider=OuterRef("provider"), started_at__gt=clock.now() - UNTRIED_AFTER
    )
    return Generation.objects.filter(~asleep, ~Exists(busy), ~Exists(tried), state=State.QUEUED, next_at__lt=late)


def hints(rule: str) -> Iterator[Finding]:
    """I14: no callback has waited for more than five minutes."""
    moment = clock.now()
    waiting = CallbackHint.objects.unfollowed(moment).filter(received_at__lt=moment - STUCK_AFTER)
    for pk in waiting.values_list("pk", flat=True):
        yield Finding(rule=rule, subject="callback hint", id=str(pk), words="was never followed")


def _generations(rule: str, rows: QuerySet[Generation], words: str) -> Iterator[Finding]:
    for pk, state in rows.order_by("pk").values_list("pk", "state"):
        yield Finding(rule=rule, subject="generation", id=str(pk), words=f"({state}) {words}")


def _events(rule: str, rows: QuerySet[GenerationEvent], words: str) -> Iterator[Finding]:
    for pk, generation in rows.order_by("pk").values_list("pk", "generation"):
        yield Finding(rule=rule, subject="event", id=str(pk), words=f"of generation {generation} {words}")
