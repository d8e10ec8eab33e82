"""How fast a pump reads, and what it forgets when another one goes on."""

import asyncio
import time
import uuid

import pytest

from generations.providers.base import Account
from generations.services.pumping import paces
from generations.services.pumping.paces import Budget, kept_for_tests
from generations.services.pumping.talk import Line, Looked, Talk
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Vendor


def seconds_for(turns: int, per_second: float) -> float:
    async def take() -> float:
        budget, begun = Budget(per_second), time.monotonic()
        for _ in range(turns):
            await budget.turn()
        return time.monotonic() - begun

    return asyncio.run(take())


def test_reads_begin_at_half_the_rate_for_the_sake_of_the_pump_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "GENTLE_SECONDS", 0.0)
    assert seconds_for(21, 100) >= 20 * 0.011
    monkeypatch.setattr(paces, "GENTLE_SECONDS", 10.0)
    assert seconds_for(21, 100) >= 20 * 0.022


@pytest.mark.parametrize(("per_second", "tests"), [(200, 20), (10, 1), (5, 1), (1, 0.5), (0.1, 0.05)])
def test_a_part_of_the_reads_is_left_to_the_tests_of_keys(per_second: float, tests: float) -> None:
    assert kept_for_tests(per_second) == tests


def test_what_is_left_to_them_the_pump_does_not_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "GENTLE_SECONDS", 0.0)
    assert seconds_for(19, 20) >= 18 * 1.1 / 18


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.start()
    return made


def ask(talk: Talk, vendor: Vendor, number: int, *, reads_as: int = 0, credential: int = 1) -> None:
    line = Line(
        credential=credential,
        provider="invented",
        account=Account(secret="k", base_url=vendor.url),
        reads_as=reads_as,
    )
    for _ in range(number):
        talk.look(line, vendor.make("a lamp"), Invented.offers[0], generation=uuid.uuid4())


def test_a_pump_that_hands_over_forgets_the_questions_whose_turn_has_not_come(
    vendor: Vendor, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Invented, "reads_per_second_max", 2.0)
    ask(talk, vendor, 20)
    heard = talk.results(wait_seconds=10)
    assert isinstance(heard[0], Looked)
    talk.drop_waiting()
    asked = len(vendor.calls)
    heard = talk.results(wait_seconds=1.5)
    talk.close()

    assert len(vendor.calls) - asked <= 1  # one may have left meanwhile
    assert len(heard) <= 1


def test_keys_of_one_account_share_its_reads(vendor: Vendor, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Invented, "reads_per_second_max", 0.1)
    vendor.script = Script(status=lambda _: {"state": "working"})
    ask(talk, vendor, 1, credential=1, reads_as=1)
    assert talk.results(wait_seconds=10)
    ask(talk, vendor, 1, credential=2, reads_as=1)
    assert talk.results(wait_seconds=0.5) == []
    ask(talk, vendor, 1, credential=3)
    assert talk.results(wait_seconds=10)
    talk.close()
