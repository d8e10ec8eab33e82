"""A new address is written down and told, and whoever runs the studio can put an old one back."""

from io import StringIO
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from generations.models import AuditEntry, Notice, Person
from generations.services import moving
from tests.conftest import PASSWORD, Cast
from tests.running import run_jobs

NEW = "new@studio.test"


@pytest.fixture
def ben(cast: Cast) -> Person:
    assert cast.ben.person is not None
    return cast.ben.person


def set_address(**words: object) -> str:
    out = StringIO()
    call_command("set_address", stdout=out, stderr=StringIO(), **words)
    return out.getvalue()


def signed_in() -> Client:
    client = Client()
    client.post("/login/", {"login": "ben@studio.test", "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


class TestByTheLink:
    def test_it_is_written_down_without_an_address_and_told(self, ben: Person, settings: Any) -> None:
        settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.test", "https://studio.test"
        moving.ask(ben, email=NEW)
        run_jobs()
        [path] = [word for word in str(mail.outbox[0].body).split() if "/account/address/" in word]
        token = path.rstrip("/").rpartition("/")[2]
        assert moving.move(token).email == NEW

        line = AuditEntry.objects.get(action="address_changed")
        assert (line.actor, line.target) == (f"person:{ben.pk}", f"person:{ben.pk}")
        assert "@" not in f"{line.before}{line.after}"
        assert Notice.objects.get(person=ben).subject == "You now sign in with another address"


class TestByTheCommand:
    def test_it_is_put_back_and_every_session_ends(self, ben: Person) -> None:
        thief = signed_in()
        Person.objects.filter(pk=ben.pk).update(email="thief@x.test")
        said = set_address(person=ben.pk, to="Ben@studio.test", end_sessions=True)

        ben.refresh_from_db()
        assert ben.email == "ben@studio.test"
        assert "Sessions ended: 1." in said
        assert not UserSession.objects.filter(user=ben).exists()
        assert thief.get("/").status_code == 302
        assert AuditEntry.objects.get(action="address_changed").actor == "command"
        assert Notice.objects.get(person=ben).kind == "security"

    def test_it_is_found_by_the_address_they_have_and_sessions_stay(self, ben: Person) -> None:
        client = signed_in()
        set_address(email="BEN@studio.test", to=NEW)
        assert Person.objects.get(pk=ben.pk).email == NEW
        assert client.get("/").status_code == 200

    def test_twice_changes_nothing_more(self, ben: Person) -> None:
        for _ in range(2):
            set_address(person=ben.pk, to=NEW)
        assert AuditEntry.objects.filter(action="address_changed").count() == 1

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ({"email": "nobody@x.test", "to": NEW}, "Nobody here"),
            ({"person": 987654, "to": NEW}, "Nobody here"),
            ({"email": "ben@studio.test", "to": "nonsense"}, "valid email"),
            ({"email": "ben@studio.test", "to": "ada@studio.test"}, "Somebody else"),
        ],
    )
    def test_what_cannot_be_changes_nothing(self, ben: Person, words: dict[str, object], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            set_address(**words)
        assert Person.objects.get(pk=ben.pk).email == "ben@studio.test"
        assert not AuditEntry.objects.exists()
