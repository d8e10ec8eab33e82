"""What a vendor holds against one key stays with that key, and what it counts for one account is counted once."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from django.urls import reverse

from generations.models import (
    Alert,
    CallbackHint,
    Credential,
    CredentialState,
    Generation,
    OfferSwitch,
    Reason,
    State,
    clock,
)
from generations.providers.apikley import DRAW
from generations.services import credentials, sweeping
from tests.journeys.street import Street
from tests.simulators.standin import Reply, Task

NO_ACCESS = Reply(403, {"code": 403, "message": "Access denied", "data": None})
EMPTY = Reply(402, {"code": 402, "msg": "Credits insufficient", "data": None})


def fresh(key: Credential) -> Credential:
    found: Credential = Credential.objects.get(pk=key.pk)
    return found


def rest_of(key: Credential) -> tuple[int, int]:
    """Its troubles, and how many seconds from now it rests."""
    found = fresh(key)
    assert found.paused_until is not None
    return found.troubles, round((found.paused_until - clock.now()).total_seconds())


class TestAnOfferRefusedOnOneKey:
    def test_is_on_sale_to_everybody_else(self, street: Street) -> None:
        """South's picture only waits for a place; what North's key may not do is none of its business."""
        south = street.add_key("apixo", "South's", key="apx-1", team=street.cast.mallory.team, running_max=0)
        (theirs,) = street.order("apixo", member=street.cast.mallory)
        street.apixo.say("create", NO_ACCESS)
        (ours,) = street.order("apixo")
        street.go(60)
        sweeping.sweep()

        assert street.standing(ours) == (State.FAILED, Reason.VENDOR)
        assert street.standing(theirs) == (State.QUEUED, "")
        assert not OfferSwitch.objects.exists()
        Credential.objects.filter(pk=south.pk).update(running_max=None)
        street.go()
        assert street.standing(theirs) == (State.SUCCEEDED, "")

    def test_keeps_what_waits_for_it_until_a_test_of_the_key(self, street: Street) -> None:
        Credential.objects.filter(provider="apixo").update(running_max=1)
        street.apixo.say("create", NO_ACCESS)
        refused, waiting = street.order("apixo", count=2)
        street.go(300)

        assert street.standing(refused) == (State.FAILED, Reason.VENDOR)
        assert street.standing(waiting) == (State.QUEUED, "")
        assert len(street.calls("apixo")) == 1
        assert street.alerts() == {"offer"}

        credentials.prove(credential=street.keys["apixo"].pk)
        assert fresh(street.keys["apixo"]).offers_off == {}
        assert street.alerts() == set()
        street.go()
        assert street.standing(waiting) == (State.SUCCEEDED, "")

    def test_goes_to_another_key_of_the_vendor(self, street: Street) -> None:
        second = street.add_key("apixo", "Second")
        street.apixo.say("create", NO_ACCESS)
        rows = street.order("apixo", count=2)
        street.go()

        assert {street.standing(row) for row in rows} == {(State.SUCCEEDED, "")}
        assert fresh(street.keys["apixo"]).offers_off == {"grok-image": "The vendor answered 403."}
        assert fresh(second).offers_off == {}


class TestOneKeyStoredTwice:
    @pytest.mark.parametrize("whose", ["another team's", "the installation's"])
    def test_has_the_limits_of_one(self, street: Street, whose: str) -> None:
        mallory = street.cast.mallory
        street.add_key("apikley", "Again", key="kie-1", team=mallory.team if whose == "another team's" else None)
        for member in (street.cast.ben, mallory):
            for _ in range(2):
                street.order("apikley", count=8, member=member)
        street.go()

        counts = street.apikley.counts
        assert sum(counts.creates.values()) == 32
        assert counts.creates_window_peak["kie-1"] <= 18
        assert counts.running_peak[f"kie-1 {'grok-imagine/text-to-image'}"] <= DRAW.running_max
        assert counts.turned_away == 0


class TestARest:
    def test_of_one_incident_is_one_however_many_answers_tell_of_it(self, street: Street) -> None:
        for _ in range(2):
            street.order("apikley", count=8)
        street.go(1)
        street.apikley.say("look", EMPTY, times=16)
        street.go(7)
        troubles, seconds = rest_of(street.keys["apikley"])
        assert troubles == 1
        assert 580 <= seconds <= 600

    def test_is_not_made_shorter_by_who_does_not_know_of_it(self, street: Street) -> None:
        key, stale = street.keys["apikley"], fresh(street.keys["apikley"])
        key.rest(seconds=600, because="The account is empty.")
        stale.hold_back(seconds=2, because="The vendor asked us to wait.")
        found = fresh(key)
        assert (found.paused_because, found.troubles) == ("The account is empty.", 1)
        assert rest_of(key)[1] >= 598

    def watch(self, street: Street, seconds: int) -> None:
        """Let the studio work for so long, with a sweep every 30 seconds."""
        for _ in range(seconds // 30):
            street.go(30)
            sweeping.sweep()

    def test_of_an_empty_account_is_looked_into_every_ten_minutes(self, street: Street) -> None:
        """And never by an order that somebody waits for."""
        self.watch(street, 60)  # the day's own reading of what is left is over
        read = len(street.calls("apikley", "balance"))
        street.apikley.say("create", EMPTY)
        street.draw("apikley")
        street.apikley.say("balance", Reply(200, {"code": 200, "msg": "success", "data": 0}), times=2)
        (waiting,) = street.order("apikley")
        self.watch(street, 1200)
        assert street.standing(waiting) == (State.QUEUED, "")
        assert len(street.calls("apikley", "balance")) == read + 2
        assert rest_of(street.keys["apikley"])[0] == 1

        self.watch(street, 600)
        assert street.standing(waiting) == (State.SUCCEEDED, "")
        assert len(street.calls("apikley")) == 2
        assert not Alert.objects.filter(resolved_at=None).exists()


class TestWhatOnlyOneKeyCanDo:
    @pytest.fixture
    def waiting(self, street: Street) -> Generation:
        """An enlargement that only the key can do which drew the picture; it was told to wait, for that is off."""
        image = street.draw("apikley").images.get()
        row = street.enlarge(image, "apikley", "grok-upscale")
        credentials.pause(credential=street.keys["apikley"], actor="test")
        return row

    def test_waits_on_when_a_switched_off_key_is_replaced(self, street: Street, waiting: Generation) -> None:
        new = credentials.replace(credential=street.keys["apikley"], key="kie-2", actor="test")
        street.go(60)
        assert street.standing(waiting) == (State.QUEUED, "")
        assert len(street.calls("apikley")) == 1

        credentials.resume(credential=new, actor="test")
        street.go()
        assert street.standing(waiting) == (State.SUCCEEDED, "")
        assert [call.key for call in street.calls("apikley")] == ["kie-1", "kie-1"]

    @pytest.mark.parametrize("paused", [True, False])
    def test_is_not_sent_on_a_key_that_was_removed(self, street: Street, waiting: Generation, paused: bool) -> None:
        if not paused:
            credentials.resume(credential=street.keys["apikley"], actor="test")
        credentials.remove(credential=fresh(street.keys["apikley"]), actor="test")
        street.go(120)
        sweeping.sweep()
        assert street.standing(waiting) == (State.FAILED, Reason.PROVIDER_GONE)
        assert len(street.calls("apikley")) == 1
        assert street.balance() == (495, 0)
        credentials.retire_drained()
        assert fresh(street.keys["apikley"]).state == CredentialState.RETIRED


class TestLooks:
    def test_at_the_largest_size_leave_the_vendor_the_time_it_asks_for(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        street.apixo.knobs.outcome = "never"
        image = street.draw("apikley").images.get()
        moments = defaultdict[str, list[float]](list)
        looked = street.apixo.looked

        def note(task: Task) -> None:
            looked(task)
            moments[task.task_id].append(street.apixo.clock.now())

        monkeypatch.setattr(street.apixo, "looked", note)
        street.enlarge(image, "apixo", "image-upscaler", resolution="8k")
        street.go(120)
        (times,) = moments.values()
        assert len(times) > 3
        assert min(after - before for before, after in pairwise(times)) >= 10

    def test_that_are_turned_away_come_twice_as_late_each_time_up_to_a_minute(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        waits = []
        for _ in range(6):
            street.apikley.say("look", Reply(429, {"code": 429, "msg": "Too many"}))
            street.go((street.now(row).next_at - clock.now()).total_seconds() + 0.5)
            waits.append((street.now(row).next_at - clock.now()).total_seconds())
        assert waits[:5] == sorted(waits[:5])  # the last ones differ by the jitter alone
        assert all(after > 1.7 * before for before, after in pairwise(waits[:4]))
        assert all(58 <= wait <= 60 for wait in waits[4:])
        street.go()
        assert street.standing(row) == (State.SUCCEEDED, "")

    def test_ask_a_minute_later_at_most_whatever_the_vendor_says(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        street.apikley.say("look", Reply(429, {"code": 429, "msg": "Too many"}, {"Retry-After": "3000"}))
        street.go(120)
        assert street.standing(row) == (State.SUCCEEDED, "")


def test_an_upscale_may_take_two_requests_of_the_short_window(street: Street) -> None:
    image = street.draw("apiinone").images.get()
    street.pass_time(60)
    before = len(street.calls("apiinone"))
    street.apiinone.knobs.wants_prompt = True
    rows = [street.enlarge(image, "apiinone", "grok-upscale") for _ in range(9)]
    street.go()
    assert {street.standing(row) for row in rows} == {(State.SUCCEEDED, "")}
    assert len(street.calls("apiinone")) - before == 18
    assert max(street.apiinone.counts.creates_window_peak.values()) <= 10


def test_a_candidate_that_proves_nothing_is_asked_for_ever_more_seldom(street: Street) -> None:
    street.open_door()
    street.apixo.say("create", Reply(vanish=True))
    (row,) = street.order("apixo")
    street.go(60)
    assert street.standing(row)[0] == State.IN_DOUBT
    attempt = row.attempts.get()
    CallbackHint.objects.create(attempt=attempt, task_id="of-nobody", body_hash="0" * 64)
    street.apixo.say("look", Reply(500, {"code": 500, "message": "no", "data": None}), times=None)
    for _ in range(360):
        street.pass_time(10)
        street.go(0)
    assert 5 <= len(street.calls("apixo", "look")) <= 14


def test_callbacks_are_forgotten_after_a_week(street: Street) -> None:
    (row,) = street.order("apikley")
    street.go()
    for days in (6, 8):
        CallbackHint.objects.create(
            attempt=row.attempts.get(),
            task_id="x",
            body_hash=str(days),
            received_at=clock.now() - timedelta(days=days),
            processed_at=clock.now(),
        )
    street.pass_time(3700)
    sweeping.sweep()
    assert [hint.body_hash for hint in CallbackHint.objects.all()] == ["6"]


def test_a_refused_offer_is_on_the_card_of_its_key_and_not_on_sale(street: Street, signed_in: object) -> None:
    street.keys["apixo"].turn_off("grok-image", because="The vendor answered 403.")
    client = signed_in(street.cast.ada)  # type: ignore[operator]  # a fixture without a type
    page = client.get(reverse("credentials")).content.decode()
    assert "Grok Image, refused" in page
    assert "Grok Image is not sold on this key: The vendor answered 403." in page
    assert "APIXO does not take orders for Grok Image on the key at hand." in client.get("/").content.decode()
