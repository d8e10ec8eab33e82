"""One act on many pictures: at once where they are few, else by the queue, each picture once whatever gets killed.

What can be done stands in `ACTS`; a line there is all a new one needs. Each step deals with some of the pictures in
one transaction with the note that they are dealt with, so that a step that dies did nothing.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from generations import queue
from generations.models import Board, BulkAct, Image, Mark, Member
from generations.services import boards, marking, trashing
from generations.services.trashing import Outcome

log = logging.getLogger(__name__)

AT_ONCE = 100
"""So many are dealt with before the person reads an answer, and in one step of the queue."""
STEP_SECONDS = 10
NO_BOARD = "This board is not there any more, or not yours to fill."
ALREADY = "Already so."
NOT_THERE = "It is not there any more, or not yours to see."


class NothingChosen(Exception):
    """There is no picture to do it with."""

    def __init__(self) -> None:
        super().__init__("Choose some pictures first.")


class NotUndone(Exception):
    """It cannot be taken back: it goes on, it was taken back, or it is too long ago."""

    def __init__(self) -> None:
        super().__init__("That cannot be undone any more. What was deleted is in the trash.")


Facts = Mapping[str, Any]
Do = Callable[[Member, Sequence[UUID], Facts], Outcome]


@dataclass(frozen=True, kw_only=True)
class Act:
    """What can be done with chosen pictures. `undo` names what takes it back; `asks` for a value."""

    label: str
    icon: str
    do: Do
    undo: str = ""
    is_offered: bool = True
    asks: bool = False
    needs_to_create: bool = True


def _marked(mark: Callable[..., list[UUID]], **how: Any) -> Do:
    """What a mark changed. Of those that had it already nothing is said but that, and an Undo leaves them so."""

    def do(member: Member, keys: Sequence[UUID], _: Facts) -> Outcome:
        return _changed(member, keys, mark(member=member, images=Image.objects.filter(pk__in=keys), **how))

    return do


def _changed(member: Member, keys: Sequence[UUID], done: list[UUID], **more: Any) -> Outcome:
    seen = Image.objects.visible_to(member).filter(pk__in=keys).exclude(pk__in=done)
    return Outcome(done=done, refused=dict.fromkeys(seen.values_list("pk", flat=True), ALREADY), **more)


def _tagged(mark: Callable[..., list[UUID]]) -> Do:
    return lambda member, keys, facts: _marked(mark, names=[facts["names"]])(member, keys, facts)


def _hung(hang: Callable[..., list[UUID]]) -> Do:
    """On a board this member may still fill."""

    def do(member: Member, keys: Sequence[UUID], facts: Facts) -> Outcome:
        board = Board.objects.fillable_by(member).filter(pk=facts["board"]).first()
        if board is None:
            return Outcome(done=[], refused=dict.fromkeys(keys, NO_BOARD))
        return _changed(member, keys, hang(member=member, board=board, images=Image.objects.filter(pk__in=keys)))

    return do


def _rate(member: Member, keys: Sequence[UUID], facts: Facts) -> Outcome:
    known = dict(Mark.objects.of(member, keys).values_list("image", "rating"))
    rows = Image.objects.filter(pk__in=keys)
    done = marking.rate(member=member, images=rows, rating=facts["rating"])
    return _changed(member, keys, done, before={key: known.get(key) for key in done})


def _rate_again(member: Member, keys: Sequence[UUID], facts: Facts) -> Outcome:
    """Each has the stars it had."""
    before: dict[int | None, list[UUID]] = {}
    for key in keys:
        before.setdefault(facts["before"].get(str(key)), []).append(key)
    done = [
        key
        for rating, some in before.items()
        for key in marking.rate(member=member, images=Image.objects.filter(pk__in=some), rating=rating)
    ]
    return _changed(member, keys, done)


ACTS = {
    "favor": Act(
        label="Favorite",
        icon="heart",
        do=_marked(marking.favor, is_favorite=True),
        undo="unfavor",
        needs_to_create=False,
    ),
    "unfavor": Act(
        label="No favorite",
        icon="heart",
        do=_marked(marking.favor, is_favorite=False),
        is_offered=False,
        needs_to_create=False,
    ),
    "pick": Act(
        label="Pick",
        icon="check",
        do=_marked(marking.pick, is_picked=True),
        undo="unpick",
    ),
    "unpick": Act(
        label="No pick",
        icon="check",
        do=_marked(marking.pick, is_picked=False),
        is_offered=False,
    ),
    "rate": Act(label="Stars", icon="star", do=_rate, undo="unrate", asks=True, needs_to_create=False),
    "unrate": Act(label="No stars", icon="star", do=_rate_again, is_offered=False, needs_to_create=False),
    "tag": Act(label="Tag", icon="tag", do=_tagged(marking.tag), undo="untag", asks=True),
    "untag": Act(label="Untag", icon="tag", do=_tagged(marking.untag), is_offered=False),
    "board": Act(label="Board", icon="board", do=_hung(boards.add), undo="unboard", asks=True, needs_to_create=False),
    "unboard": Act(label="Take off", icon="board", do=_hung(boards.remove), is_offered=False, needs_to_create=False),
    "restore": Act(
        label="Bring back",
        icon="history",
        do=lambda member, keys, _: trashing.restore(member=member, images=Image.objects.filter(pk__in=keys)),
        is_offered=False,
    ),
    "trash": Act(
        label="Delete",
        icon="trash",
        do=lambda member, keys, _: trashing.trash(member=member, images=Image.objects.filter(pk__in=keys)),
        undo="restore",
    ),
}


def offered(member: Member) -> dict[str, Act]:
    """What this member may do with pictures they choose."""
    return {
        name: act for name, act in ACTS.items() if act.is_offered and (member.may_create or not act.needs_to_create)
    }


def act(
    *,
    member: Member,
    kind: str,
    images: Sequence[UUID],
    request_key: str,
    facts: Mapping[str, Any] | None = None,
    undoes: BulkAct | None = None,
) -> BulkAct:
    """Do it with these pictures; the same key again is the same act. Raises NothingChosen.

    What is more than a moment's work goes on in the queue after the first step.
    """
    known = BulkAct.objects.filter(member=member, request_key=request_key).first()
    if known is not None:
        return known
    if not images:
        raise NothingChosen
    row, is_new = BulkAct.objects.get_or_create(
        member=member,
        request_key=request_key,
        defaults={
            "kind": kind,
            "images": [str(key) for key in images],
            "facts": dict(facts or {}),
            "undoes": undoes,
        },
    )
    if not is_new:
        return row
    if row.number > AT_ONCE:
        queue.later("bulk", act=row.pk)
        return row
    _step(row.pk)
    row.refresh_from_db()
    return row


def undo(*, member: Member, row: BulkAct) -> BulkAct:
    """Take back what was done, for all it was done for; a second press is the first one. Raises NotUndone."""
    known = BulkAct.objects.filter(member=member, undoes=row).first()
    if known is not None:
        return known
    inverse = ACTS[row.kind].undo
    if not inverse or not row.may_undo:
        raise NotUndone
    return act(member=member, kind=inverse, images=row.done, request_key=f"undo:{row.pk}", facts=row.facts, undoes=row)


def go_on(*, act: str) -> None:
    """Some more steps of what that row says, and a message for the rest."""
    end = time.monotonic() + STEP_SECONDS
    while _step(UUID(act)):
        if time.monotonic() >= end or queue.is_stopping():
            queue.later("bulk", act=act)
            return


def forget() -> int:
    """Drop what is long over; says how many."""
    number: int = BulkAct.objects.over().delete()[0]
    return number


def wake() -> int:
    """Ask again for what got lost; says how many."""
    lost = list(BulkAct.objects.lost().values_list("pk", flat=True))
    for pk in lost:
        queue.later("bulk", act=pk)
    return len(lost)


def _step(pk: UUID) -> bool:
    """Deal with some more; whether there is more. Who left the team does nothing in it any more."""
    with transaction.atomic():
        rows = BulkAct.objects.open().select_for_update(no_key=True, of=("self",))
        row = rows.select_related("member__team", "member__person").filter(pk=pk).first()
        if row is None:
            return False
        if row.member.left_at is not None:
            row.cancel()
            return False
        some = [UUID(key) for key in row.images[row.reached : row.reached + AT_ONCE]]
        outcome = _do(row, some)
        done = set(outcome.done)
        left = {str(key): outcome.refused.get(key, NOT_THERE) for key in some if key not in done}
        row.advance(by=len(some), left=left, before={str(key): was for key, was in outcome.before.items()})
    if row.ended_at is not None:
        log.info("bulk act %s (%s): %s done, %s not", row.pk, row.kind, len(row.done), len(row.left))
    return row.ended_at is None


def _do(row: BulkAct, some: Sequence[UUID]) -> Outcome:
    """What the act says; what it refuses altogether it refuses for each."""
    try:
        with transaction.atomic():
            return ACTS[row.kind].do(row.member, some, row.facts)
    except (marking.MarkingRefused, boards.BoardRefused) as refusal:
        return Outcome(done=[], refused=dict.fromkeys(some, str(refusal)))
