"""What pages of boards show: all of them with their covers, one as a wall, and those a picture hangs on.

What a member may not see is on no board of theirs, whoever put it there, and counts nowhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from generations.models import Board, Image, Member
from generations.models.board import RETURNS_FOR
from generations.queries.cards import Picture, picture_of
from generations.queries.facets import Facet, facets
from generations.queries.library import Hung, hung_of, loved_of, wall_for
from generations.queries.search import COUNTED_MAX, Wanted, pictures_text, said

BOARDS_SHOWN = 24
COVERS = 4
PAGE = 48
OF_WHO_LOOKS = ("favorite", "rating")
"""Facets whose values are different pictures for each member."""


class Counted(Subquery):
    """How many rows there are, as far as the query goes."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """One board among others. A live one says what it looks for, in place of pictures."""

    id: int
    name: str
    url: str
    maker: str
    is_private: bool
    is_live: bool
    asked: str
    count_text: str
    pictures: list[Picture]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """A board that was deleted, and until when it can come back."""

    name: str
    is_private: bool
    until: datetime
    return_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    covers: list[Cover]
    more_url: str
    gone: list[Gone]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardPage:
    """`wanted` is what a live one looks for; `is_short` says that part of it is nothing to this member."""

    id: int
    name: str
    maker: str
    url: str
    is_private: bool
    is_live: bool
    asked: str
    is_of_who_looks: bool
    is_short: bool
    find_url: str
    count_text: str
    images: list[Hung]
    next_url: str | None
    may_fill: bool
    may_change: bool
    is_arranging: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hook:
    """A board a picture may hang on, and whether it does."""

    id: int
    name: str
    url: str
    is_private: bool
    is_on: bool


def shelf_for(member: Member, *, begin: int = 0) -> Shelf:
    """The boards of a page, the latest first, and on the first page those that can come back."""
    boards = _with_covers(Board.objects.visible_to(member), member).select_related("maker__person")
    found = list(boards.order_by("-changed_at", "-pk")[begin : begin + BOARDS_SHOWN + 1])
    shown = found[:BOARDS_SHOWN]
    keys = {key for board in shown for key in _covers_of(board)}
    images = Image.objects.visible_to(member).select_related("generation").in_bulk(keys)
    more = f"{reverse('boards')}?from={begin + BOARDS_SHOWN}" if len(found) > BOARDS_SHOWN else ""
    every = facets(member) if any(board.is_live for board in shown) else []
    covers = [_cover(board, every, images) for board in shown]
    return Shelf(covers=covers, more_url=more, gone=[] if begin else _gone(member))


def board_page(board: Board, member: Member, *, before: str | None = None, is_arranging: bool = False) -> BoardPage:
    """One page of its wall: what hangs after the position `before`, or what a live one finds. It must be visible."""
    if board.is_live:
        return _live(board, member)
    arranges = is_arranging and Board.objects.fillable_by(member).filter(pk=board.pk).exists()
    cursor = _position(before)
    seen = Image.objects.visible_to(member).on(board)
    rest = seen if cursor is None else seen.filter(position__lt=cursor)
    found = list(rest.select_related("generation__member__person").order_by("-position")[: PAGE + 1])
    loved = loved_of(member, found)
    return BoardPage(
        **_facts(board, member),
        asked="",
        is_of_who_looks=False,
        is_short=False,
        find_url=f"{reverse('library')}?board={board.pk}",
        count_text="" if cursor is not None else count_on(board, member),
        images=[hung_of(image, member, is_favorite=image.pk in loved) for image in found[:PAGE]],
        next_url=_next_url(board, found[PAGE - 1].position, arranges=arranges) if len(found) > PAGE else None,
        is_arranging=arranges,
    )


def _next_url(board: Board, position: int, *, arranges: bool) -> str:
    fields = ({"arrange": "1"} if arranges else {}) | {"before": str(position)}
    return f"{reverse('board', args=[board.pk])}?{urlencode(fields)}"


def count_on(board: Board, member: Member) -> str:
    """How many pictures this member sees there."""
    seen = Image.objects.visible_to(member).on(board).order_by()
    return pictures_text(seen[: COUNTED_MAX + 1].count())


def hooks_of(image: Image, member: Member) -> list[Hook]:
    """Every board this member could hang it on, the latest first."""
    boards = Board.objects.fillable_by(member).order_by("-changed_at", "-pk")
    on = set(image.board_entries.filter(board__in=boards.order_by().values("pk")).values_list("board", flat=True))
    return [_hook(board, is_on=board.pk in on) for board in boards]


def boards_with(image: Image, member: Member) -> list[Hook]:
    """The boards it hangs on, of those this member sees."""
    there = Board.objects.visible_to(member).filter(entries__image=image)
    return [_hook(board, is_on=True) for board in there.order_by("folded", "pk")]


def _facts(board: Board, member: Member) -> dict[str, Any]:
    return {
        "id": board.pk,
        "name": board.name,
        "maker": board.maker.called,
        "url": reverse("board", args=[board.pk]),
        "is_private": board.is_private,
        "is_live": board.is_live,
        "may_fill": Board.objects.fillable_by(member).filter(pk=board.pk).exists(),
        "may_change": Board.objects.changeable_by(member).filter(pk=board.pk).exists(),
    }


def _live(board: Board, member: Member) -> BoardPage:
    """The search as whoever looks would do it: nobody is shown what somebody else may see."""
    every = facets(member)
    wanted = Wanted.read_by(every, QueryDict(board.search))
    wall = wall_for(member, wanted)
    kept = {name: sorted(values) for name, values in QueryDict(board.search).lists()}
    return BoardPage(
        **_facts(board, member),
        asked=said(every, wanted),
        is_of_who_looks=wanted.mine or any(name in wanted.picked for name in OF_WHO_LOOKS),
        is_short=kept != {name: sorted(values) for name, values in wanted.fields.items()},
        find_url=f"{reverse('library')}{wanted.query}",
        count_text=wall.count_text,
        images=wall.images,
        next_url=wall.next_url,
        is_arranging=False,
    )


def _with_covers(boards: QuerySet[Board], member: Member) -> QuerySet[Board]:
    """Each with the keys of its first pictures and how many there are, in the query that finds the boards."""
    hung = Image.objects.visible_to(member).filter(board_entries__board=OuterRef("pk"))
    first = hung.order_by("-board_entries__position").values("pk")
    covers = {f"cover_{place}": Subquery(first[place : place + 1]) for place in range(COVERS)}
    return boards.annotate(number=Counted(hung.order_by().values("pk")[: COUNTED_MAX + 1]), **covers)


def _covers_of(board: Board) -> list[UUID]:
    keys = [getattr(board, f"cover_{place}") for place in range(COVERS)]
    return [key for key in keys if key is not None]


def _cover(board: Board, every: list[Facet], images: dict[UUID, Image]) -> Cover:
    hung = [images[key] for key in _covers_of(board) if key in images]
    number: int = board.number  # type: ignore[attr-defined]  # annotated
    return Cover(
        id=board.pk,
        name=board.name,
        url=reverse("board", args=[board.pk]),
        maker=board.maker.called,
        is_private=board.is_private,
        is_live=board.is_live,
        asked=said(every, Wanted.read_by(every, QueryDict(board.search))) if board.is_live else "",
        count_text="" if board.is_live else pictures_text(number),
        pictures=[picture_of(image, prompt=image.generation.prompt) for image in hung],
    )


def _gone(member: Member) -> list[Gone]:
    rows = Board.objects.returnable_by(member).order_by("-deleted_at", "-pk")
    return [
        Gone(
            name=board.name,
            is_private=board.is_private,
            until=board.deleted_at + RETURNS_FOR,
            return_url=reverse("board_return", args=[board.pk]),
        )
        for board in rows[:BOARDS_SHOWN]
        if board.deleted_at
    ]


def _hook(board: Board, *, is_on: bool) -> Hook:
    url = reverse("board", args=[board.pk])
    return Hook(id=board.pk, name=board.name, url=url, is_private=board.is_private, is_on=is_on)


def _position(text: str | None) -> int | None:
    """A cursor, or None for what is none: positions are of 64 bits."""
    digits = (text or "").removeprefix("-")
    return int(text or 0) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None
