"""The boards of a team by name, as far as a member sees them, to narrow the wall by."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from generations.models import Board, Member
from generations.models.board import BoardQuerySet

SHOWN_MAX = 20
"""So many stand above the wall: each is counted."""
PICKED_MAX = 20
KEY_DIGITS_MAX = 18


class Latest(Mapping[str, str]):
    """The names of those that were changed last, by their numbers. Asked for when somebody reads them."""

    def __init__(self, member: Member) -> None:
        self._member = member

    @cached_property
    def _names(self) -> dict[str, str]:
        return _named(_filled(self._member).order_by("-changed_at", "-pk")[:SHOWN_MAX])

    def __getitem__(self, value: str) -> str:
        return self._names[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def labels_of(member: Member, values: Sequence[str]) -> dict[str, str]:
    """The names of these boards, as far as the member sees them."""
    numbers = [int(one) for one in values if one.isascii() and one.isdigit() and len(one) <= KEY_DIGITS_MAX]
    return _named(_filled(member).filter(pk__in=numbers[:PICKED_MAX]).order_by("pk"))


def _filled(member: Member) -> BoardQuerySet:
    """What a live board shows is a question of its own."""
    return Board.objects.visible_to(member).filter(search="")


def _named(boards: BoardQuerySet) -> dict[str, str]:
    return {str(pk): name for pk, name in boards.values_list("pk", "name")}
