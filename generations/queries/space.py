"""How much storage a member's and a team's pictures take, how much they may, and what to say when it is used up.

A team may have as much as the staff gave it, else as much as the studio's setting says, else as much as there is. What
is under way when it is used up is kept all the same: nobody loses a picture they paid for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from generations.models import Member, Space, Team

NEARLY = 0.9
"""From here on people are told."""
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is used of what there is; None is no end."""

    size_bytes: int
    pictures: int
    bytes_max: int | None
    pictures_max: int | None
    team_bytes: int
    team_bytes_max: int | None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """From a row annotated with `measured()`."""
        team_max = facts["team_bytes_max"]
        return cls(
            size_bytes=facts["own_bytes"],
            pictures=facts["own_pictures"],
            bytes_max=facts["own_bytes_max"],
            pictures_max=facts["own_pictures_max"],
            team_bytes=facts["team_bytes"],
            team_bytes_max=default_bytes_max() if team_max is None else team_max,
        )

    def refusal(self, *, size_bytes: int = 1, pictures: int = 1) -> str:
        """Why that much more has no room, in words for the person who wants it; "" when it has."""
        if self.team_bytes_max is not None and self.team_bytes + size_bytes > self.team_bytes_max:
            used = of_so_much(self.team_bytes, self.team_bytes_max)
            return f"Your team’s storage is full ({used}). {FREE_SOME}"
        if self.bytes_max is not None and self.size_bytes + size_bytes > self.bytes_max:
            return f"Your storage is full ({of_so_much(self.size_bytes, self.bytes_max)}). {FREE_SOME}"
        if self.pictures_max is not None and self.pictures + pictures > self.pictures_max:
            used = f"{self.pictures:,} of {self.pictures_max:,} pictures"
            return f"You have as many pictures as you may keep ({used}). {FREE_SOME}"
        return ""

    @property
    def warning(self) -> str:
        """What is nearly or quite used up; "" while there is plenty."""
        if words := self.refusal():
            return words
        if self.team_bytes_max is not None and self.team_bytes >= NEARLY * self.team_bytes_max:
            return f"Your team’s storage is nearly full ({of_so_much(self.team_bytes, self.team_bytes_max)})."
        if self.bytes_max is not None and self.size_bytes >= NEARLY * self.bytes_max:
            return f"Your storage is nearly full ({of_so_much(self.size_bytes, self.bytes_max)})."
        return ""

    @property
    def words(self) -> str:
        """214 pictures, 1.2 of 5 GB."""
        number = "1 picture" if self.pictures == 1 else f"{self.pictures:,} pictures"
        return f"{number}, {of_so_much(self.size_bytes, self.bytes_max)}"

    @property
    def team_words(self) -> str:
        return of_so_much(self.team_bytes, self.team_bytes_max)


FREE_SOME = "Delete some pictures for good, or ask an owner for more."


def measured() -> dict[str, Any]:
    """What a query over members annotates, so that the standing comes with whatever it asks already."""
    total = Space.objects.filter(team=OuterRef("team")).order_by().values("team").annotate(total=Sum("size_bytes"))
    return {
        "own_bytes": Coalesce(F("space__size_bytes"), 0),
        "own_pictures": Coalesce(F("space__pictures"), 0),
        "own_bytes_max": F("space__bytes_max"),
        "own_pictures_max": F("space__pictures_max"),
        "team_bytes": Coalesce(Subquery(total.values("total")), 0),
        "team_bytes_max": F("team__bytes_max"),
    }


def standing_of(member: Member) -> Standing:
    """As the rows say now."""
    facts = measured()
    found: dict[str, Any] = Member.objects.filter(pk=member.pk).annotate(**facts).values(*facts).get()
    return Standing.of(found)


def default_bytes_max() -> int | None:
    """Of a team the staff set nothing for."""
    return settings.TEAM_STORAGE_GB * GIGABYTE or None


def of_so_much(used: int, most: int | None) -> str:
    """10.2 of 10 GB, both in the unit of the larger; 412 KB where there is no end."""
    return measure(used) if most is None else f"{_figure(used, most)} of {measure(most)}"


def measure(size_bytes: int) -> str:
    """412 KB, 2.4 MB, 1,310.5 GB."""
    return f"{_figure(size_bytes, size_bytes)} {_unit(size_bytes)[1]}"


def _figure(size_bytes: int, beside: int) -> str:
    number = size_bytes / _unit(beside)[0]
    return f"{number:,.1f}".removesuffix(".0")


def _unit(size_bytes: int) -> tuple[int, str]:
    if size_bytes < 1_000_000:
        return 1000, "KB"
    return (1_000_000, "MB") if size_bytes < GIGABYTE else (GIGABYTE, "GB")


# --- The page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One member's line: who, how much, what part of the whole, and what they may."""

    member: int
    name: str
    initials: str
    tone: str
    words: str
    part: int
    has_left: bool
    size_bytes: int
    is_full: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StoragePage:
    team: str
    used: str
    most: str
    percent: int
    mood: str
    warning: str
    shares: list[Share]
    more: int


SHARES_SHOWN = 100


def storage_page(team: Team) -> StoragePage:
    """The team's storage and who has how much of it, the most first."""
    rows = Space.objects.filter(team=team).select_related("member__person").order_by("-size_bytes", "pk")
    found = list(rows[: SHARES_SHOWN + 1])
    total = Space.objects.filter(team=team).aggregate(total=Sum("size_bytes", default=0))["total"]
    most = default_bytes_max() if team.bytes_max is None else team.bytes_max
    percent = min(100, round(100 * total / most)) if most else 0
    full, near = most is not None and total >= most, most is not None and total >= NEARLY * most
    return StoragePage(
        team=team.name,
        used=of_so_much(total, most),
        most=measure(most) if most is not None else "",
        percent=percent,
        mood="danger" if full else "caution" if near else "",
        warning=TEAM_FULL if full else TEAM_NEARLY if near else "",
        shares=[_share(row, most or total) for row in found[:SHARES_SHOWN]],
        more=max(0, Space.objects.filter(team=team).count() - SHARES_SHOWN) if len(found) > SHARES_SHOWN else 0,
    )


TEAM_FULL = "It is used up: nobody can order or upload. What is under way is kept. Staff can give the team more."
TEAM_NEARLY = "It is nearly used up. Then nobody can order or upload; staff can give the team more."


def _share(row: Space, whole: int) -> Share:
    member, person = row.member, row.member.person
    number = "1 picture" if row.pictures == 1 else f"{row.pictures:,} pictures"
    end = f", {row.pictures_max:,} at most" if row.pictures_max is not None else ""
    full = row.bytes_max is not None and row.size_bytes >= row.bytes_max
    return Share(
        member=member.pk,
        name=member.called,
        initials=person.initials if person else "?",
        tone=person.tone if person else "h0",
        words=f"{number}{end}, {of_so_much(row.size_bytes, row.bytes_max)}",
        part=round(100 * row.size_bytes / whole) if whole else 0,
        has_left=member.left_at is not None,
        size_bytes=row.size_bytes,
        is_full=full or (row.pictures_max is not None and row.pictures >= row.pictures_max),
    )
