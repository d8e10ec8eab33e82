"""The wall shows a team's own pictures, newest first, page by page, with the same number of queries for any page."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from generations.models import clock
from generations.queries import library
from generations.queries import search as queries_search
from generations.queries.library import Place, wall_for
from tests.conftest import Cast
from tests.making import finish_many, finish_one


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "PAGE", 2)


def test_is_newest_first_in_pages_without_a_gap(cast: Cast, small_pages: None) -> None:
    made = [finish_one(cast.ada, f"number {number}").pk for number in range(5)]
    seen, before, pages = [], "", 0
    while True:
        wall = wall_for(cast.vera, place=Place.read(QueryDict(before)))
        seen += [hung.picture.id for hung in wall.images]
        pages += 1
        if wall.next_url is None:
            break
        before = urlsplit(wall.next_url).query
    assert seen == made[::-1]
    assert pages == 3


def test_shows_nothing_of_another_team(cast: Cast) -> None:
    finish_one(cast.ada)
    assert wall_for(cast.mallory).images == []
    assert wall_for(cast.mallory).count_text == "0 pictures"


def test_counts_once_and_only_so_far(cast: Cast, small_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = [finish_one(cast.ada, f"number {number}") for number in range(3)][-1]
    assert wall_for(cast.ada).count_text == "3 pictures"
    for module in (library, queries_search):
        monkeypatch.setattr(module, "COUNTED_MAX", 2)
    assert wall_for(cast.ada).count_text == "2+ pictures"
    with CaptureQueriesContext(connection) as queries:
        assert wall_for(cast.ada, place=Place(before=newest.pk)).count_text == ""
    assert not any("COUNT(" in query["sql"] for query in queries)


def test_leaves_out_what_was_deleted_or_hidden(cast: Cast) -> None:
    for name in ("deleted_at", "hidden_at"):
        image = finish_one(cast.ada)
        setattr(image, name, clock.now())
        image.save()
    assert wall_for(cast.ada).images == []


def test_takes_a_senseless_cursor_as_none(cast: Cast) -> None:
    finish_one(cast.ada)
    assert len(wall_for(cast.ada, place=Place.read(QueryDict("before=';%20drop"))).images) == 1


def test_asks_as_often_for_one_picture_as_for_three(cast: Cast, django_assert_num_queries: Any) -> None:
    finish_one(cast.ada)
    with django_assert_num_queries(6):
        wall_for(cast.ada)
    finish_one(cast.ben)
    finish_one(cast.ada)
    with django_assert_num_queries(6):
        wall = wall_for(cast.ada)
    assert [hung.maker for hung in wall.images] == ["Ada", "Ben", "Ada"]


def test_says_who_may_enlarge(cast: Cast) -> None:
    finish_one(cast.ada)
    assert wall_for(cast.ben).images[0].may_create
    assert not wall_for(cast.vera).images[0].may_create


def test_hangs_the_pictures_of_one_order_side_by_side_the_first_one_first(cast: Cast) -> None:
    older = finish_one(cast.ada)
    several = [image.pk for image in finish_many(cast.ada, 6)]
    newer = finish_one(cast.ada)
    wall = wall_for(cast.ada)
    assert [hung.picture.id for hung in wall.images] == [newer.pk, *several, older.pk]
    assert wall.count_text == "8 pictures"
