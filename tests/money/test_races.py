"""Processes that pay, answer, order, return and prove at the same moment: each thing happens once, on both engines."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.engines import Template
from tests.faults.hands import Hands

PRICE = 5
"""What the demo's painter costs, and with it every picture here."""

Told = dict[str, Any]
Hold = Callable[[str], Told]


@pytest.fixture(scope="module")
def rivals(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    """A process that holds races on a database of each kind."""
    with template.engine(tmp_path_factory.mktemp("money")) as engine:
        hands = Hands(engine.env, module="tests.money.rivals")
        yield hands
        hands.close()


@pytest.fixture
def hold(rivals: Hands) -> Hold:
    """Holds the race of that name; the books must be right after every one."""

    def race(name: str) -> Told:
        told: Told = rivals.ask("race", name=name)
        assert told["findings"] == []
        assert told["lowest"] >= 0
        assert (told["ends"], told["ended_twice"]) == (told["ended"], 0)
        return told

    return race


class TestTheEndOfAPicture:
    def test_gives_its_credits_back_once_whoever_ends_it(self, hold: Hold) -> None:
        told = hold("everybody_ends_it")

        assert set(told["seen"]) <= {"done", "TooLate", "gave, done", "gave, Gone"}
        for first, won in told["won"].items():
            assert sum(won.values()) == 8
            assert first == "" or won[first] > 0, f"{first} began alone, and ended nothing"
        canceled, failed = told["states"]["canceled"], told["states"]["failed"]
        wins = {kind: sum(won.get(kind, 0) for won in told["won"].values()) for kind in ("cancel", "expire", "remove")}
        assert (wins["expire"], wins["cancel"] + wins["remove"], canceled + failed) == (failed, canceled, 32)
        assert told["seen"]["done"] == wins["cancel"]
        assert (told["balances"], told["pool"]) == ([[0, 0]] * 4, 32 * PRICE + 100)

    def test_is_paid_once_however_many_bring_it_home(self, hold: Hold) -> None:
        told = hold("everybody_collects_it")

        assert (told["states"], told["balance"]) == ({"succeeded": 24}, [0, 0])


class TestACorrection:
    """F65."""

    def test_never_takes_what_is_held_for_pictures(self, hold: Hold) -> None:
        told = hold("corrections_against_submits")

        seen, [posted, held] = told["seen"], told["balance"]
        assert set(seen) <= {"placed", "NotEnoughCredits", "corrected, done", "corrected, NotEnoughCredits"}
        assert held == PRICE * seen.get("placed", 0)
        assert posted == 20 * PRICE - 2 * PRICE * seen.get("corrected, done", 0)
        assert 0 <= posted - held < 2 * PRICE
        assert told["last"] == ("done" if posted > held else "NotEnoughCredits")


class TestAMonth:
    """F66."""

    def test_is_paid_once_on_however_many_nodes(self, hold: Hold) -> None:
        told = hold("one_month_on_many_nodes")

        assert told["trouble"] == []
        assert told["months"] == [told["this_month"]]
        assert told["payments"] == 6 * told["due"]
        assert told["sums"][1:] == [30 * told["due"]] * 5
        assert 30 * told["due"] <= told["sums"][0] <= 40 * told["due"]


class TestAnAsk:
    def test_is_answered_once_by_whoever_is_first(self, hold: Hold) -> None:
        told = hold("one_ask_many_answers")

        assert told["seen"] == [[["AnsweredAlready", 2], ["done", 1]]] * 5
        assert told["right"] == [True] * 5

    def test_is_open_as_before_where_the_pool_is_too_small(self, hold: Hold) -> None:
        told = hold("many_asks_one_pool")

        assert told["seen"] == {"done, approved": 3, "PoolTooSmall, open": 3}
        assert (told["answers"], told["pool"]) == ({"approved": 3, "open": 3}, 5)


class TestABrake:
    def test_stops_all_tabs_together(self, hold: Hold) -> None:
        told = hold("brake_against_many_tabs")

        assert told["seen"] == {"placed": 10, "BrakeReached": 22}
        assert told["balance"] == [100 * PRICE, 10 * PRICE]
        assert told["told"] == {"limit_50": 2, "limit_80": 1, "limit_100": 1}

    def test_lets_no_batch_pass_in_part(self, hold: Hold) -> None:
        told = hold("brake_against_whole_batches")

        assert told["seen"] == {"placed": 3, "BrakeReached": 13}
        assert told["balance"] == [100 * PRICE, 9 * PRICE]


def test_a_proof_during_work_finds_nothing_false(hold: Hold) -> None:
    told = hold("audit_during_load")

    assert told["seen"] == {"worked": 3, "moved": 1, "proved": 2}
    assert told["longest"] > 20
    assert told["spent"] < 0
