"""The tags of a team, as far as a member sees them: those above the wall, those that fit what is typed, all."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from generations import search
from generations.models import Member, Tag
from generations.queries.labels import Labels, numbers_of

SHOWN_MAX = 10
"""So many stand above the wall: each is counted."""
OFFERED_MAX = 8
LISTED_MAX = 500


def most_used(member: Member) -> Labels:
    """The names of those that are on most pictures."""
    return Labels(lambda: _named(Tag.objects.seen_by(member).order_by("-uses", "pk")[:SHOWN_MAX]))


def labels_of(member: Member, values: Sequence[str]) -> dict[str, str]:
    """The names of these tags, as far as the member sees them."""
    return _named(Tag.objects.seen_by(member).filter(pk__in=numbers_of(values)).order_by("pk"))


def _named(tags: QuerySet[Tag]) -> dict[str, str]:
    return {str(pk): name for pk, name in tags.values_list("pk", "name")}


def offered(member: Member, typed: str) -> list[str]:
    """What somebody types, its last name completed to tags that begin so, most used first."""
    before, comma, last = typed.replace("\0", "").rpartition(",")
    folded = search.folded(last)
    if not folded:
        return []
    fitting = Tag.objects.seen_by(member).filter(folded__startswith=folded).order_by("-uses", "pk")
    kept = f"{before.strip()}{comma} " if comma else ""
    return [f"{kept}{name}" for name in fitting.values_list("name", flat=True)[:OFFERED_MAX]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A tag on the page of all tags."""

    id: int
    name: str
    uses: int
    library_url: str


@dataclass(frozen=True, kw_only=True)
class TagsPage:
    """`is_cut` means that there are more than the page lists."""

    lines: list[Line]
    is_cut: bool
    may_manage: bool


def tags_page(member: Member) -> TagsPage:
    found = list(Tag.objects.seen_by(member).order_by("folded")[: LISTED_MAX + 1])
    return TagsPage(
        lines=[
            Line(id=one.pk, name=one.name, uses=one.uses, library_url=library_url(one.pk)) for one in found[:LISTED_MAX]
        ],
        is_cut=len(found) > LISTED_MAX,
        may_manage=member.may_manage,
    )


def library_url(tag: int) -> str:
    """The library with the pictures that have this tag."""
    return f"{reverse('library')}?{urlencode({'tag': tag})}"
