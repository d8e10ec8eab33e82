"""Small words about generations: prompts cut kindly, times and credits with their units."""

import re

import pytest

from generations import providers
from generations.models import Generation, Reason, State
from generations.queries.words import (
    DETAILS,
    SOURCE_DETAILS,
    credits_in_words,
    duration,
    ordinal_suffix,
    seconds_between,
    summary,
    time_left,
    words_of,
)


def failed(reason: Reason, *, operation: str = "upscale", offer: str = "grok-upscale", **facts: str) -> tuple[str, str]:
    """What a person reads of work at Apikley that ended so."""
    row = Generation(
        state=State.FAILED, reason=reason, operation=operation, provider="apikley", offer_key=offer, **facts
    )
    headline, detail, _ = words_of(row, place=None, may_act=True)
    return headline, detail


def test_every_reason_says_what_to_do() -> None:
    assert set(DETAILS) == set(Reason)
    assert all(detail.endswith(".") for detail in DETAILS.values())


class TestAnUpscaleThatFailed:
    """There is no prompt to reword: it is the picture, or the way, that is chosen anew."""

    @pytest.mark.parametrize("reason", [*SOURCE_DETAILS])
    def test_is_never_told_about_a_prompt_or_a_model(self, reason: Reason) -> None:
        headline, detail = failed(reason)
        assert "prompt" not in headline
        assert not re.search(r"\b(shape|model)\b", detail)
        assert detail.endswith("Choose another way to upscale it, such as Crisp upscale.")

    def test_of_a_refused_picture_says_that_it_is_the_picture(self) -> None:
        assert failed(Reason.CONTENT_POLICY)[0] == "The safety check refused this picture"
        assert failed(Reason.CONTENT_POLICY, operation="draw")[0] == "The safety check refused this prompt"

    def test_names_no_way_where_the_vendor_has_no_other(self) -> None:
        assert failed(Reason.VENDOR, offer="crisp-upscale")[1].endswith("Choose another way to upscale it.")


class TestAKeysOwnLimit:
    def test_is_not_an_empty_account(self) -> None:
        headline, detail = failed(Reason.OUT_OF_FUNDS, vendor_code="433")
        assert headline == "The vendor allows our key no more for now"
        assert "not the account that is empty" in detail

    def test_is_told_apart_by_the_vendors_code_alone(self) -> None:
        assert failed(Reason.OUT_OF_FUNDS, vendor_code="402")[0] == Reason.OUT_OF_FUNDS.label
        assert [key for key, kind in providers.PROVIDERS.items() if kind.capped_codes] == ["apikley"]


class TestABusyVendor:
    def test_that_took_the_order_was_not_asked_again_and_again(self) -> None:
        assert "kept trying" in failed(Reason.BUSY, operation="draw")[1]
        words = failed(Reason.BUSY, operation="draw", vendor_task_id="t1", vendor_code="429")[1]
        assert words == "The vendor had taken it, and gave up on it. Try again later, or use another model."


def test_credits_agree_with_their_number() -> None:
    assert [credits_in_words(amount) for amount in (1, 5, 1240)] == ["1 credit", "5 credits", "1,240 credits"]


def test_places_have_their_ending() -> None:
    assert [ordinal_suffix(place) for place in (1, 2, 3, 4, 11, 22, 113)] == ["st", "nd", "rd", "th", "th", "nd", "th"]


def test_a_long_prompt_is_cut_between_words() -> None:
    text = summary("word " * 100)
    assert len(text) <= 121
    assert text.endswith("word…")
    assert len(summary("x" * 500)) == 121


def test_an_empty_prompt_is_a_picture() -> None:
    assert summary("  ") == "Picture"


@pytest.mark.parametrize(
    ("seconds", "words"), [(7.24, "7.2 s"), (-1, "0.0 s"), (185, "3 min 5 s"), (7300, "2 h 1 min")]
)
def test_durations_have_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (5, 10, "5 to 10 s"),
        (2.5, 2.5, "2.5 s"),
        (60, 120, "1 to 2 min"),
        (100, 120, "2 min"),
        (20, 120, "20 s to 2 min"),
    ],
)
def test_ranges_have_units(low: float, high: float, words: str) -> None:
    assert seconds_between(low, high) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_399, "23 h 59 min left"),
        (11_520, "3 h 12 min left"),
        (3599, "59 min left"),
        (61, "1 min left"),
        (59, "under a minute left"),
    ],
)
def test_what_runs_out_is_never_said_to_last_longer(seconds: float, words: str) -> None:
    assert time_left(seconds) == words
