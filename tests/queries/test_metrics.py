"""What a monitor is told is true, costs the same however much there is, and never reads what ended long ago."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import storage
from generations.models import Alert, AuditRun, Generation, Heartbeat, Shut, clock
from generations.queries.metrics import Gauge, gauges, text_of
from generations.services import shutting
from tests.conftest import Cast
from tests.making import fail_one, finish_one, hand_over, make_waiting

LINE = re.compile(r"^([a-z_]+)(?:\{([^}]*)\})? (\S+)$")


def numbers() -> dict[str, float]:
    """Each sample of the text under its name and labels."""
    found = (LINE.match(line) for line in text_of(gauges()).splitlines() if not line.startswith("#"))
    return {f"{one[1]} {one[2] or ''}".strip(): float(one[3]) for one in found if one}


def test_work_is_counted_by_state(cast: Cast) -> None:
    hand_over(make_waiting(cast.ben))
    make_waiting(cast.ben)
    make_waiting(cast.mallory)
    finish_one(cast.ben)
    fail_one(cast.mallory)
    found = numbers()

    assert {found[f'studio_generations state="{state}"'] for state in ("submitting", "in_doubt", "fetching")} == {0}
    assert found['studio_generations state="queued"'] + found['studio_generations state="running"'] == 3
    assert found['studio_generations_ended_day state="succeeded"'] == 1
    assert found['studio_generations_ended_day state="canceled"'] == 0
    assert found['studio_vendor_ended_hour provider="demo",outcome="success"'] == 1
    assert found['studio_vendor_ended_hour provider="demo",outcome="failure"'] == 1
    assert found['studio_vendor_ended_hour provider="apixo",outcome="failure"'] == 0
    assert found["studio_credits_held"] == sum(Generation.objects.open().values_list("price", flat=True))


def test_what_ended_longer_ago_is_not_counted(cast: Cast) -> None:
    row = finish_one(cast.ben).generation
    Generation.objects.filter(pk=row.pk).update(finished_at=clock.now() - timedelta(hours=2))
    found = numbers()
    assert found['studio_vendor_ended_hour provider="demo",outcome="success"'] == 0
    assert found['studio_generations_ended_day state="succeeded"'] == 1

    Generation.objects.filter(pk=row.pk).update(finished_at=clock.now() - timedelta(hours=25))
    assert numbers()['studio_generations_ended_day state="succeeded"'] == 0


def test_the_oldest_that_waits_says_how_long(cast: Cast, pass_time: Callable[[float], None]) -> None:
    assert numbers()["studio_oldest_waiting_seconds"] == 0
    make_waiting(cast.ben)
    pass_time(600)
    make_waiting(cast.ada)

    assert 600 <= numbers()["studio_oldest_waiting_seconds"] < 660


def test_workers_alerts_and_the_shelf_are_there(
    cast: Cast, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (numbers()["studio_workers_alive"], numbers()["studio_storage_writable"]) == (0, 1)
    Heartbeat.objects.stamp("worker:of-yesterday")
    pass_time(1000)
    for name in ("worker:one", "worker:two", "sweep"):
        Heartbeat.objects.stamp(name)
    Alert.objects.tell("test", subject="A lamp", words="It went out.")
    Alert.objects.tell("test", subject="A window", words="It is open.")
    Alert.objects.resolve("test", subject="A window")
    monkeypatch.setattr(storage, "is_writable", lambda: False)
    found = numbers()

    assert found["studio_workers_alive"] == 2
    assert found["studio_alerts_open"] == 1
    assert found["studio_storage_writable"] == 0


def test_the_last_audit_that_ended_is_told(db: None, pass_time: Callable[[float], None]) -> None:
    assert "studio_audit_clean" not in numbers()
    AuditRun.objects.create(ended_at=clock.now())
    pass_time(3600)
    AuditRun.objects.create(findings=["I1"])
    found = numbers()
    assert (found["studio_audit_clean"], 3600 <= found["studio_audit_age_seconds"] < 3660) == (1, True)

    AuditRun.objects.create(findings=["I1"], ended_at=clock.now())
    found = numbers()
    assert (found["studio_audit_clean"], found["studio_audit_age_seconds"] < 60) == (0, True)


def test_the_age_of_the_last_backup_is_told(db: None, pass_time: Callable[[float], None]) -> None:
    assert "studio_backup_age_seconds" not in numbers()
    Heartbeat.objects.stamp("backup")
    pass_time(7200)

    assert 7200 <= numbers()["studio_backup_age_seconds"] < 7260


def test_a_monitor_is_told_what_staff_closed(cast: Cast) -> None:
    found = numbers()
    assert (found["studio_maintenance"], found['studio_vendor_closed provider="demo",how="paused"']) == (0, 0)
    shutting.shut(kind=Shut.PAUSED, provider="demo", reason="A lamp is out", by=None)
    shutting.shut(kind=Shut.MAINTENANCE, reason="A new version", by=None)
    found = numbers()
    assert (found["studio_maintenance"], found['studio_vendor_closed provider="demo",how="paused"']) == (1, 1)
    assert found['studio_vendor_closed provider="demo",how="draining"'] == 0


def test_it_costs_the_same_however_much_there_is(cast: Cast) -> None:
    counts = []
    for _ in range(2):
        make_waiting(cast.ben)
        finish_one(cast.ben)
        with CaptureQueriesContext(connection) as queries:
            gauges()
        counts.append(len(queries))
        for query in queries:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plan = [row[3] for row in cursor.fetchall()]
            assert "SCAN generations_generation" not in str(plan), (query["sql"], plan)

    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize(
    ("labels", "said"),
    [({}, ""), ({"a": "b"}, '{a="b"}'), ({"a": 'x"y\\z\nw', "c": "d"}, r'{a="x\"y\\z\nw",c="d"}')],
)
def test_a_label_may_hold_anything(labels: Mapping[str, str], said: str) -> None:
    gauge: Any = Gauge(name="lamps", help="Lamps that are lit.", samples=[(labels, 3.5)])
    assert text_of([gauge]) == f"# HELP lamps Lamps that are lit.\n# TYPE lamps gauge\nlamps{said} 3.5\n"
