"""An account from its owner's side: password, address, the way back in, sessions, and being asked again."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import Credential, Notice, Person
from generations.services import devices, recovering
from tests.conftest import PASSWORD, Cast
from tests.running import run_jobs

NEW = "three boats under one moon"
LINK = re.compile(r"http://testserver(/\S+)")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/18.6 Mobile Safari/604.1"
OF_ITS_OWN = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:|data:image", re.IGNORECASE)
MINUTES = 60
Forward = Callable[[float], None]


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def mails(settings: Any) -> list[mail.EmailMessage]:
    """A studio that sends e-mail, and what it sent."""
    settings.EMAIL_URL = "console:"
    settings.PUBLIC_URL = "http://testserver"
    return mail.outbox


def entered(email: str = "ada@studio.test", password: str = PASSWORD, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/login/", {"login": email, "password": password}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def ada() -> Person:
    return Person.objects.get(email="ada@studio.test")


class TestPasswords:
    def test_are_changed_by_who_knows_the_old_one_and_end_every_other_session(self, cast: Cast) -> None:
        """S20."""
        here, there = entered(), entered(agent=IPHONE)
        before = here.cookies["session"].value
        answer = here.post(reverse("account_change_password"), {"current": PASSWORD, "password": NEW}, follow=True)

        assert "Another session was signed out." in answer.content.decode()
        assert here.cookies["session"].value != before
        assert is_in(here)
        assert not is_in(there)
        assert Session.objects.count() == 1
        assert UserSession.objects.filter(user=ada(), session_key=here.cookies["session"].value).exists()
        assert is_in(entered(password=NEW))
        assert Notice.objects.filter(person=ada(), kind="security").exists()

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("short", "at least 12 characters"),
            ("ada@studio.test", "too similar"),
            ("qwerty123456", "too common"),
            ("x" * 129, "at most 128"),
        ],
    )
    def test_that_are_weak_are_refused_with_the_reason(self, cast: Cast, password: str, words: str) -> None:
        """S15."""
        page = entered().post(reverse("account_change_password"), {"current": PASSWORD, "password": password})

        assert page.status_code == 422
        assert words in page.content.decode()
        assert f'value="{password}"' not in page.content.decode()

    def test_of_128_characters_with_blanks_and_signs_are_taken_as_they_are(self, cast: Cast) -> None:
        long = (" naïve 🜚 " * 20)[:128]
        entered().post(reverse("account_change_password"), {"current": PASSWORD, "password": long})

        assert is_in(entered(password=long))

    def test_are_not_changed_by_who_does_not_know_the_old_one(self, cast: Cast) -> None:
        page = entered().post(reverse("account_change_password"), {"current": "wrong", "password": NEW})

        assert "That is not your current password." in page.content.decode()
        assert ada().check_password(PASSWORD)

    def test_may_be_pasted(self, cast: Cast) -> None:
        page = entered().get(reverse("account")).content.decode()
        assert 'autocomplete="new-password"' in page
        assert "onpaste" not in page


class TestForgottenPasswords:
    def ask(self, email: str) -> tuple[int, str]:
        answer = Client().post(reverse("account_reset_password"), {"email": email})
        return answer.status_code, answer.content.decode().replace(email, "…")

    def test_come_back_by_a_link_that_works_once(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        elsewhere = entered()
        self.ask("Ada@studio.test")
        run_jobs()
        link = LINK.findall(str(mails[0].body))[0]
        client = Client()
        page = client.get(link, follow=True)
        assert "key" not in page.request["PATH_INFO"]
        done = client.post(page.request["PATH_INFO"], {"password1": NEW}, follow=True)

        assert "Your new password is set" in done.content.decode()
        assert not is_in(elsewhere)
        assert is_in(entered(password=NEW))
        assert "This link is spent" in Client().get(link, follow=True).content.decode()

    def test_do_not_tell_who_has_an_account(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        """S19: the same answer, by the same steps; what follows is done by the queue."""
        with CaptureQueriesContext(connection) as known:
            ours = self.ask("ada@studio.test")
        with CaptureQueriesContext(connection) as unknown:
            nobodys = self.ask("nobody@studio.test")

        assert ours == nobodys
        assert len(known) == len(unknown)
        assert run_jobs() == ["reset_link", "reset_link"]
        assert [message.to for message in mails] == [["ada@studio.test"]]

    def test_are_not_for_who_was_switched_off(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        Person.objects.filter(email="ada@studio.test").update(is_active=False)
        self.ask("ada@studio.test")
        run_jobs()

        assert mails == []

    def test_may_be_asked_for_five_times_a_minute(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        """S16."""
        assert [self.ask("ada@studio.test")[0] for _ in range(6)] == [200] * 5 + [429]
        assert [self.ask(f"x{number}@studio.test")[0] for number in range(15)][-2:] == [200, 429]

    def test_say_who_can_help_where_no_mail_is_sent(self, cast: Cast) -> None:
        page = Client().get(reverse("account_reset_password")).content.decode()
        assert "sends no e-mail" in page
        self.ask("ada@studio.test")

        assert run_jobs() == []

    def test_come_back_by_a_link_from_the_console(self, cast: Cast) -> None:
        out = StringIO()
        call_command("reset_link", "--email", "ADA@studio.test", "--url", "http://testserver", stdout=out, stderr=out)
        client = Client()
        page = client.get(LINK.findall(out.getvalue())[0], follow=True)
        client.post(page.request["PATH_INFO"], {"password1": NEW})

        assert is_in(entered(password=NEW))
        with pytest.raises(CommandError, match="Nobody signs in"):
            call_command("reset_link", "--email", "nobody@studio.test")

    def test_follow_the_rules_of_every_password(self, cast: Cast) -> None:
        client = Client()
        page = client.get(recovering.reset_url(ada(), base_url="http://testserver"), follow=True)
        told = client.post(page.request["PATH_INFO"], {"password1": "adaadaada"}).content.decode()

        assert "at least 12 characters" in told
        assert ada().check_password(PASSWORD)


class TestAddresses:
    def test_change_when_the_new_one_confirms_and_the_old_one_is_told(
        self, cast: Cast, mails: list[mail.EmailMessage]
    ) -> None:
        client = entered()
        client.post(reverse("address"), {"email": "Ada@Elsewhere.test"})
        run_jobs()
        assert ada().email == "ada@studio.test"
        link = LINK.findall(str(mails[0].body))[0]
        assert Client().get(link).status_code == 200
        assert ada().email == "ada@studio.test"
        assert Client().post(link).status_code == 302
        run_jobs()

        assert [message.to for message in mails] == [["ada@elsewhere.test"], ["ada@studio.test"]]
        assert "was changed" in mails[1].subject
        assert is_in(entered("ada@elsewhere.test"))
        assert Client().post(link).status_code == 404

    def test_that_are_taken_are_not_given_away(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        """S19: the asker reads the same; the one who has it is told."""
        client = entered()
        free = client.post(reverse("address"), {"email": "free@studio.test"}, follow=True).content.decode()
        taken = client.post(reverse("address"), {"email": "ben@studio.test"}, follow=True).content.decode()
        run_jobs()

        assert ("free@studio.test. Open it" in free, "ben@studio.test. Open it" in taken) == (True, True)
        assert "You have an account" in mails[1].subject
        assert LINK.findall(str(mails[1].body)) == []

    def test_of_a_link_that_was_changed_stay(self, cast: Cast, mails: list[mail.EmailMessage]) -> None:
        entered().post(reverse("address"), {"email": "new@studio.test"})
        run_jobs()
        link = LINK.findall(str(mails[0].body))[0]

        assert Client().post(f"{link[:-3]}xx/").status_code == 404
        assert ada().email == "ada@studio.test"

    def test_cannot_change_where_no_mail_is_sent(self, cast: Cast) -> None:
        client = entered()
        assert "sends no e-mail" in client.get(reverse("address")).content.decode()
        client.post(reverse("address"), {"email": "new@studio.test"})

        assert run_jobs() == []


class TestBeingAskedAgain:
    def test_is_for_addresses_and_factors_five_minutes_after_the_login(self, cast: Cast, pass_time: Forward) -> None:
        """S25."""
        client = entered()
        assert client.get(reverse("address")).status_code == 200
        pass_time(5 * MINUTES + 1)
        for name in ("address", "passkey_new", "authenticator_new", "recovery_codes"):
            answer = client.get(reverse(name))
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login/again/"), name

    def test_leads_back_and_lasts_five_minutes(self, cast: Cast, pass_time: Forward) -> None:
        client = entered()
        pass_time(5 * MINUTES + 1)
        question = client.get(reverse("address"))["Location"]
        assert client.post(question, {"password": "wrong"}).status_code == 200
        assert client.post(question, {"password": PASSWORD})["Location"] == reverse("address")
        assert client.get(reverse("address")).status_code == 200
        pass_time(5 * MINUTES + 1)
        assert client.get(reverse("address")).status_code == 302

    def test_is_for_every_change_of_a_key_and_not_for_reading(self, cast: Cast, pass_time: Forward) -> None:
        client = entered()
        key = Credential.objects.get(team=cast.team)
        before = Credential.objects.filter(pk=key.pk).values().get()
        pass_time(5 * MINUTES + 1)

        assert client.get(reverse("credentials")).status_code == 200
        for name in ("details", "replacement", "removal", "pause", "place"):
            answer = client.post(reverse(f"credential_{name}", args=[key.pk]), {"label": "Other", "key": "k" * 20})
            assert (answer.status_code, answer["Location"]) == (302, "/login/again/?next=%2Fteam%2Fkeys%2F"), name
        asked = client.get(reverse("credential_new"), headers={"HX-Request": "true"})
        assert asked["HX-Redirect"].startswith("/login/again/")
        assert Credential.objects.filter(pk=key.pk).values().get() == before

    def test_keeps_nothing_of_what_was_sent(self, cast: Cast, pass_time: Forward) -> None:
        client = entered()
        pass_time(5 * MINUTES + 1)
        client.post(reverse("credential_new"), {"provider": "demo", "label": "x", "key": "a-key-nobody-may-keep"})

        assert "a-key-nobody-may-keep" not in str(client.session.items())

    def test_never_leads_elsewhere(self, cast: Cast) -> None:
        """S12."""
        answer = entered().post("/login/again/?next=//evil.test/", {"password": PASSWORD})

        assert answer["Location"] == "/"


class TestSessions:
    def test_are_listed_with_device_and_address(self, cast: Cast) -> None:
        entered(agent=IPHONE)
        page = entered().get(reverse("account")).content.decode()

        assert "Firefox on Linux" in page
        assert "Safari on iPhone" in page
        assert page.count("127.0.0.1") == 2
        assert page.count("This one") == 1

    def test_end_one_by_one_and_all_at_once(self, cast: Cast) -> None:
        here, phone, third = entered(), entered(agent=IPHONE), entered()
        page = here.get(reverse("account")).content.decode()
        pk = re.findall(r'action="/account/sessions/(\d+)/end/"[^>]*>(?:(?!</form>).)*iPhone', page, re.DOTALL)[0]
        here.post(reverse("session_end", args=[pk]))
        assert [is_in(client) for client in (here, phone, third)] == [True, False, True]
        here.post(reverse("sessions_end"))
        assert [is_in(client) for client in (here, third)] == [True, False]

    def test_of_others_are_not_there(self, cast: Cast) -> None:
        bens = entered("ben@studio.test")
        mine = entered()
        for pk in range(1, 20):
            mine.post(reverse("session_end", args=[pk]))
        mine.post(reverse("sessions_end"))

        assert is_in(bens)

    def test_that_are_gone_are_forgotten(self, cast: Cast) -> None:
        here, there = entered(), entered()
        Session.objects.get(session_key=there.cookies["session"].value).delete()

        assert here.get(reverse("account")).content.decode().count("127.0.0.1") == 1
        assert devices.prune() == 1
        assert is_in(here)

    def test_whose_address_is_hidden_are_listed_and_end_like_others(self, cast: Cast) -> None:
        here, hidden = entered(), Client(REMOTE_ADDR="")
        hidden.force_login(ada())
        assert is_in(hidden)
        assert "Unknown address" in here.get(reverse("account")).content.decode()
        here.post(reverse("sessions_end"))
        assert not is_in(hidden)

    def test_of_who_is_switched_off_end_at_once(self, cast: Cast) -> None:
        client = entered()
        Person.objects.filter(email="ada@studio.test").update(is_active=False)

        assert not is_in(client)

    def test_that_end_answer_no_poll_either(self, cast: Cast) -> None:
        here, there = entered(), entered()
        there.get("/feed/")
        there.get("/feed/")
        here.post(reverse("sessions_end"))

        assert there.get("/feed/").status_code == 302

    def test_are_noted_once_an_hour_and_never_by_a_poll(self, cast: Cast, pass_time: Forward) -> None:
        client = entered()

        def writes(address: str) -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            return sum(query["sql"].startswith(("INSERT", "UPDATE")) for query in asked)

        assert writes("/library/") == 0
        pass_time(61 * MINUTES)
        assert writes("/feed/") == 0
        assert writes("/library/") > 0
        assert writes("/library/") == 0


class TestWhoIsAsking:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "203.0.113.9", "127.0.0.1"),
            (1, "203.0.113.9", "203.0.113.9"),
            (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
            (2, "203.0.113.9", "127.0.0.1"),
            (1, "", "127.0.0.1"),
        ],
    )
    def test_is_believed_of_as_many_proxies_as_there_are(
        self, cast: Cast, settings: Any, proxies: int, forwarded: str, address: str
    ) -> None:
        """S24."""
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        client = Client(headers={"X-Forwarded-For": forwarded, "X-Real-IP": "203.0.113.1", "Forwarded": "for=1.2.3.4"})
        client.post("/login/", {"login": "ada@studio.test", "password": PASSWORD})

        assert UserSession.objects.get().ip == address

    def test_makes_no_difference_to_the_limits_when_forged(self, cast: Cast) -> None:
        statuses = []
        for number in range(11):
            client = Client(headers={"X-Forwarded-For": f"203.0.113.{number}"})
            statuses.append(client.post("/login/", {"login": f"x{number}@studio.test", "password": "no"}).status_code)

        assert statuses == [200] * 10 + [429]


class TestThePages:
    def test_have_no_script_or_style_of_their_own_and_no_exception_in_their_policy(self, cast: Cast) -> None:
        """S1 to S3: also the one that shows a code to a camera, which is drawn as elements of the page."""
        client = entered()
        names = ("account", "address", "factors", "authenticator_new", "passkey_new", "account_change_password")
        pages = [client.get(reverse(name)) for name in (*names, "account_logout", "account_reauthenticate")]
        pages += [Client().get(reverse(name)) for name in ("account_login", "account_reset_password")]
        link = recovering.reset_url(ada(), base_url="http://testserver").removeprefix("http://testserver")
        pages += [Client().get(link, follow=True), Client().get(reverse("address_confirmation", args=["x"]))]
        for page in pages:
            path, text = page.request["PATH_INFO"], page.content.decode()
            assert page.status_code in {200, 404}, path
            assert OF_ITS_OWN.search(text) is None, path
            assert "data:" not in page["Content-Security-Policy"], path
            assert "unsafe" not in page["Content-Security-Policy"], path
            assert "no-store" in page["Cache-Control"], path


class TestTheProfile:
    def test_is_kept(self, cast: Cast) -> None:
        facts = {"name": "Ada L.", "time_zone": "Europe/Berlin", "notify_by_mail": "on"}
        entered().post(reverse("account"), facts)

        assert (ada().name, ada().time_zone, ada().notify_by_mail) == ("Ada L.", "Europe/Berlin", True)

    def test_takes_nothing_but_its_own_fields(self, cast: Cast) -> None:
        """S23."""
        facts = {"name": "Ada", "email": "evil@studio.test", "is_staff": "on", "is_superuser": "on", "password": "x"}
        before = ada()
        entered().post(reverse("account"), facts)

        assert (ada().email, ada().is_staff, ada().password) == (before.email, False, before.password)

    def test_refuses_a_zone_nobody_lives_in(self, cast: Cast) -> None:
        assert entered().post(reverse("account"), {"name": "Ada", "time_zone": "Mars/Olympus"}).status_code == 422
