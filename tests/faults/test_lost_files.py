"""F46, F47: a file that vanished or rotted behind our back breaks no page, and the audit names it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import storage
from generations.models import Image, Member
from generations.services import auditing
from tests.conftest import Cast
from tests.making import finish, hand_over, make_waiting

SignIn = Callable[[Member], Client]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish(hand_over(make_waiting(cast.ben)))


def broken_rules() -> set[str]:
    return {finding.rule for finding in auditing.audit()}


@pytest.mark.parametrize("page", ["studio", "library", "image"])
def test_a_page_keeps_the_place_of_a_picture_that_is_gone(
    cast: Cast, signed_in: SignIn, image: Image, page: str
) -> None:
    """Its shape, its colour and its words stay; only the bytes are not found."""
    widths = [rendition["width"] for rendition in image.renditions]
    for path in (storage.original_path(image), *(storage.rendition_path(image, width) for width in widths)):
        path.unlink()
    browser = signed_in(cast.ben)
    files = [reverse("image_original", args=[image.pk]), *(reverse("image_file", args=[image.pk, w]) for w in widths)]
    assert {browser.get(file).status_code for file in files} == {404}

    answer = browser.get(reverse(page, args=[image.pk] if page == "image" else []))
    assert answer.status_code == 200
    words = answer.content.decode()
    assert f'data-tone="{image.tone}"' in words
    assert "data-ratio=" in words
    assert "a lamp on a table" in words
    assert broken_rules() == {"I10"}


def test_a_flipped_bit_is_found_by_the_audit(image: Image) -> None:
    path = storage.original_path(image)
    whole = path.read_bytes()
    assert broken_rules() == set()
    rotted = bytearray(whole)
    rotted[len(rotted) // 2] ^= 1
    path.write_bytes(rotted)
    assert broken_rules() == {"I10"}
    path.write_bytes(whole)
    assert broken_rules() == set()
