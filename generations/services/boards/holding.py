"""A board held for a change: whoever else would change it waits."""

from generations.models import Board
from generations.models.board import BoardQuerySet
from generations.services.boards.refusals import BoardGone


def hold(board: Board, *, among: BoardQuerySet) -> Board:
    """It as it stands now, if it is among these. In a transaction. Raises BoardGone."""
    found: Board | None = among.select_for_update(of=("self",), no_key=True).filter(pk=board.pk).first()
    if found is None:
        raise BoardGone
    return found
