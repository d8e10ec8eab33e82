"""An address of ours goes out only to vendors that could use it; the others are asked, and sent the file itself.

The stand-ins are on this machine. Where the environment does not say so, they are vendors on the web to the studio.
"""

from typing import Any

import pytest

from generations.models import Image, State
from tests.journeys.street import Street

NEAR = ["http://localhost:8000", "http://192.168.1.20:8000"]


@pytest.fixture
def outside(street: Street, settings: Any) -> Street:
    """The stand-ins as vendors on the web."""
    settings.ALLOW_PRIVATE_HOSTS = frozenset()
    return street


@pytest.mark.parametrize("address", NEAR)
def test_one_for_people_alone_is_told_to_nobody(outside: Street, settings: Any, address: str) -> None:
    settings.PUBLIC_URL = address
    rows = [outside.order(vendor)[0] for vendor in ("apikley", "apixo")]
    outside.go(1)

    assert {outside.now(row).state for row in rows} == {State.RUNNING}
    assert "callBackUrl" not in outside.bodies("apikley")[0]
    (sent,) = outside.bodies("apixo")
    assert (sent["request_type"], "callback_url" in sent) == ("async", False)


def test_one_on_the_web_is_called_back(outside: Street, settings: Any) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"
    for vendor in ("apikley", "apixo"):
        outside.vendors[vendor].knobs.callback = "off"
        outside.order(vendor)
    outside.go(1)

    assert outside.bodies("apikley")[0]["callBackUrl"].startswith("https://studio.example.org/hooks/apikley/")
    (sent,) = outside.bodies("apixo")
    assert sent["request_type"] == "callback"
    assert sent["callback_url"].startswith("https://studio.example.org/hooks/apixo/")


class TestAPictureOfYesterday:
    @pytest.fixture
    def image(self, street: Street) -> Image:
        drawn = street.draw("apixo").images.get()
        street.pass_time(21 * 3600)
        return drawn

    @pytest.mark.parametrize("address", NEAR)
    def test_is_uploaded(self, street: Street, image: Image, settings: Any, address: str) -> None:
        settings.PUBLIC_URL, settings.ALLOW_PRIVATE_HOSTS = address, frozenset()
        street.enlarge(image, "apikley", "crisp-upscale")
        street.go(1)

        assert len(street.calls("apikley", "upload")) == 1
        (sent,) = street.bodies("apikley")
        assert sent["input"]["image"].startswith(street.apikley.url)
