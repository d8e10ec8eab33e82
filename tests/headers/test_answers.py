"""Errors and other answers that no walk meets keep the same rules (S1, S3, S4, S6, S10); what browsers report (S14)."""

import json
import re
from typing import Any, NoReturn

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from generations.models import Invitation, Role, SetupLink
from generations.views import errors, library
from tests.addresses.visitors import address, visitor
from tests.addresses.walking import Seen, Step, ask, walk
from tests.conftest import PASSWORD, Cast
from tests.headers.rules import broken_by

__all__ = ["address"]

HTMX_CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "historyRestoreAsHxRequest": False,
}
HTMX = {"HX-Request": "true"}


def seen(answer: HttpResponseBase, name: str) -> Seen:
    """An answer that was got another way, for the same rules."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # both are iterable
    return Seen(Step(name, name), answer.status_code, answer.headers, answer.cookies, body, frozenset())


def break_down(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("the lamp fell")


def test_every_kind_of_error_carries_what_pages_carry(
    cast: Cast, address: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "wall_for", break_down)
    ada, nobody = visitor(cast, "ada"), Client()
    ada.raise_request_exception = False
    strict = Client(enforce_csrf_checks=True)
    found = {
        400: nobody.get("/", headers={"Host": "elsewhere.test"}),
        403: strict.post(reverse("account_login")),
        404: ada.get("/nothing/here/"),
        405: ada.get(reverse("batches")),
        410: nobody.get(reverse("invitation", args=[_spent(cast)])),
        413: nobody.post("/csp-report/", "x" * 20_000, content_type="application/csp-report"),
        422: ada.post(reverse("batches"), {"prompt": "<script>alert(1)</script>"}),
        429: _too_often(),
        500: ada.get(reverse("library")),
    }
    for status, answer in found.items():
        one = seen(answer, "error")
        assert one.status == status
        assert broken_by(one) == [], status
        assert b"lamp fell" not in one.body
        assert b"Traceback" not in one.body
        assert b"<script>alert" not in one.body


def _spent(cast: Cast) -> str:

    made, token = Invitation.make(team=cast.team, email="", role=Role.VIEWER, invited_by=cast.ada)
    made.take_back()
    return token


def _too_often() -> HttpResponseBase:
    client = Client()
    answers = [client.post("/login/", {"login": f"x{n}@studio.test", "password": "wrong"}) for n in range(11)]
    return answers[-1]


def test_errors_of_the_desk_and_of_files_too(cast: Cast, address: dict[str, str]) -> None:
    root, ada = visitor(cast, "root"), visitor(cast, "ada")
    steps = [
        Step("desk", "/admin/nothing/"),
        Step("desk", "/admin/generations/image/nobody/change/"),
        Step("desk", "/admin"),
    ]
    steps += [Step("desk", "/admin/generations/team/add/"), Step("desk", "/admin/?next=//evil.test")]
    files = [Step("image_original", f"{address['image_original']}?download=1"), Step("file", "/static/nothing.css")]
    for one in [*walk(root, steps), *walk(ada, files)]:
        assert broken_by(one) == [], one.step
    tag = ask(ada, Step("image_original", address["image_original"])).headers["ETag"]
    again = ask(ada, Step("image_original", address["image_original"], headers={"If-None-Match": tag}))
    assert (again.status, broken_by(again)) == (304, [])


def test_fragments_carry_them_too(cast: Cast, address: dict[str, str]) -> None:
    """What htmx asks for, with a session and without: there the page is sent to the login by a header."""
    for who in ("ada", "anonymous"):
        steps = [Step(name, place, method, {}, HTMX) for name, place in address.items() for method in ("GET", "POST")]
        steps = [step for step in steps if step.name not in {"readyz", "healthz", "metrics"}]
        broken = {str(one.step): rules for one in walk(visitor(cast, who), steps) if (rules := broken_by(one))}
        assert broken == {}, who


def test_the_first_page_and_the_set_up_carry_them(db: None) -> None:
    place = reverse("setup", args=[SetupLink.make()])
    for step in (Step("setup", place), Step("setup", place, "POST", {"name": "<style>", "email": "x"})):
        one = ask(Client(), step)
        assert one.status in {200, 422}
        assert broken_by(one) == []


@pytest.mark.parametrize("who", ["anonymous", "root"])
def test_other_methods_are_refused(cast: Cast, address: dict[str, str], who: str) -> None:
    """S61: what no page uses does nothing anywhere, whoever asks, at the desk and for files too."""
    client = visitor(cast, who)
    client.get("/account/")
    places = address | {"desk": "/admin/", "team": "/admin/generations/team/", "file": "/static/css/tokens.css"}
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
        for one in walk(client, [Step(name, place, method) for name, place in places.items()]):
            assert (one.status, one.wrote, one.body) == (405, frozenset(), b""), one.step
            assert (one.headers["Allow"], broken_by(one)) == ("GET, HEAD, POST", []), one.step


def test_a_method_nobody_knows_is_refused(cast: Cast) -> None:
    client = visitor(cast, "ada")
    for method in ("SPEAK", "PROPFIND"):
        answer = client.generic(method, "/login/again/", {"password": PASSWORD})
        assert answer.status_code == 405, method


def test_htmx_runs_nothing_it_is_sent(cast: Cast) -> None:
    """S4, on every page that has it."""
    client = visitor(cast, "ada")
    for place in ("/", "/library/", "/credits/", "/team/", "/team/keys/", "/account/", "/inbox/"):
        found = re.search(r'<meta name="htmx-config" content=\'([^\']+)\'', client.get(place).content.decode())
        assert found, place
        told = json.loads(found[1])
        assert {name: told.get(name) for name in HTMX_CONFIG} == HTMX_CONFIG


def test_a_report_is_counted_and_never_repeated(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """S14: however large, whatever it says, however often."""
    monkeypatch.setattr(errors, "reports", errors.Reports())
    client, told = Client(), json.dumps({"csp-report": {"blocked-uri": "canary-in-a-report\n\n"}})
    answers: list[Any] = [client.post("/csp-report/", told, content_type="application/csp-report") for _ in range(30)]
    answers.append(client.post("/csp-report/", "x" * 2**20, content_type="application/csp-report"))
    answers.append(client.post("/csp-report/", b"\xff\xfe", content_type="text/plain"))

    assert [answer.status_code for answer in answers] == [204] * 30 + [413, 204]
    assert {answer.content for answer in answers} == {b""}
    assert "canary" not in caplog.text
    assert sum("browsers refused" in record.getMessage() for record in caplog.records) == 3
