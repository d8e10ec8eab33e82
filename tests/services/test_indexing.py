"""What pictures are found by changes with them, in the same moment."""

import pytest
from django.db import connection

from generations import search
from generations.models import Generation, Image, Member, SearchEntry
from generations.queries.search import Wanted, query_for
from generations.services import indexing, teams
from tests.conftest import Cast
from tests.making import finish_one

pytestmark = pytest.mark.django_db


def found(member: Member, words: str = "", *, mine: bool = False) -> list[str]:
    """The prompts the index finds for them, newest first, whatever rows say of who may see what."""
    numbers = search.find(query_for(member, Wanted(words=words, mine=mine)), limit=50)
    prompts = dict(SearchEntry.objects.values_list("pk", "image__generation__prompt"))
    return [prompts[number] for number in numbers]


class TestWhatIsStored:
    def test_is_found_by_the_team_and_nobody_else(self, cast: Cast) -> None:
        finish_one(cast.ben, "a lamp")
        finish_one(cast.ada, "a second lamp")

        assert found(cast.vera, "lamp") == ["a second lamp", "a lamp"]
        assert found(cast.ben, "lamp", mine=True) == ["a lamp"]
        assert found(cast.mallory, "lamp") == found(cast.mallory) == []

    def test_is_found_by_maker_and_model_as_they_are_called_now(self, cast: Cast) -> None:
        finish_one(cast.ben, "a lamp")
        assert found(cast.ada, "ben lamp") == found(cast.ada, "demo painter") == ["a lamp"]
        assert cast.ben.person is not None
        type(cast.ben.person).objects.filter(pk=cast.ben.person.pk).update(name="Zacharias")

        assert found(cast.ada, "zach") == ["a lamp"]
        assert found(cast.ada, "ben") == []


class TestWhatChanges:
    def test_kept_to_oneself_it_is_found_by_its_maker_alone(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        teams.choose_privacy(by=cast.ben, generation=image.generation, private=True)
        assert (found(cast.ada, "lamp"), found(cast.ben, "lamp")) == ([], ["a lamp"])

        teams.choose_privacy(by=cast.ben, generation=image.generation, private=False)
        assert found(cast.ada, "lamp") == ["a lamp"]

    def test_what_is_taken_down_leaves_no_word_behind(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        images = Image.objects.filter(pk=image.pk)
        images.take_down()
        indexing.index(images)

        assert found(cast.ben) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM generations_search WHERE rowid = %s", [image.search_entry.pk])
            assert cursor.fetchone() == (0,)

    def test_written_twice_it_is_found_once_and_keeps_its_number(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        number = image.search_entry.pk
        Generation.objects.filter(pk=image.generation_id).update(prompt="a window")
        for _ in range(2):
            indexing.index(Image.objects.all())

        assert (found(cast.ben, "lamp"), found(cast.ben, "window")) == ([], ["a window"])
        assert SearchEntry.objects.get().pk == number


def test_what_was_there_before_is_written_by_housekeeping_newest_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        finish_one(cast.ben, f"lamp {number}")
    search.erase(SearchEntry.objects.values_list("pk", flat=True))
    SearchEntry.objects.update(is_written=False)
    monkeypatch.setattr(indexing, "MISSED_MAX", 2)

    assert (indexing.index_missed(), found(cast.ben, "lamp")) == (2, ["lamp 2", "lamp 1"])
    assert [indexing.index_missed() for _ in range(2)] == [1, 0]
    assert found(cast.ben, "lamp") == ["lamp 2", "lamp 1", "lamp 0"]
