"""The vendors themselves, with a real key from the environment; without one these tests are skipped and say so.

    APIKLEY_KEY=... pytest tests/live -n 0 -rs

asks for what costs nothing: what the key is worth, and whether a task nobody has is unknown. Only `LIVE_SPEND=1` orders
one drawing at each vendor that has a key, which costs what one drawing costs there. `APIKLEY_BASE_URL` and the others
work as they do for the studio.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from generations import providers
from generations.providers.base import Account, Failed, NotFound, Offer, Order, Progress, Provider, Ready, Working
from generations.providers.http import HttpDoor

T = TypeVar("T")

SPENDS = pytest.mark.skipif(os.environ.get("LIVE_SPEND") != "1", reason="costs a drawing: set LIVE_SPEND=1")
WAIT_SECONDS = 300.0


def key_for(vendor: str) -> str:
    """The key in the environment; without it the test is skipped."""
    name = f"{vendor.upper()}_KEY"
    if not (key := os.environ.get(name, "").strip()):
        pytest.skip(f"needs a real key: set {name}")
    return key


@asynccontextmanager
async def _speaking(vendor: str) -> AsyncIterator[Provider]:
    account = Account(secret=key_for(vendor), base_url=os.environ.get(f"{vendor.upper()}_BASE_URL", ""))
    async with providers.get(vendor)(account=account, http=HttpDoor()) as provider:
        yield provider


class Live:
    """One vendor. Each question opens a line of its own."""

    def __init__(self, vendor: str) -> None:
        key_for(vendor)
        self.vendor = vendor

    def ask(self, name: str, *arguments: Any) -> Any:
        """What the provider's function of that name comes to."""

        async def talk() -> Any:
            async with _speaking(self.vendor) as provider:
                return await getattr(provider, name)(*arguments)

        return _run(talk())

    def draw(self, offer: Offer) -> Progress:
        """Order one drawing and wait for its end, at the vendor's own pace."""
        order = Order(offer=offer, prompt="a small red cube on a white table", choices={"shape": offer.shapes[0]})

        async def talk() -> Progress:
            async with _speaking(self.vendor) as provider:
                accepted = await provider.submit(order)
                await asyncio.sleep(offer.usual_seconds[0])
                async with asyncio.timeout(WAIT_SECONDS):
                    while isinstance(progress := await _look(provider, accepted.task_id, offer), Working):
                        await asyncio.sleep(max(offer.look_seconds, 1.0))
                return progress

        return _run(talk())


async def _look(provider: Provider, task_id: str, offer: Offer) -> Progress:
    try:
        return await provider.check(task_id, offer)
    except NotFound:
        return Working()  # not visible yet


def _run(talk: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(talk)


def expect_drawn(progress: Progress) -> None:
    """A picture or more, each at a web address."""
    assert not isinstance(progress, Failed), progress
    assert isinstance(progress, Ready)
    assert progress.urls
    assert all(url.startswith("https://") for url in progress.urls)
