"""What waiting does to work: a studio that stood still, a slow upload, a line that is long. None of it is a failure."""

from datetime import timedelta
from typing import ClassVar

import pytest

from generations import storage
from generations.models import Attempt, Credential, Generation, Image, Outcome, Reason, State
from generations.services import sweeping
from generations.services.pumping import claims, talk
from tests.journeys.street import Street
from tests.simulators.standin import Reply

BUSY = Reply(429, {"code": 429, "msg": "Too many"})
OOPS = Reply(500, {"code": 500, "msg": "aspect_ratio is not within the range"})
WORKING = Reply(200, {"code": 200, "msg": "success", "data": {"state": "generating"}})
SILENCE = Reply(vanish=True)


def limit(street: Street, running_max: int | None) -> None:
    Credential.objects.filter(pk=street.keys["apikley"].pk).update(running_max=running_max)


class TestAStudioThatStoodStill:
    """For half an hour, twice as long as the vendor has for a picture."""

    def test_brings_home_what_was_ready_meanwhile(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        street.pass_time(1800)
        sweeping.sweep()
        assert street.now(row).state == State.RUNNING
        street.go(60)

        assert street.now(row).state == State.SUCCEEDED
        assert street.balance() == (495, 0)

    def test_waits_five_minutes_more_for_a_vendor_that_cannot_be_asked(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        street.apikley.say("look", SILENCE, times=None)
        street.pass_time(1800)
        sweeping.sweep()
        street.go(280)
        assert street.now(row).state == State.RUNNING
        street.go(80)

        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        assert street.balance() == (500, 0)

    def test_waits_no_longer_than_that_for_one_that_is_not_ready(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        street.apikley.say("look", WORKING, times=None)
        street.pass_time(1800)
        sweeping.sweep()
        street.go(360)

        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        assert street.balance() == (500, 0)


class TestAVendorThatIsSilentAtTheDeadline:
    """F34: it was asked, so nobody waits any longer for it."""

    SAYS: ClassVar = {
        "nothing": SILENCE,
        "an error": Reply(500, {"code": 500, "msg": "Server error"}),
        "a page": Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
        "that it is busy": Reply(429, {"code": 429, "msg": "Too many"}, {"Retry-After": "3600"}),
        "that the key is wrong": Reply(401, {"code": 401, "msg": "Unauthorized"}),
    }

    @pytest.mark.parametrize("says", SAYS.values(), ids=SAYS)
    def test_gives_the_credits_back_within_a_minute(self, street: Street, says: Reply) -> None:
        (row,) = street.order("apikley")
        street.go(600)
        made = street.now(row)
        assert made.state == State.SUCCEEDED
        street.apikley.say("look", says, times=None)
        (row,) = street.order("apikley", "another lamp")
        street.go(899)
        assert street.now(row).state == State.RUNNING
        street.go(70)

        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        assert street.balance() == (495, 0)
        assert 900 + 45 <= waited(street, row) < 900 + 60

    def test_may_hang(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        monkeypatch.setattr(talk, "LOOK_SECONDS_MAX", 0.2)
        street.apikley.say("look", Reply(hang=20), times=None)
        street.pass_time(880)
        street.go(90)

        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        assert waited(street, row) < 900 + 60

    def test_and_speaks_again_right_after_it_is_heard(self, street: Street) -> None:
        """One bad answer at the wrong moment is not the end."""
        street.apikley.say("look", WORKING, times=None)
        (row,) = street.order("apikley")
        street.go(880)
        street.apikley.said["look"].clear()
        street.apikley.say("look", SILENCE, times=2)
        street.go(60)

        assert street.now(row).state == State.SUCCEEDED
        assert street.balance() == (495, 0)

    def test_may_bring_it_later_for_nothing(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        street.apikley.say("look", SILENCE, times=None)
        street.go(1000)
        assert street.now(row).state == State.LAPSED
        street.apikley.said["look"].clear()
        street.go()

        assert street.now(row).state == State.RECOVERED
        assert street.balance() == (500, 0)


def waited(street: Street, row: Generation) -> float:
    """Seconds from the vendor's yes to the end."""
    made = street.now(row)
    assert made.finished_at is not None
    assert made.accepted_at is not None
    return (made.finished_at - made.accepted_at).total_seconds()


class TestAKeyThatRests:
    def test_is_asked_all_the_same(self, street: Street) -> None:
        """A look is no order: what runs on a key the vendor refused is watched to its end."""
        (row,) = street.order("apikley")
        street.go(1)
        assert street.keys["apikley"].rest(seconds=3600, because="The vendor refused this key.")
        street.go(60)

        assert street.now(row).state == State.SUCCEEDED

    def test_is_asked_also_while_it_is_switched_off(self, street: Street) -> None:
        (row,) = street.order("apikley")
        street.go(1)
        assert street.keys["apikley"].pause()
        street.go(60)

        assert street.now(row).state == State.SUCCEEDED

    def test_is_given_a_while_at_the_deadline_when_nobody_can_open_it(self, street: Street) -> None:
        """Nobody can ask with it, and that is the studio's own trouble: it may be over in a moment."""
        (row,) = street.order("apikley")
        street.go(1)
        key = street.now(row).credential
        assert key is not None
        Credential.objects.filter(pk=key.pk).update(sealed_key="no such thing")
        street.go(960)
        assert street.now(row).state == State.RUNNING
        Credential.objects.filter(pk=key.pk).update(sealed_key=key.sealed_key)
        street.go(30)

        assert street.now(row).state == State.SUCCEEDED


class TestAVendorThatNeverFinishes:
    def test_is_asked_at_the_deadline_and_then_ever_less(self, street: Street) -> None:
        street.apikley.say("look", WORKING, times=None)
        (row,) = street.order("apikley")
        street.go(920)
        assert street.now(row).state == State.LAPSED
        assert 900 <= waited(street, row) < 910
        before = len(street.calls("apikley", "look"))
        street.go(24 * 3600)

        assert 5 <= len(street.calls("apikley", "look")) - before <= 20


def old_picture(street: Street) -> Image:
    """One whose own address is too old to hand on, so that it has to be uploaded."""
    drawn = street.draw("apixo")
    street.pass_time(21 * 3600)
    image: Image = drawn.images.get()
    return image


class TestAnUpload:
    def test_that_takes_too_long_is_tried_again_because_nothing_was_ordered(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        image = old_picture(street)
        monkeypatch.setattr(talk, "UPLOAD_SECONDS_MAX", 0.3)
        street.apikley.say("upload", Reply(hang=20))
        row = street.enlarge(image, "apikley", "crisp-upscale")
        street.go(4)
        monkeypatch.setattr(talk, "UPLOAD_SECONDS_MAX", 45)
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        outcomes = list(row.attempts.order_by("number").values_list("outcome", flat=True))
        assert outcomes == [Outcome.NOT_SENT, Outcome.ACCEPTED]
        assert street.apikley.counts.calls["create"] == 1
        assert street.alerts() == set()

    def test_leaves_the_order_its_whole_time(self, street: Street) -> None:
        """The lease, and the vendor's window, begin when the order itself goes out."""
        image = old_picture(street)
        row = street.enlarge(image, "apikley", "crisp-upscale")
        street.apikley.knobs.latency = 0.5
        street.go_while(lambda: not street.calls("apikley"))
        street.apikley.knobs.latency = 0.0

        claimed = row.events.get(to_state=State.SUBMITTING).at
        assert Attempt.objects.get(generation=row).started_at - claimed > timedelta(seconds=2)
        street.go()
        assert street.now(row).state == State.SUCCEEDED
        assert street.apikley.counts.calls["create"] == 1

    def test_that_outlasted_its_lease_is_followed_by_no_order(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        image = old_picture(street)
        with monkeypatch.context() as patch:
            patch.setattr(claims, "SUBMIT_LEASE", timedelta(seconds=2))
            row = street.enlarge(image, "apikley", "crisp-upscale")
            street.apikley.knobs.latency = 0.6
            street.go_while(lambda: not row.attempts.filter(outcome=Outcome.NOT_SENT).exists())
            assert street.calls("apikley") == []
        street.apikley.knobs.latency = 0.0
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        assert street.apikley.counts.calls["create"] == 1

    def test_of_a_file_that_is_gone_ends_the_order_and_leaves_the_key_alone(self, street: Street) -> None:
        image = old_picture(street)
        file = storage.original_path(image)
        content = file.read_bytes()
        file.unlink()
        row = street.enlarge(image, "apikley", "crisp-upscale")
        street.go(4)

        assert street.standing(row) == (State.FAILED, Reason.SOURCE_GONE)
        assert street.balance() == (495, 0)
        key = Credential.objects.get(pk=street.keys["apikley"].pk)
        assert (key.paused_until, key.troubles) == (None, 0)
        assert street.apikley.counts.calls["create"] == 0
        file.write_bytes(content)  # the audit would miss it

    def test_that_fails_holds_no_other_order_back(self, street: Street) -> None:
        image = old_picture(street)
        street.apikley.say("upload", Reply(500, {"success": False, "code": 500, "msg": "Upload failed"}))
        street.enlarge(image, "apikley", "crisp-upscale")
        street.go(0)
        (other,) = street.order("apikley")
        street.go(0)

        assert street.now(other).state == State.RUNNING


class TestPatience:
    def test_is_not_used_up_in_line(self, street: Street) -> None:
        """Turned away, then a quarter of an hour without a free place, then turned away again."""
        street.apikley.say("create", BUSY)
        (row,) = street.order("apikley")
        street.go(1)
        limit(street, 0)
        street.go(900)
        limit(street, None)
        street.apikley.say("create", BUSY)
        street.go(1)
        assert row.attempts.filter(outcome=Outcome.BUSY).count() == 2
        street.go(60)

        assert street.now(row).state == State.SUCCEEDED

    def test_with_one_kind_of_trouble_is_not_that_with_another(self, street: Street) -> None:
        """Three of the same kind in a row would have been the end."""
        for says in (OOPS, OOPS, BUSY, OOPS, OOPS):
            street.apikley.say("create", says)
        (row,) = street.order("apikley")
        street.go(300)

        assert street.now(row).state == State.SUCCEEDED
        assert row.attempts.count() == 6

    def test_is_not_asked_of_others_when_one_order_is_the_trouble(self, street: Street) -> None:
        street.apikley.say("create", OOPS)
        (bad,) = street.order("apikley")
        street.go(0)
        assert street.now(bad).state == State.QUEUED
        (good,) = street.order("apikley", member=street.cast.ada)
        street.go(0)

        assert street.now(good).state == State.RUNNING
        assert street.now(bad).state == State.QUEUED


class TestAKeyThatCannotBeOpened:
    def test_is_blamed_once_and_the_next_one_has_its_chance_at_once(self, street: Street) -> None:
        key = street.keys["apikley"]
        Credential.objects.filter(pk=key.pk).update(sealed_key="no such thing")
        second = street.add_key("apikley", "Second", key="kie-2")
        rows = street.order("apikley", count=8)
        street.go(0)

        assert {street.now(row).credential for row in rows} == {second}
        assert {street.now(row).state for row in rows} == {State.RUNNING}
        key.refresh_from_db()
        assert key.troubles == 1


class TestAnUpscaleByTheTask:
    def test_whose_key_lost_the_offer_ends_at_once(self, street: Street) -> None:
        """Only the account that drew the picture could do it, and its vendor refuses that there."""
        drawn = street.draw("apikley")
        other = street.draw("apikley", "another lamp")
        row = street.enlarge(drawn.images.get(), "apikley", "grok-upscale")
        limit(street, 0)
        street.go(1)
        assert street.keys["apikley"].turn_off("grok-draw", because="The vendor answered 505.")
        street.go(70)
        assert street.now(row).state == State.QUEUED, "it is another offer that was refused"
        street.keys["apikley"].turn_off("grok-upscale", because="The vendor answered 505.")
        street.go(70)

        assert street.standing(row) == (State.FAILED, Reason.PROVIDER_GONE)
        assert street.now(row).vendor_text == "The vendor answered 505."
        assert street.balance() == (490, 0)
        assert len(street.calls("apikley")) == 2, "nothing was sent"
        assert other.state == State.SUCCEEDED

    def test_of_another_key_goes_on(self, street: Street) -> None:
        drawn = street.draw("apikley")
        second = street.add_key("apikley", "Second", key="kie-2")
        second.turn_off("grok-upscale", because="The vendor answered 505.")
        row = street.enlarge(drawn.images.get(), "apikley", "grok-upscale")
        street.go()

        assert street.now(row).state == State.SUCCEEDED

    def test_that_waited_until_the_vendor_forgot_it_is_not_sent(self, street: Street) -> None:
        drawn = street.draw("apikley")
        street.pass_time(24 * 3600 - 600)
        row = street.enlarge(drawn.images.get(), "apikley", "grok-upscale")
        limit(street, 0)
        street.go(1200)
        assert street.now(row).state == State.QUEUED
        limit(street, None)
        street.go(60)

        assert street.standing(row) == (State.FAILED, Reason.NOT_FOUND)
        assert len(street.calls("apikley")) == 1
        assert street.balance() == (495, 0)


class TestTheShortWindow:
    def test_counts_what_has_not_arrived_yet(self, street: Street) -> None:
        """Sixteen orders that took long on their way: no more may follow than would be two too many with them."""
        for _ in range(4):
            street.order("apikley", count=8)
        keys = [street.keys["apikley"]]
        assert len(claims.claim(credentials=keys, slots=16)) == 16
        street.pass_time(30)

        assert len(claims.claim(credentials=keys, slots=16)) == 2
