"""Pages of boards show a member what they may see, in its order, at the same cost however much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Board, Image, Member
from generations.queries import boards as queries_boards
from generations.queries.board_names import SHOWN_MAX
from generations.queries.boards import board_page, boards_with, hooks_of, shelf_for
from generations.queries.facets import facets
from generations.queries.search import EVERYTHING, choices_of
from generations.services import boards
from generations.services.boards import Step
from tests.conftest import Cast
from tests.making import finish_many, finish_one
from tests.services.boards.hanging import begin

pytestmark = pytest.mark.django_db


def seen(board: Board, viewer: Member) -> list[str]:
    return [hung.picture.alt for hung in board_page(board, viewer).images]


class TestTheShelf:
    def test_shows_the_latest_first_with_covers_and_numbers_of_what_one_sees(self, cast: Cast) -> None:
        images, kept = finish_many(cast.ben, 5), finish_one(cast.ben, "a secret")
        board, other = begin(cast.ben, "One", images=[*images, kept]), begin(cast.ben, "Other", images=images[:1])
        kept.generation.share(private=True)
        boards.move(member=cast.ben, board=board, image=images[2], to=Step.FIRST)

        one, second = shelf_for(cast.vera).covers
        assert [(one.name, one.count_text), (second.name, second.count_text)] == [
            ("One", "5 pictures"),
            ("Other", "1 picture"),
        ]
        assert len(one.pictures) == 4
        assert one.pictures[0].id == images[2].pk
        assert shelf_for(cast.ben).covers[0].count_text == "6 pictures"
        assert (other.pk, shelf_for(cast.mallory).covers) == (second.id, [])

    def test_costs_the_same_however_many_boards_and_pictures(self, cast: Cast) -> None:
        images, counts = finish_many(cast.ben, 6), []
        for number in range(2):
            for name in "abc":
                begin(cast.ben, f"{name}{number}", images=images[: 2 + 4 * number])
            boards.make(member=cast.ben, name=f"live {number}", is_private=False, search="q=lamp")
            with CaptureQueriesContext(connection) as queries:
                shelf_for(cast.vera)
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 6

    def test_counts_to_a_thousand_and_shows_so_many_boards(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries_boards, "COUNTED_MAX", 2)
        monkeypatch.setattr(queries_boards, "BOARDS_SHOWN", 1)
        begin(cast.ben, "One", images=finish_many(cast.ben, 4))
        begin(cast.ben, "Other")
        shelf = shelf_for(cast.vera)

        assert ([cover.name for cover in shelf.covers], shelf.more_url) == (["Other"], "/boards/?from=1")
        rest = shelf_for(cast.vera, begin=1)
        assert ([cover.name for cover in rest.covers], rest.more_url) == (["One"], "")
        assert rest.covers[0].count_text == "3 pictures"  # of four, and counted no further

    def test_offers_deleted_ones_to_whom_they_were(self, cast: Cast) -> None:
        for board in (begin(cast.ben, "For all"), begin(cast.ben, "Own", is_private=True)):
            boards.delete(member=cast.ben, board=board)

        assert [gone.name for gone in shelf_for(cast.ben).gone] == ["Own", "For all"]
        assert [gone.name for gone in shelf_for(cast.ada).gone] == ["For all"]
        assert shelf_for(cast.vera).gone == []


class TestTheWall:
    def test_goes_on_where_the_last_part_ended(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries_boards, "PAGE", 2)
        images = finish_many(cast.ben, 5)
        board = begin(cast.ben, images=images)
        found, before, parts = [], None, 0
        while parts < 4:
            page = board_page(board, cast.vera, before=before)
            found += [hung.picture.id for hung in page.images]
            parts += 1
            if page.next_url is None:
                break
            before = page.next_url.rpartition("=")[2]

        assert (parts, len(found)) == (3, 5)
        assert found == sorted((image.pk for image in images), reverse=True)
        for nonsense in ("", "x", "1.5", "9" * 30, "²"):
            assert len(board_page(board, cast.vera, before=nonsense).images) == 2

    def test_costs_the_same_however_much_hangs(self, cast: Cast) -> None:
        images, counts = finish_many(cast.ben, 6), []
        board = begin(cast.ben)
        for some in (images[:2], images):
            boards.add(member=cast.ben, board=board, images=some)
            with CaptureQueriesContext(connection) as queries:
                board_page(board, cast.vera)
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 6

    def test_lacks_what_is_hidden_deleted_or_kept_and_has_it_again_in_its_place(self, cast: Cast) -> None:
        lamp, window, fox = (finish_one(cast.ben, prompt) for prompt in ("a lamp", "a window", "a fox"))
        board = begin(cast.ben, images=[lamp, window, fox])
        rows = Image.objects.filter(pk=window.pk)
        for gone, back in (
            (lambda: rows.update(deleted_at=board.created_at), lambda: rows.update(deleted_at=None)),
            (lambda: rows.update(hidden_at=board.created_at), lambda: rows.update(hidden_at=None)),
            (
                lambda: window.generation.share(private=True),
                lambda: window.generation.share(private=False),
            ),
        ):
            gone()
            assert seen(board, cast.vera) == ["a fox", "a lamp"]
            assert board_page(board, cast.vera).count_text == "2 pictures"
            assert shelf_for(cast.vera).covers[0].count_text == "2 pictures"
            back()
            assert seen(board, cast.vera) == ["a fox", "a window", "a lamp"]

    def test_says_what_this_member_may_do(self, cast: Cast) -> None:
        board, own = begin(cast.ben), begin(cast.vera, is_private=True)

        def may(viewer: Member, which: Board) -> tuple[bool, bool]:
            page = board_page(which, viewer, is_arranging=True)
            assert page.is_arranging == page.may_fill
            return page.may_fill, page.may_change

        assert [may(who, board) for who in (cast.ada, cast.ben, cast.vera)] == [
            (True, True),
            (True, True),
            (False, False),
        ]
        assert may(cast.vera, own) == (True, True)


class TestALiveOne:
    def test_finds_what_matches_now_for_whoever_looks(self, cast: Cast) -> None:
        live = boards.make(member=cast.ben, name="Lamps", is_private=False, search="q=lamp&shape=3%3A2")
        mine = boards.make(member=cast.ben, name="Mine", is_private=False, search="whose=mine")
        secret = finish_one(cast.ben, "a secret lamp")
        secret.generation.share(private=True)
        finish_one(cast.ada, "a lamp of Ada’s")
        boards.delete(member=cast.ben, board=begin(cast.ben))

        assert seen(live, cast.ben) == ["a lamp of Ada’s", "a secret lamp"]
        assert seen(live, cast.vera) == ["a lamp of Ada’s"]
        assert (seen(mine, cast.ada), seen(mine, cast.vera)) == (["a lamp of Ada’s"], [])
        page = board_page(live, cast.vera)
        assert (page.is_live, page.may_fill, page.is_short) == (True, False, False)
        assert page.asked == "“lamp”, shape: 3:2"
        assert page.find_url == "/library/?q=lamp&shape=3%3A2"
        assert board_page(mine, cast.vera).is_of_who_looks

    def test_says_that_part_of_what_it_looked_for_is_gone(self, cast: Cast) -> None:
        board = begin(cast.ben)
        live = boards.make(member=cast.ben, name="Lamps", is_private=False, search=f"q=lamp&board={board.pk}")
        assert not board_page(live, cast.ada).is_short
        boards.change(member=cast.ben, board=board, name="Own", is_private=True)

        assert board_page(live, cast.ada).is_short
        assert not board_page(live, cast.ben).is_short


def test_a_picture_knows_the_boards_the_member_sees(cast: Cast) -> None:
    lamp = finish_one(cast.ben)
    begin(cast.ben, "One", images=[lamp])
    begin(cast.ben, "Own", is_private=True, images=[lamp])
    begin(cast.ada, "Other")
    boards.make(member=cast.ben, name="Live", is_private=False, search="q=lamp")

    assert [hook.name for hook in boards_with(lamp, cast.ben)] == ["One", "Own"]
    assert [hook.name for hook in boards_with(lamp, cast.vera)] == ["One"]
    assert {hook.name: hook.is_on for hook in hooks_of(lamp, cast.ben)} == {"Other": False, "Own": True, "One": True}
    assert hooks_of(lamp, cast.vera) == []


def test_the_facet_offers_the_latest_first_and_takes_any_the_member_sees(cast: Cast) -> None:
    made = [begin(cast.ben, f"Board {number}") for number in range(SHOWN_MAX + 1)]
    boards.make(member=cast.ben, name="Live", is_private=False, search="q=lamp")
    own = begin(cast.ben, is_private=True)
    [facet] = [one for one in facets(cast.vera) if one.name == "board"]

    assert list(facet.options.values()) == [f"Board {number}" for number in range(SHOWN_MAX, 0, -1)]
    assert facet.among([str(made[0].pk), str(own.pk), "x", "9" * 30]) == {str(made[0].pk): "Board 0"}
    assert "Board" not in {choice.label for choice in choices_of(cast.mallory, EVERYTHING)}
