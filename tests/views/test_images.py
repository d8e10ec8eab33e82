"""Ordering an upscale through its address: what is refused says why, and with which status."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Generation, Image, Member
from generations.providers.base import Operation
from tests.conftest import Cast
from tests.making import finish_one

HTMX = {"HX-Request": "true"}
SignIn = Callable[[Member], Client]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ada)


def upscales() -> int:
    return Generation.objects.filter(operation=Operation.UPSCALE).count()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_upscale_that_does_not_fit_is_refused_in_the_sheets_words(
    cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
) -> None:
    Image.objects.filter(pk=image.pk).update(width=9000, height=8000)
    address = reverse("image_upscale", args=[image.pk])
    answer = signed_in(cast.ada).post(address, {"choice": "demo:enlarge-4x", "request_key": "k"}, headers=headers)

    assert (answer.status_code, upscales()) == (422, 0)
    assert "is not possible. The result would be 36,000 × 32,000 px" in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_key_used_for_another_order_is_a_conflict(
    cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
) -> None:
    client, address = signed_in(cast.ada), reverse("image_upscale", args=[image.pk])
    client.post(address, {"choice": "demo:enlarge-2x", "request_key": "k"}, headers=headers)
    answer = client.post(address, {"choice": "demo:enlarge-4x", "request_key": "k"}, headers=headers)

    assert (answer.status_code, upscales()) == (409, 1)
    assert "already sent with another order" in answer.content.decode()


def test_a_viewer_is_told_to_ask(cast: Cast, image: Image, signed_in: SignIn) -> None:
    address = reverse("image_upscale", args=[image.pk])
    answer = signed_in(cast.vera).post(address, {"choice": "demo:enlarge-2x", "request_key": "k"})

    assert (answer.status_code, upscales()) == (422, 0)
    assert "Your role here is Viewer" in answer.content.decode()
