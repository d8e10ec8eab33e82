"""What somebody types is a question over what they may see, in the words things are called by now."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from generations.models import Generation, Member, Tag
from generations.providers import PROVIDERS
from generations.queries import library, tags
from generations.queries import search as queries_search
from generations.queries.library import TOP, Place, wall_for
from generations.queries.search import Wanted, choices_of, counted, query_for
from generations.services import marking
from tests.conftest import Cast
from tests.making import finish, finish_one, hand_over
from tests.services.reviewing.bench import enlarge

pytestmark = pytest.mark.django_db


def found(member: Member, words: str = "", *, mine: bool = False, place: Place = TOP) -> list[str]:
    wall = wall_for(member, Wanted(words=words, mine=mine), place)
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
        wall = wall_for(cast.ada, Wanted(words="lamp"), Place.read(QueryDict(urlsplit(address).query)))
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

    assert counts[0] == counts[1] <= 11


def test_nobody_finds_a_fact_by_typing_it(cast: Cast) -> None:
    finish_one(cast.ben, "a window")

    assert found(cast.ada, f"_by_{cast.ben.pk}") == found(cast.ada, "shared") == []
    assert query_for(cast.ada, Wanted(words="_shared")).groups[-1] == ("shared*",)


class TestFacets:
    def test_of_several_values_one_is_enough_and_every_facet_counts(self, cast: Cast) -> None:
        for shape in ("3:2", "2:3", "1:1"):
            finish_one(cast.ben, f"a lamp, {shape}", shape=shape)

        def shapes(*values: str, words: str = "lamp", **picked: tuple[str, ...]) -> list[str]:
            wanted = Wanted(words=words, picked={"shape": values} | picked)
            return [hung.picture.alt[-3:] for hung in wall_for(cast.ada, wanted).images]

        assert shapes("2:3") == ["2:3"]
        assert shapes("3:2", "1:1") == ["1:1", "3:2"]
        assert shapes("3:2", "1:1", words="", vendor=("demo",), kind=("draw",)) == ["1:1", "3:2"]
        assert shapes("3:2", kind=("upscale",)) == shapes("3:2", vendor=("apixo",)) == []

    def test_what_was_enlarged_is_found_as_such(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        finish_one(cast.ben, "a window")
        finish(hand_over(enlarge(cast.ben, lamp)))

        def is_lamp(**picked: tuple[str, ...]) -> list[bool]:
            return [hung.picture.id == lamp.pk for hung in wall_for(cast.ada, Wanted(picked=picked)).images]

        assert is_lamp(enlarged=("yes",)) == [True]
        assert is_lamp(kind=("upscale",)) == [False]

    def test_of_tags_those_on_most_pictures_stand_there_and_whatever_is_picked(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tags, "SHOWN_MAX", 2)
        lamp, window = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a window")
        marking.tag(member=cast.ben, images=[lamp], names=["rare"])
        marking.tag(member=cast.ben, images=[lamp, window], names=["brass", "hall"])
        rare = str(Tag.objects.get(name="rare").pk)

        def chip(member: Member, asked: str) -> list[tuple[str, bool, str]]:
            wanted = Wanted.read(member, QueryDict(asked))
            found = [one for one in counted(member, wanted) if one.name == "tag"]
            return [(option.label, option.is_picked, option.number) for one in found for option in one.options]

        assert chip(cast.vera, "") == [("brass", False, "2"), ("hall", False, "2")]
        assert chip(cast.vera, f"tag={rare}")[0] == ("rare", True, "1")
        assert chip(cast.mallory, f"tag={rare}") == []
        assert Wanted.read(cast.mallory, QueryDict(f"tag={rare}&tag=x&tag={'9' * 40}")).is_all

    def test_hearts_stars_and_picks_are_counted_for_who_looks(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        marking.favor(member=cast.ada, images=[lamp], is_favorite=True)
        marking.rate(member=cast.ada, images=[lamp], rating=5)
        marking.pick(member=cast.ada, images=[lamp], is_picked=True)

        def numbers(member: Member) -> list[str]:
            told = {f"{one.name} {o.value}": o.number for one in counted(member, Wanted()) for o in one.options}
            return [told[name] for name in ("favorite yes", "rating 5", "rating 4", "pick yes")]

        assert numbers(cast.ada) == ["1", "1", "0", "1"]
        assert numbers(cast.vera) == ["0", "0", "0", "1"]

    def test_each_value_says_how_many_there_would_be(self, cast: Cast) -> None:
        for shape in ("3:2", "3:2", "2:3"):
            finish_one(cast.ben, shape=shape)
        wanted = Wanted(picked={"shape": ("2:3",)})

        def numbers(member: Member) -> dict[str, str]:
            told = {
                f"{one.name} {option.value}": option.number for one in counted(member, wanted) for option in one.options
            }
            return {name: told[name] for name in ("shape 3:2", "shape 2:3", "vendor demo", "vendor apixo", "kind draw")}

        assert list(numbers(cast.ada).values()) == ["2", "1", "1", "0", "1"]
        assert set(numbers(cast.mallory).values()) == {"0"}

    def test_dots_alone_leave_nothing(self, cast: Cast) -> None:
        finish_one(cast.ben)

        assert {o.number for one in counted(cast.ada, Wanted(words="...")) for o in one.options} == {"0"}

    def test_numbers_end_at_a_thousand(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(3):
            finish_one(cast.ben)
        monkeypatch.setattr(queries_search, "COUNTED_MAX", 2)

        vendor = next(one for one in counted(cast.ada, Wanted()) if one.name == "vendor")
        assert vendor.options[-1].number == "2+"

    def test_an_address_holds_all_of_it_and_nothing_unknown(self, cast: Cast) -> None:
        wanted = Wanted.read(
            cast.ada, QueryDict("q=+a%00b+&whose=mine&shape=3:2&shape=9:99&vendor=nobody&kind=draw&kind=upscale")
        )

        assert wanted.picked == {"shape": ("3:2",), "kind": ("draw", "upscale")}
        assert wanted.fields == {"q": ["ab"], "whose": ["mine"], "shape": ["3:2"], "kind": ["draw", "upscale"]}

    def test_a_chip_says_what_is_picked(self, cast: Cast) -> None:
        chips = choices_of(cast.ada, Wanted(picked={"vendor": ("demo",), "kind": ("draw", "upscale")}))
        words = {one.name: (one.words, one.is_set, one.is_switch) for one in chips}

        assert words["vendor"] == (PROVIDERS["demo"].label, True, False)
        assert words["kind"] == ("Drawing +1", True, False)
        assert words["shape"] == ("Shape", False, False)
        assert words["enlarged"] == ("Upscaled", False, True)
