"""Pictures are put on a board and taken off, which leaves the pictures as they are.

However many there are: each batch is a transaction of its own, with what the pictures are found by from then on.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from generations.models import Board, BoardEntry, Image, Member
from generations.services import indexing
from generations.services.boards.holding import hold
from generations.services.boards.refusals import BoardFull

log = logging.getLogger(__name__)

ENTRIES_MAX = 20_000
"""Pictures on one board."""
GAP = 2**32
"""Between two neighbors there is room to put others."""
AT_ONCE = 500

Images = QuerySet[Image] | Sequence[Image]


def add(*, member: Member, board: Board, images: Images) -> list[UUID]:
    """Hang what the member may see of these before everything else there, the newest first.

    Says which were not there before. Raises BoardGone, and BoardFull where not all of them fit.
    """
    keys = _keys(images)
    _check_room(board, keys)
    added: list[UUID] = []
    for some in _batches(keys):
        with transaction.atomic():
            held = hold(board, among=Board.objects.fillable_by(member))
            there = set(held.entries.filter(image__in=some).values_list("image", flat=True))
            seen = Image.objects.visible_to(member).filter(pk__in=some).order_by("pk").values_list("pk", flat=True)
            added += _hang(held, [key for key in seen if key not in there], by=member)
    log.info("member %s put %s pictures on board %s", member.pk, len(added), board.pk)
    return added


def remove(*, member: Member, board: Board, images: Images) -> list[UUID]:
    """Take these off. Says which were there. Raises BoardGone."""
    removed: list[UUID] = []
    for some in _batches(_keys(images)):
        with transaction.atomic():
            held = hold(board, among=Board.objects.fillable_by(member))
            seen = Image.objects.visible_to(member).on(held).filter(pk__in=some)
            found = list(seen.order_by("pk").values_list("pk", flat=True))
            held.entries.filter(image__in=found).delete()
            _have_changed(held, found)
            removed += found
    log.info("member %s took %s pictures off board %s", member.pk, len(removed), board.pk)
    return removed


def choose(*, member: Member, image: Image, among: Collection[int], chosen: Collection[int]) -> None:
    """Have one picture hang on the chosen of these boards, by their numbers, and on no other of them. Raises BoardFull.

    Of boards that were deleted or closed to the member meanwhile nothing is changed.
    """
    boards = Board.objects.fillable_by(member).filter(pk__in=among).order_by("pk")
    for board in boards:
        is_on = board.entries.filter(image=image).exists()
        if is_on != (board.pk in chosen):
            (remove if is_on else add)(member=member, board=board, images=[image])


def _hang(board: Board, keys: list[UUID], *, by: Member) -> list[UUID]:
    entries = board.entries.aggregate(number=Max("position"))
    if keys and board.entries.count() + len(keys) > ENTRIES_MAX:  # somebody else put some there meanwhile
        raise BoardFull(ENTRIES_MAX)
    top = entries["number"] or 0
    made = [
        BoardEntry(board=board, image_id=key, position=top + GAP * number, added_by=by)
        for number, key in enumerate(keys, start=1)
    ]
    BoardEntry.objects.bulk_create(made)
    _have_changed(board, keys)
    return keys


def _have_changed(board: Board, keys: list[UUID]) -> None:
    if keys:
        board.touch()
        indexing.index(Image.objects.filter(pk__in=keys))


def _check_room(board: Board, keys: list[UUID]) -> None:
    """Before anything is written; what others do meanwhile is seen with each batch."""
    room = ENTRIES_MAX - board.entries.count()
    if len(keys) > room and len(set(keys) - set(board.entries.values_list("image", flat=True))) > room:
        raise BoardFull(ENTRIES_MAX)


def _keys(images: Images) -> list[UUID]:
    if isinstance(images, QuerySet):
        return list(Image.objects.filter(pk__in=images.values("pk")).order_by("pk").values_list("pk", flat=True))
    return sorted({image.pk for image in images})


def _batches(keys: list[UUID]) -> Iterator[list[UUID]]:
    for begin in range(0, len(keys), AT_ONCE):
        yield keys[begin : begin + AT_ONCE]
