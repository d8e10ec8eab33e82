"""A key out of money is skipped, not failed: one order at most finds it out, and what else waits for it waits.

Apikley takes 4 credits for a drawing, and the studio believes so, too.
"""

from datetime import timedelta

import pytest

from generations.models import Credential, Generation, Health, Reason, State, clock
from generations.providers.base import Accepted, Fault, Refused
from generations.services import credentials, sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Submitted
from tests.journeys.street import Street
from tests.simulators.standin import Reply

EMPTY = Reply(402, {"code": 402, "msg": "Credits insufficient", "data": None})
CAPPED = Reply(200, {"code": 433, "msg": "Sub-key usage exceeds limit", "data": None})
HOUR = 3600


def watch(street: Street, rests: int) -> None:
    """Let so many rests of ten minutes pass, with the sweep before the end of each that has the account asked."""
    for _ in range(rests):
        street.pass_time(530)
        sweeping.sweep()
        street.go(30)


def states() -> list[str]:
    return sorted(Generation.objects.values_list("state", flat=True))


def health(street: Street) -> Health:
    key: Credential = Credential.objects.get(pk=street.keys["apikley"].pk)
    return key.health(clock.now())


@pytest.fixture
def poor(street: Street) -> Street:
    """Three credits are left: no drawing goes, and one order has found it out. Ten more wait."""
    street.apikley.knobs.balance = 3
    row = street.draw("apikley")
    assert street.standing(row) == (State.FAILED, Reason.OUT_OF_FUNDS)
    street.order("apikley", count=8)
    street.order("apikley", count=2)
    return street


def test_what_is_left_of_too_little_makes_nobody_well(poor: Street) -> None:
    watch(poor, 7)
    assert states() == [State.FAILED, *[State.QUEUED] * 10]
    assert len(poor.calls("apikley")) == 1
    assert len(poor.calls("apikley", "balance")) <= 9


def test_an_account_that_was_filled_up_is_tried_by_one_order_and_then_by_all(poor: Street) -> None:
    watch(poor, 1)
    poor.apikley.knobs.balance = 1000
    watch(poor, 1)
    poor.go(300)
    assert states() == [State.FAILED, *[State.SUCCEEDED] * 10]
    assert poor.alerts() == set()


def test_one_who_tests_the_key_need_not_wait(poor: Street) -> None:
    poor.apikley.knobs.balance = 1000
    credentials.prove(credential=poor.keys["apikley"].pk)
    assert health(poor) is Health.CLOSED
    poor.go(60)
    assert states() == [State.FAILED, *[State.SUCCEEDED] * 10]


def test_of_several_under_way_one_fails_and_the_others_wait(street: Street) -> None:
    street.apikley.knobs.balance = 3
    street.order("apikley", count=8)
    street.go(HOUR)
    assert states() == [State.FAILED, *[State.QUEUED] * 7]
    assert street.balance() == (500, 35)


@pytest.mark.parametrize("says", [EMPTY, CAPPED], ids=["empty", "capped"])
def test_an_order_that_tries_the_key_in_vain_waits_on(street: Street, says: Reply) -> None:
    """The account looks rich enough, and the vendor says no all the same."""
    street.apikley.say("create", says, times=3)
    street.draw("apikley")
    street.order("apikley", count=3)
    street.go(4 * HOUR)
    assert states() == [State.FAILED, State.SUCCEEDED, State.SUCCEEDED, State.SUCCEEDED]
    assert len(street.calls("apikley")) == 6


def test_an_order_sent_before_the_refusal_makes_nobody_well(street: Street) -> None:
    """Its acceptance is written after another order's refusal, and shows nothing about what came since."""
    street.order("apikley", count=2)
    first, second = claim(credentials=[street.keys["apikley"]], slots=2)
    refusal = Refused("no", fault=Fault.OUT_OF_FUNDS, vendor_code="402")
    verdicts.apply([Submitted(second.generation, second.attempt, second.token, refusal)])
    verdicts.apply([Submitted(first.generation, first.attempt, first.token, Accepted(task_id="t-1"))])

    key = Credential.objects.get(pk=street.keys["apikley"].pk)
    assert (key.health(clock.now()), street.alerts()) == (Health.OPEN, {"credential"})
    assert key.paused_until is not None
    assert key.paused_until - clock.now() > timedelta(minutes=9)
