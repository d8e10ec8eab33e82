"""Who came in, who could not and who was refused at the desk stands in the audit log (S56)."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import AuditEntry, Person
from generations.models.written_once import Unchangeable
from generations.services import housekeeping, witnessing
from tests.conftest import PASSWORD, Cast
from tests.desk import equip, seated

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


class TestAWrongFactor:
    @pytest.fixture(autouse=True)
    def _fresh_limits(self, db: None) -> None:
        cache.clear()

    def test_is_written_down_without_what_was_typed(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        secret = equip(cast.ben.person)
        client = Client()
        client.post(LOGIN, {"login": "ben@studio.test", "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": "12three"}, REMOTE_ADDR="192.0.2.7")
        [line] = lines("factor_failed")

        assert (line.person, line.actor, line.target) == (None, "anonymous", f"person:{cast.ben.person_id}")
        assert (line.after, line.address) == ({"by": "login"}, "192.0.2.7")
        assert "12three" not in str(vars(line))
        assert secret not in str(vars(line))
        assert lines("signed_in") == []

    def test_is_written_down_where_somebody_is_asked_again(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        client = seated(cast.ben.person)
        client.post(reverse("mfa_reauthenticate"), {"code": "000000"})

        assert [line.after for line in lines("factor_failed")] == [{"by": "again"}]

    def test_of_a_passkey_nobody_has_names_nobody(self, cast: Cast) -> None:
        Client().post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'}, headers={"Host": "localhost"})
        [line] = lines("factor_failed")

        assert (line.target, line.after) == ("", {"by": "passkey"})

    def test_at_setting_one_up_opens_nothing_and_is_no_line(self, cast: Cast) -> None:
        client = Client()
        client.post(LOGIN, {"login": "ben@studio.test", "password": PASSWORD})
        client.get(reverse("authenticator_new"))
        client.post(reverse("authenticator_new"), {"code": "000000"})

        assert lines("factor_failed") == []

    def test_a_flood_of_them_does_not_fill_the_log(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        for _ in range(witnessing.FAILURES_MAX + 5):
            witnessing.could_not_prove(cast.ben.person, by="login")
        assert len(lines("factor_failed")) == witnessing.FAILURES_MAX
        witnessing.could_not_prove(cast.ada.person, by="login")
        assert len(lines("factor_failed")) == witnessing.FAILURES_MAX + 1

        pass_time(witnessing.ONE_VISIT.total_seconds() + 1)
        witnessing.could_not_prove(cast.ben.person, by="login")
        assert len(lines("factor_failed")) == witnessing.FAILURES_MAX + 2


class TestAnAddress:
    def test_is_forgotten_after_a_while_and_nothing_else_is(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        facts = {"login": "ben@studio.test", "password": PASSWORD}
        Client().post(LOGIN, facts, REMOTE_ADDR="192.0.2.7")
        assert witnessing.forget_addresses() == 0

        pass_time(witnessing.ADDRESSES_KEPT.total_seconds() + 1)
        Client().post(LOGIN, facts, REMOTE_ADDR="192.0.2.8")
        done: Counter[str] = Counter()
        housekeeping.keep_house(done)
        old, new = lines("signed_in")
        assert (old.address, new.address) == ("", "192.0.2.8")
        assert (old.person, old.target, old.request_id != "") == (cast.ben.person, new.target, True)
        assert done["addresses forgotten"] == 1

    def test_is_forgotten_a_part_at_a_time_the_oldest_first(
        self, cast: Cast, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(witnessing, "BATCH", 2)
        monkeypatch.setattr(witnessing, "BATCHES_MAX", 2)
        AuditEntry.objects.bulk_create(AuditEntry(action="tested", actor="t", address="192.0.2.7") for _ in range(5))
        pass_time(witnessing.ADDRESSES_KEPT.total_seconds() + 1)
        with CaptureQueriesContext(connection) as asked:
            assert witnessing.forget_addresses() == 4
        assert sum(query["sql"].startswith("UPDATE") for query in asked) == 2
        assert [line.address for line in lines("tested")] == ["", "", "", "", "192.0.2.7"]
        assert [witnessing.forget_addresses() for _ in range(2)] == [1, 0]

    def test_is_all_that_ever_changes(self, cast: Cast) -> None:
        witnessing.could_not(email="ben@studio.test")
        with pytest.raises(Unchangeable):
            AuditEntry.objects.update(address="")
        with pytest.raises(Unchangeable):
            AuditEntry.objects.get().delete()
