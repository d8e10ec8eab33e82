"""The second thread of the pump: an asyncio loop that holds every conversation with the vendors. No database here."""

import asyncio
import queue
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from generations import providers
from generations.providers.base import Accepted, Account, Offer, Order, Progress, Provider, SubmitError, Unknown
from generations.providers.http import HttpDoor

COALESCE_SECONDS = 0.05
"""After the first result wait this long for more: one transaction then writes them all."""
SUBMIT_SECONDS_MAX = 50
"""Must stay below the submit lease of 60 s."""
LOOK_SECONDS_MAX = 15


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


@dataclass(frozen=True)
class Line:
    """Whom to talk to: one credential's account at one provider."""

    credential: int
    provider: str
    account: Account


@dataclass
class Talk:
    """Hand in submits and looks from the main thread, take results out of it."""

    _results: "queue.SimpleQueue[Submitted | Looked]" = field(default_factory=queue.SimpleQueue)
    _providers: dict[Line, Provider] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    submitting: set[UUID] = field(default_factory=set)
    looking: set[UUID] = field(default_factory=set)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name="vendors", daemon=True)
        self._thread.start()

    def submit(self, line: Line, order: Order, *, generation: UUID, attempt: int, token: str) -> None:
        self.submitting.add(generation)
        self._go(self._submit(line, order, generation, attempt, token))

    def look(self, line: Line, task_id: str, offer: Offer, *, generation: UUID) -> None:
        self.looking.add(generation)
        self._go(self._look(line, task_id, offer, generation))

    def results(self, *, wait_seconds: float) -> list[Submitted | Looked]:
        """Whatever came in, after waiting at most so long for the first."""
        try:
            found = [self._results.get(timeout=wait_seconds)]
        except queue.Empty:
            return []
        time.sleep(COALESCE_SECONDS)
        while not self._results.empty():
            found.append(self._results.get())
        for result in found:
            (self.submitting if isinstance(result, Submitted) else self.looking).discard(result.generation)
        return found

    def is_busy(self) -> bool:
        return bool(self.submitting or self.looking)

    def close(self) -> None:
        """Hang up. Unanswered submits stay `submitting` in the database and become doubts when their lease ends."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    def _go(self, conversation: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(conversation, self._loop)

    async def _submit(self, line: Line, order: Order, generation: UUID, attempt: int, token: str) -> None:
        result: Accepted | SubmitError
        try:
            async with asyncio.timeout(SUBMIT_SECONDS_MAX):
                result = await self._provider(line).submit(order)
        except SubmitError as error:
            result = error
        except TimeoutError:
            result = Unknown("no answer in time")
        except Exception as error:  # noqa: BLE001  # whatever broke after the bytes may have left is a doubt
            result = Unknown(type(error).__name__)
        self._results.put(Submitted(generation, attempt, token, result))

    async def _look(self, line: Line, task_id: str, offer: Offer, generation: UUID) -> None:
        result: Progress | Exception
        try:
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                result = await self._provider(line).check(task_id, offer)
        except Exception as error:  # noqa: BLE001  # no verdict: the look comes again
            result = error
        self._results.put(Looked(generation, result))

    def _provider(self, line: Line) -> Provider:
        if line not in self._providers:
            kind = providers.get(line.provider)
            door = HttpDoor() if kind.needs_key else None
            self._providers[line] = kind(account=line.account, http=door)
        return self._providers[line]

    async def _hang_up(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for provider in self._providers.values():
            await provider.aclose()
