"""S24: where a request comes from is what the trusted proxies say, and nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from generations.models import Alert
from generations.services import proxying
from tests.addresses.visitors import visitor
from tests.conftest import PASSWORD, Cast

ADDRESSES = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "Client-IP")
FORGED = dict.fromkeys(ADDRESSES, "203.0.113.9") | {
    "Forwarded": "for=203.0.113.9;proto=https;host=evil.test", "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443", "X-Forwarded-Ssl": "on", "X-Original-URL": "/admin/",
    "X-Forwarded-Server": "evil.test", "X-Rewrite-URL": "/admin/", "X-HTTP-Method-Override": "DELETE",
    "X-Forwarded-User": "ada@studio.test", "Remote-User": "ada@studio.test",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def tries(number: int, **headers: str) -> list[int]:
    """So many logins with a wrong password, of other names each, from one machine; `{n}` stands for which it is."""
    answers = []
    for n in range(number):
        told = {name: value.format(n=n) for name, value in headers.items()}
        body = {"login": f"x{n}@studio.test", "password": "wrong"}
        answers.append(Client(headers=told).post("/login/", body).status_code)
    return answers


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "CF-Connecting-IP"])
def test_without_a_proxy_nobody_counts_under_a_made_up_address(cast: Cast, header: str) -> None:
    value = "for=198.51.100.{n}" if header == "Forwarded" else "198.51.100.{n}"

    assert tries(12, **{header: value})[-1] == 429


def test_behind_one_proxy_what_it_added_counts_and_not_what_came_before(cast: Cast, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert tries(12, **{"X-Forwarded-For": "198.51.100.{n}, 203.0.113.5"})[-1] == 429
    assert tries(12, **{"X-Forwarded-For": "203.0.113.5, 192.0.2.{n}"}) == [200] * 12


def test_a_forged_word_changes_no_page_and_no_link(cast: Cast) -> None:
    client = visitor(cast, "ada")
    for place in ("/", "/library/", "/team/", "/account/", "/login/forgotten/"):
        plain, forged = client.get(place), client.get(place, headers=FORGED)
        assert (plain.status_code, len(plain.content)) == (forged.status_code, len(forged.content)), place
        assert "evil.test" not in forged.content.decode()
        assert "Strict-Transport-Security" not in forged.headers
    sheet = client.post(reverse("invitations"), {"emails": "", "role": "viewer"}, headers=FORGED).content.decode()
    assert "http://testserver/invitations/" in sheet
    assert "evil.test" not in sheet
    nobody = Client(headers=FORGED)
    assert nobody.get("/").headers["Location"] == "/login/?next=/"
    assert nobody.get("/admin/").status_code == 302


def test_a_session_is_listed_under_the_true_address(cast: Cast) -> None:
    client = Client(headers=FORGED)
    client.post("/login/", {"login": "ada@studio.test", "password": PASSWORD})
    client.get("/account/")

    assert {row.ip for row in UserSession.objects.all()} == {"127.0.0.1"}


def test_what_only_this_machine_may_ask_is_not_for_who_claims_to_be_it(db: None) -> None:
    client = Client(headers={"X-Forwarded-For": "127.0.0.1"})
    assert client.get("/readyz").status_code == 404
    assert client.get("/readyz", REMOTE_ADDR="192.0.2.1").status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.test", "testserver.evil.test", "testserver@evil.test", "evil.test:80", "[::1]x"]
)
def test_another_host_is_nobody_here(db: None, host: str) -> None:
    assert Client().get("/login/", headers={"Host": host}).status_code == 400


NEAR = "10.0.0.7"


@pytest.mark.parametrize(
    ("count", "peer", "forwarded", "doubt"),
    [
        (0, NEAR, "", ""),
        (0, "8.8.8.8", "", ""),
        (0, "8.8.8.8", "9.9.9.9", ""),  # a stranger may write so
        (0, NEAR, "9.9.9.9", proxying.NONE_SET),
        (0, "127.0.0.1", "192.168.1.4", proxying.NONE_SET),
        (1, NEAR, "9.9.9.9", ""),
        (1, NEAR, "192.168.1.4", ""),
        (1, NEAR, "", ""),  # somebody on this machine, past the proxy
        (1, NEAR, "1.1.1.1, 9.9.9.9", ""),  # a stranger wrote the first
        (1, NEAR, "9.9.9.9, 10.0.0.8", proxying.TOO_LOW),
        (1, "8.8.8.8", "", proxying.TOO_HIGH),
        (2, NEAR, "9.9.9.9", proxying.TOO_HIGH),
        (2, NEAR, "9.9.9.9, 10.0.0.8", ""),
        (1, "", "nonsense, %00", ""),
    ],
)
def test_a_count_that_is_evidently_wrong_is_noticed(count: int, peer: str, forwarded: str, doubt: str) -> None:
    assert proxying.doubt_of(peer=peer, forwarded=forwarded, count=count) == doubt


class TestAWrongCount:
    def test_is_told_once_to_who_runs_the_studio_and_nobody_else(self, cast: Cast) -> None:
        words = "TRUSTED_PROXY_COUNT is 0"
        tries(3, **{"X-Forwarded-For": "198.51.100.{n}"})
        alert = Alert.objects.get(kind=proxying.KIND)
        assert (alert.count, words in alert.words) == (1, True)
        assert words in visitor(cast, "root").get("/account/").content.decode()
        for who in ("ada", "staff"):
            assert words not in visitor(cast, who).get("/account/").content.decode()

    def test_is_over_when_it_was_set_right(self, cast: Cast, settings: Any) -> None:
        tries(1, **{"X-Forwarded-For": "198.51.100.{n}"})
        settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert "TRUSTED_PROXY_COUNT" not in visitor(cast, "root").get("/account/").content.decode()
        proxying.keep_house()
        assert Alert.objects.get(kind=proxying.KIND).resolved_at is not None

    def test_is_over_when_it_was_not_met_for_a_week(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        tries(1, **{"X-Forwarded-For": "198.51.100.{n}"})
        pass_time(6 * 24 * 3600)
        proxying.keep_house()
        assert Alert.objects.get(kind=proxying.KIND).resolved_at is None
        pass_time(2 * 24 * 3600)
        proxying.keep_house()
        assert Alert.objects.get(kind=proxying.KIND).resolved_at is not None
