"""The boards of a team by name, as far as a member sees them, to narrow the wall by."""

from collections.abc import Sequence

from generations.models import Board, Member
from generations.models.board import BoardQuerySet
from generations.queries.labels import Labels, numbers_of

SHOWN_MAX = 20
"""So many stand above the wall: each is counted."""


def latest(member: Member) -> Labels:
    """The names of those that were changed last."""
    return Labels(lambda: _named(_filled(member).order_by("-changed_at", "-pk")[:SHOWN_MAX]))


def labels_of(member: Member, values: Sequence[str]) -> dict[str, str]:
    """The names of these boards, as far as the member sees them."""
    return _named(_filled(member).filter(pk__in=numbers_of(values)).order_by("pk"))


def _filled(member: Member) -> BoardQuerySet:
    """What a live board shows is a question of its own."""
    return Board.objects.visible_to(member).filter(search="")


def _named(boards: BoardQuerySet) -> dict[str, str]:
    return {str(pk): name for pk, name in boards.values_list("pk", "name")}
