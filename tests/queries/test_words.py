"""Small words about generations: prompts cut kindly, times and credits with their units."""

import pytest

from generations.models import Reason
from generations.queries.words import DETAILS, credits_in_words, duration, ordinal_suffix, seconds_between, summary


def test_every_reason_says_what_to_do() -> None:
    assert set(DETAILS) == set(Reason)
    assert all(detail.endswith(".") for detail in DETAILS.values())


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
    [(5, 10, "5 to 10 s"), (2.5, 2.5, "2.5 s"), (60, 120, "1 to 2 min"), (100, 120, "2 min")],
)
def test_ranges_have_units(low: float, high: float, words: str) -> None:
    assert seconds_between(low, high) == words
