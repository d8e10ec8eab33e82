"""A server that says exactly the bytes a test wants it to say, in the test's own tempo, over a real socket."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket, bytes], object]


def answer(
    status: str = "200 OK", body: bytes = b"", headers: tuple[str, ...] = (), *, length: int | None = None
) -> bytes:
    """A whole HTTP answer. ``length`` announces another length than the body has."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass
class Raw:
    """A running server: its port, and the heads and bodies of the requests it saw."""

    port: int
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode() for request in self.requests]


@contextmanager
def serving(script: Script | bytes, *, tls: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """Serve until the block ends. ``script`` gets each connection after its request was read, or is sent as it is."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    raw = Raw(port=listener.getsockname()[1], scheme="https" if tls else "http")
    threads: list[threading.Thread] = []

    def serve_one(peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            peer.settimeout(10)
            connection = tls.wrap_socket(peer, server_side=True) if tls else peer
            with connection:
                while request := _read_request(connection):
                    raw.requests.append(request)
                    if isinstance(script, bytes):
                        connection.sendall(script)
                    else:
                        script(connection, request)
                        return

    def accept() -> None:
        while not raw.stopped.is_set():
            with contextlib.suppress(TimeoutError):
                peer, _address = listener.accept()
                threads.append(threading.Thread(target=serve_one, args=(peer,), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield raw
    finally:
        raw.stopped.set()
        acceptor.join()
        listener.close()
        for thread in threads:
            thread.join(timeout=5)


class Trap:
    """A port of this machine that nobody should call; who does is kept waiting."""

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self._listener = listener
        self.port: int = listener.getsockname()[1]

    def was_called(self) -> bool:
        """Whether anybody connected, even without a word."""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@contextmanager
def trap() -> Iterator[Trap]:
    """Listen until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Trap(listener)


def reset(connection: socket.socket) -> None:
    """Break the connection off with a reset instead of a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (chunk := connection.recv(65536)):
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
