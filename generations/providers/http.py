"""The one door through which providers talk to their vendors.

It refuses to follow redirects, to read more than a mebibyte of an answer, to take a proxy from the environment and to
let an httpx exception out: a caller of a create learns ``NotSent`` or ``Unknown``, a caller of a look ``Unreachable``.
Which of the two a create gets is the difference between trying again and paying twice, so it is decided here, once.

A door belongs to one account and one event loop. Make it after a fork, never before.
"""

import asyncio
import json
import os
import secrets
import ssl
import time
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO

import httpcore
import httpx

from generations import outgoing
from generations.failpoints import failpoint

from .errors import KeyRefused, NotSent, Refused, Unknown, Unreachable
from .words import Answer, Fault

ANSWER_BYTES_MAX = 1024 * 1024
LOOKS_AT_ONCE = 10
CREATES_AT_ONCE = 24
UPLOADS_AT_ONCE = 2
CHUNK_BYTES = 256 * 1024
CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 30.0
WRITE_SECONDS_MAX = 10.0
SLOT_SECONDS_MAX = 5.0
LOOK_SECONDS_MAX = 10.0
UPLOAD_SECONDS_MAX = 40.0
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
    """Connections of one account: a few for looks, more for creates, two for files, so that none waits for another.

    With ``public_only`` none of them leads anywhere but to the open internet, whatever a name turns out to mean.
    """

    def __init__(
        self,
        *,
        public_only: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        look_seconds_max: float = LOOK_SECONDS_MAX,
        create_seconds_max: float = CREATE_SECONDS_MAX,
        slot_seconds_max: float = SLOT_SECONDS_MAX,
        looks_at_once: int = LOOKS_AT_ONCE,
        creates_at_once: int = CREATES_AT_ONCE,
    ) -> None:
        context = ssl_context or trusted()
        self._looks = _client(looks_at_once + UPLOADS_AT_ONCE, context, public_only)
        self._creates = _client(creates_at_once, context, public_only)
        # httpcore's own wait for a connection costs more the longer the queue is, so the queue is here instead.
        self._look_slots = asyncio.Semaphore(looks_at_once)
        self._create_slots = asyncio.Semaphore(creates_at_once)
        self._upload_slots = asyncio.Semaphore(UPLOADS_AT_ONCE)
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

    async def post_file(
        self,
        url: str,
        *,
        path: str,
        media_type: str,
        name: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Post the file at ``path`` as the form field ``file``, with other fields. Costs nothing and may be repeated.

        It is read as it is sent, and not before there is a connection for it: of many large files only a little of
        two is in memory. ``name``, ``media_type`` and the fields are our own words, which hold no quotes. Raises
        Unreachable, KeyRefused for a key that cannot be a header, or OSError for a file that cannot be read.
        """
        told = _checked_for_look(headers)
        try:
            async with _slot(self._upload_slots, UPLOAD_SECONDS_MAX), asyncio.timeout(UPLOAD_SECONDS_MAX):
                with await asyncio.to_thread(Path(path).open, "rb") as file:
                    kind, content = _form(file, media_type=media_type, name=name, fields=fields)
                    return await _exchange(self._looks, "POST", url, content, {**told, **kind})
        except NO_ANSWER as error:
            raise Unreachable(_told(error)) from error

    async def aclose(self) -> None:
        """Hang up."""
        await self._looks.aclose()
        await self._creates.aclose()

    async def _create(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with _slot(self._create_slots, self._slot_seconds_max):
                try:
                    async with asyncio.timeout(self._create_seconds_max):
                        return await _exchange(self._creates, "POST", url, content, headers, trace=_sending)
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
        most = self._look_seconds_max
        try:
            async with _slot(self._look_slots, most), asyncio.timeout(most):
                return await _exchange(self._looks, method, url, content, headers, params=params)
        except NO_ANSWER as error:
            raise Unreachable(_told(error)) from error


class _TooLong(Exception):
    """The answer is larger than any answer we expect."""


class _NoSlot(Exception):
    """All connections stayed taken."""


NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, _TooLong, _NoSlot)


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


class _PublicTransport(httpx.AsyncHTTPTransport):
    """As httpx makes one, over a network that judges every address; httpx itself has no place to hand one in."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False, limits=limits)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=outgoing.PublicNetwork(),
        )


def _client(at_once: int, context: ssl.SSLContext, public_only: bool) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    return httpx.AsyncClient(
        transport=_PublicTransport(context, limits) if public_only else None,
        verify=context,
        trust_env=False,
        follow_redirects=False,
        limits=limits,
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
    content: bytes | AsyncIterable[bytes] | None,
    headers: Mapping[str, str],
    *,
    params: Mapping[str, str] | None = None,
    trace: Callable[[str, object], Awaitable[None]] | None = None,
) -> Answer:
    if content is not None:
        headers = {"Content-Type": "application/json", **headers}
    request = client.build_request(method, url, content=content, headers=dict(headers), params=params)
    if trace is not None:
        request.extensions["trace"] = trace
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


def _form(
    file: BinaryIO, *, media_type: str, name: str, fields: Mapping[str, str]
) -> tuple[dict[str, str], AsyncIterator[bytes]]:
    """The headers of a form with these fields and the file, and its body, piece by piece."""
    border = secrets.token_hex(16)
    parts = [f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields]
    parts.append(f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n')
    parts.append(f"Content-Type: {media_type}\r\n\r\n")
    head, tail = "".join(parts).encode(), f"\r\n--{border}--\r\n".encode()
    size_bytes = len(head) + os.fstat(file.fileno()).st_size + len(tail)

    async def body() -> AsyncIterator[bytes]:
        yield head
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece
        yield tail

    kind = {"Content-Type": f"multipart/form-data; boundary={border}", "Content-Length": str(size_bytes)}
    return kind, body()


async def _sending(event: str, _: object) -> None:
    """Told by httpx of every step of a create."""
    if event.endswith("send_request_headers.complete"):
        failpoint("while_sending")


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
        # Every HTTP date is in UTC, also in the oldest way to write one, which does not say so.
        seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - (time.time() if now is None else now)
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
    if isinstance(error.__cause__, outgoing.NotPublic):
        return "The vendor's address does not lead to the open internet."
    return f"{type(error).__name__} while talking to the vendor"
