"""What was said about a picture, as its page shows it to one member, and what they may say themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from generations.models import RATING_MAX, Image, Mark, Member, Note, Tagging
from generations.queries.facets import stars_in_words
from generations.queries.privacy import is_own
from generations.queries.tags import library_url


@dataclass(frozen=True, kw_only=True, slots=True)
class Star:
    """One of five buttons: so many stars. It is lit when the picture has as many or more."""

    value: int
    label: str
    is_lit: bool
    is_rating: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Worn:
    """A tag on the picture."""

    name: str
    library_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A note under the picture, and what this reader may do with it."""

    id: int
    text: str
    by: str
    initials: str
    tone: str
    at: datetime
    edited_at: datetime | None
    may_edit: bool
    may_delete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """`may_mark` is for hearts and stars, `may_add` for what everybody reads."""

    image: UUID
    is_favorite: bool
    rating: int | None
    is_picked: bool
    picked_by: str
    tags: list[Worn]
    notes: list[Line]
    may_mark: bool
    may_add: bool

    @property
    def stars(self) -> list[Star]:
        given = self.rating or 0
        return [
            Star(value=one, label=stars_in_words(one), is_lit=one <= given, is_rating=one == given)
            for one in range(1, RATING_MAX + 1)
        ]


def marks_of(image: Image, *, viewer: Member) -> Marks:
    """The picture must be one they may open; one that another keeps to themselves they only read."""
    may_mark = not image.generation.is_private or is_own(image, viewer)
    mark = Mark.objects.of(viewer, [image.pk]).first()
    return Marks(
        image=image.pk,
        is_favorite=mark is not None and mark.is_favorite,
        rating=mark.rating if mark else None,
        is_picked=image.picked_at is not None,
        picked_by=_picker(image),
        tags=tags_of(image),
        notes=_notes(image, viewer, may_mark=may_mark),
        may_mark=may_mark,
        may_add=may_mark and viewer.may_create,
    )


def tags_of(image: Image) -> list[Worn]:
    """Its tags, in the order they came on."""
    worn = Tagging.objects.filter(image=image).order_by("pk").values_list("tag", "tag__name")
    return [Worn(name=name, library_url=library_url(tag)) for tag, name in worn]


def _picker(image: Image) -> str:
    """Who made it the team's pick."""
    if image.picked_by_id is None:
        return ""
    return Member.objects.select_related("person").get(pk=image.picked_by_id).called


def _notes(image: Image, viewer: Member, *, may_mark: bool) -> list[Line]:
    found = Note.objects.filter(image=image).select_related("member__person").order_by("pk")
    return [
        Line(
            id=one.pk,
            text=one.text,
            by=one.member.called,
            initials=one.member.person.initials if one.member.person else "?",
            tone=one.member.person.tone if one.member.person else "h0",
            at=one.at,
            edited_at=one.edited_at,
            may_edit=may_mark and viewer.may_create and one.member_id == viewer.pk,
            may_delete=may_mark and (one.member_id == viewer.pk or viewer.may_manage),
        )
        for one in found
    ]
