"""The vendors themselves: what their documents say about keys, unknown tasks and one drawing is still so."""

import pytest

from generations.providers import apiinone, apikley, apixo
from generations.providers.base import NotFound, Offer
from tests.live.conftest import SPENDS, Live, expect_drawn

VENDORS: dict[str, tuple[Offer, str]] = {
    "apikley": (apikley.DRAW, "0" * 32),
    "apixo": (apixo.GROK, "0" * 32),
    "apiinone": (apiinone.DRAW, "studio-live-test"),
}
"""The cheapest drawing of each, and a task that nobody has there."""


@pytest.fixture(params=list(VENDORS))
def live(request: pytest.FixtureRequest) -> Live:
    return Live(request.param)


def test_the_key_is_accepted(live: Live) -> None:
    proof = live.ask("probe")
    assert proof.works is True, proof.words
    assert (proof.balance is not None) == (live.vendor != "apiinone")


def test_a_task_nobody_has_is_unknown(live: Live) -> None:
    offer, task_id = VENDORS[live.vendor]
    with pytest.raises(NotFound):
        live.ask("check", task_id, offer)


@SPENDS
def test_a_drawing_is_drawn(live: Live) -> None:
    offer, _ = VENDORS[live.vendor]
    expect_drawn(live.draw(offer))
