"""Pictures take other places on a board, as whoever moves them sees it; at the ends, between neighbors, for ever."""

import random
from uuid import UUID

import pytest

from generations.models import Board, Image, Member
from generations.services import boards
from generations.services.boards import Step, arranging, filling
from tests.conftest import Cast
from tests.making import finish_many
from tests.services.boards.hanging import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(cast: Cast) -> dict[str, Image]:
    """Five pictures of two orders: what becomes of `b` and `d` becomes of both."""
    return dict(zip("ecadb", [*finish_many(cast.ben, 3), *finish_many(cast.ben, 2)], strict=True))


@pytest.fixture
def board(cast: Cast, images: dict[str, Image]) -> Board:
    """They hang as `a b c d e`."""
    made = begin(cast.ben)
    for name in "edcba":
        boards.add(member=cast.ben, board=made, images=[images[name]])
    return made


def order(board: Board, viewer: Member, images: dict[str, Image]) -> str:
    names = {image.pk: name for name, image in images.items()}
    return "".join(names[one.pk] for one in Image.objects.visible_to(viewer).on(board).order_by("-position"))


STEPS = (
    ("c", Step.EARLIER, "acbde"),
    ("c", Step.LATER, "abcde"),
    ("c", Step.FIRST, "cabde"),
    ("c", Step.EARLIER, "cabde"),
    ("c", Step.LAST, "abdec"),
    ("c", Step.LATER, "abdec"),
    ("e", Step.LATER, "abdce"),
    ("e", Step.FIRST, "eabdc"),
    ("e", Step.FIRST, "eabdc"),
)


def test_every_step_says_where_it_led(cast: Cast, images: dict[str, Image], board: Board) -> None:
    for name, step, after in STEPS:
        place = boards.move(member=cast.ada, board=board, image=images[name], to=step)
        number = after.index(name) + 1

        assert order(board, cast.vera, images) == after
        assert (place.number, place.of) == (number, 5)
        assert place.before == (images[after[number]].pk if number < 5 else None)


def test_a_step_passes_what_the_member_does_not_see_and_leaves_it_there(
    cast: Cast, images: dict[str, Image], board: Board
) -> None:
    images["b"].generation.share(private=True)
    assert order(board, cast.ada, images) == "ace"
    place = boards.move(member=cast.ada, board=board, image=images["c"], to=Step.EARLIER)

    assert (order(board, cast.ada, images), order(board, cast.ben, images)) == ("cae", "cabde")
    assert (place.number, place.of, place.before) == (1, 3, images["a"].pk)
    with pytest.raises(boards.NotOnBoard):
        boards.move(member=cast.ada, board=board, image=images["b"], to=Step.FIRST)
    with pytest.raises(boards.NotOnBoard):
        boards.move(member=cast.ada, board=board, image=images["a"], to=images["d"])


def test_what_is_dropped_on_another_takes_its_place_and_there_is_always_room(
    cast: Cast, images: dict[str, Image], board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any moves, with hardly any room, end as the same moves of a list."""
    for module in (arranging, filling):
        monkeypatch.setattr(module, "GAP", 2)
    now, chance = list("abcde"), random.Random(8)
    for _ in range(40):
        name, other = chance.choice("abcde"), chance.choice("abcde")
        boards.move(member=cast.ben, board=board, image=images[name], to=images[other])
        at = now.index(other)
        now.remove(name)
        now.insert(at, name)
        assert order(board, cast.ben, images) == "".join(now)


def test_is_for_who_may_fill_the_board(cast: Cast, images: dict[str, Image], board: Board) -> None:
    for who in (cast.vera, cast.mallory):
        with pytest.raises(boards.BoardGone):
            boards.move(member=who, board=board, image=images["a"], to=Step.LAST)
    boards.remove(member=cast.ben, board=board, images=[images["a"]])
    for to in (Step.LAST, Image(pk=UUID(int=1))):
        with pytest.raises(boards.NotOnBoard):
            boards.move(member=cast.ben, board=board, image=images["a"], to=to)
