"""The wall of finished pictures, newest first, page by page from a cursor.

It shows a member what their team has and nobody removed; it searches nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from generations.models import Image, Member, State
from generations.providers.base import Operation
from generations.queries.cards import Picture, made_as, offer_of, picture_of

PAGE = 48
COUNTED_MAX = 1000
"""Beyond this many the wall says so and counts no further."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Wall:
    images: list[Hung]
    next_url: str | None
    count_text: str


def wall_for(member: Member, *, before: str | None = None) -> Wall:
    """One page of the wall: the pictures older than `before` (an image's id; nonsense counts as none).

    Only the first page says how many there are.
    """
    visible = Image.objects.visible_to(member)
    cursor = _cursor(before)
    older = visible.filter(pk__lt=cursor) if cursor else visible
    found = list(older.select_related("generation__member__person").order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    more = len(found) > PAGE
    return Wall(
        images=[_hung(image, member) for image in shown],
        next_url=f"{reverse('library')}?before={shown[-1].pk}" if more else None,
        count_text="" if cursor else _counted(visible.order_by()[: COUNTED_MAX + 1].count()),
    )


def _cursor(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _counted(number: int) -> str:
    if number > COUNTED_MAX:
        return f"{COUNTED_MAX:,}+ pictures"
    return "1 picture" if number == 1 else f"{number:,} pictures"


def _hung(image: Image, viewer: Member) -> Hung:
    generation = image.generation
    upscale = generation.operation == Operation.UPSCALE
    person = generation.member.person
    return Hung(
        picture=picture_of(image, prompt=generation.prompt),
        generation_id=generation.pk,
        state=generation.state,
        note=made_as(generation, offer_of(generation)) if upscale else "",
        is_late=generation.state == State.RECOVERED,
        maker=generation.member.called,
        initials=person.initials if person else "?",
        maker_tone=person.tone if person else "h0",
        may_create=viewer.may_create,
    )
