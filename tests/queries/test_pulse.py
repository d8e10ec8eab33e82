"""A page whose poll carries a pass is answered by one statement, and not one moment longer than its person may ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from generations.middleware import RENEW_SECONDS
from generations.models import Lease, Member, clock
from tests.conftest import Cast
from tests.engines import Engine
from tests.making import hand_over, make_waiting
from tests.views.test_studio import HTMX, poll_address

THREE, FOUR = "the team: 3 open, 1 pump, seen True", "the team: 4 open, 1 pump, seen True"


@pytest.fixture
def ben(cast: Cast, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(cast.ben)


@pytest.fixture
def address(cast: Cast, ben: Client) -> str:
    """Where Ben's page asks, once it holds a pass."""
    make_waiting(cast.ben)
    Lease.objects.take("pump:0", seconds=100_000)
    address = poll_address(ben.get(reverse("studio")).content)
    assert ben.get(address, headers=HTMX).status_code == 204
    assert settings.POLL_COOKIE_NAME in ben.cookies
    return address


def statements(client: Client, address: str) -> tuple[int, int]:
    """The status of one poll, and how many statements it took."""
    with CaptureQueriesContext(connection) as queries:
        status = client.get(address, headers=HTMX).status_code
    return status, len(queries)


def is_sent_to_the_login(client: Client, address: str) -> bool:
    answer = client.get(address, headers=HTMX)
    return answer.headers.get("HX-Redirect", "").startswith(reverse("account_login"))


class TestAPass:
    def test_makes_a_poll_one_statement(self, ben: Client, address: str) -> None:
        assert statements(ben, address) == (204, 1)

    def test_brings_the_headers_of_the_full_answer(self, ben: Client, address: str) -> None:
        short = ben.get(address, headers=HTMX)
        del ben.cookies[settings.POLL_COOKIE_NAME]
        full = ben.get(address, headers=HTMX)

        assert full.headers.pop("X-Request-ID") is not None
        assert "X-Request-ID" not in short.headers  # it has no line anywhere that could name it
        assert dict(short.items()) == dict(full.items())
        assert "no-store" in short.headers["Cache-Control"]
        assert short.headers["X-Content-Type-Options"] == "nosniff"

    def test_is_a_cookie_that_no_script_reads(self, ben: Client, address: str) -> None:
        cookie = ben.cookies[settings.POLL_COOKIE_NAME]

        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert cookie["domain"] == ""

    def test_hides_no_news(self, cast: Cast, ben: Client, address: str) -> None:
        row = make_waiting(cast.ada, "Ada's lighthouse")

        assert f'id="generation-{row.pk}"'.encode() in ben.get(address, headers=HTMX).content

    def test_still_calls_a_pump_that_is_gone(self, ben: Client, address: str) -> None:
        OrmQ.objects.all().delete()
        Lease.objects.all().delete()
        for _ in range(3):
            assert ben.get(address, headers=HTMX).status_code == 204

        assert OrmQ.objects.count() == 1


