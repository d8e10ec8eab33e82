"""F1 to F6: processes that want the same credits, the same form or the same last place at the same moment."""

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
    with template.engine(tmp_path_factory.mktemp("rivals")) as engine:
        hands = Hands(engine.env, module="tests.faults.rivals")
        yield hands
        hands.close()


@pytest.fixture
def hold(rivals: Hands) -> Hold:
    """Holds the race of that name; the books must be right after every one."""

    def race(name: str) -> Told:
        told: Told = rivals.ask("race", name=name)
        assert told["findings"] == []
        assert told["lowest"] is None or told["lowest"] >= 0
        assert told["generations"] == told["holds"] == told["held_once"]
        return told

    return race


class TestOneForm:
    """F1 and F2: a request key is one order."""

    def test_sent_by_twenty_at_once_is_one_order(self, hold: Hold) -> None:
        told = hold("one_form")

        assert told["seen"] == [[20]] * 3
        assert (told["batches"], told["generations"], told["events"]) == (3, 9, 9)
        assert (told["messages"], told["available"]) == (3, [91 * PRICE])

    def test_filled_in_twenty_ways_is_the_first_of_them(self, hold: Hold) -> None:
        told = hold("one_key_for_many_prompts")

        assert told["seen"] == [{"winner": 2, "RequestKeyReused": 38}] * 3
        assert (told["batches"], told["generations"], told["events"]) == (3, 3, 3)
        assert (told["messages"], told["available"]) == (3, [97 * PRICE])


class TestLastCredits:
    """F3: exactly as many win as can be paid for, and the others hear why."""

    def test_are_spent_once_by_eight_tabs(self, hold: Hold) -> None:
        told = hold("last_credits")

        assert told["seen"] == {"placed": 10, "NotEnoughCredits": 22}
        assert (told["batches"], told["generations"], told["available"]) == (10, 10, [0])

    def test_pay_for_whole_batches_or_none(self, hold: Hold) -> None:
        told = hold("last_batches")

        assert told["seen"] == {"placed": 3, "NotEnoughCredits": 13}
        assert (told["batches"], told["generations"], told["available"]) == (3, 9, [PRICE])

    def test_go_to_one_of_two_tabs_every_time(self, hold: Hold) -> None:
        told = hold("two_tabs")

        assert told["seen"] == [[["NotEnoughCredits", 1], ["placed", 1]]] * 12
        assert (told["batches"], told["available"]) == (12, [0] * 12)

    def test_of_one_member_are_not_those_of_another(self, hold: Hold) -> None:
        told = hold("many_members")

        assert told["seen"] == [{"placed": 5, "NotEnoughCredits": 3}] * 4
        assert (told["batches"], told["available"]) == (20, [0] * 4)

    def test_of_nobody_buy_nothing(self, hold: Hold) -> None:
        told = hold("penniless")

        assert told["seen"] == {"NotEnoughCredits": 24}
        assert (told["batches"], told["generations"], told["messages"], told["available"]) == (0, 0, 0, [0])

    def test_are_right_while_others_cancel_and_carry_away(self, hold: Hold) -> None:
        told = hold("against_cancels_and_transfers")

        seen, open_now = told["seen"], told["states"].get("queued", 0)
        assert set(seen) <= {"placed", "canceled", "carried", "NotEnoughCredits", "TooLate"}
        assert seen["canceled"] == told["states"]["canceled"] >= 8
        assert open_now == 8 + 2 * seen["placed"] - seen["canceled"]
        assert told["balance"] == [20 * PRICE - 3 * seen.get("carried", 0), PRICE * open_now]


class TestPrices:
    """F4 and F5: no price, no order; and what was sold keeps the price it was sold at."""

    def test_that_are_gone_refuse_before_anything_is_held(self, hold: Hold) -> None:
        told = hold("price_taken_away")

        seen = told["seen"]
        assert set(seen) == {"placed", "OfferUnavailable"}
        assert (seen["placed"] + seen["OfferUnavailable"], told["prices"]) == (6 * 14, [PRICE])
        assert seen["placed"] >= 6 <= seen["OfferUnavailable"]
        assert told["batches"] == seen["placed"]
        assert sum(told["available"]) == PRICE * (180 - told["generations"])

    def test_that_rise_leave_alone_what_was_sold(self, hold: Hold) -> None:
        told = hold("price_changed")

        prices = [row[2] for row in told["sold"]]
        assert told["seen"] == {"at its price": 12}
        assert told["sold"] == [["succeeded", 1, *[price] * 5] for price in prices]
        assert prices.count(PRICE) >= 3 <= prices.count(PRICE + 9)
        assert sum(told["available"]) == 600 * PRICE - sum(prices)


class TestDeath:
    """F6: whoever dies while ordering, and sends the form again, has one order."""

    def test_before_any_statement_leaves_nothing(self, hold: Hold) -> None:
        told = hold("killed_at_each_statement")

        orders = len(told["fates"]) + 1
        assert (set(told["fates"]), told["last"]) == ({0}, [1, True])
        assert orders > 12
        assert (told["batches"], told["generations"]) == (orders, 3 * orders)
        assert told["available"] == [PRICE * (200 - 3 * orders)]

    def test_after_the_commit_leaves_the_order(self, hold: Hold) -> None:
        told = hold("killed_after_the_commit")

        assert told["fates"] == [["killed", 1], ["killed", 1]]
        assert (told["batches"], told["generations"], told["available"]) == (2, 6, [94 * PRICE])

    def test_at_any_moment_among_rivals_makes_no_second_order(self, hold: Hold) -> None:
        told = hold("killed_at_random")

        assert told["deaths"] > 0
        assert told["answers"] == [1] * 12
        assert (told["batches"], told["generations"], told["available"]) == (12, 36, [64 * PRICE])


class TestLimits:
    """Of one member, exact however many try."""

    def test_let_sixty_orders_pass_in_a_minute(self, hold: Hold) -> None:
        told = hold("too_many_orders_in_a_minute")

        assert told["seen"] == {"placed": 60, "TooFast": 20}
        assert (told["batches"], told["generations"], told["available"]) == (60, 60, [40 * PRICE])

    def test_let_no_batch_reach_past_five_hundred_open(self, hold: Hold) -> None:
        told = hold("too_many_open")

        assert told["seen"] == {"placed": 5, "TooManyOpen": 15}
        assert (told["batches"], told["generations"], told["available"]) == (6, 499, [501 * PRICE])
