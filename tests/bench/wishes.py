"""What the bench asks of the process beside the studio."""

import datetime
from typing import Any

from generations.management import preparing
from generations.models import Generation, GenerationEvent, Lease, State, clock, pump_lease
from tests.faults.wishes import audit, found, open_rows, order, session

__all__ = ["audit", "found", "hold_the_pump", "open_rows", "order", "prepare", "session", "spans"]

ONE_DAY = 86_400


def prepare() -> None:
    """What `manage.py studio` does before it starts web and worker."""
    preparing.bring_database_up()
    preparing.collect_static_files()


def hold_the_pump() -> None:
    """As if a pump were at work for the rest of the day: pages that ask find nothing to be woken."""
    Lease.objects.create(name=pump_lease(0), token="bench", until=clock.now() + datetime.timedelta(seconds=ONE_DAY))


def spans() -> list[dict[str, Any]]:
    """Of every generation: its vendor's name for it, and when it came into which state, as Unix seconds."""
    moments: dict[Any, dict[str, float]] = {}
    for row, state, at in GenerationEvent.objects.order_by("pk").values_list("generation", "to_state", "at"):
        moments.setdefault(row, {})[State(state).value] = at.timestamp()
    rows = Generation.objects.values_list("pk", "vendor_task_id", "looks")
    return [{"id": str(pk), "task": task, "looks": looks, **moments[pk]} for pk, task, looks in rows]
