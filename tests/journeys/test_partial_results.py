"""Several pictures of one order, not all of which can be had: what arrives is kept, and only its part is paid."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from generations import ledger, storage
from generations.models import Generation, Image, Member, Reason, State
from generations.models.generation.states import STARTS_WITHOUT_END_MAX
from generations.queries.statement_file import whole_statement
from generations.services import sweeping
from tests.journeys.street import Street
from tests.journeys.test_results import HTML, done, expect_failed, shown
from tests.simulators.standin import Reply, picture

NO_LINK = Reply(422, {"code": 422, "msg": "not one of ours"})
OTHERS = [picture(64, 64 + number) for number in range(6)]
WORKING = Reply(200, {"code": 200, "msg": "success", "data": {"state": "generating"}})
FAILED = Reply(200, {"code": 200, "msg": "success", "data": {"state": "fail", "failCode": "500", "failMsg": "oops"}})
LAST_WORDS = {
    "nothing": Reply(vanish=True),
    "an error": Reply(500, {"code": 500, "msg": "Server error"}),
    "that it works on it": WORKING,
    "that it failed": FAILED,
    "that it knows no such task": Reply(404, {"code": 404, "msg": "no"}),
    "that it is done with nothing": done(),
}
"""Of a task that was done and whose addresses led nowhere."""


def named(street: Street, *contents: bytes | None) -> Reply:
    """A look that names these pictures; None is an address behind which there is nothing."""
    nothing = f"{street.apikley.url}/files/nothing.jpg"
    return done(*[shown(street, content, 1e9) if content else f"{nothing}?{n}" for n, content in enumerate(contents)])


def page(street: Street, member: Member) -> Client:
    client = Client()
    assert member.person is not None
    client.force_login(member.person)
    return client


class TestOnePictureThatNeverComes:
    def test_leaves_the_others_and_their_part_of_the_price(self, street: Street) -> None:
        street.apikley.say("look", named(street, OTHERS[0], None), times=None)
        street.apikley.say("link", NO_LINK, times=None)
        row = street.draw("apikley")

        assert (row.state, row.reason, row.missing) == (State.SUCCEEDED, "", 1)
        assert [image.index for image in row.images.all()] == [0]
        assert (row.charged, street.balance()) == (2, (498, 0)), "half of 5, rounded down"

    def test_is_given_the_time_every_address_has(self, street: Street) -> None:
        """Nobody waits for the others meanwhile to be fetched again: each is fetched once."""
        fetched = []

        def content() -> bytes:
            fetched.append(1)
            return OTHERS[0]

        good = street.apikley.keep(content, "JPEG", seconds=1e9)
        street.apikley.say("look", done(good, f"{street.apikley.url}/files/late.jpg"), times=None)
        (row,) = street.order("apikley")
        street.go(50)
        assert street.standing(row) == (State.FETCHING, "")
        street.apikley.keep(OTHERS[1], "JPEG", name="late.jpg")
        street.go()

        assert (street.now(row).state, street.now(row).missing) == (State.SUCCEEDED, 0)
        assert street.balance() == (495, 0)
        assert len(fetched) == 1

    def test_because_it_is_no_picture_is_the_same(self, street: Street) -> None:
        street.apikley.say("look", named(street, HTML, *OTHERS[1:]), times=None)
        row = street.draw("apikley")

        assert (row.state, row.missing) == (State.SUCCEEDED, 1)
        assert sorted(image.index for image in row.images.all()) == [1, 2, 3, 4, 5]
        assert street.balance() == (496, 0), "five of six: 4 of 5 credits"

    def test_is_none_of_several_when_all_are_dead(self, street: Street) -> None:
        street.apikley.say("look", named(street, None, None), times=None)
        street.apikley.say("link", NO_LINK, times=None)
        expect_failed(street, street.draw("apikley"), Reason.RESULT_LOST)

    def test_of_an_order_whose_credits_are_back_costs_nothing_either(self, street: Street) -> None:
        street.apikley.knobs.generating_seconds = (1000.0, 1000.0)
        street.apikley.say("link", NO_LINK, times=None)
        (row,) = street.order("apikley")
        street.go(950)
        street.apikley.say("look", named(street, OTHERS[0], None), times=None)
        street.go()

        row = street.now(row)
        assert (row.state, row.missing, row.charged) == (State.RECOVERED, 1, 0)
        assert street.balance() == (500, 0)

    @pytest.mark.parametrize("says", LAST_WORDS.values(), ids=LAST_WORDS)
    def test_leaves_what_is_here_whatever_the_vendor_says_last(self, street: Street, says: Reply) -> None:
        """Asked for another address it has none (T15): what is here is paid for, once, and nobody waits any longer."""
        row = with_one_on_the_shelf(street)
        street.apikley.said["look"].clear()
        street.apikley.say("look", says, times=None)
        street.go(1800)

        row = street.now(row)
        assert (row.state, row.reason, row.missing, row.images.count()) == (State.SUCCEEDED, "", 1, 1)
        assert street.balance() == (498, 0)
        assert [event.to_state for event in row.events.order_by("seq")][-3:] == ["running", "fetching", "succeeded"]
        before = len(street.calls("apikley", "look"))
        street.go(24 * 3600)
        assert len(street.calls("apikley", "look")) == before
        assert street.balance() == (498, 0)

    def test_leaves_what_is_here_when_the_studio_was_off_at_the_deadline(self, street: Street) -> None:
        """The time for other addresses began with the question, and has its respite, too."""
        row = with_one_on_the_shelf(street)
        street.apikley.said["look"].clear()
        street.apikley.say("look", WORKING, times=None)
        street.go(120)
        assert street.standing(row) == (State.RUNNING, "")
        street.pass_time(3600)
        assert sweeping.sweep()["respited"] == 1
        assert street.standing(row) == (State.RUNNING, "")
        street.go()

        assert (street.standing(row), street.now(row).missing) == ((State.SUCCEEDED, ""), 1)
        assert street.balance() == (498, 0)

    @pytest.mark.parametrize("says", LAST_WORDS.values(), ids=LAST_WORDS)
    def test_leaves_what_came_late_and_free_whatever_the_vendor_says_last(self, street: Street, says: Reply) -> None:
        street.apikley.knobs.generating_seconds = (1000.0, 1000.0)
        street.apikley.say("link", NO_LINK, times=None)
        (row,) = street.order("apikley")
        street.go(950)
        assert street.now(row).state == State.LAPSED
        street.apikley.say("look", named(street, OTHERS[0], None))
        street.apikley.say("look", says, times=None)
        street.go(3 * 24 * 3600)

        row = street.now(row)
        assert (row.state, row.missing, row.images.count()) == (State.RECOVERED, 1, 1)
        assert street.balance() == (500, 0)

    def test_leaves_what_is_here_when_it_kills_its_worker(self, street: Street) -> None:
        row = with_one_on_the_shelf(street)
        Generation.objects.filter(pk=row.pk).update(starts=STARTS_WITHOUT_END_MAX, lease_until=None)
        sweeping.sweep()

        assert (street.standing(row), street.now(row).missing) == ((State.SUCCEEDED, ""), 1)
        assert street.balance() == (498, 0)

    def test_leaves_what_is_here_when_the_time_is_over(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        row = with_one_on_the_shelf(street)

        def no_room(file: Any, *, name: str) -> None:
            raise OSError(28, "No space left on device")

        street.apikley.keep(OTHERS[1], "JPEG", name="nothing.jpg")
        monkeypatch.setattr(storage, "keep", no_room)
        street.go(120)
        assert street.standing(row) == (State.FETCHING, "")
        street.pass_time(24 * 3600)
        sweeping.sweep()

        assert (street.standing(row), street.now(row).missing) == ((State.SUCCEEDED, ""), 1)
        assert street.balance() == (498, 0)


def with_one_on_the_shelf(street: Street) -> Generation:
    """An order of which one picture is here and the other is still fetched."""
    street.apikley.say("look", named(street, OTHERS[0], None), times=None)
    (row,) = street.order("apikley")
    street.go(15)
    assert street.standing(row) == (State.FETCHING, "")
    assert len(list((settings.MEDIA_ROOT / "originals").rglob("*.jpg"))) == 1
    assert not Image.objects.exists()
    return row


class TestAPersonReads:
    def test_how_many_are_lost_and_what_came_back(self, street: Street) -> None:
        street.apikley.say("look", named(street, OTHERS[0], None), times=None)
        street.apikley.say("link", NO_LINK, times=None)
        row = street.draw("apikley")
        lost, ben = "1 of 2 pictures lost, 3 credits returned", street.cast.ben
        client = page(street, ben)

        assert lost in client.get(reverse("studio")).content.decode()
        assert f"2 credits. {lost}" in client.get(reverse("image", args=[row.images.get().pk])).content.decode()
        lines = [line.words for line in whole_statement(ledger.account_of(ben), None, viewer=ben)]
        assert f"Paid for “a lamp”: {lost}" in lines
