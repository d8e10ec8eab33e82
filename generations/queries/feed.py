"""What the studio page shows, and what changed on it since the page last asked.

A page holds a cursor: the newest event it has seen, how many generations were open, and the versions of all that may
still move, in sum. One query tells whether anything is new. Event numbers are given before they are committed, so one
may appear below the newest we saw. The sums tell: the events since must explain how they changed; where they do not,
all that moved lately is sent again. A page that missed more than one answer carries loads itself anew.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import (
    AT_VENDOR,
    LIVE,
    OPEN,
    Batch,
    Generation,
    GenerationEvent,
    Image,
    Lease,
    Member,
    Person,
    State,
    clock,
)
from generations.queries.cards import Card, Run, card_of, runs_of
from generations.queries.retries import Retries
from generations.queries.waits import waits_of

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
    """Where the page asks next, and whether it should; one that `stays` goes on asking now and then all the same."""

    url: str
    live: bool
    cursor: str
    stays: bool = False


@dataclass(frozen=True)
class Feed:
    runs: list[Run]
    whose: str
    summary: str
    poll: Poll


@dataclass(frozen=True)
class Updates:
    """What an open page must show now. With `reload` it has missed too much to be told, and its cursor stays.

    Of `ended_runs` the caption changes too: what they cost and how long they took is known only now. Of those in
    `shown_anew` that is all of it, for a moderator hid or showed again what its words are about.
    """

    cards: list[Card]
    new_runs: list[Run]
    summary: str
    poll: Poll
    ended_runs: list[Run] = field(default_factory=list)
    shown_anew: frozenset[UUID] = frozenset()
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
    member: Member | None = standings(person, moment=clock.now()).first()
    return member


def standings(person: Person, *, moment: datetime) -> QuerySet[Member]:
    """The question behind `standing`, not asked yet."""
    events = GenerationEvent.objects.filter(team=OuterRef("team")).order_by("-id").values("id")[:1]
    opened = Generation.objects.filter(team=OuterRef("team"), state__in=OPEN).order_by().values("team")
    alive = Generation.objects.filter(team=OuterRef("team"), state__in=LIVE).order_by().values("team")
    held = Lease.objects.of_pumps().filter(until__gte=moment).order_by().annotate(one=Value(1))
    pumps = held.values("one").annotate(number=Count("name")).values("number")
    zero = Value(0)
    members: QuerySet[Member] = Member.objects.of(person)
    return members.annotate(
        last_event=Coalesce(Subquery(events), zero),
        open_count=Coalesce(Subquery(opened.annotate(number=Count("pk")).values("number")), zero),
        pumps=Coalesce(Subquery(pumps), zero),
        versions=Coalesce(Subquery(alive.annotate(total=Sum("version")).values("total")), zero),
    )


def cursor_of(member: Member) -> Cursor:
    """The cursor of a member from `standing`."""
    return Cursor(member.last_event, member.open_count, member.versions)  # type: ignore[attr-defined]  # annotated


def feed_for(member: Member, *, whose: str = "team") -> Feed:
    """The newest batches, each with its cards. `member` comes from `standing`."""
    rows = _with_parts(Generation.objects.filter(_theirs(member, whose), batch__in=_newest_batches(member, whose)))
    return Feed(
        runs=_runs(member, rows),
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
    moves = since + (_moved_lately(member, now_at) if any(late) else [])
    return _news(member, whose, moves, started={event.batch for event in since if event.seq == 1})


def _news(member: Member, whose: str, moves: Sequence[_Event], *, started: set[UUID]) -> Updates:
    """The cards of those that moved and, since a place in line moves without a move of its own, of some that wait."""
    line = _in_line(member.team_id)
    waiting = _waiting(member, whose, line)
    moved = {move.generation for move in moves} | waiting.keys()
    ended = {move.batch for move in moves if move.to_state not in OPEN} - started
    found = _with_parts(Generation.objects.filter(_theirs(member, whose), Q(pk__in=moved) | Q(batch__in=ended)))
    rows = [row for row in found if row.pk in moved]
    where, moment = waiting | _places(rows, line), clock.now()
    why, retries = waits_of(rows, places=where, moment=moment), Retries(member)
    known = [row for row in rows if row.batch_id not in started]
    new = [row for row in rows if row.batch_id in started]
    return Updates(
        cards=[
            card_of(row, viewer=member, now=moment, place=where.get(row.pk), wait=why.get(row.pk), retries=retries)
            for row in known
        ],
        new_runs=runs_of(new, viewer=member, now=moment, places=where, waits=why, retries=retries),
        ended_runs=runs_of((row for row in found if row.batch_id in ended), viewer=member, now=moment),
        shown_anew=frozenset(move.batch for move in moves if move.from_state == move.to_state),
        summary=summary_of(member, whose),
        poll=poll_of(member, whose),
    )


def nothing_new(member: Member, whose: str) -> Updates:
    """Only where the page should ask next."""
    return Updates(cards=[], new_runs=[], summary=summary_of(member, whose), poll=poll_of(member, whose))


def runs_with(member: Member, batch: Batch) -> list[Run]:
    """The run of this batch as it stands now."""
    return _runs(member, _with_parts(Generation.objects.filter(batch=batch)))


def card_again(member: Member, pk: UUID) -> list[Card]:
    """The card of that generation as it stands now, at the prices of now; nothing where it is not there any more."""
    rows = _with_parts(Generation.objects.visible_to(member).filter(pk=pk))
    return [card for run in _runs(member, rows) for card in run.cards]


def _runs(member: Member, rows: list[Generation]) -> list[Run]:
    where, moment = places(rows), clock.now()
    waits = waits_of(rows, places=where, moment=moment)
    return runs_of(rows, viewer=member, now=moment, places=where, waits=waits, retries=Retries(member))


def places(rows: Iterable[Generation]) -> dict[UUID, int]:
    """Each waiting generation's place in its team's line for the provider, first is 1. All rows are of one team.

    What other teams have waiting is none of this team's business, not even as a number.
    """
    waiting = [row for row in rows if row.state == State.QUEUED]
    return _places(waiting, _in_line(waiting[0].team_id)) if waiting else {}


def _places(rows: Iterable[Generation], line: dict[str, int]) -> dict[UUID, int]:
    found = {row.pk: line.get(row.pk.hex) for row in rows}
    return {pk: place for pk, place in found.items() if place is not None}


def _in_line(team: int) -> dict[str, int]:
    """The place of each of the team that wait, in the order in which they will be sent: turns go round, as in a claim.

    By the hexadecimal text of its id: thousands are counted at every poll, and few of them are shown.
    """
    mine = Generation.objects.filter(team=team).order_by()
    busy = mine.filter(state__in=AT_VENDOR).values_list("member", "offer_key").annotate(number=Count("pk"))
    begin = {(member, offer): number for member, offer, number in busy}
    turns: dict[tuple[str, int, str, int | None], int] = {}
    order, names, providers = [], [], []
    waiting = mine.filter(state=State.QUEUED).order_by("pk").annotate(text=Cast("pk", CharField()))
    whose = ("provider", "member", "offer_key", "credential")
    for number, (text, *group) in enumerate(waiting.values_list("text", *whose)):
        key = (group[0], group[1], group[2], group[3])
        turns[key] = turn = (turns[key] if key in turns else begin.get((key[1], key[2]), 0)) + 1
        order.append((turn, number))
        names.append(text)
        providers.append(key[0])
    counted: Counter[str] = Counter()
    places = {}
    for _, number in sorted(order):
        counted[providers[number]] += 1
        places[names[number].replace("-", "")] = counted[providers[number]]
    return places


def poll_of(member: Member, whose: str, *, at: Cursor | None = None, stays: bool = False) -> Poll:
    """The poll from where the member's team stands, or from another cursor."""
    cursor = at or cursor_of(member)
    facts = {"cursor": str(cursor)} | ({"whose": whose} if whose != "team" else {})
    live = cursor_of(member).open_count > 0
    return Poll(url=f"{reverse('feed')}?{urlencode(facts)}", live=live, cursor=str(cursor), stays=stays)


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
    """The generations this page is about: one's own, or those of the team without what others keep to themselves."""
    own = Q(member=member)
    return own if whose == "mine" else Q(team=member.team_id) & Generation.objects.all().seen_by(member)


