"""Reporting a picture from its page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Image, ImageReport, Member
from tests.conftest import Cast
from tests.making import finish_one
from tests.views.test_studio import HTMX

SignIn = Callable[[Member], Client]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


def address(image: Image) -> str:
    return reverse("image_report", args=[image.pk])


class TestTheSheet:
    def test_is_reached_from_the_page_of_others_pictures(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        page = reverse("image", args=[image.pk])

        assert address(image) in signed_in(cast.vera).get(page).content.decode()
        assert address(image) not in signed_in(cast.ben).get(page).content.decode()

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_shows_the_reasons_and_a_place_for_words(
        self, cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
    ) -> None:
        page = signed_in(cast.vera).get(address(image), headers=headers).content.decode()

        assert page.count('type="radio"') == 6
        assert "<textarea" in page
        assert ("<h1" in page) is not bool(headers)


class TestAReport:
    def test_by_a_viewer_is_taken_with_thanks(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        client = signed_in(cast.vera)
        answer = client.post(address(image), {"reason": "violent", "words": "so much blood"}, follow=True)

        assert "Thank you. A moderator looks at it" in answer.content.decode()
        report = ImageReport.objects.get()
        assert (report.member, report.reason, report.words) == (cast.vera, "violent", "so much blood")

    def test_from_the_sheet_leaves_the_page_as_it_is(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        answer = signed_in(cast.vera).post(address(image), {"reason": "other"}, headers=HTMX)

        assert answer.status_code == 200
        assert "Thank you." in answer.content.decode()
        assert "hx-swap-oob" in answer.content.decode()

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_made_twice_says_so_and_keeps_what_was_typed(
        self, cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
    ) -> None:
        client = signed_in(cast.vera)
        client.post(address(image), {"reason": "other"})
        answer = client.post(address(image), {"reason": "other", "words": "once more"}, headers=headers)

        assert answer.status_code == 422
        assert "You reported this picture before" in answer.content.decode()
        assert "once more" in answer.content.decode()
        assert ImageReport.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({}, "Choose what is wrong with it."),
            ({"reason": "fine"}, "Choose one of these."),
            ({"reason": "other", "words": "x" * 501}, "at most 500 characters"),
        ],
    )
    def test_that_is_incomplete_says_what_is_missing(
        self, cast: Cast, image: Image, signed_in: SignIn, typed: dict[str, str], words: str
    ) -> None:
        answer = signed_in(cast.vera).post(address(image), typed)

        assert (answer.status_code, ImageReport.objects.count()) == (422, 0)
        assert words in answer.content.decode()

    def test_of_ones_own_picture_or_a_foreign_one_is_refused(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        assert signed_in(cast.ben).post(address(image), {"reason": "other"}).status_code == 422
        assert signed_in(cast.mallory).post(address(image), {"reason": "other"}).status_code == 404
        assert not ImageReport.objects.exists()
