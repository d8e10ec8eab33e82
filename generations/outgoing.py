"""The one client for addresses we did not choose: a vendor's result links, wherever they point.

It refuses everything that is not https on port 443 at a public address, with one exception: exactly the origin (scheme,
host, port) a superuser configured, which may be private only if the environment lists its host. The name is looked up
once and the connection goes to the very address that was checked; the certificate is still checked for the name. Each
transfer has its own connections, so nothing is ever answered over another host's connection. No cookies, no keys, no
proxy from the environment, no compression, at most three redirects, each checked like the first address.

``PublicNetwork`` judges in the same way for the vendors' own client, where it talks to an address a superuser typed.
"""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import httpcore
import httpx

CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 15.0
REDIRECTS_MAX = 3
URL_CHARACTERS_MAX = 8192
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
USER_AGENT = b"imagine-studio"
DEFAULT_PORTS = {"https": 443, "http": 80}

DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "::/128",
        "::1/128",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""Our own list: what the standard library calls global differs between its versions."""
UNICAST_V6 = ipaddress.ip_network("2000::/3")

before_each_request: list[Callable[[], None]] = []
"""Called before any byte leaves; a test puts a function here that objects to an open database transaction."""

Resolver = Callable[[str, int], list[str]]


class OutgoingError(Exception):
    """The transfer did not happen, or not to its end."""


class Blocked(OutgoingError):
    """We will not go there."""


class Interrupted(OutgoingError):
    """The road there failed; another time it may not."""


def is_public(address: str) -> bool:
    """Whether a numeric address is one that anybody on the internet could reach."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in UNICAST_V6:
            return False
    return ip.is_global and not any(ip in network for network in DENIED if network.version == ip.version)


