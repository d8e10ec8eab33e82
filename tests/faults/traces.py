"""All that the database keeps of a picture, in a form in which two pictures that fared alike are equal.

Of what no two share, names and moments, it says only whether there is one, and of addresses how many.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from generations.models import CreditEntry, CreditHold, Generation
from generations.models.generation import GenerationEvent

OWN = {"id", "batch_id", "generation_id", "prompt", "vendor_task_id", "token_hash"}
"""What names a picture, its order or its task."""
PLACE = "position"
"""Which of its order's pictures it is, which makes no difference to any."""


def of(row: Generation) -> dict[str, Any]:
    hold = CreditHold.objects.get(generation=row)
    entries = CreditEntry.objects.filter(hold=hold).order_by("seq")
    moves = GenerationEvent.objects.filter(generation=row).order_by("seq")
    return {
        "row": _plain(row) | {"charged": row.charged},
        "moves": [list(move) for move in moves.values_list("from_state", "to_state", "actor", "reason")],
        "attempts": [_plain(attempt) for attempt in row.attempts.order_by("number")],
        "hold": _plain(hold),
        "ledger": [list(line) for line in entries.values_list("kind", "d_posted", "d_held", "actor", "reason")],
        "images": [_plain(image) for image in row.images.order_by("index")],
    }


def _plain(row: Model) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if field.attname != PLACE]
    return {name: _word(name, getattr(row, name)) for name in names}


def _word(name: str, value: Any) -> Any:
    if name == "result_urls":
        return len(value)
    if name in OWN or isinstance(value, datetime):
        return bool(value)
    return str(value) if isinstance(value, Decimal) else value
