"""Boards are made, renamed, shared, deleted for a while, and handed over when their maker goes.

Deleting one deletes no picture. The index keeps its number until a picture is written anew: a number is never given
twice, and nobody is offered that of a board they do not see.
"""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from django.db import IntegrityError, transaction

from generations.models import AuditEntry, Board, BoardEntry, Member, Team
from generations.models.board import NAME_CHARACTERS_MAX, SEARCH_CHARACTERS_MAX, fold
from generations.services.boards.holding import hold
from generations.services.boards.refusals import NameTaken, NotTheirs, TooLong, TooManyBoards

log = logging.getLogger(__name__)

SHARED_MAX = 200
"""Boards of one team."""
PRIVATE_MAX = 50
"""Of one member for themselves."""
PRUNED_MAX = 5000
"""So many entries of boards that are over go in one transaction."""


def make(*, member: Member, name: str, is_private: bool, search: str = "") -> Board:
    """Begin a board; with `search`, the fields of an address of the library, a live one.

    Raises NotTheirs, NameTaken, TooManyBoards, TooLong.
    """
    if len(search) > SEARCH_CHARACTERS_MAX:
        raise TooLong
    with transaction.atomic():
        _lock(member)
        _check(member, is_private=is_private, search=search)
        try:
            with transaction.atomic():
                made = Board.start(maker=member, name=name, is_private=is_private, search=search)
        except IntegrityError as error:
            raise NameTaken(name) from error
    log.info("member %s made board %s", member.pk, made.pk)
    return made


def change(*, member: Member, board: Board, name: str, is_private: bool) -> None:
    """Call it so, and share it or keep it to oneself. Raises BoardGone, NotTheirs, NameTaken, TooManyBoards."""
    with transaction.atomic():
        _lock(member)
        held = hold(board, among=Board.objects.changeable_by(member))
        if is_private != held.is_private:
            if held.maker_id != member.pk:
                raise NotTheirs("Only who made a board keeps it to themselves.")
            _check(member, is_private=is_private, search=held.search)
        try:
            with transaction.atomic():
                held.change(name=name, is_private=is_private)
        except IntegrityError as error:
            raise NameTaken(name) from error
        if not held.is_private and name != held.name:
            _note("board_renamed", held, by=member, before={"name": held.name}, after={"name": name})


def delete(*, member: Member, board: Board) -> None:
    """Nobody sees it any more; its pictures stay where they are. It can come back for a while. Raises BoardGone."""
    with transaction.atomic():
        held = hold(board, among=Board.objects.changeable_by(member))
        held.delete_for_now()
        if not held.is_private:
            _note("board_deleted", held, by=member, before={"name": held.name})
    log.info("member %s deleted board %s", member.pk, board.pk)


def bring_back(*, member: Member, board: Board) -> None:
    """With its pictures in their order. Raises BoardGone, NameTaken, TooManyBoards."""
    with transaction.atomic():
        _lock(member)
        held = hold(board, among=Board.objects.returnable_by(member))
        _check_number(member, is_private=held.is_private)
        try:
            with transaction.atomic():
                held.bring_back()
        except IntegrityError as error:
            raise NameTaken(held.name) from error
        if not held.is_private:
            _note("board_returned", held, by=member, after={"name": held.name})


def hand_over(*, member: Member, heir: Member | None) -> None:
    """Whoever leaves takes their private boards with them, or the heir has them, who has their private pictures.

    What the team shares stays. In the transaction in which they leave.
    """
    mine = Board.objects.filter(maker=member, is_private=True)
    kept = list(mine.standing().order_by("pk")) if heir is not None else []
    if heir is not None:
        taken = set(Board.objects.filter(maker=heir, is_private=True).standing().values_list("folded", flat=True))
        for board in kept:
            name = next(name for name in _names(board.name) if fold(name) not in taken)
            taken.add(fold(name))
            board.hand_over(heir, name=name)
    drop(list(mine.values_list("pk", flat=True)))


def abandon(team: Team) -> None:
    """Nobody is in the team any more: all its boards go, with their names."""
    drop(list(Board.objects.filter(team=team).values_list("pk", flat=True)))


def prune() -> int:
    """Remove those that were deleted too long ago to come back; says how many. The next time goes on with the rest."""
    over = list(Board.objects.over().order_by("pk").values_list("pk", flat=True)[:SHARED_MAX])
    some = BoardEntry.objects.filter(board__in=over).values_list("pk", flat=True)[:PRUNED_MAX]
    BoardEntry.objects.filter(pk__in=list(some)).delete()
    empty = Board.objects.over().filter(pk__in=over, entries=None)
    return int(empty.delete()[0])


def drop(keys: list[int]) -> None:
    """For good."""
    BoardEntry.objects.filter(board__in=keys).delete()
    Board.objects.filter(pk__in=keys).delete()


def _lock(member: Member) -> None:
    """So that of two who make the last board that fits, one does."""
    Team.objects.select_for_update(no_key=True).get(pk=member.team_id)


def _check(member: Member, *, is_private: bool, search: str) -> None:
    if not is_private and not member.may_create:
        raise NotTheirs("Viewers keep boards for themselves. Make it a private one.")
    if not is_private and _private_within(search):
        raise NotTheirs("This search looks at a private board, which the team does not see. Keep it to yourself.")
    _check_number(member, is_private=is_private)


def _check_number(member: Member, *, is_private: bool) -> None:
    there = Board.objects.standing().filter(team=member.team_id, is_private=is_private)
    most = PRIVATE_MAX if is_private else SHARED_MAX
    if (there.filter(maker=member) if is_private else there).count() >= most:
        raise TooManyBoards(most, is_private=is_private)


def _private_within(search: str) -> bool:
    named = [int(value) for value in parse_qs(search).get("board", []) if value.isdecimal()]
    return Board.objects.filter(pk__in=named, is_private=True).exists()


def _names(name: str) -> Iterator[str]:
    """The name, and then with a number behind it."""
    yield name
    for number in range(2, PRIVATE_MAX * 4):
        tail = f" {number}"
        yield f"{name[: NAME_CHARACTERS_MAX - len(tail)]}{tail}"


def target_of(board: Board) -> str:
    """How the audit log names a board."""
    return f"board:{board.pk}"


def _note(action: str, board: Board, *, by: Member, **values: Any) -> None:
    AuditEntry.note(action, by=by, target=target_of(board), **values)
