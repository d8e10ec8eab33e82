"""I18: what a vendor took has a line of its cost, and the line says what the vendor said."""

from typing import Any

import pytest

from generations.models import Attempt, Generation, Outcome, State
from generations.services.auditing import audit
from tests.services.auditing.planted import attempt, found, generation, somebody, tamper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books() -> None:
    somebody()


def taken(cost: int | None, *, told: int | None = 3) -> Attempt:
    """A line for what a vendor took, and what the vendor told of it."""
    row = generation(State.SUCCEEDED)
    facts: dict[str, Any] = {"vendor_task_id": "task", "vendor_cost": told}
    tamper(Generation, row.pk, **facts)
    return attempt(row, 1, Outcome.ACCEPTED, vendor_cost=cost)


@pytest.mark.parametrize(("cost", "told"), [(3, 3), (None, None), (3, None)])
def test_a_line_that_says_what_is_known_is_right(cost: int | None, told: int | None) -> None:
    taken(cost, told=told)

    assert audit() == []


@pytest.mark.parametrize(("cost", "told"), [(None, 3), (4, 3), (-3, -3)])
def test_a_line_that_does_not_say_it_is_found(cost: int | None, told: int) -> None:
    line = taken(cost, told=told)
    [finding] = audit()

    assert (finding.rule, finding.subject, finding.id) == ("I18", "attempt", str(line.pk))


def test_work_without_a_line_is_found() -> None:
    tamper(Attempt, taken(3).pk, outcome=Outcome.UNKNOWN)

    assert found() == {("I18", "generation")}
