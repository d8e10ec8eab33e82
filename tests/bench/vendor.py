"""A vendor that costs next to nothing to run: each task is done a fixed time after it was accepted, and it counts.

    python -m tests.bench.vendor --seconds 5 5 --slots 50

It is a process of its own, because it shares the machine with the studio it is asked by, and says its address on its
first line. It speaks the invented vendor's words over plain HTTP/1.1, always with the same picture, refuses an order
above its slots with 429, and tells on `/stats` what happened and when each task became done. It ends with its input.
"""

import argparse
import asyncio
import io
import json
import random
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.engines import ROOT

SIDE_PIXELS = 512
GRAIN = 0.08
REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests"}


@dataclass
class Works:
    """What the vendor has in hand, and what it counted."""

    seconds: tuple[float, float]
    slots: int
    picture: bytes
    address: str = ""
    done_at: dict[str, float] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)
    in_flight_most: int = 0
    refused: int = 0
    looks: int = 0
    fetches: int = 0

    def create(self) -> tuple[int, Any]:
        if len(self.in_flight) >= self.slots:
            self.refused += 1
            return 429, {"error": "too many tasks"}
        wait = random.uniform(*self.seconds)
        name = f"task-{len(self.done_at) + 1}"
        self.done_at[name] = time.time() + wait
        self.in_flight.add(name)
        self.in_flight_most = max(self.in_flight_most, len(self.in_flight))
        asyncio.get_running_loop().call_later(wait, self.in_flight.discard, name)
        return 200, {"task_id": name}

    def look(self, name: str) -> tuple[int, Any]:
        self.looks += 1
        if name not in self.done_at:
            return 404, {"error": "no such task"}
        if name in self.in_flight:
            return 200, {"state": "working"}
        return 200, {"state": "done", "urls": [f"{self.address}/results/{name}.jpg"]}

    def stats(self) -> dict[str, Any]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "done_at": self.done_at,
            "in_flight": len(self.in_flight),
            "in_flight_most": self.in_flight_most,
            "refused": self.refused,
            "looks": self.looks,
            "fetches": self.fetches,
            "cpu_seconds": used.ru_utime + used.ru_stime,
        }


class Conversation(asyncio.Protocol):
    """One kept-alive connection. Requests are read whole, and answered in order."""

    def __init__(self, works: Works) -> None:
        self.works = works
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        while True:
            head, end, rest = self.read.partition(b"\r\n\r\n")
            if not end:
                return
            length = _length_of(head)
            if len(rest) < length:
                return
            self.read = rest[length:]
            self.answer(head.split(b" ", 2)[1].decode())

    def answer(self, path: str) -> None:
        if path == "/tasks":
            self.send(*self.works.create())
        elif path.startswith("/tasks/"):
            self.send(*self.works.look(path.rpartition("/")[2]))
        elif path.startswith("/results/"):
            self.works.fetches += 1
            self.write(200, "image/jpeg", self.works.picture)
        else:
            self.send(200, self.works.stats())

    def send(self, status: int, body: Any) -> None:
        self.write(status, "application/json", json.dumps(body).encode())

    def write(self, status: int, kind: str, content: bytes) -> None:
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
        self.transport.write(head.encode() + content)


def _length_of(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def picture() -> bytes:
    """A JPEG with soft shapes and a little grain, so that it weighs and costs what a drawn picture does."""
    size = (SIDE_PIXELS, SIDE_PIXELS)
    grain = Image.effect_noise(size, 60)
    shapes = [Image.effect_noise((24, 24), 90).resize(size, Image.Resampling.BICUBIC) for _ in "RGB"]
    file = io.BytesIO()
    Image.merge("RGB", [Image.blend(one, grain, GRAIN) for one in shapes]).save(file, "JPEG", quality=88)
    return file.getvalue()


async def serve(works: Works) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(works), "127.0.0.1", 0)
    works.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    sys.stdout.write(f"{works.address}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


@dataclass(frozen=True)
class Vendor:
    """The bench's side of a running vendor."""

    url: str

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/stats", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
        return told


@contextmanager
def selling(*, seconds: tuple[float, float], slots: int) -> Iterator[Vendor]:
    """A vendor that runs while this lasts."""
    command = [sys.executable, "-m", "tests.bench.vendor", "--seconds", *map(str, seconds), "--slots", str(slots)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Vendor(process.stdout.readline().strip())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, nargs=2, default=(5.0, 5.0))
    parser.add_argument("--slots", type=int, default=50)
    options = parser.parse_args()
    asyncio.run(serve(Works(seconds=tuple(options.seconds), slots=options.slots, picture=picture())))


if __name__ == "__main__":
    main()
