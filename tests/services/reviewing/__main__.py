"""`python -m tests.services.reviewing <race>`: the same picture is judged, reported or fetched at the same moment.

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
from django.db import connection
from django.test.utils import CaptureQueriesContext

django.setup()

from generations.models import (  # noqa: E402  # the models are there only after set-up
    Action,
    Image,
    ImageReport,
    Member,
    Price,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    Role,
    State,
)
from generations.providers.base import Ready  # noqa: E402
from generations.providers.demo import Demo  # noqa: E402
from generations.queries.review import SHOWN, desk_of  # noqa: E402
from generations.services import collecting, reviewing  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from generations.services.pumping import verdicts  # noqa: E402
from generations.services.pumping.talk import Looked  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.making import finish_one, hand_over, make_waiting  # noqa: E402
from tests.services.reviewing.bench import reviewer  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402


def people() -> tuple[Member, Member, Member]:
    """A creator, an owner and an admin of a new team."""
    Price.seed()
    asked = itertools.count()
    pytest.MonkeyPatch().setattr(Demo, "clock", staticmethod(lambda: time.time() + 100 * next(asked)))
    team = found("raced")
    creator, owner, admin = (join(team, secrets.token_hex(4), role) for role in (Role.CREATOR, Role.OWNER, Role.ADMIN))
    return creator, owner, admin


def decide(case: ReviewCase, who: Reviewer, action: Action, reason: str) -> str:
    """As somebody who has had the case before them since it began."""
    reviewing.decide(case=case, reviewer=who, action=action, reason=reason, version=1)
    return "done"


def decide_together() -> dict[str, Any]:
    creator, owner, admin = people()
    case = reviewing.report(member=owner, image=finish_one(creator), reason="other")
    seen = race(
        lambda: decide(ReviewCase.objects.get(pk=case.pk), reviewer(owner), Action.HIDE, "hateful"),
        lambda: decide(ReviewCase.objects.get(pk=case.pk), reviewer(admin), Action.KEEP, "fine"),
    )
    case.refresh_from_db()
    [decision] = ReviewDecision.objects.filter(case=case)
    hidden = Image.objects.filter(hidden_by=case).exists()
    return {"seen": seen, "agrees": hidden == (case.state == "hidden") == (decision.action == "hide")}


def report_together() -> dict[str, Any]:
    creator, owner, admin = people()
    image = finish_one(creator)

    def report(member: Member) -> str:
        reviewing.report(member=member, image=image, reason="other")
        return "done"

    seen = race(*[lambda member=member: report(member) for member in (owner, owner, admin)])
    cases = ReviewCase.objects.filter(image=image)
    return {"seen": seen, "cases": cases.count(), "reports": ImageReport.objects.filter(case__in=cases).count()}


def hide_while_fetched() -> dict[str, Any]:
    """F63: whoever comes first, the picture is hidden, and it is paid for."""
    creator, owner, _ = people()
    row = hand_over(make_waiting(creator))
    verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])
    case = reviewing.open_on(generation=row, reviewer=reviewer(owner))
    seen = race(
        lambda: collecting.collect(generation=str(row.pk)),
        lambda: decide(ReviewCase.objects.get(pk=case.pk), reviewer(owner), Action.HIDE, "hateful"),
    )
    row.refresh_from_db()
    hidden = Image.objects.filter(generation=row, hidden_by=case).count()
    return {"seen": seen, "paid": row.state == State.SUCCEEDED, "hidden": hidden, "audit": len(audit())}


def plans() -> dict[str, Any]:
    """How the database finds what each list shows first: the index, and that nothing is sorted."""
    creator, owner, admin = people()
    for number in range(3):
        case = reviewing.report(member=admin, image=finish_one(creator, f"lamp {number}"), reason="other")
        if number:
            decide(case, reviewer(owner), Action.HIDE, "hateful")
    assert owner.person is not None
    found = {}
    for name, who in {"studio": Reviewer(person=owner.person), "team": reviewer(owner)}.items():
        for which in ("waiting", "hidden"):
            with CaptureQueriesContext(connection) as asked:
                desk_of(who, which=which)
            [shown] = [one["sql"] for one in asked if "ORDER BY" in one["sql"] and f"LIMIT {SHOWN}" in one["sql"]]
            found[f"{name} {which}"] = _plan(shown)
    return found


def _plan(statement: str) -> str:
    """As on tables that are large: PostgreSQL reads and sorts small ones whatever their indexes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("SET enable_bitmapscan = off")
            cursor.execute("SET enable_sort = off")
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN'} {statement}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


RACES: dict[str, Callable[[], dict[str, Any]]] = {
    "decide_together": decide_together,
    "report_together": report_together,
    "hide_while_fetched": hide_while_fetched,
    "plans": plans,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
