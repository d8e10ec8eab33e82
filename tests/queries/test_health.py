"""F72: a studio whose database lost a constraint is not ready, and says which."""

from tests.engines import Engine

CONSTRAINTS = (
    "generation.generation_task_once",
    "generation.generation_place_in_batch",
    "creditaccount.credit_account_one_pool",
    "generation.generation_finished_when_closed",
)
"""A unique index for some rows, one for all, another table's, and a check."""


def test_a_constraint_that_was_dropped_is_named(engine: Engine) -> None:
    told = engine.ask("tests.queries.readiness", *CONSTRAINTS)

    names = [constraint.partition(".")[2] for constraint in CONSTRAINTS]
    assert told == {
        name: {
            "before": [503, []],
            "without": [503, [f"The database lacks the constraint {name}."]],
            "after": [503, []],
        }
        for name in names
    }
