"""F72: a studio whose database lost a constraint is not ready, and says which."""

from tests.engines import Engine

CONSTRAINTS = (
    "generation.generation_task_once",
    "generation.generation_place_in_batch",
    "creditaccount.credit_account_one_pool",
    "generation.generation_finished_when_closed",
)
"""A unique index for some rows, one for all, another table's, and a check."""
COLUMNS = ("creditentry.idempotency_key", "attempt.token_hash")
"""Unique by themselves: money is never written twice because of the first."""


def test_a_constraint_that_was_dropped_is_named(engine: Engine) -> None:
    told = engine.ask("tests.queries.readiness", *CONSTRAINTS)

    names = [constraint.partition(".")[2] for constraint in CONSTRAINTS]
    assert told == {
        name: {
            "before": [503, []],
            "without": [503, [f"In the database the constraint {table_of(constraint)}.{name} is missing."]],
            "after": [503, []],
        }
        for constraint, name in zip(CONSTRAINTS, names, strict=True)
    }


def test_a_column_that_is_no_longer_unique_is_named(engine: Engine) -> None:
    told = engine.ask("tests.queries.readiness", *COLUMNS)

    for column in COLUMNS:
        name = column.partition(".")[2]
        words = f"In the database the constraint {table_of(column)}.{name} is not unique."
        assert told[name] == {"before": [503, []], "without": [503, [words]], "after": [503, []]}


def table_of(name: str) -> str:
    return f"generations_{name.partition('.')[0]}"
