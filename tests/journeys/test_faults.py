"""Faults between the studio and a vendor, by their numbers in the fault matrix: whatever happens, nobody pays twice."""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from generations.models import Attempt, Generation, Image, Outcome, Reason, State, clock
from generations.providers import http
from generations.services.pumping import pump
from tests.journeys.street import Street
from tests.simulators.certificates import Authority
from tests.simulators.raw import Raw, closed_port, reset, serving
from tests.simulators.standin import GATEWAY, Reply, Request


def expect_one_doubt(street: Street, row: Generation, asked: int = 1) -> None:
    """Nobody knows; it is not sent again; after ten minutes the credits are back."""
    assert street.standing(row) == (State.IN_DOUBT, "")
    assert street.balance() == (500, 5)
    street.go(800)
    assert street.standing(row) == (State.LAPSED, Reason.SUBMISSION_UNKNOWN)
    assert street.balance() == (500, 0)
    assert len(street.calls("apikley")) == asked
    assert street.alerts() == {"vendor"}


class TestALostAnswer:
    def test_of_a_vendor_that_falls_silent_is_doubted(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """F17: the vendor had accepted; F9: it never calls back."""
        monkeypatch.setattr(http, "READ_SECONDS_MAX", 0.2)
        (row,) = street.order("apikley", "a lamp vanish")
        street.go(60)

        expect_one_doubt(street, row)
        assert street.apikley.counts.creates == {"a lamp vanish": 1}

    def test_of_a_vendor_that_breaks_off_is_doubted(self, street: Street) -> None:
        """F18: a reset after the request was read. The other ways are in the tables of refusals."""
        with serving(lambda connection, _request: reset(connection)) as raw:
            street.move("apikley", raw.url)
            (row,) = street.order("apikley")
            street.go(60)
            expect_one_doubt(street, row, asked=0)
            assert [b"createTask" in asked for asked in raw.requests].count(True) == 1

    def test_is_brought_home_free_by_a_callback_two_hours_later(self, street: Street) -> None:
        """F10."""
        street.open_door()
        street.apikley.knobs.hang_seconds = 0.05
        street.apikley.knobs.callback_delay = 7200
        (row,) = street.order("apikley", "a lamp vanish")
        street.go(9000)

        assert street.now(row).state == State.RECOVERED
        assert Image.objects.count() == 1
        assert street.balance() == (500, 0)
        assert street.apikley.counts.creates == {"a lamp vanish": 1}

    @pytest.mark.parametrize("task_id", [None, "", "x" * 5000, "../x", "two\nlines", "a b", ["a"], {"id": 1}])
    @pytest.mark.parametrize("vendor", ["apikley", "apixo", "apiinone"])
    def test_may_be_a_task_id_nobody_can_use(self, street: Street, vendor: str, task_id: object) -> None:
        """F24."""
        name = "task_id" if vendor == "apiinone" else "taskId"
        street.vendors[vendor].say("create", Reply(200, {"code": 200, "data": {name: task_id}}))
        (row,) = street.order(vendor)
        street.go(60)

        assert (street.now(row).state, street.now(row).vendor_task_id) == (State.IN_DOUBT, "")
        assert len(street.calls(vendor)) == 1

    def test_may_be_a_task_id_somebody_else_has(self, street: Street) -> None:
        """F23: two orders, one name; only one of them is believed, and staff hear of it."""
        street.apikley.say("create", Reply(200, {"code": 200, "data": {"taskId": "the-same"}}), times=2)
        rows = street.order("apikley", count=2)
        street.go(0)

        assert sorted(street.now(row).state for row in rows) == [State.IN_DOUBT, State.RUNNING]
        assert street.alerts() == {"vendor"}


class TestAVendorNobodyReaches:
    """F19: nothing left, so nothing is in doubt."""

    @pytest.fixture
    def tls(self, tmp_path: Path) -> Iterator[Raw]:
        """A server whose certificate nobody has signed that we know."""
        with serving(b"", tls=Authority(tmp_path).server("127.0.0.1")) as raw:
            yield raw

    def expect_given_up(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(0)
        assert street.now(row).state == State.QUEUED
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.UNREACHABLE)
        assert street.balance() == (500, 0)
        assert street.alerts() == {"vendor"}
        tries = list(Attempt.objects.order_by("number"))
        assert [one.outcome for one in tries] == [Outcome.NOT_SENT] * 4
        waits = [(after.started_at - before.started_at).total_seconds() for before, after in pairwise(tries)]
        assert waits == sorted(waits)
        assert waits[0] >= 4

    def test_because_nobody_listens_is_tried_three_times_more(self, street: Street) -> None:
        street.move("apikley", f"http://127.0.0.1:{closed_port()}")
        self.expect_given_up(street)

    def test_because_its_name_is_unknown_is_tried_three_times_more(self, street: Street) -> None:
        street.move("apikley", "http://vendor.invalid")
        self.expect_given_up(street)

    def test_because_its_certificate_is_wrong_is_tried_three_times_more(self, street: Street, tls: Raw) -> None:
        street.move("apikley", tls.url)
        self.expect_given_up(street)
        assert tls.requests == []

    def test_takes_the_order_when_it_is_back(self, street: Street) -> None:
        street.move("apikley", f"http://127.0.0.1:{closed_port()}")
        (row,) = street.order("apikley")
        street.go(3)
        street.move("apikley", street.apikley.url)
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        assert street.balance() == (495, 0)


class TestABusyVendor:
    def test_that_says_when_is_asked_then_and_not_before(self, street: Street) -> None:
        """F20: twenty times thirty seconds."""
        street.apikley.say("create", Reply(429, {"code": 429, "msg": "no"}, {"Retry-After": "30"}), times=20)
        row = street.draw("apikley")

        assert row.state == State.SUCCEEDED
        moments = list(row.attempts.order_by("number").values_list("started_at", flat=True))
        waits = [(after - before).total_seconds() for before, after in pairwise(moments)]
        assert len(waits) == 20
        assert all(30 <= wait < 31 for wait in waits)

    def test_is_spared_the_others_orders_as_well(self, street: Street) -> None:
        """What comes next to this key would only be turned away, too."""
        street.apikley.say("create", Reply(429, {"code": 429, "msg": "no"}, {"Retry-After": "30"}))
        street.order("apikley", "first")
        street.go(0)
        street.order("apikley", "second", count=8)
        street.go(29)
        assert len(street.calls("apikley")) == 1

        street.go()
        assert set(Generation.objects.values_list("state", flat=True)) == {State.SUCCEEDED}
        assert len(street.calls("apikley")) == 10

    def test_leaves_what_comes_next_to_another_key(self, street: Street) -> None:
        second = street.add_key("apikley", "Second", key="kie-2")
        street.apikley.say("create", Reply(429, {"code": 429, "msg": "no"}, {"Retry-After": "300"}))
        (first,) = street.order("apikley", "first")
        street.go(0)
        (other,) = street.order("apikley", "other")
        street.go(60)

        assert street.now(first).state == State.QUEUED
        assert (street.now(other).state, street.now(other).credential) == (State.SUCCEEDED, second)
        street.go()


class TestALook:
    def test_at_a_task_that_is_not_visible_yet_is_no_loss(self, street: Street) -> None:
        """F33."""
        for vendor in street.vendors.values():
            vendor.knobs.invisible_seconds = 30
        rows = [row for vendor in street.vendors for row in street.order(vendor)]
        street.go()

        assert {street.now(row).state for row in rows} == {State.SUCCEEDED}
        assert street.balance() == (485, 0)
        assert street.alerts() == set()

    def test_that_fails_half_the_time_is_only_slower(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """F35."""
        chance, look = random.Random(35), street.apikley.look

        def flaky(request: Request) -> Reply:
            return look(request) if chance.random() < 0.5 else chance.choice([GATEWAY, Reply(vanish=True)])

        routes = [(*route[:3], flaky if route[2] == "look" else route[3]) for route in street.apikley.routes]
        monkeypatch.setattr(street.apikley, "routes", routes)
        rows = street.order("apikley", count=8)
        street.go()

        assert {street.now(row).state for row in rows} == {State.SUCCEEDED}
        assert street.balance() == (460, 0)

    def test_after_the_deadline_still_brings_the_picture_free(self, street: Street) -> None:
        """F34, T16."""
        street.apikley.knobs.generating_seconds = (1000.0, 1000.0)
        (row,) = street.order("apikley")
        street.go(950)
        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        assert street.balance() == (500, 0)

        street.go(300)
        assert street.now(row).state == State.RECOVERED
        assert Image.objects.count() == 1
        assert street.balance() == (500, 0)


class TestAnUpscale:
    @pytest.mark.parametrize("gone", ["deleted", "purged"])
    def test_goes_on_without_its_source_once_the_vendor_has_it(self, street: Street, gone: str) -> None:
        """F61."""
        source = street.draw("apikley").images.get()
        row = street.enlarge(source, "apikley", "grok-upscale")
        street.go(0)
        assert street.now(row).state == State.RUNNING
        Image.objects.filter(pk=source.pk).update(deleted_at=clock.now())
        if gone == "purged":
            Generation.objects.filter(pk=row.pk).update(source=None)
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        assert street.balance() == (483, 0)

    def test_whose_source_was_deleted_before_it_was_sent_is_not_sent(self, street: Street) -> None:
        source = street.draw("apikley").images.get()
        row = street.enlarge(source, "apikley", "grok-upscale")
        Image.objects.filter(pk=source.pk).update(deleted_at=clock.now())
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.SOURCE_GONE)
        assert len(street.calls("apikley")) == 1
        assert street.balance() == (495, 0)


def test_a_vendor_that_hangs_keeps_no_other_waiting(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """F69: one does not answer its creates; the other's pictures are there long before that ends."""
    monkeypatch.setattr(pump, "LAST_SECONDS", 0)
    street.apixo.say("create", Reply(hang=30.0), times=None)
    quick = street.apikley.knobs
    quick.invisible_seconds = quick.waiting_seconds = quick.queuing_seconds = 0.0
    quick.generating_seconds = (0.1, 0.1)
    hung = street.order("apixo", "hung", count=5)
    rows = street.order("apikley", "quick", count=3)
    begun = clock.now()
    street.go_while(lambda: any(street.now(row).state != State.SUCCEEDED for row in rows))

    assert (clock.now() - begun).total_seconds() < 15
    assert {street.now(row).state for row in hung} == {State.SUBMITTING}
