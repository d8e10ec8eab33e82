"""Ready-made rows for tests of pages: a finished picture, one that waits, one that failed. All by the services."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from generations import providers
from generations.models import Credential, Generation, Image, Member, Price, clock
from generations.providers.base import Failed, Fault, Offer, Ready
from generations.services import collecting, ordering
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Looked, Submitted

PAINTER: Offer = providers.offer("demo", "painter")


def make_waiting(member: Member, prompt: str = "a lamp on a table", shape: str = "3:2", count: int = 1) -> Generation:
    """A generation in `queued`, the first of its batch."""
    batch = ordering.order_drawing(
        member=member,
        provider="demo",
        offer=PAINTER,
        prompt=prompt,
        shape=shape,
        count=count,
        request_key=uuid.uuid4().hex,
    )
    found: Generation = batch.generations.order_by("position")[0]
    return found


def hand_over(row: Generation) -> Generation:
    """To `running`: claimed and accepted by the demo vendor as the pump would."""
    for one in claim(credentials=list(Credential.objects.filter(team=row.team)), slots=16):
        provider = providers.get(one.line.provider)(account=one.line.account)
        accepted = asyncio.run(provider.submit(one.order))
        verdicts.apply([Submitted(one.generation, one.attempt, one.token, accepted)])
    row.refresh_from_db()
    return row


def finish(row: Generation) -> Image:
    """To `succeeded`: the vendor is done, the picture fetched and stored."""
    return _bring(row, 1)[0]


def finish_many(member: Member, number: int, prompt: str = "a lamp on a table", shape: str = "3:2") -> list[Image]:
    """The pictures of one generation of that member, for which the vendor made so many."""
    return _bring(make_waiting(member, prompt, shape), number)


def _bring(row: Generation, number: int) -> list[Image]:
    if row.state == "queued":
        hand_over(row)
    verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",) * number))])
    collecting.collect(generation=str(row.pk))
    row.refresh_from_db()
    return list(row.images.order_by("index"))


def finish_one(member: Member, prompt: str = "a lamp on a table", shape: str = "3:2") -> Image:
    """A picture of that member."""
    return finish(make_waiting(member, prompt, shape))


def fail(row: Generation, result: Failed) -> Generation:
    """To `failed`, by that answer of the vendor."""
    verdicts.apply([Looked(hand_over(row).pk, result)])
    row.refresh_from_db()
    return row


def fail_one(member: Member, fault: Fault = Fault.VENDOR) -> Generation:
    """A picture of that member that did not work."""
    return fail(make_waiting(member), Failed(fault=fault))


def set_price(provider: str, offer_key: str, credits: int, choice: str = "") -> Price:
    """A line of the price book that has begun: a page asks for whole milliseconds, so "now" may be too late for it."""
    begun = clock.now() - timedelta(seconds=1)
    return Price.objects.create(provider=provider, offer_key=offer_key, credits=credits, choice=choice, starts_at=begun)


@contextmanager
def without_vendor(key: str) -> Iterator[None]:
    """The table of vendors lacks one for a while, and is then the same table again, in the same order."""
    rest = {other: vendor for other, vendor in providers.PROVIDERS.items() if other != key}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "PROVIDERS", rest)
        yield
