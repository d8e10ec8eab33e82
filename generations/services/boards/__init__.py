"""Boards: made, shared and deleted, filled with pictures and arranged. A picture is only ever referred to."""

from generations.services.boards.arranging import Place, Step, move
from generations.services.boards.correcting import correct, take_away
from generations.services.boards.filling import ENTRIES_MAX, add, choose, remove
from generations.services.boards.making import (
    PRIVATE_MAX,
    SHARED_MAX,
    abandon,
    bring_back,
    change,
    delete,
    hand_over,
    make,
    prune,
)
from generations.services.boards.refusals import (
    BoardFull,
    BoardGone,
    BoardRefused,
    NameTaken,
    NotOnBoard,
    NotTheirs,
    TooLong,
    TooManyBoards,
)

__all__ = [
    "ENTRIES_MAX",
    "PRIVATE_MAX",
    "SHARED_MAX",
    "BoardFull",
    "BoardGone",
    "BoardRefused",
    "NameTaken",
    "NotOnBoard",
    "NotTheirs",
    "Place",
    "Step",
    "TooLong",
    "TooManyBoards",
    "abandon",
    "add",
    "bring_back",
    "change",
    "choose",
    "correct",
    "delete",
    "hand_over",
    "make",
    "move",
    "prune",
    "remove",
    "take_away",
]
