"""Signing in and out: one door, the same words for every stranger, and limits that are shared."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import import_string

from tests.conftest import PASSWORD, Cast
from tests.desk import seated
from tests.headers.shipped import settings_for

LOGIN = "/login/"
SECRET = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<=X-CSRFToken&quot;: &quot;)[^&]+')


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def sign_in(client: Client, email: str = "ada@studio.test", password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post(LOGIN, {"login": email, "password": password, **more})
    return answer.status_code, answer.headers.get("Location", "")


def test_the_right_words_lead_to_the_studio(cast: Cast) -> None:
    assert sign_in(Client()) == (302, "/")
    assert sign_in(Client(), email=" ADA@Studio.test ") == (302, "/")


@pytest.mark.parametrize("email", ["ada@studio.test", "nobody@studio.test"])
def test_wrong_words_say_the_same_about_everyone(cast: Cast, email: str) -> None:
    page = Client().post(LOGIN, {"login": email, "password": "wrong"}).content.decode()

    assert "do not belong together" in page
    assert email in page  # what was typed is still there
    assert "wrong" not in page.replace("went wrong", "")


class CountedHasher(MD5PasswordHasher):
    """Stands where the slow one stands, and counts how often it was made to work."""

    algorithm = "counted"
    worked = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).worked += 1
        return super().encode(password, salt)


def test_it_takes_as_long_for_a_name_nobody_has(cast: Cast, settings: Any) -> None:
    """S19: the same words, and the same number of slow steps: counted, so that ten of each say as much as many."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountedHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    ada = cast.ada.person
    assert ada is not None
    ada.set_password(PASSWORD)
    ada.save()
    seen = set()
    for number in range(10):
        for email in ("ada@studio.test", f"nobody-{number}@studio.test"):
            CountedHasher.worked = 0
            page = Client().post(LOGIN, {"login": email, "password": "wrong"}).content.decode()
            seen.add((SECRET.sub("", page).replace(email, "…"), CountedHasher.worked))
    assert len(seen) == 1
    assert {worked for _, worked in seen} == {1}


def test_as_shipped_passwords_are_kept_by_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    """S15: read from the settings that ship, which the tests replace by something quick."""
    [hasher] = [import_string(name)() for name in settings_for(monkeypatch)["PASSWORD_HASHERS"]]
    assert hasher.encode(PASSWORD, "saltsaltsalt").startswith("argon2$argon2id$")


def test_a_person_who_was_deactivated_stays_out(cast: Cast) -> None:
    assert cast.ada.person is not None
    cast.ada.person.is_active = False
    cast.ada.person.save()
    client = Client()
    page = client.post(LOGIN, {"login": "ada@studio.test", "password": PASSWORD})

    assert "switched off" in page.content.decode()
    assert client.get("/").status_code == 302
    assert b"switched off" not in client.post(LOGIN, {"login": "ada@studio.test", "password": "wrong"}).content


@pytest.mark.parametrize(
    "place", ["//evil.test/", "https:evil.test", "\\evil.test", "http://evil.test@testserver/", "/\t/evil.test"]
)
def test_the_way_on_never_leads_elsewhere(cast: Cast, place: str) -> None:
    """S12."""
    status, location = sign_in(Client(), next=place)

    assert status == 302
    assert urlsplit(urljoin("http://testserver/login/", location)).hostname == "testserver"


def test_the_way_on_leads_back(cast: Cast) -> None:
    assert sign_in(Client(), next="/library/") == (302, "/library/")


def test_guessing_is_slowed_down_for_every_process(cast: Cast) -> None:
    """S16: the limit counts in the cache all processes share."""
    for _ in range(6):
        sign_in(Client(), password="wrong")
    page = Client().post(LOGIN, {"login": "ada@studio.test", "password": PASSWORD})

    assert page.status_code in {200, 429}
    assert b"Too many" in page.content or page.status_code == 429


def test_an_address_may_try_ten_times_a_minute(cast: Cast) -> None:
    statuses = [sign_in(Client(), email=f"x{number}@studio.test", password="wrong")[0] for number in range(11)]

    assert statuses[:10] == [200] * 10
    assert statuses[10] == 429


def test_signing_in_gives_the_session_a_new_name(cast: Cast) -> None:
    """S20."""
    client = Client()
    sign_in(client)
    first = client.cookies["session"].value
    client.post("/logout/")
    sign_in(client)

    assert client.cookies["session"].value != first
    assert Session.objects.filter(session_key=first).count() == 0


def test_signing_out_is_asked_for_and_ends_the_session(cast: Cast) -> None:
    client = Client()
    sign_in(client)
    kept = client.cookies["session"].value
    assert client.get("/logout/").status_code in {200, 302}
    assert client.get("/").status_code == 200
    client.post("/logout/")
    client.cookies["session"] = kept

    assert client.get("/").status_code == 302


def test_signing_out_empties_what_the_browser_kept(cast: Cast) -> None:
    """S11."""
    client = Client()
    sign_in(client)

    assert "Clear-Site-Data" not in client.get("/logout/").headers
    assert client.post("/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


DAY = 24 * 3600
Forward = Callable[[float], None]


def writes_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return sum(query["sql"].startswith(("INSERT", "UPDATE")) and "django_session" in query["sql"] for query in asked)


def test_a_session_in_use_is_written_once_a_day(cast: Cast, pass_time: Forward) -> None:
    client = Client()
    sign_in(client)
    assert [writes_of(client, "/") for _ in range(2)] == [0, 0]
    before = Session.objects.get().expire_date
    pass_time(DAY + 60)

    assert [writes_of(client, "/") for _ in range(2)] == [1, 0]
    assert Session.objects.get().expire_date > before


def test_the_desk_asks_for_the_password_again_after_twelve_hours(cast: Cast, pass_time: Forward) -> None:
    assert cast.ada.person is not None
    cast.ada.person.is_staff = cast.ada.person.is_superuser = True
    cast.ada.person.save()
    client = seated(cast.ada.person)
    pass_time(12 * 3600 - 60)
    assert client.get("/admin/").status_code == 200
    pass_time(120)
    assert client.get("/").status_code == 200
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/?next=")


def test_a_session_ends_thirty_days_after_the_login(cast: Cast, pass_time: Forward) -> None:
    client = Client()
    sign_in(client)
    for _ in range(29):
        pass_time(DAY + 60)
        assert client.get("/").status_code == 200
    pass_time(DAY)

    assert client.get("/").status_code == 302
    assert Session.objects.count() == 0


def test_a_login_from_before_begins_to_count_when_it_is_used(cast: Cast, pass_time: Forward) -> None:
    client = Client()
    sign_in(client)
    session = client.session
    del session["begun"], session["renewed"]
    session.save()

    assert client.get("/").status_code == 200
    assert client.session["begun"] == client.session["renewed"]


def test_nobody_registers(db: None) -> None:
    for address in ("/signup/", "/accounts/signup/", "/register/"):
        assert Client().get(address).status_code in {302, 404}
    assert reverse("account_login") == LOGIN
