"""An event is one line, machines read it, and what opens something does not reach it (S32, S74)."""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from django.conf import settings as site
from django.test import Client

from generations import tracing
from generations.models import Member, SetupLink
from generations.views import studio
from imagine_site.logs import Json, Line, MaskTokens, masked
from tests.conftest import Cast

CANARY = "canary-3f9d27c1"
OPENING = (
    f"Authorization: Bearer {CANARY}", f"{{'Authorization': 'Basic {CANARY}', 'Accept': '*/*'}}",
    f'{{"HTTP_AUTHORIZATION": "{CANARY}"}}', f"headers=[(b'authorization', b'x'), authorization=b'{CANARY}']",
    f"[(b'authorization', b'Bearer {CANARY}')]", f"Cookie: theme=dark; session={CANARY}",
    f"'HTTP_COOKIE': 'a=\"b\"; other={CANARY}'", f"Set-Cookie: {CANARY}; Path=/",
    f"__Host-session={CANARY}", f"csrfmiddlewaretoken={CANARY}&x=1", f"csrftoken: {CANARY}", f"X-API-Key: {CANARY}",
    f"GET https://vendor.test/tasks?api_key={CANARY}&page=2", f"https://vendor.test/?key={CANARY}",
    f"/login/organization/back/?state=x&code={CANARY}", f"access_token={CANARY}", f'{{"client_secret": "{CANARY}"}}',
    f"https://bucket.test/x?X-Amz-Signature={CANARY}", f"password={CANARY}", f"sent with bearer {CANARY}",
    f"postgresql://studio:{CANARY}@db.test:5432/studio", f"redis://:{CANARY}@cache.test", f"aio_{CANARY}",
    f"sk-{CANARY}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Not Found: /setup/abc-DEF_1/", "Not Found: /setup/***/"),
        ('"POST /setup/abc?x=1 HTTP/1.1" 404', '"POST /setup/***?x=1 HTTP/1.1" 404'),
        ("/hooks/demo/abc/", "/hooks/demo/***/"),
        ("GET /sources/abc.DEF-1_/ HTTP/1.1", "GET /sources/***/ HTTP/1.1"),
        ("/images/abc/upscale/", "/images/abc/upscale/"),
        ("?api_key=abc&page=2", "?api_key=***&page=2"),
        ("{'Cookie': 'a=1; b=2', 'Accept': '*/*'}", "{'Cookie': ***, 'Accept': '*/*'}"),
        ("Forbidden (CSRF token missing.): /", "Forbidden (CSRF token missing.): /"),
        ("https://db.test:5432/x@y", "https://db.test:5432/x@y"),
        ("generation 12 of key 7 went to its vendor", "generation 12 of key 7 went to its vendor"),
    ],
)
def test_a_token_is_masked_and_nothing_else(text: str, safe: str) -> None:
    assert masked(text) == safe


@pytest.mark.parametrize("text", OPENING)
def test_what_opens_something_is_masked(text: str) -> None:
    assert CANARY not in masked(text)
    assert CANARY not in masked(f"first line\n{text}\nlast line")


def test_our_own_secrets_are_known(settings: Any) -> None:
    settings.METRICS_TOKEN = "a-long-token-for-machines"
    for secret in (site.SECRET_KEY, site.FIELD_KEYS[0], site.METRICS_TOKEN):
        assert masked(f"it is {secret}, they say") == "it is ***, they say"


def test_a_long_line_is_masked_quickly() -> None:
    """No pattern begins again at each letter of a long word."""
    for part in ("a", "://a:", "token", "cookie", "bearer ", "/hooks/", "sk-"):
        assert masked(part * 20_000)


def test_a_line_that_does_not_fit_its_values_is_left_to_the_handler() -> None:
    record = logging.makeLogRecord({"msg": "%s and %s", "args": ("/setup/abc/",)})
    assert MaskTokens().filter(record)
    assert record.msg == "%s and %s"
    assert "/setup/***/" in Line().format(record)


