"""The wall of finished pictures, newest first, page by page from wherever one stands.

It shows a member what their team has and nobody removed: all of it, or what they look for.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from generations import search
from generations.models import Image, Mark, Member, SearchEntry, State
from generations.models.fields import first_id
from generations.providers.base import Operation
from generations.queries.cards import Picture, made_as, offer_of, picture_of
from generations.queries.dates import number_at
from generations.queries.months import Month
from generations.queries.search import COUNTED_MAX, EVERYTHING, Choice, Wanted, choices_of, pictures_text, query_for
from generations.search import Query

PAGE = 48
ABOVE = 24
"""So many newer pictures hang above the one a page is to stand at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hung:
    """A picture on the wall, with what is worth seeing about it there."""

    picture: Picture
    generation_id: UUID
    state: str
    note: str
    is_late: bool
    maker: str
    initials: str
    maker_tone: str
    may_create: bool
    is_favorite: bool
    is_picked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Wall:
    """Only the newest page says how many there are. `seen` is the newest picture there was by then."""

    images: list[Hung]
    newer_url: str | None
    next_url: str | None
    count_text: str
    wanted: Wanted
    choices: list[Choice]
    counts_url: str
    may_create: bool
    save_url: str
    top_url: str
    seen: UUID | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page begins: at the newest picture, unless one of these is given.

    `before` and `after` are pictures whose older and newer neighbors are wanted; `at` is one to stand before, with some
    newer ones above it; `month` is one whose newest picture comes first.
    """

    before: UUID | None = None
    after: UUID | None = None
    at: UUID | None = None
    month: Month | None = None

    @classmethod
    def read(cls, asked: QueryDict) -> "Place":
        """What an address says; nonsense counts as nothing, and of two places the first one."""
        before, after, at = (_key(asked.get(name)) for name in ("before", "after", "at"))
        if before or after or at:
            return cls(before=before, after=None if before else after, at=None if before or after else at)
        return cls(month=Month.parse(asked.get("from", "")))

    @property
    def key(self) -> UUID | None:
        return self.before or self.after or self.at

    @property
    def border(self) -> int:
        """How far above its picture's number the line is that parts what is older from what is newer."""
        return 0 if self.before else 1


TOP = Place()


def wall_for(member: Member, wanted: Wanted = EVERYTHING, place: Place = TOP) -> Wall:
    """One page of the wall at that place."""
    row = _Matching(member, wanted, place) if not wanted.is_all else _Everything(member, place)
    above = PAGE if place.after else ABOVE if place.at else 0
    older, is_more = ([], True) if place.after else row.older(PAGE)
    if not older and row.is_placed:
        above = PAGE  # nothing is as old as that: the oldest there is
    newer, has_newer = row.newer(above) if row.is_placed else ([], False)
    shown = [*reversed(newer), *older]
    loved = loved_of(member, shown)
    return Wall(
        images=[hung_of(image, member, is_favorite=image.pk in loved) for image in shown],
        newer_url=_url(wanted, after=shown[0].pk) if shown and has_newer else None,
        next_url=_url(wanted, before=shown[-1].pk) if shown and is_more else None,
        count_text="" if row.is_placed else pictures_text(row.count()),
        wanted=wanted,
        choices=choices_of(member, wanted),
        counts_url=_url(wanted, "library_facets", **({"from": place.month} if place.month else {})),
        save_url=f"{reverse('board_new')}{wanted.query}",
        may_create=member.may_create,
        top_url=_url(wanted),
        seen=Image.objects.visible_to(member).order_by("-pk").values_list("pk", flat=True).first(),
    )


class _Everything:
    """All that a member may see, by its keys."""

    def __init__(self, member: Member, place: Place) -> None:
        self.visible = Image.objects.visible_to(member)
        self.border: UUID | None = None
        if place.key:
            self.border = UUID(int=place.key.int + place.border)
        elif place.month:
            self.border = first_id(place.month.end(member.team.time_zone))

    @property
    def is_placed(self) -> bool:
        return self.border is not None

    def older(self, most: int) -> tuple[list[Image], bool]:
        """The nearest below the line, the newest first, and whether there are more."""
        below = self.visible.filter(pk__lt=self.border) if self.border else self.visible
        return _some(_with_makers(below).order_by("-pk"), most)

    def newer(self, most: int) -> tuple[list[Image], bool]:
        """The nearest above the line, the oldest first, and whether there are more."""
        return _some(_with_makers(self.visible.filter(pk__gte=self.border)).order_by("pk"), most)

    def count(self) -> int:
        number: int = self.visible.order_by()[: COUNTED_MAX + 1].count()
        return number


class _Matching:
    """The same of what the index finds; the rows have the last word on who sees what."""

    def __init__(self, member: Member, wanted: Wanted, place: Place) -> None:
        self.member, self.wanted, self.place = member, wanted, place

    @cached_property
    def query(self) -> Query:
        return query_for(self.member, self.wanted)

    @cached_property
    def border(self) -> int | None:
        if self.place.month:
            return number_at(self.member, self.place.month.end(self.member.team.time_zone))
        key = self.place.key
        number = SearchEntry.objects.filter(image=key).values_list("pk", flat=True).first() if key else None
        return None if number is None else number + self.place.border

    @property
    def is_placed(self) -> bool:
        return self.border is not None

    def older(self, most: int) -> tuple[list[Image], bool]:
        return self._rows(search.find(self.query, limit=most + 1, before=self.border), most, "-search_entry")

    def newer(self, most: int) -> tuple[list[Image], bool]:
        after = None if self.border is None else self.border - 1
        return self._rows(search.find(self.query, limit=most + 1, after=after), most, "search_entry")

    def count(self) -> int:
        return search.count(self.query, most=COUNTED_MAX + 1)

    def _rows(self, numbers: list[int], most: int, order: str) -> tuple[list[Image], bool]:
        rows = Image.objects.visible_to(self.member).filter(search_entry__in=numbers[:most])
        return list(_with_makers(rows).order_by(order)) if most else [], len(numbers) > most


def loved_of(member: Member, found: list[Image]) -> set[UUID]:
    """Those of them that are among the member's favorites."""
    marks = Mark.objects.of(member, [image.pk for image in found])
    return set(marks.filter(is_favorite=True).values_list("image", flat=True))


def _some(rows: QuerySet[Image], most: int) -> tuple[list[Image], bool]:
    found = list(rows[: most + 1])
    return found[:most], len(found) > most


def _with_makers(rows: QuerySet[Image]) -> QuerySet[Image]:
    return rows.select_related("generation__member__person")


def _url(wanted: Wanted, name: str = "library", **place: object) -> str:
    fields = urlencode(wanted.fields | {key: [value] for key, value in place.items()}, doseq=True)
    return f"{reverse(name)}?{fields}" if fields else reverse(name)


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def hung_of(image: Image, viewer: Member, *, is_favorite: bool) -> Hung:
    """Of an image that comes with `generation__member__person`."""
    generation = image.generation
    upscale = generation.operation == Operation.UPSCALE
    person = generation.member.person
    return Hung(
        picture=picture_of(image, prompt=generation.prompt),
        generation_id=generation.pk,
        state=generation.state,
        note=made_as(generation, offer_of(generation)) if upscale else "Uploaded" if generation.is_upload else "",
        is_late=generation.state == State.RECOVERED,
        maker=generation.member.called,
        initials=person.initials if person else "?",
        maker_tone=person.tone if person else "h0",
        may_create=viewer.may_create,
        is_favorite=is_favorite,
        is_picked=image.picked_at is not None,
    )
