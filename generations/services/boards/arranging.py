"""A picture takes another place on its board, as the member who moves it sees the others.

Places are numbers with room between them: a move writes one row. Where there is no room left, all that hangs before the
place moves on by one gap.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from generations.models import Board, BoardEntry, Image, Member
from generations.services.boards.filling import GAP
from generations.services.boards.holding import hold
from generations.services.boards.refusals import NotOnBoard

Seen = Any
"""Pictures of the board that the member sees, each with its position."""


class Step(StrEnum):
    """Where to, seen from where it hangs."""

    FIRST = "first"
    EARLIER = "earlier"
    LATER = "later"
    LAST = "last"


@dataclass(frozen=True)
class Place:
    """Where a picture hangs, as its number among those the member sees; `before` is what comes next."""

    number: int
    of: int
    before: UUID | None


def move(*, member: Member, board: Board, image: Image, to: Step | Image) -> Place:
    """One step, to an end, or to where another picture hangs, which makes room. Raises BoardGone, NotOnBoard."""
    with transaction.atomic():
        held = hold(board, among=Board.objects.fillable_by(member))
        seen = Image.objects.visible_to(member).on(held)
        entry = held.entries.filter(image__in=seen.filter(pk=image.pk).values("pk")).first()
        if entry is None:
            raise NotOnBoard
        others = held.entries.exclude(pk=entry.pk)
        if (target := _target(entry, others, seen, to)) is not None:
            held.entries.filter(pk=entry.pk).update(position=target)
            held.touch()
        return _place(seen, image)


def _target(entry: BoardEntry, others: QuerySet[BoardEntry], seen: Seen, to: Step | Image) -> int | None:
    """The new position; None where it hangs there already. Positions fall from the first picture to the last."""
    rest = seen.exclude(pk=entry.image_id).order_by()
    if isinstance(to, Image):
        if to.pk == entry.image_id:
            return None
        place = rest.filter(pk=to.pk).values_list("position", flat=True).first()
        if place is None:
            raise NotOnBoard
        return _over(others, place) if place > entry.position else _under(others, place)
    before, after = rest.filter(position__gt=entry.position), rest.filter(position__lt=entry.position)
    goes_up = to in {Step.FIRST, Step.EARLIER}
    farthest = to in {Step.FIRST, Step.LAST}
    there = before if goes_up else after
    nearest = there.order_by("-position" if goes_up == farthest else "position")
    place = nearest.values_list("position", flat=True).first()
    if place is None:
        return None
    return _over(others, place) if goes_up else _under(others, place)


def _over(others: QuerySet[BoardEntry], place: int) -> int:
    upper = others.filter(position__gt=place).order_by("position").values_list("position", flat=True).first()
    return place + GAP if upper is None else _between(others, place, upper)


def _under(others: QuerySet[BoardEntry], place: int) -> int:
    lower = others.filter(position__lt=place).order_by("-position").values_list("position", flat=True).first()
    return place - GAP if lower is None else _between(others, lower, place)


def _between(others: QuerySet[BoardEntry], lower: int, upper: int) -> int:
    if upper - lower < 2:
        others.filter(position__gte=upper).update(position=F("position") + GAP)
        upper += GAP
    return (lower + upper) // 2


def _place(seen: Seen, image: Image) -> Place:
    at = seen.filter(pk=image.pk).values_list("position", flat=True)[0]
    following = seen.filter(position__lt=at).order_by("-position").values_list("pk", flat=True).first()
    before = seen.filter(position__gt=at).order_by().count()
    return Place(number=before + 1, of=seen.order_by().count(), before=following)
