"""What tests of the audit need: somebody with books that are right, and ways to make them wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from generations.models import Attempt, Credential, Generation, Member, Outcome, State
from generations.services.auditing import audit
from tests.ledger import rows


def somebody() -> Member:
    """Somebody with one picture of each end, one under way, and books that are right."""
    member = rows.join(rows.found())
    rows.fund(member, 50)
    paid, stopped, _ = rows.order(member, 5, 5, 5)
    rows.succeed(paid)
    rows.cancel(stopped)
    return member


def tamper(model: type[models.Model], pk: object, **changes: Any) -> None:
    """Change a row past everything that refuses it but the database."""
    assert models.QuerySet(model).filter(pk=pk).update(**changes) == 1


def found() -> set[tuple[str, str]]:
    """The rules that were broken, and the kind of row each finding names."""
    return {(finding.rule, finding.subject) for finding in audit()}


def generation(state: State) -> Generation:
    return Generation.objects.get(state=state)


def attempt(row: Generation, number: int, outcome: Outcome = Outcome.OPEN, **facts: Any) -> Attempt:
    credential, _ = Credential.objects.get_or_create(team=row.team, provider="demo", label="Demo")
    facts |= {"generation": row, "number": number, "outcome": outcome, "token_hash": rows.key()}
    return Attempt.objects.create(credential=credential, limit_group="demo", **facts)


@contextmanager
def unguarded(*names: str, table: str = "") -> Iterator[None]:
    """The database without its checks on SQLite, and without these indexes, or constraints of that table, as after a
    restore by hand.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        for name in names:
            if table and connection.vendor == "postgresql":
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            elif not table:
                cursor.execute(f'DROP INDEX "{name}"')
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
