"""What the studio page shows, and what changed on it since the page last asked.

A page holds a cursor: the newest event it has seen, and how many generations were open with which versions in sum. One
query tells whether anything is new. The sum catches a move whose event number was taken before one we saw, yet was
committed after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import OPEN, Batch, Generation, GenerationEvent, Lease, Member, Person, State, clock
from generations.queries.cards import Card, Run, card_of, runs_of

BATCHES_SHOWN = 24
CHANGES_MAX = 400
OVERLAP = timedelta(seconds=60)
"""How far back to look when the sums differ although no newer event is there."""


@dataclass(frozen=True)
class Cursor:
    """What a page has seen."""

    event: int
    open_count: int
    versions: int

    def __str__(self) -> str:
        return f"{self.event}.{self.open_count}.{self.versions}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything we did not write."""
        words = text.split(".")
        if len(words) != 3 or not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
            return None
        return cls(*(int(word) for word in words))


@dataclass(frozen=True)
class Poll:
    """Where the page asks next, and whether it should."""

    url: str
    live: bool
    cursor: str


@dataclass(frozen=True)
class Feed:
    runs: list[Run]
    whose: str
    summary: str
    poll: Poll


@dataclass(frozen=True)
class Updates:
    """What an open page must show now."""

    cards: list[Card]
    new_runs: list[Run]
    summary: str
    poll: Poll


def standing(person: Person) -> Member | None:
    """The person's membership, annotated with the cursor of its team: one query for a poll with nothing new.

    Also tells how many pumps are at work, because a page that waits looks after them.
    """
    events = GenerationEvent.objects.filter(team=OuterRef("team")).order_by("-id").values("id")[:1]
    opened = Generation.objects.filter(team=OuterRef("team"), state__in=OPEN).order_by().values("team")
    held = Lease.objects.filter(name__startswith="pump:", until__gte=clock.now()).order_by().annotate(one=Value(1))
    pumps = held.values("one").annotate(number=Count("name")).values("number")
    zero = Value(0)
    member: Member | None = (
        Member.objects.of(person)
        .annotate(
            last_event=Coalesce(Subquery(events), zero),
            open_count=Coalesce(Subquery(opened.annotate(number=Count("pk")).values("number")), zero),
            pumps=Coalesce(Subquery(pumps), zero),
            open_versions=Coalesce(Subquery(opened.annotate(total=Sum("version")).values("total")), zero),
        )
        .first()
    )
    return member


def cursor_of(member: Member) -> Cursor:
    """The cursor of a member from `standing`."""
    return Cursor(member.last_event, member.open_count, member.open_versions)  # type: ignore[attr-defined]  # annotated


def needs_a_nudge(member: Member) -> bool:
    """Whether work is open and some pump is missing, for a member from `standing`."""
    return member.open_count > 0 and member.pumps < settings.PUMP_SHARDS  # type: ignore[attr-defined, no-any-return]  # annotated


def feed_for(member: Member, *, whose: str = "team") -> Feed:
    """The newest batches, each with its cards. `member` comes from `standing`."""
    newest = Batch.objects.filter(_theirs(member, whose), generations__isnull=False).distinct().order_by("-id")
    rows = _with_parts(Generation.objects.filter(batch__in=list(newest.values_list("pk", flat=True)[:BATCHES_SHOWN])))
    return Feed(
        runs=runs_of(rows, viewer=member, now=clock.now(), places=places(rows)),
        whose=whose,
        summary=summary_of(member, whose),
        poll=poll_of(member, whose),
    )


