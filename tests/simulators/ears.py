"""Somebody a vendor can call back, for tests that want to hear what it says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Ear:
    """Somebody who can be called back, and answers what ``says`` lists, the last of it for ever."""

    def __init__(self, *says: int) -> None:
        self.heard: list[Any] = []
        self.says = [*says] or [200]
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                ear.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(ear.says.pop(0) if len(ear.says) > 1 else ear.says[0])
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def listening(*says: int) -> Iterator[Ear]:
    """Listen until the block ends."""
    ear = Ear(*says)
    try:
        yield ear
    finally:
        ear.close()


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")
