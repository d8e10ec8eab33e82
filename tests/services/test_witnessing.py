"""Who came in, who could not and who was refused at the desk stands in the audit log (S56)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, Person
from generations.services import witnessing
from tests.conftest import PASSWORD, Cast
from tests.desk import seated

LOGIN = reverse("account_login")


def lines(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


class TestALogin:
    def test_is_written_down_with_where_it_came_from(self, cast: Cast) -> None:
        answer = Client().post(LOGIN, {"login": "ben@studio.test", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
        [line] = lines("signed_in")

        assert (line.person, line.target) == (cast.ben.person, f"person:{cast.ben.person_id}")
        assert (line.address, line.request_id) == ("192.0.2.7", answer.headers["X-Request-ID"])
        assert line.after == {"by": ["password"]}

    def test_that_fails_names_whose_account_it_was(self, cast: Cast) -> None:
        Client().post(LOGIN, {"login": "Ben@studio.test", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
        [line] = lines("sign_in_failed")

        assert (line.person, line.actor, line.target) == (None, "anonymous", f"person:{cast.ben.person_id}")
        assert line.address == "192.0.2.7"
        assert lines("signed_in") == []

    def test_under_a_name_nobody_has_keeps_nothing_of_it(self, cast: Cast) -> None:
        """People type their password there."""
        Client().post(LOGIN, {"login": "hunter2@studio.test", "password": "hunter3"})
        [line] = lines("sign_in_failed")

        assert (line.target, line.before, line.after) == ("", {}, {})
        assert "hunter" not in str(vars(line))


class TestTheDesk:
    @pytest.fixture
    def staff(self, cast: Cast) -> Client:
        return seated(Person.objects.create_user("staff@studio.test", PASSWORD, is_staff=True))

    def test_writes_down_whom_it_refuses_once_an_hour(self, staff: Client, pass_time: Callable[[float], None]) -> None:
        place, other = (reverse(f"admin:generations_{name}_changelist") for name in ("credential", "team"))
        for asked in (place, place, other):
            assert staff.get(asked).status_code == 403
        assert [line.target for line in lines("desk_refused")] == [f"desk:{place}", f"desk:{other}"]

        pass_time(witnessing.ONE_VISIT.total_seconds() + 1)
        staff.get(place)
        assert len(lines("desk_refused")) == 3

    def test_writes_nothing_about_who_is_let_in_or_led_elsewhere(self, cast: Cast, staff: Client) -> None:
        staff.get(reverse("admin:index"))
        Client().get(reverse("admin:index"))
        assert lines("desk_refused") == []
