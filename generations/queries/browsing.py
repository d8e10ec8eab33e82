"""What hangs beside a picture on the wall it was opened from, and where on that wall it hangs.

The wall is what the picture's address asks for: all there is to see, or what was looked for. Two statements look along
it each way, however long it is; the rows have the last word on who sees what.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from generations import search
from generations.models import Image, Member, SearchEntry
from generations.queries.cards import Picture, picture_of
from generations.queries.library import PAGE
from generations.queries.privacy import is_own
from generations.queries.search import COUNTED_MAX, Wanted, query_for

NEAR = 8
"""So many of what the index finds are asked for each way: it may be behind the rows by a few."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """`position` is "" where it is not known."""

    newer: Picture | None
    older: Picture | None
    position: str
    wall_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Along:
    """What was found each way, nearest first, and how much there is, to a thousand."""

    newer: list[Image]
    older: list[Image]
    newer_count: int
    older_count: int
    is_there: bool


def beside(image: Image, *, viewer: Member, wanted: Wanted) -> Beside:
    """The pictures on either side of this one. It need not hang there itself any more."""
    along = _of_all(image, viewer) if wanted.is_all else _of_found(image, viewer, wanted)
    return Beside(
        newer=_nearest(along.newer),
        older=_nearest(along.older),
        position=_position(along),
        wall_url=_wall_url(image, wanted, is_far=along.newer_count >= PAGE),
    )


def _wall_url(image: Image, wanted: Wanted, *, is_far: bool) -> str:
    """Where it hangs on its wall; a wall of many pages has to be opened there."""
    fields = urlencode(wanted.fields | ({"at": [image.pk]} if is_far else {}), doseq=True)
    return f"{reverse('library')}{'?' if fields else ''}{fields}#image-{image.pk}"


def _of_all(image: Image, viewer: Member) -> _Along:
    visible = Image.objects.visible_to(viewer)
    newer, older = visible.filter(pk__gt=image.pk), visible.filter(pk__lt=image.pk)
    return _Along(
        newer=list(newer.select_related("generation").order_by("pk")[:1]),
        older=list(older.select_related("generation").order_by("-pk")[:1]),
        newer_count=newer.order_by()[:COUNTED_MAX].count(),
        older_count=older.order_by()[:COUNTED_MAX].count(),
        is_there=not image.generation.is_private or is_own(image, viewer),
    )


def _of_found(image: Image, viewer: Member, wanted: Wanted) -> _Along:
    number = SearchEntry.objects.filter(image=image).values_list("pk", flat=True).first()
    if number is None or wanted.finds_nothing:
        return _Along(newer=[], older=[], newer_count=0, older_count=0, is_there=False)
    query = query_for(viewer, wanted)
    above = search.find(query, limit=COUNTED_MAX, after=number)
    below = search.find(query, limit=COUNTED_MAX + 1, before=number + 1)
    is_there = below[:1] == [number]
    below = below[1:] if is_there else below[:COUNTED_MAX]
    rows = Image.objects.visible_to(viewer).filter(search_entry__in=[*above[:NEAR], *below[:NEAR]])
    near = list(rows.select_related("generation", "search_entry").order_by("search_entry"))
    return _Along(
        newer=[row for row in near if row.search_entry.pk > number],
        older=[row for row in reversed(near) if row.search_entry.pk < number],
        newer_count=len(above),
        older_count=len(below),
        is_there=is_there,
    )


def _nearest(found: list[Image]) -> Picture | None:
    return picture_of(found[0], prompt=found[0].generation.prompt) if found else None


def _position(along: _Along) -> str:
    """12 of 1,000+: exact as far as the wall is counted, and nothing beyond."""
    if not along.is_there or along.newer_count >= COUNTED_MAX:
        return ""
    here, every = along.newer_count + 1, along.newer_count + 1 + along.older_count
    return f"{here:,} of {COUNTED_MAX:,}+" if every > COUNTED_MAX else f"{here:,} of {every:,}"
