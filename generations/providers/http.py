"""The one door through which providers talk to their vendors.

It refuses to follow redirects, to read more than a mebibyte of an answer, to take a proxy from the environment and to
let an httpx exception out: a caller of a create learns ``NotSent`` or ``Unknown``, a caller of a look ``Unreachable``.
Which of the two a create gets is the difference between trying again and paying twice, so it is decided here, once.

A door belongs to one account and one event loop. Make it after a fork, never before.
"""

import asyncio
import json
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from .errors import KeyRefused, NotSent, Refused, Unknown, Unreachable
from .words import Answer, Fault

ANSWER_BYTES_MAX = 1024 * 1024
LOOKS_AT_ONCE = 10
CREATES_AT_ONCE = 24
CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 30.0
WRITE_SECONDS_MAX = 10.0
SLOT_SECONDS_MAX = 5.0
LOOK_SECONDS_MAX = 10.0
CREATE_SECONDS_MAX = 50.0
RETRY_AFTER_SECONDS_MAX = 3600.0
USER_AGENT = "imagine-studio"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

before_each_request: list[Callable[[], None]] = []
"""Called before any byte leaves; a test puts a function here that objects to an open database transaction."""


@cache
def trusted() -> ssl.SSLContext:
    """The certificates we trust, loaded once per process: it costs more than a request does."""
    return httpx.create_ssl_context(trust_env=False)


class HttpDoor:
    """Connections of one account: a few for looks, more for creates, so that neither waits for the other."""

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        look_seconds_max: float = LOOK_SECONDS_MAX,
        create_seconds_max: float = CREATE_SECONDS_MAX,
        slot_seconds_max: float = SLOT_SECONDS_MAX,
        looks_at_once: int = LOOKS_AT_ONCE,
        creates_at_once: int = CREATES_AT_ONCE,
    ) -> None:
        context = ssl_context or trusted()
        self._looks = _client(looks_at_once, context)
        self._creates = _client(creates_at_once, context)
        # httpcore's own wait for a connection costs more the longer the queue is, so the queue is here instead.
        self._look_slots = asyncio.Semaphore(looks_at_once)
        self._create_slots = asyncio.Semaphore(creates_at_once)
        self._look_seconds_max = look_seconds_max
        self._create_seconds_max = create_seconds_max
        self._slot_seconds_max = slot_seconds_max

    async def post_json(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, creating: bool
    ) -> Answer:
        """Post ``body`` as JSON. ``creating`` says whether this hands work over that somebody will pay for.

        Raises NotSent, Unknown or Refused (a key that cannot be a header) when creating, otherwise Unreachable or
        KeyRefused. Every status is an answer; what it means is the provider's to say.
        """
        content = json.dumps(body, ensure_ascii=True).encode("ascii")
        if creating:
            return await self._create(url, content, _checked_for_create(headers))
        return await self._look("POST", url, content, _checked_for_look(headers))

    async def get_json(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for JSON. Raises Unreachable, or KeyRefused for a key that cannot be a header."""
        return await self._look("GET", url, None, _checked_for_look(headers), params=params)

    async def aclose(self) -> None:
        """Hang up."""
        await self._looks.aclose()
        await self._creates.aclose()

    async def _create(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with _slot(self._create_slots, self._slot_seconds_max):
                try:
                    async with asyncio.timeout(self._create_seconds_max):
                        return await _exchange(self._creates, "POST", url, content, headers)
                except NEVER_LEFT as error:
                    raise NotSent(_told(error)) from error
                except httpx.InvalidURL as error:
                    raise NotSent("The vendor's address cannot be used.") from error
                except (httpx.HTTPError, httpx.StreamError, TimeoutError, _TooLong) as error:
                    raise Unknown(_told(error)) from error
        except _NoSlot as error:
            raise NotSent("No connection became free in time.") from error

    async def _look(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            async with _slot(self._look_slots, self._look_seconds_max), asyncio.timeout(self._look_seconds_max):
                return await _exchange(self._looks, method, url, content, headers, params=params)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, _TooLong, _NoSlot) as error:
            raise Unreachable(_told(error)) from error


class _TooLong(Exception):
    """The answer is larger than any answer we expect."""


class _NoSlot(Exception):
    """All connections stayed taken."""


@asynccontextmanager
async def _slot(slots: asyncio.Semaphore, seconds_max: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds_max):
            await slots.acquire()
    except TimeoutError as error:
        raise _NoSlot from error
    try:
        yield
    finally:
        slots.release()


def _client(at_once: int, context: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=context,
        trust_env=False,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once),
        timeout=httpx.Timeout(
            connect=CONNECT_SECONDS_MAX, read=READ_SECONDS_MAX, write=WRITE_SECONDS_MAX, pool=SLOT_SECONDS_MAX
        ),
        # Bodies are read raw and unpacked under a limit, so a small answer cannot grow into a large one.
        headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"},
    )


async def _exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    content: bytes | None,
    headers: Mapping[str, str],
    *,
    params: Mapping[str, str] | None = None,
) -> Answer:
    if content is not None:
        headers = {**headers, "Content-Type": "application/json"}
    request = client.build_request(method, url, content=content, headers=dict(headers), params=params)
    for hook in before_each_request:
        hook()
    response = await client.send(request, stream=True)
    try:
        body = await _body(response)
    finally:
        await response.aclose()
        client.cookies.clear()
    return Answer(
        status=response.status_code,
        headers={name.lower(): text for name, text in response.headers.items()},
        body=_parsed(body),
        retry_after=retry_after_seconds(response.headers.get("retry-after", "")),
    )


async def _body(response: httpx.Response) -> bytes:
    read = bytearray()
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > ANSWER_BYTES_MAX:
            raise _TooLong("The answer is too long.")
    if response.headers.get("content-encoding", "").strip().lower() in ("gzip", "deflate"):
        return _unpacked(bytes(read))
    return bytes(read)


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(packed, ANSWER_BYTES_MAX)
    except zlib.error:
        return b""
    if unpacker.unconsumed_tail:
        raise _TooLong("The answer is too long.")
    return unpacked


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def retry_after_seconds(text: str, *, now: float | None = None) -> float | None:
    """A Retry-After header as seconds from now, at most an hour; None where it says nothing usable."""
    text = text.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = moment.timestamp() - (time.time() if now is None else now)
    if seconds != seconds:
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX)


def _can_travel(headers: Mapping[str, str] | None) -> bool:
    return all(text.isascii() and text.isprintable() for text in (headers or {}).values())


def _checked_for_create(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    if not _can_travel(headers):
        raise Refused("The key holds characters no key has.", fault=Fault.CREDENTIALS)
    return headers or {}


def _checked_for_look(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    if not _can_travel(headers):
        raise KeyRefused("The key holds characters no key has.")
    return headers or {}


def _told(error: Exception) -> str:
    """The kind of trouble only: messages of the network library can hold addresses with keys in them."""
    return f"{type(error).__name__} while talking to the vendor"