def _newest_batches(member: Member, whose: str) -> list[UUID]:
    # A batch is of one team and one member; without naming the team again each is found by its own index.
    shown = Exists(Generation.objects.filter(Generation.objects.all().seen_by(member), batch=OuterRef("pk")))
    theirs = Q(member=member) if whose == "mine" else Q(team=member.team_id)
    newest = Batch.objects.filter(theirs).filter(shown).order_by("-id")
    return list(newest.values_list("pk", flat=True)[:BATCHES_SHOWN])


def _waiting(member: Member, whose: str, line: dict[str, int]) -> dict[UUID, int]:
    """The places of those that wait at the front of the line and of those on the page; few, however many wait."""
    first = [UUID(text) for text, place in line.items() if place <= WAITING_MAX]
    # Two questions, each by an index of its own: both in one would read all that wait.
    theirs = Generation.objects.filter(_theirs(member, whose)).order_by().values_list("pk", flat=True)
    front = _first(theirs.filter(pk__in=first), line)
    return front | _first(theirs.filter(batch__in=_newest_batches(member, whose)), line)


def _first(rows: Iterable[UUID], line: dict[str, int]) -> dict[UUID, int]:
    """Of these the first in line, each with its place."""
    found = sorted((line[pk.hex], pk) for pk in rows if pk.hex in line)
    return {pk: place for place, pk in found[:WAITING_MAX]}


def _events(member: Member, events: QuerySet[GenerationEvent]) -> list[_Event]:
    """The newest of these in the member's team: one more than an answer carries, to know that there are too many."""
    ordered = events.filter(generation__batch__isnull=False)  # what was brought was never on its way
    newest = ordered.filter(team=member.team_id).order_by("-id")
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


def _moved_lately(member: Member, now_at: Cursor) -> list[_Event]:
    border = clock.now() - OVERLAP
    events = _events(member, GenerationEvent.objects.filter(id__lte=now_at.event))
    return [event for event in events if event.at > border]


def _with_parts(rows: QuerySet[Generation]) -> list[Generation]:
    """With everything a card shows, in two queries however many there are; newest batch first."""
    images = Prefetch("images", Image.objects.select_related("hidden_by"))
    parts = rows.select_related("member__person", "batch", "credential", "source").prefetch_related(images)
    return list(parts.order_by("-batch", "position"))
