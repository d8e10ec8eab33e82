"""The audit log at the desk: who may read it, how a line is found among a million, and the file of it (S56)."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.admin import lists
from generations.admin.audit import AuditDesk
from generations.models import AuditEntry, Person, clock
from tests.conftest import Cast
from tests.desk import person_of, seated

LIST = reverse("admin:generations_auditentry_changelist")
KEYS_OF_A_PAGE = '"generations_auditentry"."id" IN ('
PASSWORD = "a lamp beside the window"


@pytest.fixture
def root(cast: Cast) -> Client:
    return seated(Person.objects.create_superuser("root@studio.test", PASSWORD))


def shown(client: Client, **asked: str) -> list[str]:
    """The targets of the lines on the first page."""
    page = client.get(LIST, asked)
    assert page.status_code == 200
    return [line.target for line in page.context["cl"].result_list]


def exported(client: Client, rows: list[AuditEntry], **asked: str) -> tuple[HttpResponseBase, list[list[str]]]:
    """The answer to an export, and its cells without the headings; every line of the filters where no row is named."""
    chosen = [line.pk for line in rows] or [AuditEntry.objects.order_by("-pk")[0].pk]
    body = {"action": "export", "_selected_action": chosen, "select_across": str(int(not rows))}
    answer: Any = client.post(f"{LIST}?{urlencode(asked)}", body)
    text = b"".join(answer.streaming_content).decode() if answer.streaming else ""
    return answer, list(csv.reader(io.StringIO(text)))[1:]


class TestWhoMayRead:
    def test_a_superuser(self, cast: Cast, root: Client) -> None:
        line = AuditEntry.note("tested", by=cast.ada, target="lamp:1", before={"lit": False}, after={"lit": True})
        page = root.get(reverse("admin:generations_auditentry_change", args=[line.pk])).content.decode()

        assert shown(root) == ["lamp:1"]
        assert "&quot;lit&quot;: true" in page
        assert 'name="_save"' not in page

    def test_an_operator_who_takes_no_file_of_it(self, cast: Cast) -> None:
        line = AuditEntry.note("tested", by=cast.ada, target="lamp:1")
        client = seated(person_of("operator"))

        assert shown(client) == ["lamp:1"]
        assert not exported(client, [line])[1]
        assert not AuditEntry.objects.filter(action="audit_exported").exists()

    def test_nobody_else_and_it_is_noted(self, cast: Cast) -> None:
        """Whatever permissions of Django's they were given."""
        line = AuditEntry.note("tested", by=cast.ada)
        moderator = person_of("moderator")
        moderator.user_permissions.set(Permission.objects.filter(content_type__app_label="generations"))
        client = seated(moderator)

        assert client.get(LIST).status_code == client.get(LIST).status_code == 403
        assert client.post(reverse("admin:generations_auditentry_change", args=[line.pk])).status_code == 403
        assert client.post(reverse("admin:generations_auditentry_delete", args=[line.pk])).status_code == 403
        assert exported(client, [line])[0].status_code == 403
        refused = AuditEntry.objects.filter(action="desk_refused", target=f"desk:{LIST}")
        assert refused.count() == 1
        assert refused[0].person == moderator


class TestFinding:
    @pytest.fixture
    def lines(self, cast: Cast) -> None:
        AuditEntry.note("tested", by=cast.ada, target="lamp:1")
        AuditEntry.note("tested", by=cast.mallory, target="lamp:2", address="192.0.2.7")
        AuditEntry.note("looked", by=None, actor="command", target="lamp:3", request_id="proxy-7f3a")
        AuditEntry.note("looked", by=None, actor="anonymous", target=f"person:{cast.ben.person_id}")

    @pytest.mark.parametrize(
        ("word", "found"),
        [
            ("lamp:3", ["lamp:3"]),
            (" command ", ["lamp:3"]),
            ("ADA@studio.test", ["lamp:1"]),
            ("south", ["lamp:2"]),
            ("192.0.2.7", ["lamp:2"]),
            ("proxy-7f3a", ["lamp:3"]),
            ("tested", ["lamp:2", "lamp:1"]),
            ("lamp", []),
            ("nobody@studio.test", []),
        ],
    )
    def test_by_one_whole_word(self, lines: None, root: Client, word: str, found: list[str]) -> None:
        assert shown(root, q=word) == found

    def test_what_was_done_to_somebody(self, cast: Cast, lines: None, root: Client) -> None:
        assert shown(root, q="ben@studio.test") == [f"person:{cast.ben.person_id}"]

    def test_by_action(self, lines: None, root: Client) -> None:
        page = root.get(LIST).content.decode()
        assert "?action=looked" in page
        assert "?action=tested" in page
        assert shown(root, action="tested") == ["lamp:2", "lamp:1"]
        assert shown(root, action="tested", q="lamp:1") == ["lamp:1"]

    def test_by_year_month_and_day(self, cast: Cast, root: Client) -> None:
        moment = datetime.fromisoformat("2025-11-30T22:00+00:00")
        for days in (0, 1, 62):
            AuditEntry.note("tested", by=cast.ada, target=f"day:{days}", at=moment + timedelta(days=days))

        assert shown(root, at__year="2025") == ["day:1", "day:0"]
        assert shown(root, at__year="2025", at__month="12") == ["day:1"]
        assert shown(root, at__year="2025", at__month="12", at__day="1") == ["day:1"]
        assert {"?at__year=2025", "?at__year=2026"} <= links(root)
        assert {"?at__month=11&at__year=2025", "?at__month=12&at__year=2025"} <= links(root, at__year="2025")
        assert "?at__day=31&at__month=1&at__year=2026" in links(root, at__year="2026", at__month="1")
        assert shown(root, at__year="2031") == []


