"""Without a public address everything works, and the pages for owners say what is lost and how to have it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import Member
from generations.providers.apiinone import ApiInOne
from generations.providers.apikley import Apikley
from generations.providers.apixo import Apixo
from generations.providers.demo import Demo
from generations.queries.reach import losses, unseen_address
from generations.services import setup
from tests.bureau import Bureau
from tests.conftest import Cast


@pytest.fixture(autouse=True)
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences name vendors in the order of the table, which other tests may have taken one out of for a while."""
    monkeypatch.setattr(providers, "PROVIDERS", {one.key: one for one in (Apikley, Apixo, ApiInOne, Demo)})


def test_each_vendor_is_told_of_by_what_it_can_do() -> None:
    calling, taking, refusing = losses()
    assert calling.startswith("Apikley and APIXO cannot call back")
    assert "by asking alone" in calling
    assert taking.startswith("For Crisp upscale (Apikley), ")
    assert "uploaded first" in taking
    assert refusing.startswith("For Image upscaler (APIXO), ")
    assert "20 hours" in refusing


def test_a_vendor_more_is_named_without_being_known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(providers.PROVIDERS, Bureau.key, Bureau)
    assert losses()[-1].startswith("For Image upscaler (APIXO) and Bureau large (Bureau), ")


def test_vendors_that_need_no_address_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PROVIDERS", {Demo.key: Demo})
    assert losses() == []


def test_with_one_nothing_is_lost(settings: Any) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"
    assert losses() == []


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://192.168.1.20:8000"])
def test_with_one_for_people_alone_as_much_is_lost(settings: Any, address: str) -> None:
    before = losses()
    settings.PUBLIC_URL = address
    assert losses() == before
    assert unseen_address() == address


def test_a_vendor_of_our_own_network_loses_nothing(settings: Any) -> None:
    settings.PUBLIC_URL, settings.ALLOW_PRIVATE_HOSTS = "http://localhost:8000", frozenset({"127.0.0.1"})
    settings.PROVIDER_BASE_URLS = {**settings.PROVIDER_BASE_URLS, "apixo": "http://127.0.0.1:8900/apixo/api/v1"}
    assert "APIXO" not in " ".join(losses())
    assert "Apikley cannot call back" in losses()[0]


class TestThePages:
    """Of the first visit and of the keys."""

    WORDS = "Vendors cannot reach this studio."
    HOW = "PUBLIC_URL=https://studio.example.org"

    @pytest.fixture(params=["set-up", "keys"])
    def page(
        self, request: pytest.FixtureRequest, cast: Cast, signed_in: Callable[[Member], Client]
    ) -> Callable[..., str]:
        if request.param == "keys":
            client, address = signed_in(cast.ada), reverse("credentials")
        else:
            Member.objects.all().update(role="creator")  # a studio nobody owns
            client, address = Client(), str(setup.new_setup_link(""))
        return lambda: client.get(address).content.decode()

    def test_say_it(self, page: Callable[[], str]) -> None:
        text = page()
        assert self.WORDS in text
        assert "Apikley and APIXO cannot call back" in text
        assert self.HOW in text

    def test_name_an_address_that_only_people_near_it_see(self, page: Callable[[], str], settings: Any) -> None:
        assert "cannot see it" not in page()
        settings.PUBLIC_URL = "http://localhost:8000"
        text = page()
        assert self.WORDS in text
        assert "http://localhost:8000</code>, is good for people near it, but the web cannot see it." in text

    def test_are_silent_where_there_is_an_address(self, page: Callable[[], str], settings: Any) -> None:
        settings.PUBLIC_URL = "https://studio.example.org"
        assert self.WORDS not in page()
