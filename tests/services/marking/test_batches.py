"""Several people say something about one picture at the same moment, on both engines: all of it is kept and found."""

from tests.engines import Engine

MODULE = "tests.services.marking"
PEOPLE = 4


def test_everybody_has_their_own_heart_and_stars(engine: Engine) -> None:
    told = engine.ask(MODULE, "hearts")
    assert told == {"seen": ["done"] * PEOPLE * 2, "rows": PEOPLE, "found": PEOPLE}


def test_one_new_name_is_one_tag(engine: Engine) -> None:
    told = engine.ask(MODULE, "one_name")
    assert told == {"seen": ["True", *["done"] * (PEOPLE - 1)], "uses": 1, "worn": 1}


def test_a_merge_loses_nothing_that_is_tagged_meanwhile(engine: Engine) -> None:
    told = engine.ask(MODULE, "merged_meanwhile")
    assert told["seen"] == sorted(["brass", *["True"] * PEOPLE])
    assert (told["brass"], told["right"], told["found"]) == (PEOPLE + 1, True, PEOPLE + 1)
