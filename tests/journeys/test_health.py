"""A key's health: refused it rests, then one order tries it, and its success makes it well. Work goes round it."""

from datetime import datetime, timedelta

import pytest

from generations import ledger
from generations.models import Alert, Attempt, Credential, Generation, Health, Reason, State, clock
from tests.journeys.street import Street
from tests.simulators.standin import Reply

NO_KEY = Reply(401, {"code": 401, "msg": "You do not have access permissions"})
NO_MONEY = Reply(402, {"code": 402, "msg": "Credits insufficient"})


def now(key: Credential) -> Credential:
    key.refresh_from_db()
    return key


def health(key: Credential) -> Health:
    return now(key).health(clock.now())


def keys_of(rows: list[Generation]) -> list[str]:
    """The keys these were tried on, in order."""
    attempts = Attempt.objects.filter(generation__in=rows).order_by("pk")
    return list(attempts.values_list("credential__label", flat=True))


class TestAKey:
    def test_that_was_refused_rests_is_tried_and_is_well_again(self, street: Street) -> None:
        key = street.keys["apikley"]
        street.apikley.say("create", NO_KEY)
        Credential.objects.filter(pk=key.pk).update(running_max=1)
        first, second = street.order("apikley", count=2)
        street.go(0)

        assert health(key) is Health.OPEN
        assert street.standing(first) == (State.FAILED, Reason.CREDENTIALS)
        assert street.alerts() == {"credential"}
        street.go(590)
        assert (street.now(second).state, len(street.calls("apikley"))) == (State.QUEUED, 1)

        street.pass_time(11)
        assert health(key) is Health.HALF_OPEN
        street.go()
        assert street.now(second).state == State.SUCCEEDED
        assert health(key) is Health.CLOSED
        assert street.alerts() == set()
        assert Alert.objects.get().count == 1

    def test_that_is_refused_again_rests_twice_as_long_and_at_most_an_hour(self, street: Street) -> None:
        key = street.keys["apikley"]
        street.apikley.say("create", NO_KEY, times=None)
        rests = []
        for number in range(5):
            street.order("apikley", key=str(number))
            street.go(0)
            until, told = now(key).paused_until, key.last_error_at
            assert until is not None
            assert told is not None
            rests.append(round((until - told).total_seconds()))
            street.pass_time((until - clock.now()).total_seconds() + 1)

        assert rests == [600, 1200, 2400, 3600, 3600]
        assert Alert.objects.get().count == 5
        assert ledger.account_of(street.cast.ben).held == 0

    def test_being_tried_gets_one_order_at_a_time_until_it_took_one(self, street: Street) -> None:
        key = street.keys["apikley"]
        key.rest(seconds=60, because="The vendor refused this key.")
        street.pass_time(61)
        street.apikley.knobs.latency = 0.1
        street.order("apikley", count=8)
        street.go()

        attempts = list(Attempt.objects.order_by("pk"))
        ended: datetime | None = attempts[0].ended_at
        assert ended is not None
        assert all(one.started_at >= ended for one in attempts[1:])
        assert set(Generation.objects.values_list("state", flat=True)) == {State.SUCCEEDED}

    def test_that_cannot_be_opened_rests_and_stops_no_other(self, street: Street) -> None:
        Credential.objects.filter(pk=street.keys["apikley"].pk).update(sealed_key="no such thing")
        (waits,) = street.order("apikley")
        (goes,) = street.order("apixo")
        street.go(60)

        assert street.now(goes).state == State.SUCCEEDED
        assert street.now(waits).state == State.QUEUED
        assert health(street.keys["apikley"]) is Health.OPEN
        assert street.calls("apikley") == []

    def test_whose_looks_are_refused_leaves_the_picture_waiting_until_it_is_mended(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(0)
        street.apikley.say("look", NO_KEY, times=5)
        street.go(200)

        assert street.now(row).state == State.RUNNING
        assert street.alerts() == {"credential"}
        street.go(400)
        assert street.now(row).state == State.SUCCEEDED


class TestSeveralKeys:
    @pytest.mark.parametrize("says", [NO_KEY, NO_MONEY], ids=["refused", "empty"])
    def test_stand_in_for_one_that_rests(self, street: Street, says: Reply) -> None:
        """A key out of money is skipped, not failed: the same order goes to the next one, and later ones at once."""
        street.add_key("apikley", "Second", key="kie-2")
        street.apikley.say("create", says)
        first = street.order("apikley")
        street.go()
        second = street.order("apikley")
        street.go()

        assert keys_of(first) == ["Main", "Second"]
        assert keys_of(second) == ["Second"]
        assert {street.now(row).state for row in (*first, *second)} == {State.SUCCEEDED}
        assert street.balance() == (490, 0)
        assert street.alerts() == {"credential"}

    def test_are_tried_in_turn_and_each_once(self, street: Street) -> None:
        street.add_key("apikley", "Second", key="kie-2")
        street.add_key("apikley", "Third", key="kie-3")
        street.apikley.say("create", NO_MONEY, times=None)
        rows = street.order("apikley")
        street.go()

        assert keys_of(rows) == ["Main", "Second", "Third"]
        assert street.standing(rows[0]) == (State.FAILED, Reason.OUT_OF_FUNDS)
        assert street.balance() == (500, 0)

    def test_give_the_work_back_to_the_first_when_it_is_well(self, street: Street) -> None:
        street.add_key("apikley", "Second", key="kie-2")
        street.apikley.say("create", NO_MONEY)
        street.draw("apikley")
        street.pass_time(600)
        rows = street.order("apikley")
        street.go()

        assert keys_of(rows) == ["Main"]
        assert health(street.keys["apikley"]) is Health.CLOSED

    def test_are_not_tried_after_one_took_the_order(self, street: Street) -> None:
        """Failover is for what no vendor has accepted; a doubt and a failed task stay where they are."""
        street.add_key("apikley", "Second", key="kie-2")
        failed = street.order("apikley", "a lamp fail")
        street.apikley.knobs.hang_seconds = 0.05
        doubted = street.order("apikley", "a lamp vanish")
        street.go(60)

        assert keys_of([*failed, *doubted]) == ["Main", "Main"]
        assert street.standing(failed[0]) == (State.FAILED, Reason.VENDOR)
        assert street.now(doubted[0]).state == State.IN_DOUBT
        assert now(street.keys["apikley"]).troubles == 0


def test_an_account_that_is_empty_at_the_vendor_is_one_in_the_studio(street: Street) -> None:
    """The whole way without words put into anybody's mouth: two drawings at 4 credits from an account of 7."""
    street.apikley.knobs.balance = 7
    rows = street.order("apikley", count=2)
    street.go()

    assert sorted(street.standing(row) for row in rows) == [
        (State.FAILED, Reason.OUT_OF_FUNDS),
        (State.SUCCEEDED, ""),
    ]
    assert street.balance() == (495, 0)
    paused = now(street.keys["apikley"]).paused_until
    assert paused is not None
    assert paused > clock.now() + timedelta(minutes=9)
