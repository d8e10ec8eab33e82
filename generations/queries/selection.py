"""Which pictures somebody chose: the ticked ones, or all that match what they look for but the unticked.

All that match are those up to the newest they saw: what is new meanwhile was not chosen. Whatever a page sends, what
a member may not see is not in the answer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db.models import QuerySet

from generations import search
from generations.models import Board, Image, Member, SearchEntry
from generations.queries.library import Wall
from generations.queries.search import Wanted, query_for

Key = TypeVar("Key")
CHOSEN_MAX = 10_000
BOARDS_SHOWN = 8
AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What the bar below a wall needs: `asked` is what the wall shows, `upto` the newest picture on it."""

    acts: Mapping[str, Any]
    boards: list[Board]
    asked: str
    upto: str
    matching: str
    request_key: str


def selection_of(member: Member, wall: Wall, *, acts: Mapping[str, Any]) -> Selection:
    """For this wall, and what its member may do there."""
    return Selection(
        acts=acts,
        boards=list(Board.objects.fillable_by(member).order_by("-changed_at", "-pk")[:BOARDS_SHOWN]),
        asked=urlencode(wall.wanted.fields, doseq=True),
        upto=str(wall.images[0].picture.id) if wall.images else "",
        matching=wall.count_text or "older pictures",
        request_key=uuid4().hex,
    )


class TooMany(Exception):
    """More than one act takes."""

    def __init__(self) -> None:
        super().__init__(f"That is more than {CHOSEN_MAX:,} pictures at once. Narrow what you look for first.")


def chosen(member: Member, keys: Sequence[UUID]) -> list[UUID]:
    """Those of the ticked ones that they see, in the order they were ticked."""
    if len(keys) > CHOSEN_MAX:
        raise TooMany
    seen = set(_seen(member, keys))
    return [key for key in dict.fromkeys(keys) if key in seen]


def all_matching(member: Member, wanted: Wanted, *, upto: UUID, without: Collection[UUID] = ()) -> list[UUID]:
    """All that match up to that picture, newest first, without the unticked. Raises TooMany."""
    found = _all(member, upto) if wanted.is_all else _found(member, wanted, upto)
    if len(found) > CHOSEN_MAX + len(without):
        raise TooMany
    left = set(without)
    keys = [key for key in found if key not in left]
    if len(keys) > CHOSEN_MAX:
        raise TooMany
    return keys


def _all(member: Member, upto: UUID) -> list[UUID]:
    rows = Image.objects.visible_to(member).filter(pk__lte=upto).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[: CHOSEN_MAX * 2])


def _found(member: Member, wanted: Wanted, upto: UUID) -> list[UUID]:
    if wanted.finds_nothing:
        return []
    newest = SearchEntry.objects.filter(image__lte=upto).order_by("-image").values_list("pk", flat=True).first()
    if newest is None:
        return []
    numbers = search.find(query_for(member, wanted), limit=CHOSEN_MAX * 2, before=newest + 1)
    keys: dict[int, UUID] = {}
    for some in _batches(numbers):
        keys |= dict(SearchEntry.objects.filter(pk__in=some).values_list("pk", "image"))
    seen = set(_seen(member, list(keys.values())))
    return [keys[number] for number in numbers if keys.get(number) in seen]


def _seen(member: Member, keys: Sequence[UUID]) -> Iterable[UUID]:
    visible: QuerySet[Image] = Image.objects.visible_to(member)
    for some in _batches(keys):
        yield from visible.filter(pk__in=some).values_list("pk", flat=True)


def _batches(keys: Sequence[Key]) -> Iterable[Sequence[Key]]:
    for begin in range(0, len(keys), AT_ONCE):
        yield keys[begin : begin + AT_ONCE]
