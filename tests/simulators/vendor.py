"""A vendor of our own invention over real HTTP, for tests of the engine: it does what the prompt tells it to.

It counts the tasks it created per prompt and per order, which is how a test sees that nobody paid twice.
"""

import io
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image


def picture(width: int = 96, height: int = 64, color: tuple[int, int, int] = (200, 90, 40)) -> bytes:
    """A small JPEG."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, "JPEG", quality=90)
    return file.getvalue()


@dataclass
class Task:
    prompt: str
    callback_url: str | None = None
    made_at: float = field(default_factory=time.time)
    looks: int = 0


@dataclass
class Script:
    """How the vendor behaves. Change it while it runs."""

    create: Callable[[str], tuple[int, Any] | None] = lambda prompt: None
    """An answer instead of an acceptance: status and JSON, or ("hang" | "drop") as the status."""
    status: Callable[[Task], dict[str, Any] | None] = lambda task: None
    """An answer to a look instead of "done"."""
    echo: Callable[[Task], dict[str, Any]] = lambda task: {}
    """What an answer to a look remembers of the order."""
    result: Callable[[str], tuple[int, bytes]] = lambda task_id: (200, picture())
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # or a busy machine resets some of many connections made at once


class Vendor:
    """Start it, point the provider's base URL at `url`, stop it."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.creates: Counter[str] = Counter()
        self.creates_of: Counter[str] = Counter()
        """By our own name for the work."""
        self.calls: list[str] = []
        self.script = Script()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "Vendor":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def make(self, prompt: str, callback_url: str | None = None, reference: str = "") -> str:
        with self._lock:
            self.creates[prompt] += 1
            if reference:
                self.creates_of[reference] += 1
            task_id = f"task-{len(self.tasks) + 1}"
            self.tasks[task_id] = Task(prompt, callback_url)
        return task_id

    def look(self, task_id: str) -> tuple[int, Any]:
        task = self.tasks.get(task_id)
        if task is None:
            return 404, {"error": "no such task"}
        task.looks += 1
        told = self.script.status(task)
        echo = self.script.echo(task)
        return 200, {**(told or {"state": "done", "urls": [f"{self.url}/results/{task_id}.jpg"]}), **echo}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                vendor.calls.append(f"create {body['prompt']}")
                told = vendor.script.create(body["prompt"])
                if told is None:
                    self.answer(200, {"task_id": vendor.make(**body)})
                elif told[0] == 0:
                    vendor.make(**body)  # taken, and then the line goes dead
                    self.close_connection = True
                    self.connection.close()
                else:
                    self.answer(told[0], told[1], **vendor.script.headers)

            def do_GET(self) -> None:
                vendor.calls.append(self.path)
                if self.path.startswith("/results/"):
                    status, content = vendor.script.result(self.path.removeprefix("/results/").removesuffix(".jpg"))
                    self.send_response(status)
                    self.send_header("Content-Type", "image/jpeg")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                else:
                    self.answer(*vendor.look(self.path.rpartition("/")[2]))

            def answer(self, status: int, body: Any, **headers: str) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
