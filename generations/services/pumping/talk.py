"""The second thread of the pump: an asyncio loop that holds every conversation with the vendors. No database here.

An order whose source has to be uploaded goes out in two steps: what is uploaded comes back as `prepared`, and the main
thread sends it once its lease is fresh again. A create always has its whole time, and nothing is ordered before it.
"""

import asyncio
import queue
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from generations import providers, storage
from generations.models import clock
from generations.providers.base import (
    Accepted,
    Account,
    CheckError,
    KeyRefused,
    NotSent,
    Offer,
    Order,
    Progress,
    Provider,
    Ready,
    Recollection,
    Refused,
    SourceBy,
    SubmitError,
    Unknown,
    Unsupported,
)
from generations.providers.http import HttpDoor
from generations.services.pumping.hushing import without_keys
from generations.services.pumping.paces import Budget, among

COALESCE_SECONDS = 0.05
"""After the first result wait this long for more: one transaction then writes them all."""
SUBMIT_SECONDS_MAX = 56
"""A wait for a connection and a whole create after it. Must stay below the submit lease of 60 s."""
UPLOAD_SECONDS_MAX = 45
"""Must leave time to renew that lease before it ends."""
LOOK_SECONDS_MAX = 15


class NotUploaded(NotSent):
    """The source could not be put where the vendor reads it. Nothing was ordered; it is not the key."""


class GivenBack(NotSent):
    """This pump ended before the order could go out. Nobody turned it away."""

    WORDS = "The pump ended before it could be sent."

    def __init__(self) -> None:
        super().__init__(self.WORDS)


class SourceLost(SubmitError):
    """Our own file of the source is gone. Nothing was ordered."""


@dataclass(frozen=True)
class Submitted:
    """What became of one try to hand over a generation."""

    generation: UUID
    attempt: int
    token: str
    result: Accepted | SubmitError


@dataclass(frozen=True)
class Looked:
    """What the vendor said when asked for one task; an exception when it said nothing usable."""

    generation: UUID
    result: Progress | Exception
    asked: datetime = field(default_factory=clock.now)


@dataclass(frozen=True)
class Recalled:
    """What the vendor said when asked whose a task is that a callback named."""

    hint: int
    task_id: str
    result: Recollection | Exception


Heard = Submitted | Looked | Recalled


@dataclass(frozen=True)
class Line:
    """Whom to talk to: one credential's account at one provider.

    `reads_as` is the oldest key of that account, whose reads per second it shares; 0 where it has them for itself.
    """

    credential: int
    provider: str
    account: Account
    reads_as: int = 0


@dataclass(frozen=True)
class Sending:
    """An order on its way out, and the attempt it belongs to."""

    line: Line
    order: Order
    generation: UUID
    attempt: int
    token: str

    def ends(self, result: Accepted | SubmitError) -> Submitted:
        return Submitted(self.generation, self.attempt, self.token, result)


