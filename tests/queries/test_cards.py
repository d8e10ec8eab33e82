"""A card says what happened, whose turn it is and what became of the credits, in every state there is."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from generations.models import OPEN, Generation, Reason, State, clock
from generations.queries.cards import Card, card_of, nearest_ratio, picture_of, runs_of
from generations.queries.retries import Retries
from generations.queries.waits import Wait
from generations.queries.words import DETAILS
from tests.conftest import Cast
from tests.making import finish_many, finish_one, make_waiting

PARTS = ("member__person", "batch", "source")


def loaded(row: Generation) -> Generation:
    return Generation.objects.select_related(*PARTS).prefetch_related("images").get(pk=row.pk)


def in_state(cast: Cast, state: State, **facts: Any) -> Generation:
    """Ada's waiting generation as it would read in that state; nothing is written."""
    row = loaded(make_waiting(cast.ada))
    for name, value in {"state": state, **facts}.items():
        setattr(row, name, value)
    return row


def show(row: Generation, cast: Cast, **more: Any) -> Card:
    return card_of(row, viewer=cast.ada, now=clock.now(), retries=Retries(cast.ada), **more)


class TestEveryState:
    @pytest.mark.parametrize("state", [one for one in State if one not in {State.SUCCEEDED, State.RECOVERED}])
    def test_has_words_and_never_a_picture(self, cast: Cast, state: State) -> None:
        card = show(in_state(cast, state, reason=Reason.VENDOR), cast)
        assert card.state == state
        assert card.label == state.label
        assert card.headline or card.dial
        assert card.images == []

    @pytest.mark.parametrize("state", State)
    def test_gives_credits_back_in_words_only_when_they_went_back(self, cast: Cast, state: State) -> None:
        card = show(in_state(cast, state), cast)
        returned = state in {State.FAILED, State.CANCELED, State.LAPSED}
        assert card.refund == ("5 credits returned" if returned else "")
        assert (card.retry is not None) is returned

    def test_of_a_free_picture_speaks_of_no_credits(self, cast: Cast) -> None:
        assert show(in_state(cast, State.FAILED, price=0), cast).refund == "Nothing was charged"
        assert "costs nothing" in show(in_state(cast, State.QUEUED, price=0), cast).detail

    @pytest.mark.parametrize("reason", Reason)
    def test_failed_says_what_happened_and_what_to_do(self, cast: Cast, reason: Reason) -> None:
        card = show(in_state(cast, State.FAILED, reason=reason), cast)
        assert card.headline == reason.label
        assert card.detail == DETAILS[reason]

    def test_never_shows_what_the_vendor_wrote(self, cast: Cast) -> None:
        row = in_state(cast, State.FAILED, reason=Reason.VENDOR, vendor_text="secret words", vendor_code="E77")
        assert "secret words" not in repr(show(row, cast))
        assert "E77" not in repr(show(row, cast))

    def test_that_failed_as_an_upscale_does_not_ask_for_another_prompt(self, cast: Cast) -> None:
        row = in_state(cast, State.FAILED, reason=Reason.REFUSED_INPUT, operation="upscale")
        assert "prompt" not in show(row, cast).detail

    def test_in_doubt_names_the_moment_the_credits_come_back(self, cast: Cast) -> None:
        row = in_state(cast, State.IN_DOUBT)
        assert show(row, cast).until == row.changed_at + timedelta(minutes=10)

    def test_waiting_again_says_that_the_vendor_could_not_take_it(self, cast: Cast) -> None:
        again = clock.now() + timedelta(seconds=20)
        wait = Wait(words="The vendor could not take it yet", until=again)
        card = show(in_state(cast, State.QUEUED, submits=1), cast, wait=wait)
        assert (card.headline, card.until) == ("The vendor could not take it yet", again)
        assert "It goes on by itself" in card.detail

    def test_lapsed_names_the_end_of_the_watch(self, cast: Cast) -> None:
        moment = clock.now() + timedelta(hours=24)
        card = show(in_state(cast, State.LAPSED, watch_until=moment, reason=Reason.TIMEOUT), cast)
        assert card.until == moment
        assert "free" in card.detail

    @pytest.mark.parametrize(
        ("place", "suffix"),
        [(1, "st"), (2, "nd"), (3, "rd"), (4, "th"), (11, "th"), (12, "th"), (21, "st"), (113, "th")],
    )
    def test_waiting_counts_its_place(self, cast: Cast, place: int, suffix: str) -> None:
        card = show(in_state(cast, State.QUEUED), cast, place=place)
        assert (card.place, card.place_suffix) == (place, suffix)
        assert card.headline == ("Next in line" if place == 1 else "In line")


