"""Who may operate, and the line in the audit log that says what they did."""

from typing import Any

from generations.models import AuditEntry, Generation, Person, Team
from generations.services.operating.refusals import NotOperator


def expect_operator(by: Person) -> str:
    """How the books and events name them. Raises NotOperator."""
    if not by.may_operate:
        raise NotOperator
    return f"person:{by.pk}"


def note(action: str, *, by: Person, team: Team, target: str, **values: Any) -> None:
    AuditEntry.note(action, by=None, actor=f"person:{by.pk}", person=by, team=team, target=target, **values)


def target_of(row: Generation) -> str:
    return f"generation:{row.pk}"