def links(client: Client, **asked: str) -> set[str]:
    """Where the calendar leads."""
    page = client.get(LIST, asked).content.decode().replace("&amp;", "&")
    return {part.partition('"')[0] for part in page.split('href="')[1:] if part.startswith("?")}


class TestAMillionLines:
    @pytest.mark.parametrize(
        "asked", [{}, {"action": "tested"}, {"q": "lamp:1"}, {"q": "ada@studio.test"}, {"at__year": "2026"}, {"p": "2"}]
    )
    def test_are_not_read_through(
        self, cast: Cast, root: Client, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
    ) -> None:
        monkeypatch.setattr(AuditDesk, "list_per_page", 1)
        for _ in range(3):
            AuditEntry.note("tested", by=cast.ada, target="lamp:1")
        with CaptureQueriesContext(connection) as queries:
            assert shown(root, **asked) == ["lamp:1"]
        for query in (query["sql"] for query in queries if "generations_auditentry" in query["sql"]):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query}")
                plan = [row[3] for row in cursor.fetchall()]
            whole = [step for step in plan if step.startswith("SCAN generations_auditentry") and "USING" not in step]
            assert whole == [], (query, plan)
            assert " LIMIT " in query or "MIN(" in query or KEYS_OF_A_PAGE in query, query

    def test_are_counted_no_further_than_people_turn_pages(
        self, cast: Cast, root: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lists, "COUNTED_MAX", 60)
        for number in range(70):
            AuditEntry.note("tested", by=cast.ada, target=f"lamp:{number}")

        assert root.get(LIST).context["cl"].result_count == 60
        assert shown(root, p="2") == [f"lamp:{number}" for number in range(19, 9, -1)]
        assert len(exported(root, [], action="tested")[1]) == 70


class TestTheFile:
    def test_has_the_chosen_lines_and_is_noted(self, cast: Cast, root: Client) -> None:
        one, two = (
            AuditEntry.note("tested", by=cast.ada, target=target, after={"reason": "it is é"}, address="192.0.2.7")
            for target in ("lamp:1", "=HYPERLINK(1)")
        )
        AuditEntry.note("tested", by=cast.ben, target="lamp:3")
        answer, (second, first) = exported(root, [one, two], q="ada@studio.test")

        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
        assert first == [
            one.at.isoformat(timespec="seconds"), "tested", f"member:{cast.ada.pk}", "ada@studio.test", "North",
            "lamp:1", "", '{"reason": "it is é"}', "192.0.2.7", "",
        ]  # fmt: skip
        assert second[5] == "'=HYPERLINK(1)"
        noted = AuditEntry.objects.get(action="audit_exported")
        assert (noted.after, noted.actor) == ({"query": "q=ada%40studio.test"}, f"person:{noted.person_id}")
        assert noted.request_id == answer.headers["X-Request-ID"]

    def test_has_every_line_the_filters_leave(
        self, cast: Cast, root: Client, pass_time: Callable[[float], None]
    ) -> None:
        for number in range(3):
            AuditEntry.note("tested", by=cast.ada, target=f"lamp:{number}")
        AuditEntry.note("looked", by=cast.ada, target="lamp:3", at=clock.now())

        assert [row[5] for row in exported(root, [], action="tested")[1]] == ["lamp:2", "lamp:1", "lamp:0"]
