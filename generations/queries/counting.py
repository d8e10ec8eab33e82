"""How many there are, as far as anybody wants to know: beyond that a page says so, and nothing is counted."""

from typing import Any

from django.db.models import QuerySet

COUNTED_MAX = 99


def counted(rows: QuerySet[Any]) -> int:
    """How many these are; of more than COUNTED_MAX one more than that."""
    return int(rows.order_by()[: COUNTED_MAX + 1].count())


def count_text(number: int, *, most: int | None = None) -> str:
    """12, or 99+ for what was counted no further."""
    most = COUNTED_MAX if most is None else most
    return f"{most}+" if number > most else str(number)
