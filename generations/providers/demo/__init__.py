"""The vendor in the box: draws on this machine, needs no key and no network, and says of itself that it is a demo.

There is no AI in it. It paints a scene that suits the words of the prompt, takes a few seconds as a vendor would, and
shows every way a vendor can misbehave when the prompt asks for that (``OUTCOME_WORDS``).
"""

import asyncio
import hashlib
import time
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from generations.providers.base import (
    Accepted,
    Busy,
    Failed,
    Fault,
    NotFound,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    Ready,
    Refused,
    ResultGone,
    SourceBy,
    Unknown,
    Working,
)

from . import enlarging, painting
from .outcomes import OUTCOME_WORDS, outcome_in
from .tasks import Task, TaskFolder, new_task_id

__all__ = ["OUTCOME_WORDS", "Demo"]

ADDRESS = "demo:"
BUSY_TIMES = 2
BUSY_SECONDS = 3.0
SECONDS_BY_OUTCOME: dict[str, float] = {"fail": 2, "unsafe": 2, "slow": 45, "overdue": 16 * 60}
NOT_A_PICTURE = b"<!doctype html><title>Not a picture</title>\n"

_DRAWN_BYTES_MAX = 60_000_000
_ENLARGED_BYTES_MAX = 200_000_000


def _enlarging(scale: int) -> Offer:
    return Offer(
        key=f"enlarge-{scale}x",
        label=f"Demo enlarge {scale}\N{MULTIPLICATION SIGN}",
        operation=Operation.UPSCALE,
        credits=5,
        vendor_cost=Decimal(0),
        usual_seconds=(2, 5),
        source_by=SourceBy.FILE,
        scale=scale,
        pixels_max=enlarging.PIXELS_MAX,
        side_max=enlarging.SIDE_MAX,
        result_bytes_max=_ENLARGED_BYTES_MAX,
        limit_group="upscale",
        running_max=40,
        hourly_max=400,
        character="Enlarges on this machine, without adding detail.",
    )


class Demo(Provider):
    """Draws and enlarges on this machine. ``account.folder`` is where it keeps its tasks."""

    key = "demo"
    label = "Demo"
    needs_key = False
    reads_own_results = True
    offers = (
        Offer(
            key="painter",
            label="Demo painter",
            operation=Operation.DRAW,
            credits=5,
            vendor_cost=Decimal(0),
            usual_seconds=(2, 4),
            shapes=tuple(painting.SIZES),
            result_bytes_max=_DRAWN_BYTES_MAX,
            limit_group="draw",
            running_max=50,
            hourly_max=500,
            character="Paints on this machine from the words of your prompt. No AI, made for trying things out.",
        ),
        _enlarging(2),
        _enlarging(4),
    )

    @staticmethod
    def clock() -> float:
        """Seconds since the epoch. Replaceable, so that a test can move time."""
        return time.time()

    async def submit(self, order: Order) -> Accepted:
        """Take the order and remember it. Raises Busy, Refused or Unknown, the first and last only if asked to."""
        self._expect_possible(order)
        tasks = self._tasks()
        now = self.clock()
        outcome = outcome_in(order.prompt)
        if outcome == "busy" and tasks.count(order.prompt, order.reference.partition(":")[0]) <= BUSY_TIMES:
            raise Busy("The demo was asked to be busy.", retry_after=BUSY_SECONDS)
        task_id = new_task_id()
        task = Task(
            task_id=task_id,
            offer_key=order.offer.key,
            prompt=order.prompt,
            choices=dict(order.choices),
            reference=order.reference,
            outcome=outcome,
            accepted_at=now,
            ends_at=None if outcome == "never" else now + _seconds_for(task_id, outcome, order.offer),
        )
        try:
            tasks.sweep(now=now)
            source = Path(order.source.path) if order.source and order.source.path else None
            # Copying a source to another disk takes long enough to keep other conversations waiting.
            await asyncio.to_thread(tasks.add, task, source=source)
        except FileNotFoundError:
            raise Refused("The source picture is gone.", fault=Fault.REFUSED_INPUT, vendor_code="no_source") from None
        if outcome == "vanish":
            raise Unknown("The demo was asked to lose its answer.")
        return Accepted(task_id=task_id)

    async def check(self, task_id: str, offer: Offer) -> Progress:
        """How far the task is. Raises NotFound for tasks it never had or has forgotten after a day."""
        task = self._tasks().find(task_id)
        if task is None:
            raise NotFound("The demo has no such task.")
        if task.ends_at is None or self.clock() < task.ends_at:
            return Working()
        if task.outcome == "fail":
            return Failed(
                fault=Fault.VENDOR, vendor_code="asked_to_fail", vendor_text="The prompt asked for a failure."
            )
        if task.outcome == "unsafe":
            return Failed(
                fault=Fault.CONTENT_POLICY,
                vendor_code="unsafe",
                vendor_text="The prompt asked to be refused as unsafe.",
            )
        return Ready(urls=(f"{ADDRESS}{task_id}",))

    async def balance(self) -> Decimal | None:
        """Always None: the demo has no account."""
        return None

    def fetch(self, url: str, *, to: BinaryIO) -> None:
        """Make the picture and write it as JPEG (PNG for what is transparent). The same task gives the same bytes."""
        task = self._tasks().find(url.removeprefix(ADDRESS)) if url.startswith(ADDRESS) else None
        if task is None or task.ends_at is None or self.clock() < task.ends_at:
            raise ResultGone("The demo has no finished picture under this address.")
        if task.outcome == "broken":
            to.write(NOT_A_PICTURE)
            return
        offer = next((offer for offer in self.offers if offer.key == task.offer_key), None)
        if offer is None:
            raise ResultGone("The demo no longer makes this.")
        if offer.scale is None:
            painting.paint(prompt=task.prompt, seed=task.task_id, shape=task.choices["shape"], to=to)
            return
        try:
            enlarging.enlarge(self._tasks().source_of(task.task_id), scale=offer.scale, to=to)
        except FileNotFoundError:
            raise ResultGone("The demo's copy of the source is gone.") from None

    def _tasks(self) -> TaskFolder:
        return TaskFolder(Path(self.account.folder))

    def _expect_possible(self, order: Order) -> None:
        """Raise Refused for an order that could not become a picture."""
        offer = order.offer
        if not self.account.folder:
            raise Refused("The demo was given no folder to work in.", fault=Fault.VENDOR, vendor_code="no_folder")
        if offer not in self.offers:
            raise Refused("The demo does not sell this.", fault=Fault.NOT_FOUND)
        if offer.scale is None:
            if order.choices.get("shape") not in offer.shapes:
                raise Refused("The demo does not draw in this shape.", fault=Fault.REFUSED_INPUT, vendor_code="shape")
            return
        if order.source is None or not order.source.path:
            raise Refused("There is no picture to enlarge.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
        try:
            size = enlarging.size_of(Path(order.source.path))
        except OSError:
            raise Refused("The source cannot be read.", fault=Fault.REFUSED_INPUT, vendor_code="no_source") from None
        if not enlarging.fits(size, offer.scale):
            raise Refused("The result would be too large.", fault=Fault.REFUSED_INPUT, vendor_code="too_large")


def _seconds_for(task_id: str, outcome: str, offer: Offer) -> float:
    """How long a task takes: as its outcome says, otherwise two to four seconds drawn from its id."""
    if outcome in SECONDS_BY_OUTCOME:
        return SECONDS_BY_OUTCOME[outcome]
    least, _most = offer.usual_seconds
    share = int.from_bytes(hashlib.sha256(task_id.encode("ascii")).digest()[:4], "big") / 2**32
    return least + 2 * share
