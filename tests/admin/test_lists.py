"""Long lists at the desk: what one costs does not grow with its rows, and none sorts or reads a whole table."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.admin.lists import period_of
from generations.models import (
    Alert,
    AuditEntry,
    AuditRun,
    Batch,
    Credential,
    CreditEntry,
    Generation,
    Image,
    Member,
    Person,
    ReviewCase,
    RuleHit,
    Suspension,
    Team,
    clock,
)
from generations.models.fields import new_id
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import finish_one

Row = TypeVar("Row", bound=Model)
FEW, MANY = 30, 300
LONG: dict[str, list[dict[str, str]]] = {
    "generation": [{}, {"state__exact": "failed"}, {"provider__exact": "demo"}, {"p": "2"}],
    "image": [{}, {"standing": "hidden"}, {"standing": "deleted"}, {"p": "2"}],
    "creditentry": [{}, {"kind__exact": "grant"}, {"p": "2"}, {"q": "desk:nothing"}],
    "auditentry": [{}, {"action": "tested"}, {"p": "2"}],
    "rulehit": [
        {},
        {"action__exact": "block"},
        {"is_for_everybody__exact": "1"},
        {"p": "2"},
        {"q": "No emblem"},
        {"q": "North"},
        {"q": "ben@studio.test"},
        {"at__year": "2024"},
    ],
}
TABLES = {f"generations_{name}" for name in LONG}


@pytest.fixture
def desk(cast: Cast) -> Client:
    return seated(person_of("superuser"))


def fill(cast: Cast, number: int) -> None:
    """So many more rows of everything that grows, written by the database itself."""
    image = finish_one(cast.ben)
    row, entry = image.generation, CreditEntry.objects.filter(account__member=cast.ben).order_by("-seq")[0]
    moment = clock.now()
    people = Person.objects.bulk_create(
        Person(email=f"p{uuid.uuid4().hex}@studio.test", password="!") for _ in range(number)
    )
    teams = Team.objects.bulk_create(Team(name=f"Team {one}") for one in range(number))
    Member.objects.bulk_create(
        Member(team=team, person=person, role="owner") for team, person in zip(teams, people, strict=True)
    )
    Credential.objects.bulk_create(Credential(team=team, provider="demo", label="Demo") for team in teams)
    AuditEntry.objects.bulk_create(AuditEntry(action="tested", actor="test", team=team) for team in teams)
    Suspension.objects.bulk_create(Suspension(person=person, reason="A test.", lifted_at=moment) for person in people)
    Alert.objects.bulk_create(Alert(kind="t", subject=uuid.uuid4().hex, words="-", resolved_at=moment) for _ in teams)
    AuditRun.objects.bulk_create(AuditRun(started_at=moment) for _ in teams)
    work = [_copy(row, state="failed", vendor_task_id=uuid.uuid4().hex) for _ in teams]
    for one, team in zip(work, teams, strict=True):
        one.batch = Batch.objects.create(team=team, member=cast.ben, request_key=uuid.uuid4().hex)
    Generation.objects.bulk_create(work)
    Image.objects.bulk_create(_copy(image, generation=one) for one in work)
    ReviewCase.objects.bulk_create(
        ReviewCase(team=cast.team, generation=one, state="kept", decided_at=moment) for one in work
    )
    RuleHit.objects.bulk_create(
        RuleHit(team=cast.team, member=cast.ben, rule_version=1, rule_name="No emblem", message="-", action="block",
                is_for_everybody=False)
        for _ in work
    )  # fmt: skip
    _fill_ledger(entry, number)


def _fill_ledger(entry: CreditEntry, number: int) -> None:
    """Lines of an account that no page of these adds up."""
    last = 1_000_000 + CreditEntry.objects.count()
    CreditEntry.objects.bulk_create(
        _copy(entry, pk=None, seq=last + one, kind="grant", hold=None, d_posted=1, d_held=0, reason="t",
              idempotency_key=uuid.uuid4().hex)
        for one in range(1, number + 1)
    )  # fmt: skip


def _copy(row: Row, **changes: Any) -> Row:
    again = type(row)(**{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})
    again.pk = new_id()
    for name, value in changes.items():
        setattr(again, name, value)
    return again


@pytest.mark.parametrize("model", sorted(model._meta.model_name or "" for model in admin.site._registry))
def test_a_list_costs_the_same_at_thirty_rows_and_at_three_hundred(cast: Cast, desk: Client, model: str) -> None:
    address, counts = reverse(f"admin:generations_{model}_changelist"), []
    for number in (FEW, MANY - FEW):
        fill(cast, number)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", ["rulehit", "reviewcase", "imagereport"])
def test_a_long_list_is_in_one_order_whatever_its_address_asks(cast: Cast, desk: Client, model: str) -> None:
    fill(cast, FEW)
    first, second = (
        desk.get(reverse(f"admin:generations_{model}_changelist"), asked).context["cl"].result_list
        for asked in ({}, {"o": "-2.3"})
    )
    assert [row.pk for row in first] == [row.pk for row in second]


def _cases() -> Iterator[tuple[str, dict[str, str]]]:
    for model, asked in LONG.items():
        yield from ((model, one) for one in asked)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plans of SQLite")
@pytest.mark.parametrize(("model", "asked"), list(_cases()), ids=str)
def test_no_long_list_reads_all_of_its_table(cast: Cast, desk: Client, model: str, asked: dict[str, str]) -> None:
    fill(cast, FEW * 4)
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(reverse(f"admin:generations_{model}_changelist"), asked).status_code == 200
    for query in (query["sql"] for query in queries if any(f'FROM "{table}"' in query["sql"] for table in TABLES)):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            plan = [row[3] for row in cursor.fetchall()]
        whole = [step for step in plan if step.startswith(tuple(f"SCAN {table}" for table in TABLES))]
        unserved = [step for step in whole if "USING" not in step and not step.endswith("_auditentry")]
        # A scan along an index stops with the page; one without reads on.
        assert unserved == [] or " LIMIT " in query, (query, plan)
        is_of_a_page = '"id" IN (' in query and " LIMIT " not in query  # the keys of fifty rows, which are sorted
        assert is_of_a_page or "USE TEMP B-TREE FOR ORDER BY" not in plan, (query, plan)
        assert " LIMIT " in query or "WHERE" in query, query


@pytest.mark.parametrize("model", ["generation", "creditentry", "auditentry", "rulehit"])
def test_what_stands_beside_the_rows_is_joined_to_a_page_and_never_before(cast: Cast, desk: Client, model: str) -> None:
    """SQLite would begin with the one team that has a million rows, and sort them all."""
    fill(cast, FEW * 4)
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(reverse(f"admin:generations_{model}_changelist")).status_code == 200

    table = f'FROM "generations_{model}"'
    narrowed = [query["sql"] for query in queries if table in query["sql"] and "ORDER BY" in query["sql"]]
    assert any(" LIMIT " in query for query in narrowed)
    assert all(" JOIN " not in query for query in narrowed if " LIMIT " in query)


class TestAPeriod:
    @pytest.mark.parametrize(
        ("asked", "begin", "end"),
        [
            ({"at__year": "2024"}, (2024, 1, 1), (2025, 1, 1)),
            ({"at__year": "2024", "at__month": "12"}, (2024, 12, 1), (2025, 1, 1)),
            ({"at__year": "2024", "at__month": "2", "at__day": "29"}, (2024, 2, 29), (2024, 3, 1)),
        ],
    )
    def test_is_a_year_a_month_or_a_day(
        self, asked: dict[str, str], begin: tuple[int, int, int], end: tuple[int, int, int]
    ) -> None:
        assert period_of(asked, "at") == (datetime(*begin, tzinfo=UTC), datetime(*end, tzinfo=UTC))

    @pytest.mark.parametrize(
        "asked",
        [{}, {"at__month": "2"}, {"at__year": "x"}, {"at__year": "0"}, {"at__year": "9999"}, {"at__year": "1" * 5000},
         {"at__year": "2023", "at__month": "2", "at__day": "29"}],
        ids=lambda one: str(one)[:40],
    )  # fmt: skip
    def test_that_there_is_not_is_none(self, asked: dict[str, str]) -> None:
        assert period_of(asked, "at") is None


def test_periods_follow_each_other() -> None:
    end = datetime(2026, 1, 1, tzinfo=UTC)
    for month in range(1, 13):
        begun, ended = period_of({"at__year": "2025", "at__month": str(month)}, "at") or (end, end)
        assert ended - begun in {timedelta(days=days) for days in (28, 30, 31)}
