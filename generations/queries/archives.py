"""A member's archives as their page shows them, and who may still fetch what.

That a picture in one was hidden, deleted or made private since is found out by asking, each time: nobody who does such
a thing has to know of archives.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse

from generations.models import Archive, ArchiveEntry, ArchiveReason, ArchiveState, Image, Member, Suspension, clock
from generations.models.archive import KEPT, LEFT_OUT, OVER, TROUBLES, Outcome
from generations.queries.image_page import file_size
from generations.queries.words import summary, time_left

SHOWN_MAX = 20
NAMED_MAX = 20
"""So many pictures without a whole file are named; of the others it is said how many they are."""
WAYS_OUT = {
    ArchiveReason.TROUBLED: "An archive is whole or there is none. Whoever runs the studio may have these files in a "
    "backup; or pack the others without them.",
    ArchiveReason.EMPTY: "They were deleted or hidden, or their makers keep them to themselves now.",
    ArchiveReason.NO_ROOM: "Whoever runs the studio can make some; then try again.",
    ArchiveReason.STUCK: "Try again; if that happens once more, tell whoever runs the studio.",
    ArchiveReason.NOT_ALLOWED: "You can try again when your account or your team may act again.",
    ArchiveReason.TIME: f"Archives are kept for {int(KEPT.total_seconds()) // 3600} hours. It can be packed again.",
    ArchiveReason.LOST: "It can be packed again.",
    ArchiveReason.WITHDRAWN: "It was deleted, hidden or made private since. You can have the others packed again.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A picture of an archive whose file is missing or damaged."""

    title: str
    because: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveCard:
    """One archive. `state` is what it comes to now, whatever its row says."""

    id: UUID
    state: str
    title: str
    detail: str
    way_out: str
    done: int
    total: int
    left_out: list[str]
    troubled: list[Named]
    more_troubled: int
    seconds_left: int
    time_left: str
    created_at: datetime
    sha256: str
    url: str
    file_url: str

    @property
    def is_under_way(self) -> bool:
        return self.state in {"waiting", "packing"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Archives:
    """`print` changes with whatever is shown; `poll_url` is empty where nothing will change by itself."""

    cards: list[ArchiveCard]
    print: str
    poll_url: str


def archives_of(member: Member, *, only: UUID | None = None) -> Archives:
    """The newest first; or the one with that id, where it is theirs."""
    mine = Archive.objects.of(member).select_related("member")
    rows = list((mine.filter(pk=only) if only else mine).order_by("-created_at", "-pk")[:SHOWN_MAX])
    broken = broken_of(rows)
    left_out = _left_out(rows)
    cards = [_card(row, member, is_broken=row.pk in broken, gone=left_out.get(row.pk, {})) for row in rows]
    seen = "-".join(f"{card.state[:2]}{card.done}" for card in cards)
    place = reverse("archive", args=[only]) if only else reverse("archives")
    is_live = any(card.is_under_way for card in cards)
    return Archives(cards=cards, print=seen, poll_url=f"{place}?seen={seen}" if is_live else "")


def may_fetch(member: Member) -> bool:
    """Whether they are in the team still, and neither they nor the team are suspended."""
    if member.left_at is not None or member.person is None or not member.person.is_active:
        return False
    whose = Q(person=member.person) | Q(team=member.team_id)
    return not Suspension.objects.live().filter(whose).exists()


def broken_of(rows: Iterable[Archive]) -> set[UUID]:
    """Which of the finished ones hold a picture that their member may not see any more."""
    by_member: dict[int, list[Archive]] = {}
    for row in rows:
        if row.state == ArchiveState.READY:
            by_member.setdefault(row.member_id, []).append(row)
    seen: dict[UUID, int] = {}
    for mine in by_member.values():
        seen |= _seen_in(mine)
    return {row.pk for mine in by_member.values() for row in mine if seen.get(row.pk, 0) != row.packed}


def holds_only_what_is_seen(row: Archive) -> bool:
    """Whether every picture that was packed is there for the member now."""
    return _seen_in([row]).get(row.pk, 0) == row.packed


def _seen_in(rows: Sequence[Archive]) -> dict[UUID, int]:
    """How many of the packed pictures of each their member, who is one for all of them, sees now."""
    seen = Image.objects.visible_to(rows[0].member)
    packed = seen.filter(archive_entries__archive__in=rows, archive_entries__outcome=Outcome.PACKED).order_by()
    return dict(packed.values_list("archive_entries__archive").annotate(number=Count("pk")))


def _left_out(rows: Collection[Archive]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = {}
    entries = ArchiveEntry.objects.filter(archive__in=rows, outcome__in=LEFT_OUT)
    for archive, outcome, number in entries.values_list("archive", "outcome").annotate(number=Count("pk")):
        found.setdefault(archive, {})[outcome] = number
    return found


def _card(row: Archive, member: Member, *, is_broken: bool, gone: dict[str, int]) -> ArchiveCard:
    state, reason = row.state, row.reason
    if state == ArchiveState.READY and (is_broken or not row.can_be_fetched):
        state = ArchiveState.EXPIRED
        reason = ArchiveReason.WITHDRAWN if is_broken else ArchiveReason.TIME
    troubled, more = _troubled(row, member) if reason == ArchiveReason.TROUBLED else ([], 0)
    seconds = int((row.expires_at - clock.now()).total_seconds()) if row.expires_at else 0
    return ArchiveCard(
        id=row.pk,
        state=state,
        title=_title(row, state),
        detail=_detail(row, state, reason),
        way_out=WAYS_OUT.get(ArchiveReason(reason), ""),
        done=row.place,
        total=row.pictures,
        left_out=_left_out_words(row, gone) if state != ArchiveState.WAITING else [],
        troubled=troubled,
        more_troubled=more,
        seconds_left=max(0, seconds),
        time_left=time_left(max(0, seconds)),
        created_at=row.created_at,
        sha256=row.sha256 if state == ArchiveState.READY else "",
        url=reverse("archive", args=[row.pk]),
        file_url=reverse("archive_file", args=[row.pk]),
    )


def _title(row: Archive, state: str) -> str:
    number = row.packed if state == ArchiveState.READY else row.pictures
    return f"{number:,} picture{'' if number == 1 else 's'}"


def _detail(row: Archive, state: str, reason: str) -> str:
    if state in OVER:
        return str(ArchiveReason(reason).label)
    if state == ArchiveState.READY:
        return file_size(row.size_bytes)
    return f"{row.place:,} of {row.pictures:,}" if row.place else f"about {file_size(row.pictures_bytes)}"


def _left_out_words(row: Archive, gone: dict[str, int]) -> list[str]:
    """How many are missing in it, and why: by right, or by wish."""
    numbers = [
        (gone.get(Outcome.GONE, 0) + row.asked - row.pictures, "no longer there for you"),
        (gone.get(Outcome.SKIPPED, 0), "without a whole file, as you chose"),
    ]
    return [f"{number:,} left out: {why}" for number, why in numbers if number]


def _troubled(row: Archive, member: Member) -> tuple[list[Named], int]:
    """Those the member sees by name; the others by their number."""
    entries = ArchiveEntry.objects.filter(archive=row, outcome__in=TROUBLES)
    outcomes = dict(entries.order_by("place").values_list("image", "outcome")[:NAMED_MAX])
    seen = Image.objects.visible_to(member).filter(pk__in=list(outcomes)).select_related("generation").in_bulk()
    named = [
        Named(
            title=summary(seen[pk].generation.prompt),
            because=Outcome(outcome).label,
            url=reverse("image", args=[pk]),
        )
        for pk, outcome in outcomes.items()
        if pk in seen
    ]
    return named, entries.count() - len(named)
