"""The library is asked by an address, with and without script."""

from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import Member
from tests.conftest import Cast
from tests.making import finish_one

SignIn = Callable[[Member], Client]


def test_what_is_looked_for_stays_in_the_field_and_in_further_pages(cast: Cast, signed_in: SignIn) -> None:
    finish_one(cast.ben, "a red lamp")
    finish_one(cast.ben, "a window")
    page = signed_in(cast.vera).get("/library/", {"q": "  Red ", "whose": ""}).content.decode()

    assert "1 picture<" in page
    assert 'value="  Red "' in page
    assert 'alt="a red lamp"' in page
    assert "a window" not in page


def test_nothing_found_says_what_was_looked_for_and_the_way_back(cast: Cast, signed_in: SignIn) -> None:
    finish_one(cast.ben, "a red lamp")
    client = signed_in(cast.vera)
    page = client.get("/library/", {"q": "<velvet> lighthouse"}).content.decode()
    assert "No picture says “&lt;velvet&gt; lighthouse”" in page
    assert 'href="/library/">Show all pictures' in page

    page = client.get("/library/", {"whose": "mine"}).content.decode()
    assert "Nothing of yours yet" in page


@pytest.mark.parametrize("words", ["\0", "'\"*()-:^", "x" * 5000, "a " * 300, "\ufffd", "NEAR(a b)", "-", "🦊"])
def test_whatever_is_typed_gets_an_answer(cast: Cast, signed_in: SignIn, words: str) -> None:
    finish_one(cast.ben, "a red lamp")

    assert signed_in(cast.ben).get("/library/", {"q": words}).status_code == 200


def test_htmx_gets_the_next_part_alone_and_else_the_page(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben, "a red lamp")
    client = signed_in(cast.ben)
    part = client.get("/library/", {"q": "lamp", "before": str(image.pk)}, headers={"HX-Request": "true"})
    whole = client.get("/library/", {"q": "lamp"}, headers={"HX-Request": "true"})

    assert part.content.decode().startswith("<ul")
    assert 'id="results"' in whole.content.decode()


def test_numbers_come_as_a_fragment_of_their_own(cast: Cast, signed_in: SignIn) -> None:
    finish_one(cast.ben, "a red lamp", shape="3:2")
    client = signed_in(cast.ada)
    page = client.get("/library/", {"q": "lamp", "shape": "2:3"}).content.decode()
    part = client.get("/library/facets/", {"q": "lamp", "shape": "2:3"}).content.decode()

    assert 'hx-get="/library/facets/?q=lamp&amp;shape=2%3A3"' in page
    assert 'id="count-shape-3-2" hx-swap-oob="true">1<' in part
    assert 'id="count-vendor-demo" hx-swap-oob="true">0<' in part