class TestTheDial:
    def running(self, cast: Cast, seconds: float) -> Generation:
        moment = clock.now()
        accepted = moment - timedelta(seconds=seconds)
        return in_state(cast, State.RUNNING, accepted_at=accepted, created_at=moment - timedelta(hours=1))

    def test_counts_the_vendors_work_and_not_the_wait(self, cast: Cast) -> None:
        dial = show(self.running(cast, 3), cast).dial
        assert dial is not None
        assert 3 <= dial.now < 4
        assert not dial.is_slow
        assert dial.usual == "Usually 2 to 4 s"

    def test_turns_slow_past_the_usual_time_and_stops_at_the_full_circle(self, cast: Cast) -> None:
        card = show(self.running(cast, 130), cast)
        assert card.dial is not None
        assert card.dial.is_slow
        assert card.dial.arc == card.dial.total
        assert (card.dial.clock, card.dial.unit) == ("2:10", "")
        assert card.until is not None

    @pytest.mark.parametrize("state", [one for one in OPEN if one != State.RUNNING])
    def test_is_only_for_work_at_the_vendor(self, cast: Cast, state: State) -> None:
        assert show(in_state(cast, state), cast).dial is None

    def test_goes_on_for_an_offer_nobody_sells_any_more(self, cast: Cast) -> None:
        assert show(in_state(cast, State.RUNNING, offer_key="gone"), cast).dial is not None


