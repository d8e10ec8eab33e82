"""The wall of finished pictures, newest first, page by page from a cursor.

It shows a member what their team has and nobody removed: all of it, or what they look for.
"""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from generations import search
from generations.models import Image, Mark, Member, SearchEntry, State
from generations.providers.base import Operation
from generations.queries.cards import Picture, made_as, offer_of, picture_of
from generations.queries.search import COUNTED_MAX, EVERYTHING, Choice, Wanted, choices_of, pictures_text, query_for

PAGE = 48


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
    images: list[Hung]
    next_url: str | None
    count_text: str
    wanted: Wanted
    choices: list[Choice]
    counts_url: str
    may_create: bool
    save_url: str


def wall_for(member: Member, wanted: Wanted = EVERYTHING, *, before: str | None = None) -> Wall:
    """One page of the wall: the pictures older than `before` (an image's id; nonsense counts as none).

    Only the first page says how many there are.
    """
    cursor = _cursor(before)
    found, more, number = _all(member, cursor) if wanted.is_all else _found(member, wanted, cursor)
    loved = loved_of(member, found)
    older = urlencode(wanted.fields | {"before": [found[-1].pk]}, doseq=True) if more else ""
    return Wall(
        images=[hung_of(image, member, is_favorite=image.pk in loved) for image in found],
        next_url=f"{reverse('library')}?{older}" if more else None,
        count_text="" if cursor else pictures_text(number),
        wanted=wanted,
        choices=choices_of(member, wanted),
        counts_url=f"{reverse('library_facets')}{wanted.query}",
        save_url=f"{reverse('board_new')}{wanted.query}",
        may_create=member.may_create,
    )


def _all(member: Member, cursor: UUID | None) -> tuple[list[Image], bool, int]:
    """The page, whether there is more, and for the first page how many there are."""
    visible = Image.objects.visible_to(member)
    older = visible.filter(pk__lt=cursor) if cursor else visible
    found = list(older.select_related("generation__member__person").order_by("-pk")[: PAGE + 1])
    number = 0 if cursor else visible.order_by()[: COUNTED_MAX + 1].count()
    return found[:PAGE], len(found) > PAGE, number


def _found(member: Member, wanted: Wanted, cursor: UUID | None) -> tuple[list[Image], bool, int]:
    """The same of what the index finds; the rows have the last word on who sees what."""
    if wanted.finds_nothing:
        return [], False, 0
    query = query_for(member, wanted)
    before = SearchEntry.objects.filter(image=cursor).values_list("pk", flat=True).first() if cursor else None
    numbers = search.find(query, limit=PAGE + 1, before=before)
    rows = Image.objects.visible_to(member).filter(search_entry__in=numbers[:PAGE])
    found = list(rows.select_related("generation__member__person").order_by("-search_entry"))
    number = 0 if cursor else search.count(query, most=COUNTED_MAX + 1)
    return found, len(numbers) > PAGE and bool(found), number


def loved_of(member: Member, found: list[Image]) -> set[UUID]:
    """Those of them that are among the member's favorites."""
    marks = Mark.objects.of(member, [image.pk for image in found])
    return set(marks.filter(is_favorite=True).values_list("image", flat=True))


def _cursor(text: str | None) -> UUID | None:
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
