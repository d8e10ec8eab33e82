"""S31: a key goes in and never comes out, whoever asks: by no page, error, header, cookie, row, message or line."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from generations.models import Credential
from generations.services import credentials
from generations.services.credentials import arranging
from tests.addresses.table import TABLE
from tests.addresses.visitors import address, visitor
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, WEBHOOK_KEY, add, keyed, occupy

__all__ = ["address", "keyed"]

CANARIES = (KEY, OTHER_KEY, WEBHOOK_KEY)
FORMS = ("credential_new", "credential_details", "credential_replacement")
TYPED = {"provider": "keyed", "label": "x" * 90, "key": KEY, "webhook_key": WEBHOOK_KEY, "running_max": "many"}
HTMX = {"HX-Request": "true"}
ASKING = ("anonymous", "vera", "ben", "ada", "mallory", "root")


@pytest.fixture
def stored(cast: Cast, address: dict[str, str], keyed: object) -> list[Credential]:
    """Keys of a team, of everybody, of another team, and one that drains, each with a webhook key."""
    old = add(cast.team, "Old", webhook_key=WEBHOOK_KEY)
    occupy(old, cast.ben)
    new = credentials.replace(credential=old, key=OTHER_KEY, actor=ACTOR)
    return [old, new, add(None, "All", webhook_key=WEBHOOK_KEY), add(cast.mallory.team, webhook_key=WEBHOOK_KEY)]


def told(answer: HttpResponseBase) -> str:
    """Everything an answer says: its body, its headers, its cookies."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # both are iterable
    answer.close()
    return body.decode(errors="replace") + str(answer.headers) + str(answer.cookies)


def clean(text: str) -> bool:
    return not any(canary in text for canary in CANARIES)


def seals(rows: list[Credential]) -> list[str]:
    fresh = Credential.objects.filter(pk__in=[row.pk for row in rows])
    return [seal for row in fresh for seal in (row.sealed_key, row.sealed_webhook_key) if seal]


def answers(client: Client, address: dict[str, str], stored: list[Credential]) -> Iterator[tuple[str, str]]:
    """Every page, fragment and error this visitor can reach, and every form sent with a key and a mistake."""
    for name in TABLE.keys() - {"account_logout"}:
        for headers in ({}, HTMX):
            yield name, told(client.get(address[name], headers=headers))
    for name in FORMS:
        for headers in ({}, HTMX):
            yield f"{name} refused", told(client.post(address[name], TYPED, headers=headers))
    for row in stored:
        for name in FORMS[1:]:
            at = reverse(name, args=[row.pk])
            yield f"{name} {row.label}", told(client.get(at)) + told(client.post(at, TYPED))
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield label, told(client.get(reverse(f"{label}_changelist")))
        if any(row for row in model._default_manager.all()[:1]):
            for key in model._default_manager.values_list("pk", flat=True)[:20]:
                yield f"{label} {key}", told(client.get(reverse(f"{label}_change", args=[key])))
    yield "admin add", told(client.post(reverse("admin:generations_credential_add"), TYPED))


@pytest.mark.parametrize("who", ASKING)
def test_no_answer_to_anybody_holds_a_key(
    cast: Cast, address: dict[str, str], stored: list[Credential], who: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, sealed = visitor(cast, who), seals(stored)
    client.raise_request_exception = False
    found = list(answers(client, address, stored))
    leaks = {name for name, text in found if not clean(text) or any(seal in text for seal in sealed)}

    assert len(sealed) == 8
    assert leaks == set()
    # Its end is shown to those who look after it, and to nobody else.
    assert any(KEY[-4:] in text for _, text in found) is (who in {"ada", "mallory", "root"})
    assert clean(caplog.text)


def test_no_row_holds_a_key(cast: Cast, address: dict[str, str], stored: list[Credential]) -> None:
    """Sealed columns aside, neither sessions nor queued messages nor the desk's own log repeat what was typed."""
    for who in ("ada", "root"):
        client = visitor(cast, who)
        client.post(address["credential_new"], {**TYPED, "label": "Typed", "running_max": ""})
        facts = {**TYPED, "label": f"By {who}", "running_max": "", "position": 0, "base_url": ""}
        client.post(reverse("admin:generations_credential_add"), facts)

    assert Credential.objects.filter(label__in=["Typed", "By root"]).count() == 2
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert clean(repr(cursor.fetchall())), table
    assert clean(repr([session.get_decoded() for session in Session.objects.all()]))
    assert clean(repr([message.task for message in OrmQ.objects.all()]))
    assert clean(repr(list(LogEntry.objects.values())))


def test_no_dump_holds_a_key(stored: list[Credential], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("dumpdata", "generations.credential")
    dumped = capsys.readouterr().out
    assert "Old (replaced " in dumped
    assert clean(dumped)


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_in_the_middle_of_a_form_tells_no_key(
    cast: Cast,
    address: dict[str, str],
    stored: list[Credential],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
    debug: bool,
) -> None:
    """S32: not on the page, not in the log, not in the report a developer reads."""

    def break_down(new: Credential) -> None:
        raise RuntimeError("something broke")

    settings.DEBUG = debug
    monkeypatch.setattr(arranging, "give_place", break_down)
    client = visitor(cast, "ada")
    client.raise_request_exception = False
    page = client.post(address["credential_new"], {**TYPED, "label": "Typed", "running_max": ""})

    assert page.status_code == 500
    assert ("something broke" in page.content.decode()) is debug
    assert clean(told(page))
    assert clean(caplog.text)
    assert not Credential.objects.filter(label="Typed").exists()