class TestWhoMayAct:
    def test_the_maker_and_those_who_manage(self, cast: Cast) -> None:
        row = loaded(make_waiting(cast.ben))
        assert card_of(row, viewer=cast.ben, now=clock.now()).may_cancel
        assert card_of(row, viewer=cast.ada, now=clock.now()).may_cancel

    def test_not_another_creator(self, cast: Cast) -> None:
        card = card_of(loaded(make_waiting(cast.ada)), viewer=cast.ben, now=clock.now())
        assert not card.may_cancel
        assert "cancel" not in card.detail

    def test_never_a_viewer(self, cast: Cast) -> None:
        row = in_state(cast, State.FAILED)
        card = card_of(row, viewer=cast.vera, now=clock.now(), retries=Retries(cast.vera))
        assert (card.may_cancel, card.retry, card.may_create) == (False, None, False)

    def test_only_what_waits_can_be_canceled(self, cast: Cast) -> None:
        allowed = {state for state in State if show(in_state(cast, state), cast).may_cancel}
        assert allowed == {State.QUEUED}

    def test_nothing_is_retried_whose_source_is_gone(self, cast: Cast) -> None:
        assert show(in_state(cast, State.FAILED, operation="upscale"), cast).retry is None

    def test_nothing_is_retried_from_a_page_that_offers_no_retries(self, cast: Cast) -> None:
        assert card_of(in_state(cast, State.FAILED), viewer=cast.ada, now=clock.now()).retry is None

    def test_an_upscale_that_did_not_come_leads_to_the_other_ways_while_its_picture_is_there(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        row = in_state(cast, State.FAILED, operation="upscale", source=image, reason=Reason.VENDOR)
        assert show(row, cast).other_ways_url == f"/images/{image.pk}/upscale/"
        assert card_of(row, viewer=cast.vera, now=clock.now()).other_ways_url == ""
        image.deleted_at = clock.now()
        assert show(row, cast).other_ways_url == ""


class TestDone:
    def test_links_its_picture_with_copies_smallest_first(self, cast: Cast) -> None:
        image = finish_one(cast.ada, "a boat")
        card = show(loaded(image.generation), cast)
        (picture,) = card.images
        assert picture.url == f"/images/{image.pk}/"
        assert picture.ratio == card.ratio == "3:2"
        assert picture.alt == "a boat"
        widths = [int(part.split()[1][:-1]) for part in picture.srcset.split(", ")]
        assert widths == sorted(image.widths)
        assert card.tone == image.tone

    def test_hides_what_was_deleted(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        image.deleted_at = clock.now()
        image.save(update_fields=["deleted_at"])
        assert show(loaded(image.generation), cast).images == []

    def test_with_six_pictures_shows_the_first_and_says_how_many(self, cast: Cast) -> None:
        images = finish_many(cast.ada, 6)
        row = loaded(images[0].generation)
        card = show(row, cast)
        assert [picture.id for picture in card.images] == [image.pk for image in images]
        assert card.count_words == "6 pictures"
        (run,) = runs_of([row], viewer=cast.ada, now=clock.now())
        assert (run.count, run.is_batch, run.cost) == (1, False, "5 credits")

    def test_with_one_picture_counts_nothing(self, cast: Cast) -> None:
        assert show(loaded(finish_one(cast.ada).generation), cast).count_words == ""

    def test_leads_with_the_first_that_is_left(self, cast: Cast) -> None:
        first, second, third = finish_many(cast.ada, 3)
        first.deleted_at = clock.now()
        first.save(update_fields=["deleted_at"])
        card = show(loaded(first.generation), cast)
        assert [picture.id for picture in card.images] == [second.pk, third.pk]
        assert card.count_words == "2 pictures"

    def test_as_an_upscale_notes_what_was_chosen(self, cast: Cast) -> None:
        facts = {"operation": "upscale", "offer_key": "enlarge-2x"}
        assert show(in_state(cast, State.QUEUED, **facts), cast).note == "Demo enlarge 2×"
        chosen = {"resolution": "4k", "output_format": "png", "copy": "jpeg"}
        assert show(in_state(cast, State.QUEUED, choices=chosen, **facts), cast).note == "4K, PNG"

    def test_without_renditions_falls_back_to_the_original(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        image.renditions = []
        assert picture_of(image, prompt="x").src == f"/images/{image.pk}/original/"


class TestRuns:
    def test_group_a_submit_in_order_and_ask_nothing(self, cast: Cast, django_assert_num_queries: Any) -> None:
        make_waiting(cast.ada, count=3)
        make_waiting(cast.ben)
        rows = list(
            Generation.objects.select_related(*PARTS).prefetch_related("images").order_by("-batch", "-position")
        )
        context: CaptureQueriesContext = django_assert_num_queries(0)
        with context:
            runs = runs_of(rows, viewer=cast.ada, now=clock.now(), places={rows[0].pk: 4})
        assert [run.count for run in runs] == [1, 3]
        assert [run.is_batch for run in runs] == [False, True]
        assert runs[0].cards[0].place == 4
        assert runs[1].cost == "15 credits"
        assert runs[0].maker == "Ben"

    def test_do_not_count_what_was_given_back(self, cast: Cast) -> None:
        first, second = in_state(cast, State.FAILED), in_state(cast, State.SUCCEEDED)
        second.batch_id, second.position = first.batch_id, 1
        assert runs_of([first, second], viewer=cast.ada, now=clock.now())[0].cost == "5 credits"
        assert runs_of([first], viewer=cast.ada, now=clock.now())[0].cost == ""
        late = in_state(cast, State.RECOVERED)
        assert runs_of([late], viewer=cast.ada, now=clock.now())[0].cost == "free"


class TestFrames:
    @pytest.mark.parametrize(
        ("size", "ratio"), [((832, 1248), "2:3"), ((784, 1168), "2:3"), ((1024, 1024), "1:1"), ((1920, 1080), "16:9")]
    )
    def test_are_the_nearest_in_shape(self, size: tuple[int, int], ratio: str) -> None:
        assert nearest_ratio(*size) == ratio
