"""An address of ours is told only to a vendor that could get there."""

from typing import Any

import pytest

from generations import connections, providers, reach, storage
from generations.models import Credential, Generation, Image
from generations.services import ordering
from tests.conftest import Cast
from tests.keys import add, keyed
from tests.making import finish_one

__all__ = ["keyed"]

OUTSIDE = "https://api.apixo.ai/api/v1"
PUBLIC = ["https://studio.example.org", "https://studio.example.org:8443", "https://9.9.9.9", "https://[2620:fe::9]"]
PRIVATE = [
    "http://localhost:8000",
    "http://127.0.0.1:8000",
    "http://192.168.1.20:8000",
    "http://studio.example.org",
    "https://localhost",
    "https://studio",
    "https://studio.localhost.",
    "https://studio.local",
    "https://studio.corp.internal",
    "https://studio.home.arpa",
    "https://studio.test",
    "https://127.0.0.1",
    "https://10.1.2.3",
    "https://100.64.0.1",
    "https://[::1]",
    "https://[fd00::1]",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_every_vendor_reaches_an_address_the_web_can_see(settings: Any, address: str) -> None:
    settings.PUBLIC_URL = address
    assert reach.reaches_us(OUTSIDE)


@pytest.mark.parametrize("address", ["", *PRIVATE])
def test_no_vendor_outside_reaches_any_other(settings: Any, address: str) -> None:
    settings.PUBLIC_URL = address
    assert not reach.reaches_us(OUTSIDE)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_vendor_of_our_own_network_does(settings: Any, address: str) -> None:
    """A stand-in on this machine, say; one the environment does not know as private is outside."""
    settings.PUBLIC_URL = address
    settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    assert reach.reaches_us("http://127.0.0.1:8900/apixo/api/v1")
    assert not reach.reaches_us("http://127.0.0.2:8900/apixo/api/v1")
    assert not reach.reaches_us("")
    settings.PUBLIC_URL = ""
    assert not reach.reaches_us("http://127.0.0.1:8900/apixo/api/v1")


class TestWhatAVendorIsTold:
    """By its key: a superuser may send one of them elsewhere."""

    @pytest.fixture
    def image(self, cast: Cast) -> Image:
        return finish_one(cast.ben)

    def source_for(self, cast: Cast, image: Image, key: Credential) -> str | None:
        by_url = providers.offer("apikley", "crisp-upscale")
        ordering.order_upscale(
            member=cast.ben, image=image, provider="demo", offer=providers.offer("demo", "enlarge-2x"), request_key="u"
        )
        order = connections.order_for(
            Generation.objects.latest("pk"), credential=key, offer=by_url, reference="r", callback_url=None
        )
        assert order.source is not None
        assert order.source.path in {None, str(storage.original_path(image))}
        assert (order.source.path is None) == bool(order.source.url)
        return order.source.url

    def test_of_an_address_the_web_can_see(self, cast: Cast, image: Image, keyed: object, settings: Any) -> None:
        settings.PUBLIC_URL = "https://studio.example.org"
        key = add(cast.team)
        assert connections.callback_url(key, "t0ken") == "https://studio.example.org/hooks/keyed/t0ken/"
        told = self.source_for(cast, image, key)
        assert told is not None
        assert told.startswith("https://studio.example.org/sources/")

    @pytest.mark.parametrize("address", ["http://localhost:8000", "http://192.168.1.20:8000", ""])
    def test_of_any_other_is_none(self, cast: Cast, image: Image, keyed: object, settings: Any, address: str) -> None:
        settings.PUBLIC_URL = address
        key = add(cast.team)
        assert connections.callback_url(key, "t0ken") is None
        assert self.source_for(cast, image, key) is None

    def test_where_a_superuser_sent_the_key_to_our_own_network(
        self, cast: Cast, image: Image, keyed: object, settings: Any
    ) -> None:
        settings.PUBLIC_URL, settings.ALLOW_PRIVATE_HOSTS = "http://192.168.1.20:8000", frozenset({"192.168.1.30"})
        key = add(cast.team, base_url="https://192.168.1.30")
        assert connections.callback_url(key, "t0ken") == "http://192.168.1.20:8000/hooks/keyed/t0ken/"
