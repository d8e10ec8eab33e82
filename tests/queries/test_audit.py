"""The log says which actions it knows, and gives its lines as rows of a file however many there are."""

import pytest

from generations.models import AuditEntry
from generations.queries import audit
from tests.conftest import Cast
from tests.engines import Engine


def test_each_action_is_known_once_in_order(cast: Cast) -> None:
    assert audit.known_actions() == []
    for action in ("tested", "looked", "tested", "asked", "looked"):
        AuditEntry.note(action, by=cast.ada)

    assert audit.known_actions() == ["asked", "looked", "tested"]


def test_a_file_is_read_piece_by_piece(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ROWS_AT_ONCE", 2)
    for number in range(5):
        AuditEntry.note("tested", by=cast.ada if number % 2 else None, actor="command", target=f"lamp:{number}")
    headings, *rows = audit.file_of(AuditEntry.objects.all())

    assert headings == audit.HEADINGS
    assert [row[5] for row in rows] == [f"lamp:{number}" for number in (4, 3, 2, 1, 0)]
    assert [row[3] for row in rows[:2]] == ["", "ada@studio.test"]


def test_both_databases_say_the_same(engine: Engine) -> None:
    """Of the log and, because a child is dear, of the numbers for monitors too."""
    assert engine.ask("tests.queries.logbook") == {
        "actions": ["log_asked", "log_lit"],
        "found": 3,
        "days": True,
        "rows": 4,
        "samples": 2,
    }