@dataclass
class Talk:
    """Hand in submits and looks from the main thread, take results out of it."""

    _results: "queue.SimpleQueue[Heard | Sending]" = field(default_factory=queue.SimpleQueue)
    _providers: dict[Line, Provider] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    submitting: dict[UUID, int] = field(default_factory=dict)
    """What is being handed over, and on which credential."""
    prepared: list[Sending] = field(default_factory=list)
    """Orders whose source is uploaded: hand each to `send`, or to `give_back`."""
    looking: dict[UUID, int] = field(default_factory=dict)
    """What is being asked for, and on which credential."""
    recalling: set[int] = field(default_factory=set)
    _budgets: dict[tuple[str, int], Budget] = field(default_factory=dict)
    _waiting: set["asyncio.Task[Any]"] = field(default_factory=set)
    """Questions whose turn has not come."""
    _uploading: set["asyncio.Task[Any]"] = field(default_factory=set)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name="vendors", daemon=True)
        self._thread.start()

    def submit(self, line: Line, order: Order, *, generation: UUID, attempt: int, token: str) -> None:
        """Hand the order over, once its source is where the vendor can read it."""
        self.submitting[generation] = line.credential
        sending = Sending(line, order, generation, attempt, token)
        self._go(self._prepare(sending) if _needs_upload(order) else self._submit(sending))

    def send(self, sending: Sending) -> None:
        """Hand over an order that is `prepared`. Its lease must be fresh: this takes almost a minute at most."""
        self._go(self._submit(sending))

    def give_back(self, sending: Sending) -> None:
        """Do not hand it over after all."""
        self._results.put(sending.ends(GivenBack()))

    def drop_uploads(self) -> None:
        """Give back what is still being uploaded."""
        self._cancel(self._uploading)

    def drop_waiting(self) -> None:
        """Forget the questions whose turn has not come: another pump asks them again."""
        self._cancel(self._waiting)

    def look(self, line: Line, task_id: str, offer: Offer, *, generation: UUID, renew: bool = False) -> None:
        """Ask for one task. `renew` asks for fresh addresses too, because the old ones no longer work."""
        self.looking[generation] = line.credential
        self._go(self._look(line, task_id, offer, generation, renew))

    def recall(self, line: Line, task_id: str, offer: Offer, *, hint: int) -> None:
        """Ask what the vendor remembers of the order behind a task that a callback named."""
        self.recalling.add(hint)
        self._go(self._recall(line, task_id, offer, hint))

    def results(self, *, wait_seconds: float) -> list[Heard]:
        """Whatever came in, after waiting at most so long for the first. What is uploaded goes to `prepared`."""
        try:
            found = [self._results.get(timeout=wait_seconds)]
        except queue.Empty:
            return []
        time.sleep(COALESCE_SECONDS)
        while not self._results.empty():
            found.append(self._results.get())
        for result in found:
            if isinstance(result, Submitted):
                self.submitting.pop(result.generation, None)
            elif isinstance(result, Looked):
                self.looking.pop(result.generation, None)
            elif isinstance(result, Recalled):
                self.recalling.discard(result.hint)
            else:
                self.prepared.append(result)
        return [result for result in found if not isinstance(result, Sending)]

    def in_hand(self) -> Counter[int]:
        """How many submits are under way on each credential."""
        return Counter(self.submitting.values())

    def is_busy(self) -> bool:
        return bool(self.submitting or self.looking or self.recalling)

    def close(self) -> None:
        """Hang up. Unanswered submits stay `submitting` in the database and become doubts when their lease ends."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    def _go(self, conversation: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(conversation, self._loop)

    def _cancel(self, tasks: "set[asyncio.Task[Any]]") -> None:
        def cancel() -> None:
            for task in list(tasks):
                task.cancel()

        self._loop.call_soon_threadsafe(cancel)

    async def _prepare(self, sending: Sending) -> None:
        """Upload the source, which costs nothing; whatever goes wrong here, nothing was ordered."""
        heard: Heard | Sending
        try:
            with among(self._uploading):
                provider = self._provider(sending.line)
                async with asyncio.timeout(UPLOAD_SECONDS_MAX):
                    await self._turn(sending.line, provider)
                    heard = replace(sending, order=await _with_address(provider, sending.order))
        except asyncio.CancelledError:
            heard = sending.ends(GivenBack())
        except SubmitError as error:
            heard = sending.ends(without_keys(error, sending.line.account))
        except Exception as error:  # noqa: BLE001  # no byte of the order has left
            heard = sending.ends(NotUploaded(f"The source could not be uploaded: {type(error).__name__}"))
        self._results.put(heard)

    async def _submit(self, sending: Sending) -> None:
        result: Accepted | SubmitError
        try:
            async with asyncio.timeout(SUBMIT_SECONDS_MAX):
                result = await self._provider(sending.line).submit(sending.order)
        except SubmitError as error:
            result = error
        except TimeoutError:
            result = Unknown("no answer in time")
        except Exception as error:  # noqa: BLE001  # whatever broke after the bytes may have left is a doubt
            result = Unknown(type(error).__name__)
        self._results.put(sending.ends(without_keys(result, sending.line.account)))

    async def _look(self, line: Line, task_id: str, offer: Offer, generation: UUID, renew: bool) -> None:
        result: Progress | Exception
        asked = clock.now()
        try:
            provider = self._provider(line)
            await self._turn_or_drop(line, provider)
            asked = clock.now()
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                result = await provider.check(task_id, offer)
            if renew and provider.renews_links and isinstance(result, Ready):
                result = await self._with_fresh_links(line, provider, result)
        except Exception as error:  # noqa: BLE001  # no verdict: the look comes again
            result = error
        self._results.put(Looked(generation, without_keys(result, line.account), asked))

    async def _with_fresh_links(self, line: Line, provider: Provider, ready: Ready) -> Ready:
        """New addresses where the vendor gives some; where it does not, the old ones stay. Each is a read, too."""
        fresh = []
        for url in ready.urls:
            await self._turn_or_drop(line, provider)
            try:
                async with asyncio.timeout(LOOK_SECONDS_MAX):
                    fresh.append(await provider.fresh_link(url))
            except (CheckError, Unsupported, TimeoutError):
                fresh.append(url)
        return replace(ready, urls=tuple(fresh))

    async def _recall(self, line: Line, task_id: str, offer: Offer, hint: int) -> None:
        result: Recollection | Exception
        try:
            provider = self._provider(line)
            await self._turn_or_drop(line, provider)
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                result = await provider.recall(task_id, offer)
        except Exception as error:  # noqa: BLE001  # no proof: the question is asked again
            result = error
        self._results.put(Recalled(hint, task_id, without_keys(result, line.account)))

    async def _turn_or_drop(self, line: Line, provider: Provider) -> None:
        with among(self._waiting):
            await self._turn(line, provider)

    async def _turn(self, line: Line, provider: Provider) -> None:
        """Wait until this account may be read again."""
        account = (line.provider, line.reads_as or line.credential)
        if account not in self._budgets:
            self._budgets[account] = Budget(provider.reads_per_second_max)
        await self._budgets[account].turn()

    def _provider(self, line: Line) -> Provider:
        if line not in self._providers:
            kind = providers.get(line.provider)
            door = HttpDoor(public_only=line.account.public_only) if kind.needs_key else None
            self._providers[line] = kind(account=line.account, http=door)
        return self._providers[line]

    async def _hang_up(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for provider in self._providers.values():
            await provider.aclose()


def _needs_upload(order: Order) -> bool:
    source = order.source
    by_address = order.offer.source_by is SourceBy.URL
    return by_address and source is not None and source.path is not None and not source.url


async def _with_address(provider: Provider, order: Order) -> Order:
    """The order with an address the vendor can read its source at.

    Raises NotUploaded when that did not work, SourceLost when there is nothing to upload, Refused when it is the key.
    """
    source = order.source
    if source is None or source.path is None:
        return order
    try:
        url = await provider.upload(path=source.path, media_type=storage.MEDIA_TYPES[source.format])
    except KeyRefused as error:
        raise Refused(error.detail, fault=error.fault) from error
    except FileNotFoundError as error:
        raise SourceLost("Our file of the source is gone.") from error
    except (CheckError, Unsupported, OSError) as error:
        raise NotUploaded(f"The source could not be uploaded: {type(error).__name__}") from error
    return replace(order, source=replace(source, url=url))
