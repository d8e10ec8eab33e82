"""`python -m tests.services.operating <race>`: a generation is stopped at the moment something else happens to it.

The last line printed is what became of it, as JSON.
"""

import itertools
import json
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import pytest

django.setup()

from generations.models import CreditEntry, Generation, Person, Price, Role, State  # noqa: E402  # after set-up
from generations.models.person import DeskRole  # noqa: E402
from generations.providers.base import Ready  # noqa: E402
from generations.providers.demo import Demo  # noqa: E402
from generations.services import collecting, operating  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from generations.services.pumping import verdicts  # noqa: E402
from generations.services.pumping.talk import Looked  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.making import hand_over, make_waiting  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402


def running() -> Generation:
    """Somebody's picture, at the vendor."""
    Price.seed()
    asked = itertools.count()
    pytest.MonkeyPatch().setattr(Demo, "clock", staticmethod(lambda: time.time() + 100 * next(asked)))
    return hand_over(make_waiting(join(found("raced"), secrets.token_hex(4), Role.CREATOR)))


def operator() -> Person:
    return Person.objects.create_user(f"{secrets.token_hex(6)}@studio.test", is_staff=True, desk_role=DeskRole.OPERATOR)


def stop(row: Generation, by: Person) -> str:
    """As somebody who has had it before them since before the race."""
    return str(operating.stop(generation=row, by=by))


def deliver(row: Generation) -> str:
    verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])
    return "delivered"


def told(row: Generation, seen: list[str]) -> dict[str, Any]:
    row.refresh_from_db()
    kinds = list(CreditEntry.objects.filter(hold__generation=row).exclude(kind="hold").values_list("kind", flat=True))
    paid = row.state == State.SUCCEEDED
    return {
        "seen": seen,
        "state": row.state,
        "ends": len(kinds),
        "agrees": kinds == (["settle"] if paid else ["release"]),
        "audit": [str(finding) for finding in audit()],
    }


def stop_twice() -> dict[str, Any]:
    row, one, other = running(), operator(), operator()
    first, second = (Generation.objects.get(pk=row.pk) for _ in range(2))
    return told(row, race(lambda: stop(first, one), lambda: stop(second, other)))


def stop_while_saved() -> dict[str, Any]:
    row, one = running(), operator()
    deliver(row)
    seen = Generation.objects.get(pk=row.pk)

    def save() -> str:
        collecting.collect(generation=str(row.pk))
        return "saved"

    return told(row, race(save, lambda: stop(seen, one)))


def stop_while_delivered() -> dict[str, Any]:
    """The vendor is done at that moment; whoever is first, the end is one."""
    row, one = running(), operator()
    seen = Generation.objects.get(pk=row.pk)
    said = race(lambda: deliver(row), lambda: stop(seen, one))
    collecting.collect(generation=str(row.pk))
    return told(row, said)


RACES: dict[str, Callable[[], dict[str, Any]]] = {
    "stop_twice": stop_twice,
    "stop_while_saved": stop_while_saved,
    "stop_while_delivered": stop_while_delivered,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
