"""Words and facts find the same pictures on both engines, newest first."""

import json
import sys
from typing import Any

import django
import pytest

from tests.engines import Engine, engine, template

__all__ = ["engine", "template"]

TEXTS = {
    1: "A red fox under a street lamp",
    2: "Two FOXES asleep; the lamps are out",
    3: "Füchse im Schnee, STRASSE bei Nacht",
    4: "Fuchse in der Straße",
    5: "a naïve café, crème brûlée",
    6: "東京の夜 and a lamp",
    7: "lamp-post no. 42, O'Neill's \"corner\" (at night) AND OR NOT NEAR *",
    8: "İstanbul Ⅷ ﬁre",
    9: "हिन्दी में चित्र",
    10: "_shared by_7 lamp_post",
}
ASKED = {
    "lamp": [10, 7, 6, 2, 1],
    "LAMPS": [2],
    "fox": [2, 1],
    "fuchs": [4, 3],
    "strasse": [4, 3],
    "nai": [5],
    "creme CAFÉ": [5],
    "東京": [6],
    "京東": [6],
    "夜 lamp": [6],
    "o'neill": [7],
    "42": [7],
    "4": [],
    "or not": [7],
    "near*": [7],
    '"lamp': [10, 7, 6, 2, 1],
    "viii fire": [8],
    "istan": [8],
    "हिन्दी": [9],
    "shared": [10],
    "_shared": [10],
    "red fox snow": [],
}
FACTS = {"even": [10, 8, 6, 4, 2], "shared": [9, 7, 5, 3, 1]}


def probe(team: int) -> dict[str, Any]:
    """Write the texts, ask everything, and take some away again; runs in a child, on its engine."""
    from generations import search  # noqa: PLC0415  # there are no settings before

    base = team * 1000
    mine = (search.term("team", team),)

    def found(*groups: tuple[str, ...], without: tuple[str, ...] = (), since: int = 0, **options: Any) -> list[int]:
        query = search.Query(groups=(mine, *groups), without=without, since=base + since)
        options = {name: value if name == "limit" else base + value for name, value in options.items()}
        return [number - base for number in search.find(query, **({"limit": 50} | options))]

    def typed(words: str) -> list[int]:
        return found(*[(token,) for token in search.asked(words)])

    def tokens_of(number: int, text: str) -> list[str]:
        fact = search.term("even") if number % 2 == 0 else search.term("shared")
        return [*mine, fact, *search.words_of(text)]

    search.write([(base + number, tokens_of(number, text)) for number, text in TEXTS.items()])
    told: dict[str, Any] = {
        "asked": {words: typed(words) for words in ASKED},
        "facts": {fact: found((search.term(fact),)) for fact in FACTS},
        "either": found((search.term("even"), search.term("shared"))),
        "page": found(limit=3),
        "next": found(limit=3, before=8),
        "up": found(limit=3, after=4),
        "top": found(limit=3, after=9),
        "since": [found(since=8), found(since=8, limit=2), found(since=7, after=5), found(since=4, before=6)],
        "without": found(without=(search.term("even"), "lamp*")),
        "count": search.count(search.Query(groups=(mine,)), most=4),
        "nothing": search.find(search.Query(groups=()), limit=5),
        "after": found(limit=3, after=4),
        "after lamp": found(("lamp*",), after=2),
    }
    search.write([(base + 1, [*mine, "blue", "hare"])])
    told["rewritten"] = [typed("fox"), typed("hare")]
    search.erase([base + 2, base + 1, base + 99])
    told["erased"] = [typed("fox"), typed("hare"), typed("lamps")]
    return told


@pytest.fixture(scope="module")
def told(engine: Engine) -> dict[str, Any]:
    answer: dict[str, Any] = engine.ask("tests.test_search", "904")
    return answer


@pytest.mark.parametrize("words", ASKED)
def test_words_find_what_begins_with_them_whatever_case_and_accents(told: dict[str, Any], words: str) -> None:
    assert told["asked"][words] == ASKED[words]


def test_facts_are_found_by_their_terms_and_never_by_typing(told: dict[str, Any]) -> None:
    assert told["facts"] == FACTS
    assert told["either"] == list(range(10, 0, -1))
    assert told["without"] == [9, 5, 3]


def test_pages_come_newest_first(told: dict[str, Any]) -> None:
    assert (told["page"], told["next"]) == ([10, 9, 8], [7, 6, 5])
    assert (told["count"], told["nothing"]) == (4, [])


def test_the_other_way_the_nearest_comes_first(told: dict[str, Any]) -> None:
    assert told["after"] == [5, 6, 7]
    assert told["after lamp"] == [6, 7, 10]


def test_upward_the_nearest_come_first_and_nothing_older_than_a_border(told: dict[str, Any]) -> None:
    assert (told["up"], told["top"]) == ([5, 6, 7], [10])
    assert told["since"] == [[10, 9, 8], [10, 9], [7, 8, 9, 10], [5, 4]]


def test_what_is_written_again_or_erased_is_found_by_nothing_it_had(told: dict[str, Any]) -> None:
    assert told["rewritten"] == [[2], [1]]
    assert told["erased"] == [[], [], []]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(probe(int(sys.argv[1]))))
