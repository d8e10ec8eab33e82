"""S12: whatever a request asks for, nobody is led to another site; S11: who signs out leaves nothing behind."""

from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.addresses.visitors import address, give_passkey, person_of, visitor
from tests.addresses.walking import Step, walk
from tests.conftest import PASSWORD, Cast

__all__ = ["address"]

ELSEWHERE = (
    "//evil.test/", "https:evil.test", "\\evil.test", "\\\\evil.test", "/\\evil.test", "http://evil.test@testserver/",
    "http://testserver@evil.test/", "/\t/evil.test", "\t//evil.test", " //evil.test", "///evil.test",
    "http:///evil.test", "https://evil.test/", "javascript:alert(1)", "data:text/html,x", "http://evil。test/",
    "http://testserver.evil.test/", "//evil.test\\@testserver", "/\r\nLocation: https://evil.test",
    "http://[::1]evil.test",
)  # fmt: skip
LEADING_ON = (
    "account_login", "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "mfa_login_webauthn", "team_choice",
)  # fmt: skip
"""Where a request may say where it wants to go next."""


def stays_here(location: str) -> bool:
    """As a browser reads it, which drops tabs and takes a backslash for a slash."""
    read = "".join(letter for letter in location if letter not in "\t\r\n").replace("\\", "/").strip()
    return urlsplit(urljoin("http://testserver/login/", read)).netloc == "testserver"


def test_no_address_leads_elsewhere(cast: Cast, address: dict[str, str]) -> None:
    """As a question and in a form, before the login and after it, by every name a way on has."""
    give_passkey(person_of(cast.ada))
    ada = visitor(cast, "ada")
    proof = {"password": PASSWORD, "login": "vera@studio.test"}
    for place in ELSEWHERE:
        ways = {"next": place, "place": place, "back": place, "return_to": place, "url": place}
        asked = f"?{urlencode(ways)}"
        steps = [Step(name, address[name] + asked, "POST", ways | proof) for name in LEADING_ON]
        steps += [Step(name, address[name] + asked) for name in LEADING_ON[:4]]
        for client in (Client(), ada):
            cache.clear()
            for seen in walk(client, steps):
                for header in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Refresh"):
                    assert stays_here(seen.headers.get(header, "/")), (str(seen.step), place, header)
                    assert "\n" not in seen.headers.get(header, "")
                assert b'href="javascript:' not in seen.body


def test_the_way_on_within_the_site_is_kept(cast: Cast) -> None:
    client = visitor(cast, "ada")
    place = f"{reverse('account_reauthenticate')}?next=/team/keys/"
    answer = client.post(place, {"password": PASSWORD, "next": "/team/keys/"})

    assert answer.headers["Location"] == "/team/keys/"


@pytest.mark.parametrize("who", ["ada", "root"])
def test_who_signs_out_leaves_nothing_behind(cast: Cast, who: str) -> None:
    """The session's row goes, the browser forgets, and the old cookies open nothing: neither page nor poll."""
    client = visitor(cast, who)
    client.get("/")
    client.get("/feed/?cursor=0.0.0")
    old = {name: cookie.value for name, cookie in client.cookies.items()}
    for place in (reverse("account_logout"), reverse("admin:logout")):
        client.get(place)  # asking is not doing
    assert Session.objects.count() == 1
    answer = client.post(reverse("account_logout"))

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert Session.objects.count() == 0
    again = Client()
    for name, value in old.items():
        again.cookies[name] = value
    for place in ("/", "/feed/?cursor=0.0.0", "/library/", "/account/"):
        assert again.get(place).headers["Location"].startswith("/login/"), place


def test_the_desks_own_way_out_forgets_as_well(cast: Cast) -> None:
    client = visitor(cast, "root")
    answer = client.post(reverse("admin:logout"))

    assert answer.status_code in {200, 302}
    assert Session.objects.count() == 0
    assert answer.headers.get("Clear-Site-Data") == '"cache", "storage"'
