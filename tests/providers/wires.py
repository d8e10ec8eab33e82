"""A vendor on a real socket that says one thing until told to say another, keeps what it was sent, and can be asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from generations.providers.base import Accepted, Account, Answer, Offer, Order, Progress, Provider
from generations.providers.http import HttpDoor
from tests.simulators.raw import Raw, answer, serving
from tests.simulators.standin import StandIn

P = TypeVar("P", bound=Provider)
T = TypeVar("T")

HTML = b"<!doctype html><title>502 Bad Gateway</title>"


@dataclass(frozen=True)
class Sent:
    """One request as the vendor saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Wire:
    """What is said next: the last of `replies` goes on for ever."""

    raw: Raw
    replies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.raw.url

    def says(self, *replies: tuple[int, object], headers: tuple[str, ...] = ()) -> None:
        """Each is a status and what is sent as JSON, or bytes that are sent as they are."""
        self.raw.requests.clear()
        self.replies = [
            answer(f"{status} Told", _content(body), (*headers, "Connection: close")) for status, body in replies
        ]

    def next_reply(self) -> bytes:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def sent(self) -> list[Sent]:
        return [_read(request) for request in self.raw.requests]


@contextmanager
def wired() -> Iterator[Wire]:
    """Serve until the block ends."""
    with serving(lambda connection, _request: connection.sendall(wire.next_reply())) as raw:
        wire = Wire(raw)
        yield wire


def _content(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _read(request: bytes) -> Sent:
    head, _, content = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    parts = urlsplit(target)
    headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
    return Sent(
        method=method,
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers=headers,
        body=json.loads(content) if content else None,
    )


@dataclass(frozen=True)
class Speaker(Generic[P]):
    """How the tests of one vendor talk to it: with one key, about one task and one drawing unless they name others.

    `base` is what the vendor's base address has behind its host, `door` makes the connections of a conversation.
    """

    kind: type[P]
    key: str
    task: str
    drawing: Order
    base: str = ""
    door: Callable[[], HttpDoor] = HttpDoor

    def at(self, url: str = "", **account: Any) -> P:
        """The provider, talking to this host instead of the vendor's own."""
        known = {"secret": self.key, "base_url": f"{url}{self.base}" if url else "", **account}
        return self.kind(account=Account(**known), http=self.door())

    def reusable(self, url: str, **account: Any) -> P:
        """The same for conversations in one event loop after the other."""
        return self.kind(account=self.at(url, **account).account, http=Doors())

    def talk(self, place: Wire | StandIn, what: Callable[[P], Coroutine[Any, Any, T]], **account: Any) -> T:
        """One conversation."""

        async def conversation() -> T:
            async with self.at(place.url, **account) as provider:
                return await what(provider)

        return asyncio.run(conversation())

    def submitted(self, place: Wire | StandIn, order: Order | None = None) -> Accepted:
        return self.talk(place, lambda provider: provider.submit(order or self.drawing))

    def looked(self, place: Wire | StandIn, offer: Offer | None = None, task_id: str = "") -> Progress:
        return self.talk(place, lambda provider: provider.check(task_id or self.task, offer or self.drawing.offer))

    def ended(self, place: StandIn, order: Order, seconds: float) -> Progress:
        """What becomes of an order when so much time has passed."""

        async def whole(provider: P) -> Progress:
            task_id = (await provider.submit(order)).task_id
            place.pass_time(seconds)
            return await provider.check(task_id, order.offer)

        return self.talk(place, whole)


class Doors(HttpDoor):
    """A new door for each call, for tests that talk in one event loop after the other."""

    async def post_json(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, creating: bool
    ) -> Answer:
        async with _door() as door:
            return await door.post_json(url, body, headers=headers, creating=creating)

    async def get_json(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        async with _door() as door:
            return await door.get_json(url, headers=headers, params=params)


@asynccontextmanager
async def _door() -> AsyncIterator[HttpDoor]:
    door = HttpDoor()
    try:
        yield door
    finally:
        await door.aclose()