def updates_since(member: Member, cursor: Cursor | None, *, whose: str = "team") -> Updates | None:
    """What changed after the cursor, or None when nothing did. Without a cursor only the poll and the summary."""
    now_at = cursor_of(member)
    if cursor == now_at:
        return None
    rows = _with_parts(_changed(member, cursor, now_at, whose)) if cursor else []
    started = _started_since(member, cursor) if cursor else set()
    new = [row for row in rows if row.batch_id in started]
    known = [row for row in rows if row.batch_id not in started]
    where, moment = places(rows), clock.now()
    return Updates(
        cards=[card_of(row, viewer=member, now=moment, place=where.get(row.pk)) for row in known],
        new_runs=runs_of(new, viewer=member, now=moment, places=where),
        summary=summary_of(member, whose),
        poll=poll_of(member, whose),
    )


def nothing_new(member: Member, whose: str) -> Updates:
    """Only where the page should ask next."""
    return Updates(cards=[], new_runs=[], summary=summary_of(member, whose), poll=poll_of(member, whose))


def runs_with(member: Member, batch: Batch) -> list[Run]:
    """The run of this batch as it stands now."""
    rows = _with_parts(Generation.objects.filter(batch=batch))
    return runs_of(rows, viewer=member, now=clock.now(), places=places(rows))


def places(rows: Iterable[Generation]) -> dict[UUID, int]:
    """Each waiting generation's place in its provider's line, first is 1."""
    waiting = [row.pk for row in rows if row.state == State.QUEUED]
    if not waiting:
        return {}
    ahead = Generation.objects.filter(state=State.QUEUED, provider=OuterRef("provider"), pk__lte=OuterRef("pk"))
    number = ahead.order_by().values("state").annotate(number=Count("pk")).values("number")
    rows_with_place = Generation.objects.filter(pk__in=waiting, state=State.QUEUED).annotate(place=Subquery(number))
    return dict(rows_with_place.values_list("pk", "place"))


def poll_of(member: Member, whose: str) -> Poll:
    cursor = cursor_of(member)
    facts = {"cursor": str(cursor)} | ({"whose": whose} if whose != "team" else {})
    return Poll(url=f"{reverse('feed')}?{urlencode(facts)}", live=cursor.open_count > 0, cursor=str(cursor))


def summary_of(member: Member, whose: str) -> str:
    """One line for eyes and screen readers: how many are where."""
    states = Generation.objects.filter(_theirs(member, whose), state__in=OPEN).order_by().values_list("state")
    counted: dict[str, int] = dict(states.annotate(number=Count("pk")))
    parts = [f"{counted[state]} {word}" for state, word in WORDS if counted.get(state)]
    return ", ".join(parts) or "Nothing under way"


WORDS = (
    (State.QUEUED, "waiting"),
    (State.SUBMITTING, "being sent"),
    (State.IN_DOUBT, "being checked"),
    (State.RUNNING, "at the vendor"),
    (State.FETCHING, "being saved"),
)


def _theirs(member: Member, whose: str) -> Q:
    return Q(member=member) if whose == "mine" else Q(team=member.team_id)


def _changed(member: Member, cursor: Cursor, now_at: Cursor, whose: str) -> QuerySet[Generation]:
    """Those that moved since, and those that wait: their place in line moves without a move of their own."""
    moved = GenerationEvent.objects.filter(team=member.team_id, id__gt=cursor.event).order_by("-id")
    news = Q(pk__in=set(moved.values_list("generation", flat=True)[:CHANGES_MAX]))
    if now_at.event == cursor.event:
        news = Q(state__in=OPEN) | Q(changed_at__gt=clock.now() - OVERLAP)
    return Generation.objects.filter(_theirs(member, whose)).filter(news | Q(state=State.QUEUED))


def _started_since(member: Member, cursor: Cursor) -> set[UUID]:
    started = GenerationEvent.objects.filter(team=member.team_id, id__gt=cursor.event, seq=1)
    return set(started.values_list("generation__batch", flat=True)[:CHANGES_MAX])


def _with_parts(rows: QuerySet[Generation]) -> list[Generation]:
    """With everything a card shows, in four queries however many there are; newest batch first."""
    parts = rows.select_related("member__person", "batch", "credential", "source").prefetch_related("images")
    return list(parts.order_by("-batch", "position")[:CHANGES_MAX])
