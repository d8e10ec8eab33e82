"""A test of a key asks the vendor once, costs nothing, and always ends in a sentence."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from generations import jobs, queue
from generations.models import Alert, Credential, Health, clock
from generations.models.credential import OUT_OF_MONEY
from generations.providers.base import Proof
from generations.services import credentials
from generations.services.credentials import proving
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, Keyed, add, bank, keyed, now
from tests.simulators.raw import Script, answer, closed_port, reset, trap

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")

RICH = answer(body=b'{"left": 1240.50}')
POOR = answer(body=b'{"left": 0}')


def proved(cast: Cast, script: Script | bytes, provider: str = "keyed", **facts: Any) -> Credential:
    """A key that was tested at a vendor that says so."""
    with bank(script):
        credential = add(cast.team, provider=provider)
        if facts:
            Credential.objects.filter(pk=credential.pk).update(**facts)
        jobs.prove(credential=str(credential.pk))
    return now(credential)


def test_an_accepted_key_is_told_with_what_is_left(cast: Cast) -> None:
    with bank(RICH) as raw:
        credential = add(cast.team)
        credentials.prove(credential=credential.pk)

    row = now(credential)
    assert row.proved is True
    assert row.proved_words == "Keyed accepts the key. 1,240.5 coins are left."
    assert row.balance == Decimal("1240.5")
    assert len(raw.requests) == 1
    assert f"Bearer {KEY}".encode() in raw.requests[0]


def test_an_answer_is_told_with_the_time_it_took(cast: Cast) -> None:
    def slowly(connection: socket.socket, request: bytes) -> None:
        time.sleep(0.05)
        connection.sendall(RICH)

    row = proved(cast, slowly)
    assert 50 <= (row.answered_ms or 0) < 20_000
    refused = proved_again(row, answer("401 Unauthorized", b"{}"))
    assert (refused.proved, refused.answered_ms is not None) == (False, True)
    cut_off = proved_again(row, lambda connection, request: reset(connection))
    assert (cut_off.proved, cut_off.answered_ms) == (None, None)


def test_an_accepted_key_rests_no_longer(cast: Cast) -> None:
    Alert.objects.tell("credential", subject="credential:0", words="of another")
    tired: dict[str, Any] = {
        "troubles": 3,
        "paused_until": clock.now() + timedelta(hours=1),
        "paused_because": "Refused.",
    }
    row = proved(cast, RICH, **tired)

    assert row.health(clock.now()) is Health.CLOSED
    assert Alert.objects.get(resolved_at=None).words == "of another"


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_key_rests_and_staff_hear_of_it(cast: Cast, status: str) -> None:
    row = proved(cast, answer(status, b'{"msg": "who are you?"}'))

    assert row.proved is False
    assert row.proved_words == "Keyed does not accept this key."
    assert row.health(clock.now()) is Health.OPEN
    assert Alert.objects.get(resolved_at=None).subject == f"credential:{row.pk}"
    credentials_again = proved_again(row, RICH)
    assert credentials_again.health(clock.now()) is Health.CLOSED
    assert not Alert.objects.filter(resolved_at=None).exists()


def proved_again(row: Credential, script: Script | bytes) -> Credential:
    """The same key, tested at a vendor that changed its mind; its port may have changed as well."""
    with bank(script):
        Credential.objects.filter(pk=row.pk).update(key_host="")
        credentials.prove(credential=row.pk)
    return now(row)


@pytest.mark.parametrize("script", [POOR, answer("402 Payment Required", b"{}")], ids=["empty", "402"])
def test_a_key_without_money_is_known_and_rests(cast: Cast, script: bytes) -> None:
    row = proved(cast, script)
    assert row.proved is True
    assert row.balance == 0
    assert row.is_out_of_money
    assert row.health(clock.now()) is Health.OPEN


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (answer("429 Too Many Requests", b"{}"), "asked us to come back later"),
        (answer("502 Bad Gateway", b"<html>"), "could not be reached"),
        (answer(body=b"<html>hello"), "could not be reached"),
        (lambda connection, request: reset(connection), "could not be reached"),
    ],
    ids=["busy", "gateway", "no JSON", "reset"],
)
def test_an_answer_that_proves_nothing_leaves_the_key_as_it_was(cast: Cast, script: Script | bytes, said: str) -> None:
    row = proved(cast, script)
    assert row.proved is None
    assert said in row.proved_words
    assert row.health(clock.now()) is Health.CLOSED


def test_a_vendor_that_is_not_there_is_said_so(cast: Cast, settings: Any) -> None:
    settings.PROVIDER_BASE_URLS = {"keyed": f"http://127.0.0.1:{closed_port()}"}
    credential = add(cast.team)
    credentials.prove(credential=credential.pk)
    assert "could not be reached" in now(credential).proved_words


def test_a_vendor_without_a_free_question_is_said_so(cast: Cast) -> None:
    row = proved(cast, RICH, provider="mute")
    assert row.proved is None
    assert "no question that costs nothing" in row.proved_words


def test_a_vendor_that_hangs_is_waited_for_only_so_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forever(self: Keyed) -> Proof:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Keyed, "probe", forever)
    monkeypatch.setattr(proving, "PROBE_SECONDS_MAX", 0.05)
    assert "could not be reached" in proved(cast, RICH).proved_words


@pytest.mark.parametrize("left", ["NaN", "Infinity", "1e30"])
def test_a_balance_nobody_could_store_is_left_out(cast: Cast, left: str) -> None:
    row = proved(cast, answer(body=f'{{"left": "{left}"}}'.encode()))
    assert row.proved is True
    assert row.balance is None


def test_a_key_that_cannot_be_opened_is_not_sent_anywhere(cast: Cast) -> None:
    with bank(RICH) as raw:
        credential = add(cast.team)
        Credential.objects.filter(pk=credential.pk).update(sealed_key="broken")
        credentials.prove(credential=credential.pk)
        assert now(credential).proved_words == "The key cannot be opened any more. Enter it again."
        credentials.readdress(credential=credential, base_url="https://elsewhere.test", actor=ACTOR)
        credentials.prove(credential=credential.pk)
    assert "address changed" in now(credential).proved_words
    assert raw.requests == []


def test_the_demo_needs_no_key(cast: Cast) -> None:
    demo = Credential.objects.get(team=cast.team, provider="demo")
    credentials.prove(credential=demo.pk)
    assert now(demo).proved_words == "Demo needs no key. It is ready."


def test_a_vendor_this_version_lost_is_said_so(cast: Cast) -> None:
    credential = add(cast.team)
    Credential.objects.filter(pk=credential.pk).update(provider="gone")
    credentials.prove(credential=credential.pk)
    assert "does not know this vendor" in now(credential).proved_words


class TestAsking:
    def test_twice_enqueues_once(self, cast: Cast) -> None:
        credential = add(cast.team)
        waiting = queue.waiting()
        assert not credentials.ask_for_proof(credential)
        assert queue.waiting() == waiting
        assert proving.being_proved([credential.pk]) == {credential.pk: True}

    def test_ends_with_the_answer(self, cast: Cast) -> None:
        credential = proved(cast, RICH)
        assert proving.being_proved([credential.pk]) == {}
        assert credentials.ask_for_proof(credential)

    def test_without_a_worker_is_over_after_thirty_seconds(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        credential = add(cast.team)
        pass_time(31)
        assert proving.being_proved([credential.pk]) == {credential.pk: False}
        assert credentials.ask_for_proof(credential)

    def test_for_a_key_that_is_gone_does_nothing(self, cast: Cast) -> None:
        credential = add(cast.team)
        credentials.remove(credential=credential, actor=ACTOR)
        credentials.prove(credential=credential.pk)
        credentials.prove(credential=10**6)
        assert now(credential).proved_at is None


class TestTakingTurns:
    """A test is a read of the vendor's account, and the pump leaves the tests of an account a part of its reads."""

    @pytest.fixture
    def twins(self, cast: Cast) -> tuple[Credential, Credential, Credential]:
        """One key stored twice, and another one."""
        return add(cast.team), add(cast.team, "Twin"), add(cast.team, "Other", key=OTHER_KEY)

    def test_those_of_one_account_come_one_after_the_other(
        self, twins: tuple[Credential, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Keyed, "reads_per_second_max", 4.0)
        arrivals: list[float] = []

        def told(connection: socket.socket, _request: bytes) -> None:
            arrivals.append(time.monotonic())
            connection.sendall(RICH)

        with bank(told):
            for one in twins[:2]:
                Credential.objects.filter(pk=one.pk).update(key_host="")
                credentials.prove(credential=one.pk)

        assert [now(one).proved for one in twins[:2]] == [True, True]
        assert arrivals[1] - arrivals[0] >= 0.9

    def test_those_of_another_account_do_not_wait(
        self, twins: tuple[Credential, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Keyed, "reads_per_second_max", 0.02)
        monkeypatch.setattr(proving, "TURN_SECONDS_MAX", 0.0)
        Credential.objects.update(key_host="")
        with bank(RICH) as raw:
            for one in twins:
                credentials.prove(credential=one.pk)

        first, twin, other = (now(one) for one in twins)
        assert (first.proved, twin.proved, other.proved) == (True, None, True)
        assert twin.proved_words == "Other keys of this account are being tested. Test again in a minute."
        assert len(raw.requests) == 2

    def test_one_that_found_nobody_gives_its_turn_back(
        self, twins: tuple[Credential, ...], settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PROVIDER_BASE_URLS = {"keyed": f"http://127.0.0.1:{closed_port()}"}
        Credential.objects.update(key_host="")
        for _ in range(2):
            credentials.prove(credential=twins[0].pk)
            assert "could not be reached" in now(twins[0]).proved_words


class TestOfAnEmptyAccountThatNobodyAskedFor:
    """It makes the key worth a try by one order at most: nobody says that the account was filled up."""

    @pytest.fixture
    def key(self, cast: Cast) -> Credential:
        credential = add(cast.team)
        now(credential).rest(seconds=60, because=OUT_OF_MONEY)
        return now(credential)

    def read(self, key: Credential, left: str) -> bool:
        """Whether the key may be tried when its rest is over, so much being left."""
        before = now(key).paused_until
        with bank(answer(body=f'{{"left": {left}}}'.encode())):
            Credential.objects.filter(pk=key.pk).update(key_host="")
            credentials.prove(credential=key.pk, unasked=True)
        assert now(key).troubles == 1
        assert now(key).health(clock.now()) is Health.OPEN
        return now(key).paused_until == before

    def test_is_enough_for_a_try_where_nothing_tells_more(self, key: Credential) -> None:
        assert self.read(key, "3")

    def test_is_enough_only_if_it_rose_since_the_last(self, key: Credential) -> None:
        assert [self.read(key, left) for left in ("3", "3", "2.5", "2.6")] == [True, False, False, True]

    def test_is_compared_with_none_from_before_the_refusal(self, key: Credential) -> None:
        now(key).keep_balance(Decimal(500), at=clock.now() - timedelta(hours=1))
        assert self.read(key, "300")

    def test_is_enough_if_it_pays_the_cheapest_order_that_is_known(
        self, key: Credential, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pen, ink = Keyed.offers
        monkeypatch.setattr(Keyed, "offers", (replace(pen, vendor_cost=Decimal(4)), ink))
        tried = [self.read(key, left) for left in ("3.9", "3.9", "4", "4", "0", "3")]
        assert tried == [False, False, True, True, False, True]


def test_a_name_that_leads_inside_is_not_called(cast: Cast) -> None:
    """S38: a superuser's address was public when it was saved, and a name can be given another meaning."""
    with trap() as inside:
        credential = add(cast.team, base_url=f"https://localhost:{inside.port}")
        credentials.prove(credential=credential.pk)
        assert not inside.was_called()
    assert "could not be reached" in now(credential).proved_words
