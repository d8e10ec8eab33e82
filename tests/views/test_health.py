"""What machines are told, and which machines (S60)."""

from typing import Any, NoReturn

import pytest
from django.db import DatabaseError
from django.test import Client

from generations.models import Shut
from generations.queries import metrics
from generations.services import shutting

TOKEN = "a-token-nobody-guesses"
ELSEWHERE = [
    {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
    {"HTTP_FORWARDED": "for=203.0.113.9"},
    {"REMOTE_ADDR": "203.0.113.9"},
]
"""Also behind a proxy that nobody told the settings about."""
KINDS = [("/readyz", 503), ("/metrics", 200)]


def asked(place: str, **facts: str) -> int:
    return Client().get(place, **facts).status_code  # type: ignore[arg-type]  # the types expect headers there


@pytest.mark.parametrize("facts", ELSEWHERE)
@pytest.mark.parametrize(("place", "status"), KINDS)
def test_how_it_goes_is_for_this_machine_alone(db: None, facts: dict[str, str], place: str, status: int) -> None:
    assert asked(place, **facts) == asked(place, **facts, HTTP_AUTHORIZATION="Bearer ") == 404
    assert asked(place) == status


@pytest.mark.parametrize("facts", ELSEWHERE)
@pytest.mark.parametrize(("place", "status"), KINDS)
def test_or_for_whoever_has_the_token(db: None, settings: Any, facts: dict[str, str], place: str, status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    for word in (f"Bearer {TOKEN}", f"bearer  {TOKEN} "):
        assert asked(place, **facts, HTTP_AUTHORIZATION=word) == status
    for word in (
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer é",
    ):
        assert asked(place, **facts, HTTP_AUTHORIZATION=word) == 404, word
    assert asked(f"{place}?token={TOKEN}", **facts) == 404


def test_numbers_are_as_prometheus_reads_them(db: None) -> None:
    answer = Client().get("/metrics")

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'studio_generations{state="queued"} 0\n' in answer.content.decode()


def test_without_a_database_there_are_no_numbers(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> NoReturn:
        raise DatabaseError

    monkeypatch.setattr(metrics, "gauges", fail)
    assert asked("/metrics") == 503


def test_anybody_may_ask_whether_it_is_up(db: None) -> None:
    answer = Client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_maintenance_takes_no_studio_out_of_service(db: None) -> None:
    """A balancer that hears 503 would send people to a page without our words."""
    before = Client().get("/readyz").json()
    shutting.shut(kind=Shut.MAINTENANCE, reason="A new version", by=None)
    assert Client().get("/readyz").json() == before
