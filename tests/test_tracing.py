"""Each request has a name of its own, which its answer, its error page and its lines in the audit log carry (S59)."""

import re
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.test import Client
from django.urls import reverse

from generations import tracing
from generations.models import AuditEntry, Member
from generations.views import studio
from tests.conftest import Cast

HEADER = "X-Request-ID"


def shown_on(page: bytes) -> str:
    found = re.search(r'Request <code class="mono">([^<]+)</code>', page.decode())
    assert found
    return found[1]


class TestTheName:
    def test_is_another_for_each_request(self, db: None) -> None:
        names = {Client().get("/healthz").headers[HEADER] for _ in range(5)}

        assert len(names) == 5
        assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in names)
        assert tracing.request_id() == tracing.address() == ""

    def test_is_nobodys_to_choose(self, db: None) -> None:
        assert Client().get("/healthz", headers={HEADER: "mine"}).headers[HEADER] != "mine"

    def test_is_what_a_trusted_proxy_gave(self, db: None, settings: Any) -> None:
        settings.TRUSTED_PROXY_COUNT = 1
        assert Client().get("/healthz", headers={HEADER: "Proxy-7f3a"}).headers[HEADER] == "Proxy-7f3a"

    @pytest.mark.parametrize("given", ["", "a" * 33, "a b", "a\u00e9", "<b>", "a,b", "x\t"])
    def test_is_ours_where_the_proxy_gave_something_else(self, db: None, settings: Any, given: str) -> None:
        settings.TRUSTED_PROXY_COUNT = 1
        assert re.fullmatch(r"[0-9a-f]{32}", Client().get("/healthz", headers={HEADER: given}).headers[HEADER])

    def test_is_on_files_too(self, db: None) -> None:
        assert Client().get("/static/nothing.css").headers[HEADER]


class TestAnErrorPage:
    def test_shows_it(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        strict, ben = Client(enforce_csrf_checks=True), signed_in(cast.ben)
        found = {
            400: Client().get("/", headers={"Host": "elsewhere.test"}),
            403: strict.post(reverse("account_login")),
            404: ben.get("/nothing/here/"),
        }
        for status, answer in found.items():
            assert (answer.status_code, shown_on(answer.content)) == (status, answer.headers[HEADER])

    def test_shows_it_when_we_broke_something(
        self, cast: Cast, signed_in: Callable[[Member], Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(**_: object) -> NoReturn:
            raise RuntimeError("the lamp fell")

        monkeypatch.setattr(studio, "composer_for", break_down)
        client = signed_in(cast.ben)
        client.raise_request_exception = False
        answer = client.get("/")

        assert (answer.status_code, shown_on(answer.content)) == (500, answer.headers[HEADER])
        assert b"lamp fell" not in answer.content


class TestALineOfTheAuditLog:
    def test_names_the_request_and_where_it_came_from(
        self, cast: Cast, signed_in: Callable[[Member], Client], settings: Any
    ) -> None:
        settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4", HEADER: "Proxy-7f3a"}
        answer = signed_in(cast.ada).post(
            reverse("member_role", args=[cast.ben.pk]), {"role": "admin"}, headers=forwarded
        )
        line = AuditEntry.objects.get(action="role_changed")

        assert answer.status_code == 302
        assert (line.request_id, line.address) == ("Proxy-7f3a", "198.51.100.4")

    def test_says_what_it_was_told(self, cast: Cast) -> None:
        with tracing.traced("abc", find_address=lambda: "192.0.2.1"):
            told = AuditEntry.note("tested", by=cast.ada, address="192.0.2.7", request_id="def")
        assert (told.request_id, told.address) == ("def", "192.0.2.7")

    def test_that_no_request_wrote_has_neither(self, cast: Cast) -> None:
        line = AuditEntry.note("tested", by=cast.ada)
        assert (line.request_id, line.address) == ("", "")
