"""S8, and the poll's pass: cookies are for this site alone, over https alone, and no script reads them."""

from typing import Any

import pytest
from django.conf import settings as current
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.conftest import PASSWORD, Cast
from tests.headers.shipped import BY_PROXY, settings_for, shipped
from tests.making import make_waiting

__all__ = ["shipped"]


def signed_in(**headers: str) -> Client:
    client = Client(headers=headers)
    client.post("/login/", {"login": "ada@studio.test", "password": PASSWORD})
    return client


def test_as_shipped_every_cookie_is_bound_to_the_host(cast: Cast, shipped: dict[str, Any]) -> None:
    make_waiting(cast.ben)
    client = signed_in(**BY_PROXY)
    page = client.get("/").content.decode()
    cursor = page.partition("/feed/?cursor=")[2].partition('"')[0]
    assert client.get(f"/feed/?cursor={cursor}").status_code == 204

    assert set(client.cookies) == {"__Host-session", "__Host-csrf", "__Host-poll"}
    for cookie in client.cookies.values():
        flags = {name: cookie[name] for name in ("secure", "httponly", "samesite", "path", "domain")}
        assert flags == {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}, cookie.key


def test_plain_names_are_for_plain_http_alone(cast: Cast) -> None:
    assert (current.SESSION_COOKIE_NAME, current.POLL_COOKIE_NAME) == ("session", "poll")
    client = signed_in()
    client.get("/")
    for cookie in client.cookies.values():
        assert (bool(cookie["httponly"]), cookie["samesite"], cookie["path"]) == (True, "Lax", "/"), cookie.key
        assert not cookie["domain"]
        assert not cookie.key.startswith("__Host-")


def test_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    secure, plain = settings_for(monkeypatch), settings_for(monkeypatch, INSECURE_HTTP="1")
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "POLL_COOKIE_NAME")

    assert [secure[name] for name in names] == ["__Host-session", "__Host-csrf", "__Host-poll"]
    assert [plain[name] for name in names] == ["session", "csrf", "poll"]
    assert (secure["SECURE_HSTS_SECONDS"], plain["SECURE_HSTS_SECONDS"]) == (365 * 24 * 3600, 0)
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL is http"):
        settings_for(monkeypatch, PUBLIC_URL="http://studio.example.org")


def test_a_page_sends_the_forms_secret_itself(cast: Cast) -> None:
    """S9: htmx takes it from the page, never from the cookie, which no script can read."""
    client = signed_in()
    page = client.get("/").content.decode()

    assert 'hx-headers=\'{"X-CSRFToken": "' in page
    assert client.cookies["csrf"]["httponly"]
