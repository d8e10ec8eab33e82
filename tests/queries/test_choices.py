"""Names and values vendors use, in words people use."""

import pytest

from generations.queries.choices import in_words, label_of, usual_of, value_of
from tests.bureau import LARGE


@pytest.mark.parametrize(
    ("value", "words"), [("4k", "4K"), ("png", "PNG"), ("webp", "WebP"), ("jpg", "JPG"), ("extra_fine", "Extra fine")]
)
def test_values_read_as_people_write_them(value: str, words: str) -> None:
    assert value_of(value) == words


@pytest.mark.parametrize(
    ("name", "words"), [("resolution", "Size"), ("output_format", "File format"), ("face_detail", "Face detail")]
)
def test_names_say_what_is_chosen(name: str, words: str) -> None:
    assert label_of(name) == words


def test_the_usual_value_is_the_vendors_or_the_first() -> None:
    assert usual_of(LARGE, "resolution") == "4k"
    assert usual_of(LARGE, "output_format") == "jpg"


def test_a_line_says_what_was_made_and_not_what_was_sent() -> None:
    assert in_words({"resolution": "4k", "output_format": "png", "copy": "jpeg"}) == "4K, PNG"
    assert in_words({"copy": "jpeg"}) == in_words({}) == ""
