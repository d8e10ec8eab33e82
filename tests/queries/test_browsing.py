"""Beside a picture hang those of the wall it was opened from, and nobody is led to what they may not see."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from generations.models import Image, Member, clock
from generations.queries import browsing
from generations.queries.browsing import Beside
from generations.queries.search import EVERYTHING, Wanted
from generations.services import indexing, teams
from tests.conftest import Cast
from tests.making import finish_many, finish_one

MINE = "whose=mine"


def beside(image: Image, viewer: Member, asked: str = "") -> Beside:
    found = Image.objects.select_related("generation__member", "generation__kept_by").get(pk=image.pk)
    wanted = Wanted.read(viewer, QueryDict(asked)) if asked else EVERYTHING
    return browsing.beside(found, viewer=viewer, wanted=wanted)


def ways(image: Image, viewer: Member, asked: str = "") -> tuple[Any, Any]:
    """The pictures on either side: the newer, the older."""
    found = beside(image, viewer, asked)
    return found.newer and found.newer.id, found.older and found.older.id


class TestOnTheWholeWall:
    def test_are_the_next_newer_and_older_of_the_team(self, cast: Cast) -> None:
        old = finish_one(cast.ada)
        finish_one(cast.mallory)
        middle, new = finish_one(cast.ben), finish_one(cast.ada)
        assert ways(middle, cast.ada) == (new.pk, old.pk)
        assert ways(new, cast.ada) == (None, middle.pk)
        assert ways(old, cast.ada) == (middle.pk, None)

    def test_lead_from_one_of_an_order_to_the_next(self, cast: Cast) -> None:
        first, second, third = finish_many(cast.ben, 3)
        assert ways(second, cast.ada) == (first.pk, third.pk)

    def test_the_place_is_told_as_far_as_the_wall_is_counted(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = [finish_one(cast.ada) for _ in range(4)][::-1]
        assert [beside(one, cast.vera).position for one in made] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
        monkeypatch.setattr(browsing, "COUNTED_MAX", 2)
        assert [beside(one, cast.vera).position for one in made] == ["1 of 2+", "2 of 2+", "", ""]


class TestOnAWallOfSomeOfThem:
    def test_are_the_next_that_are_wanted(self, cast: Cast) -> None:
        old = finish_one(cast.ben, "a red lamp")
        finish_one(cast.ben, "a window")
        here = finish_one(cast.ada, "two lamps")
        finish_one(cast.ada, "a door")
        new = finish_one(cast.ada, "lamps at night")
        assert ways(here, cast.vera, "q=lamp") == (new.pk, old.pk)
        assert ways(here, cast.vera, "q=lamps") == (new.pk, None)
        assert ways(here, cast.ben, f"q=lamp&{MINE}") == (None, old.pk)
        assert beside(here, cast.vera, "q=lamp").position == "2 of 3"

    def test_are_found_from_a_picture_that_hangs_there_no_more(self, cast: Cast) -> None:
        old, here, new = (finish_one(cast.ada, words) for words in ("a lamp", "a window", "a lamp"))
        found = beside(here, cast.ada, "q=lamp")
        assert (found.newer and found.newer.id, found.older and found.older.id) == (new.pk, old.pk)
        assert found.position == ""

    def test_lead_back_to_the_same_place_of_the_same_wall(self, cast: Cast) -> None:
        image = finish_one(cast.ada, "a red lamp")
        assert beside(image, cast.ada).wall_url == f"/library/#image-{image.pk}"
        there = beside(image, cast.ada, "q=red+lamp&vendor=demo&vendor=nobody").wall_url
        assert there == f"/library/?q=red+lamp&vendor=demo#image-{image.pk}"

    def test_of_no_word_at_all_there_is_none(self, cast: Cast) -> None:
        finish_one(cast.ada)
        image = finish_one(cast.ada)
        assert ways(image, cast.ada, "q=...") == (None, None)

    def test_the_place_is_told_as_far_as_the_wall_is_counted(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = [finish_one(cast.ada, "a lamp") for _ in range(4)][::-1]
        monkeypatch.setattr(browsing, "COUNTED_MAX", 2)
        assert [beside(one, cast.vera, "q=lamp").position for one in made] == ["1 of 2+", "2 of 2+", "", ""]


class TestWhatIsNotTheirs:
    @pytest.mark.parametrize("asked", ["", "q=lamp", "vendor=demo"])
    def test_is_never_beside(self, cast: Cast, asked: str) -> None:
        hidden, private, deleted = (finish_one(cast.ben, "a lamp") for _ in range(3))
        here = finish_one(cast.ada, "a lamp")
        finish_one(cast.mallory, "a lamp")
        teams.choose_privacy(by=cast.ben, generation=private.generation, private=True)
        Image.objects.filter(pk=hidden.pk).update(hidden_at=clock.now())
        Image.objects.filter(pk=deleted.pk).update(deleted_at=clock.now())
        indexing.index(Image.objects.filter(pk__in=[hidden.pk, deleted.pk]))
        assert ways(here, cast.ada, asked) == (None, None)
        assert ways(here, cast.ben, asked) == (None, private.pk)

    def test_is_not_beside_either_while_the_index_is_behind(self, cast: Cast) -> None:
        old, hidden, here = (finish_one(cast.ben, "a lamp") for _ in range(3))
        Image.objects.filter(pk=hidden.pk).update(hidden_at=clock.now())
        assert ways(here, cast.ada, "q=lamp") == (None, old.pk)

    def test_has_no_place_told_when_a_manager_opens_what_somebody_keeps(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        other = finish_one(cast.ben, "a lamp")
        teams.choose_privacy(by=cast.ben, generation=image.generation, private=True)
        for asked in ("", "q=lamp"):
            assert beside(image, cast.ada, asked).position == ""
            assert ways(image, cast.ada, asked) == (other.pk, None)


@pytest.mark.parametrize("asked", ["", "q=lamp"])
def test_asks_as_often_for_two_pictures_as_for_six(cast: Cast, asked: str) -> None:
    here = finish_one(cast.ada, "a lamp")
    counts = []
    for _ in range(2):
        finish_one(cast.ben, "a lamp")
        finish_one(cast.ben, "a lamp")
        with CaptureQueriesContext(connection) as queries:
            beside(here, cast.vera, asked)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
