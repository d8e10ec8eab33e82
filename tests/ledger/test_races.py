"""Many processes want the same credits at the same moment, on both engines."""

from collections import Counter

from tests.engines import Engine


def test_the_last_credits_are_spent_once(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "race", "last_credits")

    assert Counter(told["seen"]) == {"bought": 10, "refused 5": 22}
    assert told["balance"] == [50, 50]
    assert (told["processes"], told["findings"]) == (8, [])


def test_credits_are_returned_once_however_many_return_them(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "race", "double_release")

    assert Counter(told["seen"]) == {"first True, repeat False": 8, "first False, repeat True": 56}
    assert told["balance"] == [40, 0]
    assert told["findings"] == []


def test_one_key_grants_and_moves_once(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "race", "same_key")

    assert Counter(told["seen"]) == {"repeat False": 2, "repeat True": 14}
    assert (told["pool"], told["balance"]) == (0, [100, 0])
    assert told["findings"] == []


def test_one_key_serves_one_of_two_accounts(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "race", "one_key_for_two")

    winner = 0 if told["balances"][0] == [7, 0] else 1
    assert Counter(told["seen"]) == {
        f"{winner} repeat False": 1,
        f"{winner} repeat True": 3,
        f"{1 - winner} refused": 4,
    }
    assert sorted(told["balances"]) == [[0, 0], [7, 0]]
    assert told["findings"] == []


def test_transfers_against_each_other_never_lock_up(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "race", "opposite_transfers")

    assert told["seen"] == ["moved"] * 8
    assert told["balances"] == [[500, 0], [500, 0]]
    assert told["findings"] == []
