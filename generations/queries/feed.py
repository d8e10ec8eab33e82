"""What the studio page shows, and what changed on it since the page last asked.

A page holds a cursor: the newest event it has seen, how many generations were open, and the versions of all that may
still move, in sum. One query tells whether anything is new. Event numbers are given before they are committed, so one
may appear below the newest we saw. The sums tell: the events since must explain how they changed; where they do not,
all that moved lately is sent again. A page that missed more than one answer carries loads itself anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import LIVE, OPEN, Batch, Generation, GenerationEvent, Lease, Member, Person, State, clock
from generations.queries.cards import Card, Run, card_of, runs_of

BATCHES_SHOWN = 24
CHANGES_MAX = 400
"""Events one answer carries."""
WAITING_MAX = 24
"""Waiting cards one answer brings up to date: so many from the front of the line, and so many from the page."""
OVERLAP = timedelta(seconds=60)
"""How far back an event may lie that was committed after newer ones."""


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
    """What an open page must show now. With `reload` it has missed too much to be told, and its cursor stays."""

    cards: list[Card]
    new_runs: list[Run]
    summary: str
    poll: Poll
    reload: bool = False


class _Event(NamedTuple):
    id: int
    generation: UUID
    batch: UUID
    seq: int
    from_state: str
    to_state: str
    at: datetime


def standing(person: Person) -> Member | None:
    """The person's membership, annotated with the cursor of its team: one query for a poll with nothing new.

    Also tells how many pumps are at work, because a page that waits looks after them.
    """
    events = GenerationEvent.objects.filter(team=OuterRef("team")).order_by("-id").values("id")[:1]
    opened = Generation.objects.filter(team=OuterRef("team"), state__in=OPEN).order_by().values("team")
    alive = Generation.objects.filter(team=OuterRef("team"), state__in=LIVE).order_by().values("team")
    held = Lease.objects.filter(name__startswith="pump:", until__gte=clock.now()).order_by().annotate(one=Value(1))
    pumps = held.values("one").annotate(number=Count("name")).values("number")
    zero = Value(0)
    member: Member | None = (
        Member.objects.of(person)
        .annotate(
            last_event=Coalesce(Subquery(events), zero),
            open_count=Coalesce(Subquery(opened.annotate(number=Count("pk")).values("number")), zero),
            pumps=Coalesce(Subquery(pumps), zero),
            versions=Coalesce(Subquery(alive.annotate(total=Sum("version")).values("total")), zero),
        )
        .first()
    )
    return member


def cursor_of(member: Member) -> Cursor:
    """The cursor of a member from `standing`."""
    return Cursor(member.last_event, member.open_count, member.versions)  # type: ignore[attr-defined]  # annotated


def needs_a_nudge(member: Member) -> bool:
    """Whether work is open and some pump is missing, for a member from `standing`."""
    return member.open_count > 0 and member.pumps < settings.PUMP_SHARDS  # type: ignore[attr-defined, no-any-return]  # annotated


def feed_for(member: Member, *, whose: str = "team") -> Feed:
    """The newest batches, each with its cards. `member` comes from `standing`."""
    rows = _with_parts(Generation.objects.filter(batch__in=_newest_batches(member, whose)))
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
    if cursor is None:
        return nothing_new(member, whose)
    since = _events(member, GenerationEvent.objects.filter(id__gt=cursor.event, id__lte=now_at.event))
    late = _unexplained(cursor, since, now_at)
    # Nothing but a start adds to the open: a late one is a run that the page may or may not have.
    if len(since) > CHANGES_MAX or late.open_count > 0:
        return Updates([], [], summary_of(member, whose), poll_of(member, whose, at=cursor), reload=True)
    moved = {event.generation for event in since}
    if any(late):
        moved |= _moved_lately(member, now_at)
    return _news(member, whose, moved, started={event.batch for event in since if event.seq == 1})


def _news(member: Member, whose: str, moved: set[UUID], *, started: set[UUID]) -> Updates:
    """The cards of those that moved and, since a place in line moves without a move of its own, of some that wait."""
    waiting = _waiting(member, whose)
    rows = _with_parts(Generation.objects.filter(_theirs(member, whose), pk__in=moved | waiting.keys()))
    where, moment = waiting | places(row for row in rows if row.pk not in waiting), clock.now()
    known = [row for row in rows if row.batch_id not in started]
    new = [row for row in rows if row.batch_id in started]
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
    return dict(_in_line(Q(pk__in=waiting)).values_list("pk", "place")) if waiting else {}


def _in_line(wanted: Q) -> QuerySet[Any]:
    """Those wanted among all that wait, with their `place`, counted in one pass over the line."""
    place = Window(RowNumber(), partition_by=[F("provider")], order_by="pk")
    line = Generation.objects.filter(state=State.QUEUED).annotate(place=place)
    # The half that is never true keeps `wanted` outside the count; alone it would shorten the line that is counted.
    return line.filter(Q(place__lt=1) | wanted)


def poll_of(member: Member, whose: str, *, at: Cursor | None = None) -> Poll:
    """The poll from where the member's team stands, or from another cursor."""
    cursor = at or cursor_of(member)
    facts = {"cursor": str(cursor)} | ({"whose": whose} if whose != "team" else {})
    live = cursor_of(member).open_count > 0
    return Poll(url=f"{reverse('feed')}?{urlencode(facts)}", live=live, cursor=str(cursor))


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


