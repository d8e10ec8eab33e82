"""I16: a constraint that the database has lost, or holds otherwise than declared, is found."""

import pytest
from django.db import connection

from generations.services.auditing import audit, examine_rows
from tests.services.auditing.planted import unguarded

pytestmark = pytest.mark.django_db
REFUNDS = "credit_entry_one_refund"


@pytest.mark.parametrize("index", [REFUNDS, "generation_task_once", "credit_account_one_pool"])
def test_a_lost_index(index: str) -> None:
    with unguarded(index):
        [finding] = audit()

    assert (finding.rule, finding.words) == ("I16", "is missing")
    assert finding.id.endswith(f".{index}")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("INDEX {} ON generations_creditentry (hold_id)", "is not unique, or is about other columns"),
        ("UNIQUE INDEX {} ON generations_creditentry (seq)", "is not unique, or is about other columns"),
        ("UNIQUE INDEX {} ON generations_creditentry (hold_id)", "holds for other rows than it should"),
    ],
)
def test_an_index_that_is_not_the_declared_one(made: str, words: str) -> None:
    with unguarded(REFUNDS), connection.cursor() as cursor:
        cursor.execute("CREATE " + made.format(REFUNDS))
        [finding] = audit()

    assert (finding.id, finding.words) == (f"generations_creditentry.{REFUNDS}", words)


def test_a_table_that_is_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE generations_balancereading")
    [finding] = examine_rows().findings

    assert (finding.rule, finding.subject, finding.id) == ("I16", "table", "generations_balancereading")
