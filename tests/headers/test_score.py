"""S7: what the MDN HTTP Observatory would give the studio as it is shipped, by its own table; S5 on the way.

The table is that of mdn-http-observatory 1.6 (src/grader/charts.js, src/analyzer/tests), written out for what can be
read off an answer. The scanner begins at "/" without a session and follows to the page it is sent to.
"""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from tests.addresses.visitors import visitor
from tests.conftest import PASSWORD, Cast
from tests.headers.rules import parts_of
from tests.headers.shipped import BY_PROXY, shipped

__all__ = ["shipped"]

BASE, GOAL, HALF_A_YEAR = 100, 160, 15_768_000
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
UNSAFE = {"'unsafe-inline'", "data:"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SCRIPT = re.compile(r"<script\b[^>]*>")


def by_policy(answer: Any) -> int:
    told = answer.headers.get("Content-Security-Policy")
    if not told:
        return -25
    parts = {name: set(words.split()) for name, words in parts_of(told).items()}
    usual = parts.get("default-src", {"*"})
    scripts, styles = parts.get("script-src", usual), parts.get("style-src", usual)
    if scripts & (BROAD | UNSAFE) or parts.get("object-src", usual) & BROAD:
        return -20
    if "'unsafe-eval'" in scripts | styles:
        return -10
    if styles & (BROAD | UNSAFE):
        return 0
    return 10 if usual == {"'none'"} else 5


def by_framing(answer: Any) -> int:
    ancestors = set(parts_of(answer.headers.get("Content-Security-Policy", "")).get("frame-ancestors", "*").split())
    if not ancestors & BROAD:
        return 5
    return 0 if answer.headers.get("X-Frame-Options", "").upper() in {"DENY", "SAMEORIGIN"} else -20


def by_cookies(client: Client, transport: int) -> int:
    cookies = list(client.cookies.values())
    if not cookies:
        return 0
    names_sessions = [one for one in cookies if any(word in one.key.lower() for word in ("login", "sess"))]
    if any(not one["httponly"] for one in names_sessions):
        return -30
    if any(not one["secure"] for one in cookies):
        return -20 if transport < 0 else -5
    return 5 if all(one["samesite"] in {"Lax", "Strict"} for one in cookies) else 0


def by_transport(answer: Any) -> int:
    found = re.search(r"max-age=(\d+)", answer.headers.get("Strict-Transport-Security", ""))
    if not found:
        return -20
    return 0 if int(found[1]) >= HALF_A_YEAR else -10


def by_integrity(answer: Any) -> int:
    scripts = SCRIPT.findall(answer.content.decode())
    if any(re.search(r'src="(?:https?:)?//', script) for script in scripts):
        return -50
    return 5 if any(re.search(r'\ssrc="/[^"]+"[^>]*\sintegrity="sha384-', script) for script in scripts) else 0


def by_headers(answer: Any) -> dict[str, int]:
    headers = answer.headers
    return {
        "referrer": 5 if headers.get("Referrer-Policy") in PRIVATE else 0,
        "sniffing": 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        "sharing": -50 if "Access-Control-Allow-Origin" in headers else 0,
        "resources": 10 if headers.get("Cross-Origin-Resource-Policy") in {"same-origin", "same-site"} else 0,
        "embedding": 10 if headers.get("Cross-Origin-Embedder-Policy") in {"require-corp", "credentialless"} else 0,
        "opening": 10 if headers.get("Cross-Origin-Opener-Policy") == "same-origin" else 0,
    }


def score_of(client: Client, answer: Any) -> dict[str, int]:
    """Each test's part. What is above 100 counts only where nothing is far below it; here nothing is."""
    transport = by_transport(answer)
    return {
        "policy": by_policy(answer),
        "framing": by_framing(answer),
        "cookies": by_cookies(client, transport),
        "transport": transport,
        "integrity": by_integrity(answer),
        **by_headers(answer),
    }


def test_a_stranger_finds_a_site_of_160_points(shipped: dict[str, Any], db: None) -> None:
    client = Client(headers=BY_PROXY)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/login/?next=/", 302)]
    parts = score_of(client, answer)

    assert min(parts.values()) >= 0, parts
    assert BASE + sum(parts.values()) >= GOAL, parts


def test_so_does_somebody_who_is_in(cast: Cast, shipped: dict[str, Any]) -> None:
    client = Client(headers=BY_PROXY)
    client.post("/login/", {"login": "ada@studio.test", "password": PASSWORD})
    for place in ("/", "/library/", "/account/", "/team/"):
        parts = score_of(client, client.get(place))
        assert BASE + sum(parts.values()) >= GOAL, (place, parts)


def test_plain_http_is_led_to_https(shipped: dict[str, Any], db: None) -> None:
    """S5, and the scanner's redirection test: the first step is to the same host."""
    client = Client(headers=BY_PROXY | {"X-Forwarded-Proto": "http"})
    answer = client.get("/library/?before=x")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/library/?before=x")

    told = Client(headers=BY_PROXY).get("/login/").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("collected", [True, False])
def test_each_script_is_the_one_that_was_meant(cast: Cast, settings: Any, tmp_path: Path, collected: bool) -> None:
    """The hash on the page is that of the file it names, under its hashed name as well."""
    if collected:
        settings.STATIC_ROOT = tmp_path / "static"
        backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["admin"])
    client = Client()
    pages = client.get("/login/").content.decode() + visitor(cast, "ada").get("/").content.decode()
    told = dict(re.findall(r'<script[^>]*\ssrc="/static/([^"]+)"[^>]*\sintegrity="sha384-([^"]+)"', pages))

    assert len(SCRIPT.findall(pages)) == len(re.findall(r"<script[^>]*integrity=", pages)) > 10
    for name, digest in told.items():
        file = settings.STATIC_ROOT / name if collected else Path(str(finders.find(name)))
        assert base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode() == digest, name
