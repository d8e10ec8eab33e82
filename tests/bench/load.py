"""Asks one address as fast as it answers, over kept-alive connections, from one thread of its own process.

    python -m tests.bench.load http://127.0.0.1:8000/feed/ --seconds 3 --connections 8 --header "Cookie: session=..."

Prints one line of JSON: requests, seconds, `asked` (requests with those of the warm-up), how often each status came,
and the median and 99th percentile in milliseconds. It reads a body by its Content-Length; an answer without one has
none.
"""

import argparse
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.bench.table import percentile
from tests.engines import ROOT

READ_BYTES = 65_536
WARM_SECONDS = 0.5


@dataclass
class Line:
    """One connection: a request is always under way on it."""

    socket: socket.socket
    request: bytes
    asked_at: float = 0.0
    read: bytes = b""

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.request)

    def hear(self) -> int | None:
        """Read what is there; the status once the answer is whole."""
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the server hung up")
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if not end or len(body) < _length_of(head):
            return None
        self.read = b""
        return int(head[9:12])


def _length_of(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


@dataclass
class Tally:
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)


def run(url: str, *, seconds: float, connections: int, headers: Sequence[str]) -> dict[str, Any]:
    """Ask for so long, after a moment to warm up."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = "\r\n".join([f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *headers, "", ""]).encode()
    with selectors.DefaultSelector() as selector:
        lines = [
            Line(socket.create_connection((parts.hostname or "", parts.port or 80)), request)
            for _ in range(connections)
        ]
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.ask()
        warm = _ask_all(selector, WARM_SECONDS)
        begun = time.perf_counter()
        tally = _ask_all(selector, seconds)
        took = time.perf_counter() - begun
        for line in lines:
            line.socket.close()
    waits = sorted(tally.waits)
    return {
        "requests": len(waits),
        "asked": len(waits) + len(warm.waits) + connections,
        "seconds": took,
        "statuses": dict(tally.statuses),
        "p50_ms": 1000 * percentile(waits, 0.5),
        "p99_ms": 1000 * percentile(waits, 0.99),
    }


def _ask_all(selector: selectors.BaseSelector, seconds: float) -> Tally:
    tally, end = Tally(), time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(timeout=1):
            line: Line = key.data
            status = line.hear()
            if status is not None:
                tally.statuses[status] += 1
                tally.waits.append(time.perf_counter() - line.asked_at)
                line.ask()
    return tally


def measure(url: str, *, seconds: float, connections: int = 8, headers: Sequence[str] = ()) -> dict[str, Any]:
    """The same from a process of its own."""
    options = ["--seconds", str(seconds), "--connections", str(connections)]
    for header in headers:
        options += ["--header", header]
    command = [sys.executable, "-m", "tests.bench.load", url, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60 + 2 * seconds)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--header", action="append", default=[])
    options = parser.parse_args()
    told = run(options.url, seconds=options.seconds, connections=options.connections, headers=options.header)
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