class TestAPassIsWorthNothing:
    def test_once_the_session_has_ended(self, ben: Client, address: str) -> None:
        Session.objects.all().delete()

        assert is_sent_to_the_login(ben, address)

    def test_without_its_session(self, ben: Client, address: str) -> None:
        del ben.cookies[settings.SESSION_COOKIE_NAME]

        assert is_sent_to_the_login(ben, address)

    def test_once_the_password_is_another(self, cast: Cast, ben: Client, address: str) -> None:
        assert cast.ben.person
        cast.ben.person.set_password("another one, long enough")
        cast.ben.person.save()

        assert is_sent_to_the_login(ben, address)

    def test_once_the_person_is_switched_off(self, cast: Cast, ben: Client, address: str) -> None:
        assert cast.ben.person
        cast.ben.person.is_active = False
        cast.ben.person.save()

        assert is_sent_to_the_login(ben, address)

    def test_once_the_person_has_left_the_team(self, cast: Cast, ben: Client, address: str) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(left_at=clock.now())

        assert ben.get(address, headers=HTMX).status_code == 403

    def test_after_a_day(self, ben: Client, address: str, pass_time: Callable[[float], None]) -> None:
        """Then the session must be written again, which only the full way does."""
        pass_time(RENEW_SECONDS + 1)
        Lease.objects.take("pump:0", seconds=100_000)
        status, count = statements(ben, address)

        assert (status, count > 1) == (204, True)
        assert statements(ben, address) == (204, 1)

    def test_in_the_session_of_somebody_else(
        self, cast: Cast, ben: Client, address: str, signed_in: Callable[[Member], Client]
    ) -> None:
        """Ben's pass beside Mallory's session is answered as Mallory: she has nothing of that team."""
        mallory = signed_in(cast.mallory)
        mallory.cookies[settings.POLL_COOKIE_NAME] = ben.cookies[settings.POLL_COOKIE_NAME].value
        status, count = statements(mallory, address)

        assert (status, count > 1) == (200, True)

    @pytest.mark.parametrize("change", ["person", "until", "seal", "form"])
    def test_when_it_was_tampered_with(self, cast: Cast, ben: Client, address: str, change: str) -> None:
        assert cast.ada.person
        person, until, seal = ben.cookies[settings.POLL_COOKIE_NAME].value.split(".")
        forged = {
            "person": f"{cast.ada.person.pk}.{until}.{seal}",
            "until": f"{person}.{int(until) + 1}.{seal}",
            "seal": f"{person}.{until}.{'0' * len(seal)}",
            "form": f"{person}.1e9.{seal}",
        }
        ben.cookies[settings.POLL_COOKIE_NAME] = forged[change]
        status, count = statements(ben, address)

        assert (status, count > 1) == (204, True)

    def test_for_other_addresses(self, ben: Client, address: str) -> None:
        del ben.cookies[settings.SESSION_COOKIE_NAME]

        assert ben.get(reverse("studio")).status_code == 302


def test_a_poll_with_a_pass_and_an_old_cursor_brings_the_cards(cast: Cast, ben: Client, address: str) -> None:
    hand_over(make_waiting(cast.ben))

    assert ben.get(address, headers=HTMX).status_code == 200


@pytest.fixture(scope="module")
def told(engine: Engine) -> dict[str, Any]:
    answers: dict[str, Any] = engine.ask("tests.queries.pulses")
    return answers


class TestBothDatabases:
    """One statement says the same on each, whichever way it is put to them."""

    def test_a_pass_is_told_what_the_person_is_told(self, told: dict[str, Any]) -> None:
        assert (told["person"], told["pass"]) == (THREE, THREE)
        assert told["with one more"] == FOUR

    def test_nothing_changes_for_who_counts_statements(self, told: dict[str, Any]) -> None:
        assert told["watched"] == [THREE, THREE, 2]

    def test_another_connection_is_asked_as_well(self, told: dict[str, Any]) -> None:
        assert told["on a new connection"] == [THREE, THREE]

    def test_a_connection_the_server_ended_is_said_and_the_next_one_answers(
        self, engine: Engine, told: dict[str, Any]
    ) -> None:
        if engine.name == "postgresql":
            assert told["cut off"] == ["ended", "refused: True"]
        assert told["with one more"] == FOUR

    def test_somebody_elses_session_is_told_nothing(self, told: dict[str, Any]) -> None:
        assert told["of another session"] == told["of a session with a zero in it"] == "nothing"
        assert told["of another team"].startswith("another team: 0 open")

    def test_a_pass_ends_with_whatever_it_stands_for(self, told: dict[str, Any]) -> None:
        assert told["over"] == {
            "left": "nothing",
            "switched off": "nothing",
            "another password": "nothing",
            "an old session": "nothing",
            "all as before": FOUR,
            "no session": "nothing",
        }