def test_a_form_sent_wrongly_does_not_tell_the_token(db: None, caplog: pytest.LogCaptureFixture) -> None:
    token = SetupLink.make()
    Client().post(f"/setup/{token}/", {"team": "North"})
    Client(enforce_csrf_checks=True).post(f"/setup/{token}/", {"team": "North"})
    Client().get(f"/setup/{token}x/")

    assert caplog.text.count("/setup/***/") >= 3
    assert token not in caplog.text


def failed(words: str, **facts: Any) -> logging.LogRecord:
    """A record with an exception."""
    try:
        raise RuntimeError(f"the lamp fell with Authorization: Bearer {CANARY}\nand then?")
    except RuntimeError:
        return logging.makeLogRecord(
            {"msg": words, "name": "root", "levelname": "ERROR", "exc_info": sys.exc_info()} | facts
        )


class TestForMachines:
    def test_an_event_is_one_object_on_one_line(self) -> None:
        record = failed("it broke\nat \u2028 once", name="generations.x", created=1_700_000_000.25)
        with tracing.traced("abc", find_address=str):
            line = Json().format(record)

        assert len(line.splitlines()) == 1
        facts = json.loads(line)
        assert facts.pop("exception").startswith("Traceback")
        assert facts == {
            "time": "2023-11-14T22:13:20.250Z",
            "level": "ERROR",
            "logger": "generations.x",
            "message": "it broke\nat \u2028 once",
            "request_id": "abc",
        }
        assert CANARY not in line

    def test_what_is_not_there_is_not_said(self) -> None:
        facts = json.loads(Json().format(logging.makeLogRecord({"msg": "all %s", "args": ("well",)})))
        assert (facts["message"], facts.keys()) == ("all well", {"time", "level", "logger", "message"})


class TestForPeople:
    def test_nobody_writes_a_second_line(self) -> None:
        line = Line().format(logging.makeLogRecord({"msg": "Not Found: %s", "args": ("/x\n2026 ERROR forged\x1b[2J",)}))
        assert line.splitlines() == [line]
        assert line.endswith(r"Not Found: /x\n2026 ERROR forged\x1b[2J")

    def test_an_exception_stands_below(self) -> None:
        first, *below = Line().format(failed("it broke")).splitlines()
        assert first.endswith("ERROR root: it broke")
        assert below[0].startswith("Traceback")
        assert CANARY not in str(below)


class TestThisSite:
    @pytest.fixture
    def written(self) -> Iterator[io.StringIO]:
        """What reaches a console that is set up for machines."""
        handler = logging.StreamHandler(console := io.StringIO())
        handler.setFormatter(Json())
        logging.getLogger().addHandler(handler)
        yield console
        logging.getLogger().removeHandler(handler)

    def test_a_page_that_breaks_tells_what_and_no_secret(
        self,
        cast: Cast,
        signed_in: Callable[[Member], Client],
        monkeypatch: pytest.MonkeyPatch,
        written: io.StringIO,
    ) -> None:
        def break_down(**_: object) -> NoReturn:
            raise RuntimeError(f"the lamp fell, Cookie: session={CANARY}, Authorization: Bearer {CANARY}")

        monkeypatch.setattr(studio, "composer_for", break_down)
        client = signed_in(cast.ben)
        client.raise_request_exception = False
        answer = client.get(f"/?api_key={CANARY}", headers={"Authorization": f"Bearer {CANARY}"})
        client.get(f"/nothing/%0Ahere/?token={CANARY}")

        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        broken = [line for line in lines if line.get("request_id") == answer.headers["X-Request-ID"]]
        assert {line["logger"] for line in broken} == {"django.request", "generations.views.errors"}
        assert all("the lamp fell" in line["exception"] for line in broken)
        missing = [line for line in lines if "/nothing/" in line["message"]]
        assert [re.fullmatch(r"[0-9a-f]{32}", line["request_id"]) is not None for line in missing] == [True]
        assert CANARY not in written.getvalue() + answer.content.decode()
        assert client.cookies[site.SESSION_COOKIE_NAME].value not in written.getvalue()
