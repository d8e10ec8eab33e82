"""Closing and opening, on both engines: once, and never past a claim."""

from tests.engines import Engine


def test_of_three_who_close_it_at_once_one_does(engine: Engine) -> None:
    told = engine.ask("tests.doors", "close_together")
    assert told == {"seen": ["ChangedMeanwhile", "ChangedMeanwhile", "done"], "standing": 1, "lines": 1}


def test_of_two_who_open_it_at_once_one_does(engine: Engine) -> None:
    assert engine.ask("tests.doors", "open_together") == {"seen": ["opened", "was open"]}


def test_a_pause_waits_for_a_claim_and_nothing_is_claimed_after_it(engine: Engine) -> None:
    told = engine.ask("tests.doors", "pause_while_claimed")
    assert told["told"] == ["claimed", "paused"]
    assert (told["claimed"], told["after"]) == (1, 0)
    assert told["states"] == ["submitting", "queued"]


def test_a_claim_waits_for_a_pause_and_finds_it_closed(engine: Engine) -> None:
    told = engine.ask("tests.doors", "claim_while_paused")
    assert told == {"claims": [0], "still waits": True, "audit": 0}


def test_the_database_refuses_what_makes_no_sense(engine: Engine) -> None:
    told = engine.ask("tests.doors", "constraints")
    assert told["refused"] == told["of"]


def test_one_statement_finds_all_that_hangs_over_a_page(engine: Engine) -> None:
    told = engine.ask("tests.doors", "banners")
    assert told["words"] == ["A new version.", "Slow today.", "New brushes."]
    assert told["moods"] == ["caution", "caution", "info"]
    assert told["begins"] == [True, False, False]
