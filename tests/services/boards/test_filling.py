"""Pictures come on boards and off them; the pictures stay as they are, and are found by the boards they hang on."""

import pytest

from generations.models import BoardEntry, Image, Member
from generations.queries.library import wall_for
from generations.queries.search import Wanted
from generations.services import boards
from generations.services.boards import filling
from tests.conftest import Cast
from tests.engines import Engine
from tests.making import finish_many, finish_one
from tests.services.boards.hanging import begin, hung

pytestmark = pytest.mark.django_db


def found(member: Member, *picked: object, words: str = "") -> list[str]:
    wanted = Wanted(words=words, picked={"board": tuple(str(one) for one in picked)})
    return [one.picture.alt for one in wall_for(member, wanted).images]


class TestAdding:
    def test_hangs_the_newest_first_and_before_what_was_there(self, cast: Cast) -> None:
        first, second, third = (finish_one(cast.ben, f"lamp {number}") for number in range(3))
        board = begin(cast.ben, images=[second])
        boards.add(member=cast.ada, board=board, images=Image.objects.filter(pk__in=[first.pk, third.pk]))

        assert hung(board, cast.vera) == ["lamp 2", "lamp 0", "lamp 1"]

    def test_refers_so_that_one_picture_hangs_on_many(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        one, other = begin(cast.ben, "One", images=[lamp]), begin(cast.ben, "Other", images=[lamp])

        assert hung(one, cast.ada) == hung(other, cast.ada) == ["a lamp"]
        assert Image.objects.count() == 1

    def test_says_what_was_new_and_hangs_nothing_twice(self, cast: Cast) -> None:
        lamp, window = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a window")
        board = begin(cast.ben, images=[lamp])

        assert boards.add(member=cast.ben, board=board, images=[lamp, window, window]) == [window.pk]
        assert boards.add(member=cast.ben, board=board, images=[lamp, window]) == []
        assert board.entries.count() == 2

    def test_takes_only_what_the_member_sees(self, cast: Cast) -> None:
        kept, theirs = finish_one(cast.ada, "a secret"), finish_one(cast.mallory, "a fox")
        kept.generation.share(private=True)
        board = begin(cast.ben)

        assert boards.add(member=cast.ben, board=board, images=[kept, theirs]) == []
        assert boards.add(member=cast.ben, board=board, images=Image.objects.all()) == []
        assert not BoardEntry.objects.exists()

    def test_goes_batch_by_batch(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(filling, "AT_ONCE", 2)
        images = finish_many(cast.ben, 5)
        board = begin(cast.ben, images=images)

        there = Image.objects.visible_to(cast.ben).on(board).order_by("-position")
        assert list(there) == sorted(images, key=lambda image: image.pk, reverse=True)

    def test_of_more_than_fit_takes_none(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(filling, "ENTRIES_MAX", 2)
        images = finish_many(cast.ben, 3)
        board = begin(cast.ben, images=images[:1])
        with pytest.raises(boards.BoardFull, match="2 pictures at most"):
            boards.add(member=cast.ben, board=board, images=images)

        assert board.entries.count() == 1
        assert boards.add(member=cast.ben, board=board, images=images[:2]) == [images[1].pk]


class TestWhoMay:
    def test_is_everybody_who_creates_for_the_team_and_the_maker_alone_for_themselves(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        shared, own, veras = (
            begin(cast.ada),
            begin(cast.ben, "Mine", is_private=True),
            begin(cast.vera, is_private=True),
        )
        may = {
            (who.called, board.pk): True
            for who in (cast.ada, cast.ben, cast.vera, cast.mallory)
            for board in (shared, own, veras)
            if _puts(who, board, lamp)
        }

        assert set(may) == {("Ada", shared.pk), ("Ben", shared.pk), ("Ben", own.pk), ("Vera", veras.pk)}

    def test_is_nobody_on_a_live_board(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        live = boards.make(member=cast.ben, name="Lamps", is_private=False, search="q=lamp")

        assert not _puts(cast.ben, live, lamp)
        with pytest.raises(boards.BoardGone):
            boards.remove(member=cast.ben, board=live, images=[lamp])


def _puts(who: Member, board: object, image: Image) -> bool:
    try:
        boards.add(member=who, board=board, images=[image])  # type: ignore[arg-type]
    except boards.BoardGone:
        return False
    return True


class TestRemoving:
    def test_leaves_the_picture_and_its_other_boards(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        one, other = begin(cast.ben, "One", images=[lamp]), begin(cast.ben, "Other", images=[lamp])

        assert boards.remove(member=cast.ada, board=one, images=[lamp, lamp]) == [lamp.pk]
        assert boards.remove(member=cast.ada, board=one, images=Image.objects.all()) == []
        assert (hung(one, cast.ben), hung(other, cast.ben)) == ([], ["a lamp"])

    def test_touches_nothing_the_member_does_not_see(self, cast: Cast) -> None:
        secret = finish_one(cast.ben, "a secret")
        board = begin(cast.ben, images=[secret])
        secret.generation.share(private=True)

        assert boards.remove(member=cast.ada, board=board, images=Image.objects.all()) == []
        assert hung(board, cast.ben) == ["a secret"]


class TestChoosing:
    def test_changes_the_boards_that_were_shown_and_no_other(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        one, other, third = (begin(cast.ben, name, images=[lamp]) for name in ("One", "Other", "Third"))
        fourth = begin(cast.ada, "Fourth")
        among = {one.pk, other.pk, fourth.pk}
        boards.choose(member=cast.ben, image=lamp, among=among, chosen={other.pk, fourth.pk})

        assert set(lamp.board_entries.values_list("board", flat=True)) == {other.pk, third.pk, fourth.pk}


class TestTheIndex:
    def test_finds_by_board_with_words_and_of_several_boards_each(self, cast: Cast) -> None:
        lamp, window, fox = (finish_one(cast.ben, prompt) for prompt in ("a lamp", "a window", "a fox"))
        one, other = begin(cast.ben, "One", images=[lamp, window]), begin(cast.ben, "Other", images=[fox])

        assert found(cast.vera, one.pk) == ["a window", "a lamp"]
        assert found(cast.vera, one.pk, words="lamp") == ["a lamp"]
        assert found(cast.vera, one.pk, other.pk) == ["a fox", "a window", "a lamp"]
        boards.remove(member=cast.ben, board=one, images=[lamp])
        assert found(cast.vera, one.pk) == ["a window"]

    def test_finds_nothing_by_the_board_of_somebody_else(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        own = begin(cast.ben, is_private=True, images=[lamp])

        assert found(cast.ben, own.pk) == ["a lamp"]
        for who in (cast.ada, cast.vera, cast.mallory):
            boards = [choice for choice in wall_for(who).choices if choice.name == "board"]
            assert str(own.pk) not in {option.value for choice in boards for option in choice.options}


def test_both_databases_show_and_refuse_the_same(engine: Engine) -> None:
    told = engine.ask("tests.services.boards", "look")

    assert told == {"first": True, "counts": ["5 pictures"] * 3, "refused": True}


def test_everybody_at_once_hangs_each_picture_once_in_a_place_of_its_own(engine: Engine) -> None:
    told = engine.ask("tests.services.boards", "fill_together")

    assert told == {"refused": ["NameTaken"], "hung": 4, "apart": True, "vases": 1, "viewer": 2}
