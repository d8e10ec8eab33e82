"""What every answer carries, so that a browser does only what we meant (S1 to S4, S6, S8, S10, S43)."""

import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from generations.models import SetupLink
from tests.conftest import Cast
from tests.making import fail_one, finish_one, make_waiting

POLICY = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action"), "'self'"),
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
    "report-uri": "/csp-report/",
}
HTMX_CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "historyRestoreAsHxRequest": False,
}
INLINE = re.compile(rb"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|\shx-on|javascript:", re.IGNORECASE)


@pytest.fixture
def answers(cast: Cast) -> Iterator[dict[str, HttpResponseBase]]:
    """One answer of every kind of page, of errors and of files."""
    image = finish_one(cast.ben)
    make_waiting(cast.ben)
    fail_one(cast.ben)
    token = SetupLink.make()
    client, nobody = Client(), Client(raise_request_exception=False)
    assert cast.ada.person is not None
    client.force_login(cast.ada.person)
    signed_in = {name: client.get(reverse(name)) for name in ("studio", "library", "credits", "account")} | {
        "image": client.get(reverse("image", args=[image.pk])),
        "upscale": client.get(reverse("image_upscale", args=[image.pk])),
        "file": client.get(reverse("image_file", args=[image.pk, image.widths[0]])),
        "original": client.get(reverse("image_original", args=[image.pk])),
        "404": client.get("/nothing/here/"),
        "405": client.get(reverse("batches")),
        "422": client.post(reverse("batches")),
    }
    signed_out = {
        "login": nobody.get(reverse("account_login")),
        "wrong login": nobody.post(reverse("account_login"), {"login": "x@y.test", "password": "wrong"}),
        "setup": nobody.get(reverse("setup", args=[token])),
        "redirect": nobody.get(reverse("studio")),
        "400": nobody.get("/", headers={"Host": "elsewhere.test"}),
        "403": Client(enforce_csrf_checks=True).post(reverse("account_login")),
        "healthz": nobody.get(reverse("healthz")),
        "admin": nobody.get("/admin/"),
    }
    both: dict[str, HttpResponseBase] = {**signed_in, **signed_out}
    yield both
    for answer in both.values():
        answer.close()


def text_of(answer: HttpResponseBase) -> bytes:
    return b"" if answer.streaming else answer.content  # type: ignore[attr-defined]  # files stream


def pages(answers: dict[str, HttpResponseBase]) -> dict[str, bytes]:
    return {name: text_of(one) for name, one in answers.items() if one.headers["Content-Type"].startswith("text/html")}


def test_every_answer_has_the_strict_policy(answers: dict[str, HttpResponseBase]) -> None:
    for name, answer in answers.items():
        told = answer.headers["Content-Security-Policy"]
        parts = dict(part.strip().split(" ", 1) for part in told.split(";") if " " in part.strip())
        if name in {"file", "original"}:
            assert told == "default-src 'none'; sandbox", name
        else:
            assert parts == POLICY, name


def test_every_answer_keeps_others_out(answers: dict[str, HttpResponseBase]) -> None:
    for name, answer in answers.items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["X-Frame-Options"] == "DENY", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp", name
        assert "camera=()" in headers["Permissions-Policy"], name
        assert "Server" not in headers, name


def test_pages_are_never_cached_and_pictures_only_by_their_viewer(answers: dict[str, HttpResponseBase]) -> None:
    for name, answer in answers.items():
        told = answer.headers["Cache-Control"]
        if name in {"file", "original"}:
            assert told == "private, max-age=3600"
            assert answer.headers["ETag"]
        else:
            assert "no-store" in told, name
            assert "private" in told, name


def test_no_page_has_a_style_or_a_script_of_its_own(answers: dict[str, HttpResponseBase]) -> None:
    for name, page in pages(answers).items():
        if name != "admin":
            assert INLINE.search(page) is None, (name, INLINE.search(page))


def test_no_page_names_another_origin(answers: dict[str, HttpResponseBase]) -> None:
    fetched = re.compile(rb'(?:src|href|action|srcset)="(?:https?:)?//([^"/]+)')
    for name, page in pages(answers).items():
        assert fetched.findall(page) == [], name


def test_htmx_runs_nothing_it_is_sent(answers: dict[str, HttpResponseBase]) -> None:
    found = re.search(rb'<meta name="htmx-config" content=\'([^\']+)\'', pages(answers)["studio"])
    assert found

    told = json.loads(found[1])
    assert {name: told.get(name) for name in HTMX_CONFIG} == HTMX_CONFIG


def test_cookies_are_for_this_site_alone(cast: Cast) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": "ada@studio.test", "password": "a lamp beside the window"})
    assert settings.SESSION_COOKIE_NAME in client.cookies
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
        assert cookie["path"] == "/", cookie.key
        assert not cookie["domain"], cookie.key
