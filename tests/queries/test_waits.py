"""A waiting card says what it waits for, and until when where anybody can know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.limits import WINDOW
from generations.models import Attempt, Credential, CredentialState, Generation, Member, Outcome, clock
from generations.queries import feed
from generations.queries.waits import HELD, Wait, waits_of
from generations.queries.words import roughly
from generations.services import copying, ordering
from generations.services.pumping.claims import claim
from tests.bureau import LARGE, Bureau, open_bureau
from tests.conftest import Cast
from tests.making import PAINTER, finish_one, hand_over, make_waiting


def wait_of(row: Generation) -> Wait | None:
    row.refresh_from_db()
    return waits_of([row], places=feed.places([row]), moment=clock.now()).get(row.pk)


def key_of(cast: Cast) -> Credential:
    return Credential.objects.get(team=cast.team, provider="demo")


def test_who_is_next_waits_for_nothing(cast: Cast) -> None:
    assert wait_of(make_waiting(cast.ben)) is None


def test_one_that_was_turned_away_says_when_it_is_tried_again(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    again = clock.now() + timedelta(seconds=20)
    Generation.objects.filter(pk=row.pk).update(submits=1, next_at=again)
    assert wait_of(row) == Wait(words="The vendor could not take it yet", until=again)


def test_a_resting_key_gives_its_reason_and_its_end(cast: Cast) -> None:
    row, key = make_waiting(cast.ben), key_of(cast)
    key.rest(seconds=300, because="The account is empty.")
    assert wait_of(row) == Wait(words="The account is empty", until=key.paused_until)


def test_a_second_key_that_is_awake_hides_the_rest_of_the_first(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    key_of(cast).rest(seconds=300, because="The account is empty.")
    Credential.objects.create(team=cast.team, provider="demo", label="Second")
    assert wait_of(row) is None


def test_an_offer_refused_on_the_key_is_named(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    key_of(cast).turn_off("painter", because="The vendor answered 403.")
    assert wait_of(row) == Wait(words="The vendor does not take it on the key at hand", promise=HELD)


def test_the_time_is_that_of_the_keys_own_limit(cast: Cast) -> None:
    """And of the place in which turns go round the members, not of who asked first."""
    Credential.objects.filter(pk=key_of(cast).pk).update(running_max=2)
    for _ in range(2):
        hand_over(make_waiting(cast.ada))
    many = [make_waiting(cast.ada) for _ in range(40)]
    far, near = wait_of(many[-1]), wait_of(make_waiting(cast.ben))
    assert far is not None
    assert near is not None
    usual = sum(PAINTER.usual_seconds) / 2
    assert far.words == f"All 2 places at the vendor are taken, yours in {roughly(21 * usual)}"
    assert near.words == f"All 2 places at the vendor are taken, yours in {roughly(usual)}"


def test_a_vendor_switched_off_is_named(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    Credential.objects.filter(pk=key_of(cast).pk).update(state=CredentialState.PAUSED)
    assert wait_of(row) == Wait(words="The vendor is switched off", promise=HELD)


def test_what_only_a_person_can_end_is_not_said_to_end_by_itself(
    cast: Cast, signed_in: Callable[[Member], Client]
) -> None:
    """Neither a key that is switched off, nor one whose own limit is none at all."""
    make_waiting(cast.ben)
    for facts, says in (
        ({"running_max": 0}, "The key is set to take nothing"),
        ({"running_max": None, "hourly_max": 0}, "The key is set to take nothing"),
        ({"hourly_max": None, "state": CredentialState.PAUSED}, "The vendor is switched off"),
    ):
        Credential.objects.filter(pk=key_of(cast).pk).update(**facts)
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()
        assert says in page
        assert "by itself" not in page
        assert "After a day in line its credits come back." in page


def test_taken_places_come_with_a_rough_time(cast: Cast) -> None:
    Credential.objects.filter(pk=key_of(cast).pk).update(running_max=1)
    hand_over(make_waiting(cast.ben))
    row = make_waiting(cast.ben)
    found = wait_of(row)
    assert found is not None
    assert found.words == "The one place at the vendor is taken, yours in under a minute"


def test_a_used_up_hour_says_when_the_next_place_comes(cast: Cast) -> None:
    key = key_of(cast)
    Credential.objects.filter(pk=key.pk).update(hourly_max=1)
    earlier = hand_over(make_waiting(cast.ben))
    began = clock.now() - timedelta(minutes=40)
    Attempt.objects.filter(generation=earlier).update(started_at=began, outcome=Outcome.ACCEPTED)
    assert wait_of(make_waiting(cast.ben)) == Wait(words="The vendor takes 1 an hour", until=began + WINDOW)


def test_a_used_up_hour_gives_everybody_in_line_a_time_of_their_own(cast: Cast) -> None:
    """One for each creation that leaves the hour; who is further back than those waits an hour more."""
    began = [clock.now() - timedelta(minutes=minutes) for minutes in (50, 40, 30)]
    for moment in began:
        earlier = hand_over(make_waiting(cast.ben))
        Attempt.objects.filter(generation=earlier).update(started_at=moment, outcome=Outcome.ACCEPTED)
    Credential.objects.filter(pk=key_of(cast).pk).update(hourly_max=2)
    rows = [make_waiting(cast.ben) for _ in range(3)]
    found = waits_of(rows, places=feed.places(rows), moment=clock.now())
    # Three were made while the limit was higher: the first of them gives no place back.
    assert [found[row.pk].until for row in rows] == [began[1] + WINDOW, began[2] + WINDOW, began[1] + 2 * WINDOW]


def test_an_hour_used_up_on_a_key_that_was_replaced_is_counted_from_there(cast: Cast) -> None:
    old = key_of(cast)
    Credential.objects.filter(pk=old.pk).update(hourly_max=1)
    earlier = hand_over(make_waiting(cast.ben))
    began = clock.now() - timedelta(minutes=40)
    Attempt.objects.filter(generation=earlier).update(started_at=began, outcome=Outcome.ACCEPTED)
    Credential.objects.filter(pk=old.pk).update(label="Demo (replaced)", state=CredentialState.DRAINING)
    Credential.objects.create(team=cast.team, provider="demo", label="Demo", hourly_max=1, replaces=old)
    assert wait_of(make_waiting(cast.ben)) == Wait(words="The vendor takes 1 an hour", until=began + WINDOW)


class TestACopy:
    """The picture is too large for the vendor, and a person agreed that a smaller JPEG goes there."""

    @pytest.fixture
    def row(self, cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Generation:
        settings.PUBLIC_URL = "https://studio.example.org"
        open_bureau(cast.team, monkeypatch)
        batch = ordering.order_upscale(
            member=cast.ada,
            image=finish_one(cast.ada),
            provider=Bureau.key,
            offer=LARGE,
            choices={"resolution": "2k", "copy": "jpeg"},
            request_key="copy",
        )
        return batch.generations.get()

    def test_that_is_being_made_is_named(self, row: Generation) -> None:
        assert wait_of(row) == Wait(words="A smaller copy is being made first")

    def test_still_is_when_the_vendor_was_asked_too_early(self, cast: Cast, row: Generation) -> None:
        """The order found no copy, and is back in line."""
        assert not claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)
        assert wait_of(row) == Wait(words="A smaller copy is being made first")

    def test_that_is_made_is_no_longer_waited_for(self, row: Generation) -> None:
        copying.copy(generation=str(row.pk))
        assert wait_of(row) is None

    def test_is_on_the_card(self, cast: Cast, row: Generation, signed_in: Callable[[Member], Client]) -> None:
        page = signed_in(cast.ada).get(reverse("studio")).content.decode()
        assert "A smaller copy is being made first" in page


@pytest.mark.parametrize("number", [1, 8])
def test_the_questions_do_not_grow_with_the_rows(cast: Cast, django_assert_num_queries: object, number: int) -> None:
    rows = [make_waiting(cast.ben) for _ in range(number)]
    places = feed.places(rows)
    with django_assert_num_queries(5):  # type: ignore[operator]  # a fixture without a type
        waits_of(rows, places=places, moment=clock.now())
    assert PAINTER.running_max > number
