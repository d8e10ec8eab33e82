"""Each rule finds the fault it is about, on both databases, and nothing where nothing was planted."""

import pytest

from tests.engines import Engine


@pytest.fixture(scope="module")
def rules(engine: Engine) -> dict[str, list[str]]:
    found: dict[str, list[str]] = engine.ask("tests.services.auditing")
    return found


def test_each_planted_fault_is_found_by_its_rule(rules: dict[str, list[str]]) -> None:
    assert rules.pop("nothing") == []
    missed = {fault: seen for fault, seen in rules.items() if fault.partition("_")[0].upper() not in seen}

    assert missed == {}
    assert {fault.partition("_")[0] for fault in rules} == {f"i{number}" for number in range(1, 20)}