def look_up(host: str, port: int) -> list[str]:
    """Every numeric address of a name. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port, in the form two addresses are compared in."""
    return url.scheme, url.host.lower().rstrip("."), url.port or DEFAULT_PORTS.get(url.scheme, 0)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body is still to come: iterate ``chunks`` once, inside the ``with``."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    url: str


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What may be fetched. ``origin`` is an address whose scheme, host and port results may also come from."""

    origin: str | None = None
    allow_private_hosts: Collection[str] = frozenset()
    ssl_context: ssl.SSLContext | None = None
    resolver: Resolver = field(default=look_up)

    def check(self, url: str) -> httpx.URL:
        """The address, if its spelling is one we follow. Raises Blocked. Where it leads is checked on connecting."""
        if len(url) > URL_CHARACTERS_MAX:
            raise Blocked("The address is too long.")
        try:
            parsed = httpx.URL(url)
            parsed.raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError, TypeError):
            raise Blocked("The address cannot be read.") from None
        if parsed.userinfo:
            raise Blocked("The address carries a name or a password.")
        if not parsed.host or parsed.scheme not in DEFAULT_PORTS:
            raise Blocked("Only web addresses are fetched.")
        if not self._is_own_origin(parsed) and (parsed.scheme, origin_of(parsed)[2]) != ("https", 443):
            raise Blocked("Only https on port 443 is fetched.")
        return parsed

    @contextmanager
    def get(self, url: str, *, seconds_max: float) -> Iterator[Response]:
        """Open ``url`` and hand out the answer, redirects followed. All of it together takes ``seconds_max`` at most.

        Raises Blocked or Interrupted, also while the chunks are read. A look-up of a name cannot be cut short; it
        ends when the system's resolver gives up.
        """
        deadline = time.monotonic() + seconds_max
        target = self.check(url)
        for _hop in range(REDIRECTS_MAX + 1):
            with self._open(target, deadline) as response:
                onward = response.headers.get("location") if response.status in REDIRECT_STATUSES else None
                if onward is None:
                    yield response
                    return
                target = self._next(target, onward)
        raise Blocked(f"More than {REDIRECTS_MAX} redirects.")

    def _is_own_origin(self, url: httpx.URL) -> bool:
        return bool(self.origin) and origin_of(url) == origin_of(httpx.URL(str(self.origin)))

    def _may_be_private(self, url: httpx.URL) -> bool:
        host = origin_of(url)[1]
        return self._is_own_origin(url) and host in {name.lower().strip("[]") for name in self.allow_private_hosts}

    def _next(self, here: httpx.URL, onward: str) -> httpx.URL:
        try:
            there = self.check(str(here.join(onward)))
        except (httpx.InvalidURL, ValueError):
            raise Blocked("The redirect cannot be read.") from None
        if here.scheme == "https" and there.scheme != "https":
            raise Blocked("A redirect leads away from https.")
        return there

    @contextmanager
    def _open(self, url: httpx.URL, deadline: float) -> Iterator[Response]:
        for hook in before_each_request:
            hook()
        network = _Network(self.resolver, self._may_be_private(url), deadline)
        scheme, _host, port = origin_of(url)
        address = httpcore.URL(scheme=scheme.encode("ascii"), host=url.raw_host, port=port, target=url.raw_path or b"/")
        host = url.netloc
        headers = [(b"Host", host), (b"User-Agent", USER_AGENT), (b"Accept", b"*/*"), (b"Accept-Encoding", b"identity")]
        context = self.ssl_context or _trusted()
        limits = {"connect": CONNECT_SECONDS_MAX, "read": READ_SECONDS_MAX, "write": READ_SECONDS_MAX, "pool": None}
        try:
            with (
                httpcore.ConnectionPool(ssl_context=context, network_backend=network, max_connections=1) as pool,
                pool.stream("GET", address, headers=headers, extensions={"timeout": limits}) as answer,
            ):
                yield Response(
                    status=answer.status,
                    headers={name.decode("latin-1").lower(): text.decode("latin-1") for name, text in answer.headers},
                    chunks=_readable(answer.iter_stream()),
                    url=str(url),
                )
        except _TRANSPORT_ERRORS as error:
            raise Interrupted(type(error).__name__) from error


_TRANSPORT_ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)


def _readable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The body as it comes in, never collected: a slow sender must not be able to hide behind a buffer."""
    try:
        yield from chunks
    except _TRANSPORT_ERRORS as error:
        raise Interrupted(type(error).__name__) from error


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Network(httpcore.NetworkBackend):
    """Looks a name up once, judges every address it has, and connects to one of those it judged."""

    def __init__(self, resolver: Resolver, may_be_private: bool, deadline: float) -> None:
        self._plain = httpcore.SyncBackend()
        self._resolver = resolver
        self._may_be_private = may_be_private
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("The name has no address.") from error
        # One address that is not public condemns the name: which one a second look-up would bring is not ours to say.
        if not self._may_be_private and not all(is_public(address) for address in found):
            raise Blocked("The address is not a public one.")
        trouble: Exception = httpcore.ConnectError("The name has no address.")
        for address in found:
            left = _left(self._deadline, timeout)
            try:
                return _Timed(
                    self._plain.connect_tcp(address, port, left, local_address, socket_options), self._deadline
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble


class NotPublic(httpcore.ConnectError):
    """The name leads into some private network: nothing was sent."""


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """The same judgement for a vendor's API at an address somebody typed (S38).

    What its name leads to is looked up and judged for every new connection, which then goes to the very address that
    was judged: a name that was public when it was saved may lead elsewhere later.
    """

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._plain = httpcore.AnyIOBackend()
        self._resolver = resolver

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        deadline = time.monotonic() + (CONNECT_SECONDS_MAX if timeout is None else timeout)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                found = await asyncio.to_thread(self._resolver or look_up, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("The name was not found in time.") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("The name has no address.") from error
        if not all(is_public(address) for address in found):
            raise NotPublic("The address is not a public one.")
        trouble: Exception = httpcore.ConnectError("The name has no address.")
        for number, address in enumerate(found):
            share = (deadline - time.monotonic()) / (len(found) - number)
            try:
                return await self._plain.connect_tcp(address, port, max(share, 0.0), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


class _Timed(httpcore.NetworkStream):
    """A connection on which no single read or write may outlast the whole transfer's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """The smaller of one step's limit and what is left of the whole transfer's time."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("The transfer took too long.")
    return left if timeout is None else min(left, timeout)
