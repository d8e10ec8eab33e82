"""What somebody types is a question over what they may see, in the words things are called by now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Generation, Member
from generations.queries import library
from generations.queries.library import wall_for
from generations.queries.search import Wanted, query_for
from tests.conftest import Cast
from tests.making import finish_one

pytestmark = pytest.mark.django_db


def found(member: Member, words: str = "", *, mine: bool = False, before: str | None = None) -> list[str]:
    wall = wall_for(member, Wanted(words=words, mine=mine), before=before)
    return [hung.picture.alt for hung in wall.images]


def test_every_word_must_be_there_in_any_order(cast: Cast) -> None:
    for prompt in ("a red lamp", "a blue lamp", "a red window"):
        finish_one(cast.ben, prompt)

    assert found(cast.ada, "lamp") == ["a blue lamp", "a red lamp"]
    assert found(cast.ada, "LAM réd") == ["a red lamp"]
    assert found(cast.ada, "lamp red blue") == []
    assert found(cast.ada, "  ") == ["a red window", "a blue lamp", "a red lamp"]


def test_dots_alone_find_nothing(cast: Cast) -> None:
    finish_one(cast.ben, "a red lamp")

    assert found(cast.ada, "...") == found(cast.ada, "_") == []


def test_mine_is_what_i_made_and_what_was_left_to_me(cast: Cast) -> None:
    left = finish_one(cast.ben, "a lamp of Ben’s")
    finish_one(cast.ada, "a lamp of Ada’s")
    assert found(cast.ada, "lamp", mine=True) == ["a lamp of Ada’s"]
    Generation.objects.filter(pk=left.generation_id).update(kept_by=cast.ada, is_private=True)

    assert found(cast.ada, "lamp", mine=True) == ["a lamp of Ada’s", "a lamp of Ben’s"]
    assert found(cast.vera, mine=True) == []


def test_who_left_is_not_found_by_the_words_for_them(cast: Cast) -> None:
    finish_one(cast.ben, "a lamp")
    Member.objects.filter(pk=cast.ben.pk).update(person=None)

    assert found(cast.ada, "former") == found(cast.ada, "ben") == []
    assert found(cast.ada, "lamp") == ["a lamp"]


def test_pages_go_on_where_the_last_one_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "PAGE", 2)
    for number in range(5):
        finish_one(cast.ben, f"lamp {number}")
        finish_one(cast.ben, f"window {number}")
    seen, address = [], "/library/?q=lamp"
    while address:
        wall = wall_for(cast.ada, Wanted(words="lamp"), before=address.partition("before=")[2] or None)
        seen += [hung.picture.alt for hung in wall.images]
        address = wall.next_url or ""
        assert not address or address.startswith("/library/?q=lamp&before=")

    assert seen == [f"lamp {number}" for number in range(4, -1, -1)]


def test_the_number_of_queries_does_not_grow(cast: Cast) -> None:
    counts = []
    for _ in range(2):
        for number in range(3):
            finish_one(cast.ben, f"a lamp, {number}")
        with CaptureQueriesContext(connection) as queries:
            found(cast.ada, "lamp demo")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 6


def test_nobody_finds_a_fact_by_typing_it(cast: Cast) -> None:
    finish_one(cast.ben, "a window")

    assert found(cast.ada, f"_by_{cast.ben.pk}") == found(cast.ada, "shared") == []
    assert query_for(cast.ada, Wanted(words="_shared")).groups[-1] == ("shared*",)
