"""What moderators of the studio do about a board of a team: another name, or none. Its maker is told."""

import logging
from typing import Any

from django.db import IntegrityError, transaction

from generations.models import AuditEntry, Board, Member, Person
from generations.services import notifying
from generations.services.boards.holding import hold
from generations.services.boards.making import drop, target_of
from generations.services.boards.refusals import NameTaken, NotTheirs

log = logging.getLogger(__name__)

PICTURES_STAY = "The pictures on it are where they were."


def correct(*, by: Person, board: Board, name: str) -> None:
    """Call it otherwise. Raises NotTheirs, BoardGone, NameTaken. The same name again changes nothing."""
    with transaction.atomic():
        held = _hold(by, board)
        if name == held.name:
            return
        try:
            with transaction.atomic():
                held.change(name=name, is_private=False)
        except IntegrityError as error:
            raise NameTaken(name) from error
        _note("board_renamed", held, by=by, before={"name": held.name}, after={"name": name})
        _tell(held, f"Your board “{held.name}” is called “{name}” now", "A moderator of the studio renamed it.")


def take_away(*, by: Person, board: Board) -> None:
    """Remove it for good: its name was not to be read. Raises NotTheirs, BoardGone."""
    with transaction.atomic():
        held = _hold(by, board)
        _note("board_removed", held, by=by, before={"name": held.name})
        _tell(held, f"Your board “{held.name}” was removed", "A moderator of the studio removed it for its name.")
        drop([held.pk])
    log.info("person %s removed board %s", by.pk, board.pk)


def _hold(by: Person, board: Board) -> Board:
    if not by.may_moderate:
        raise NotTheirs("Only moderators of the studio decide about the boards of a team.")
    return hold(board, among=Board.objects.filter(is_private=False))


def _note(action: str, board: Board, *, by: Person, **values: Any) -> None:
    AuditEntry.note(
        action, by=None, actor=f"person:{by.pk}", person=by, team=board.team, target=target_of(board), **values
    )


def _tell(board: Board, subject: str, words: str) -> None:
    maker = Member.objects.present().select_related("person").filter(pk=board.maker_id).first()
    if maker is not None and maker.person is not None:
        word = notifying.Word(kind="board_removed", subject=subject, words=f"{words} {PICTURES_STAY}")
        notifying.tell(maker.person, word, team=board.team)