def _newest_batches(member: Member, whose: str) -> list[UUID]:
    filled = Exists(Generation.objects.filter(batch=OuterRef("pk")))
    newest = Batch.objects.filter(_theirs(member, whose)).filter(filled).order_by("-id")
    return list(newest.values_list("pk", flat=True)[:BATCHES_SHOWN])


def _waiting(member: Member, whose: str) -> dict[UUID, int]:
    """The places of those that wait at the front of the line and of those on the page; few, however many wait."""
    shown = set(_newest_batches(member, whose))
    wanted = _theirs(member, whose) & (Q(place__lte=WAITING_MAX) | Q(batch__in=shown))
    found = _in_line(wanted).order_by("place", "pk").values_list("pk", "place", "batch")
    front = [(pk, place) for pk, place, _ in found if place <= WAITING_MAX]
    on_page = [(pk, place) for pk, place, batch in found if batch in shown]
    return dict(front[:WAITING_MAX] + on_page[:WAITING_MAX])


def _events(member: Member, events: QuerySet[GenerationEvent]) -> list[_Event]:
    """The newest of these in the member's team: one more than an answer carries, to know that there are too many."""
    newest = events.filter(team=member.team_id).order_by("-id")
    facts = newest.values_list("id", "generation", "generation__batch", "seq", "from_state", "to_state", "at")
    return [_Event(*row) for row in facts[: CHANGES_MAX + 1]]


class _Late(NamedTuple):
    open_count: int
    versions: int


def _unexplained(cursor: Cursor, since: list[_Event], now_at: Cursor) -> _Late:
    """By how much the sums moved beyond what these events did to them: not at all, unless some event came late."""
    count, versions = cursor.open_count, cursor.versions
    for event in since:
        count += (event.to_state in OPEN) - (event.from_state in OPEN)
        versions += event.seq * (event.to_state in LIVE) - (event.seq - 1) * (event.from_state in LIVE)
    return _Late(now_at.open_count - count, now_at.versions - versions)


def _moved_lately(member: Member, now_at: Cursor) -> set[UUID]:
    border = clock.now() - OVERLAP
    events = _events(member, GenerationEvent.objects.filter(id__lte=now_at.event))
    return {event.generation for event in events if event.at > border}


def _with_parts(rows: QuerySet[Generation]) -> list[Generation]:
    """With everything a card shows, in two queries however many there are; newest batch first."""
    parts = rows.select_related("member__person", "batch", "credential", "source").prefetch_related("images")
    return list(parts.order_by("-batch", "position"))
