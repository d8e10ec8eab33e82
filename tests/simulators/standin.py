"""What every simulator stands on: a vendor played over real HTTP, in-process or on a port, at a chosen tempo.

A simulator subclasses ``StandIn``, names its routes and keeps its tasks; this room brings the server, the clock, the
files, the callbacks, the counters and the control desk. ``StandIn.said`` puts words into the vendor's mouth, the
vendor's ``knobs`` change how it behaves, and ``GET`` and ``POST`` of ``/__control`` do the same from another process.

It is for tests and for trying things out on one machine: callbacks and sources that are plain http must be on loopback.
"""

import base64
import http.client
import io
import ipaddress
import json
import threading
import time
import urllib.parse
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from PIL import Image, ImageDraw

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
NEVER = float("inf")
CONTROL = "/__control"
FILES = "/files/"


class Clock:
    """The vendor's time: Unix seconds that pass ``speed`` times as fast as real ones, and jump when told to."""

    def __init__(self) -> None:
        self._speed = 1.0
        self._real = time.monotonic()
        self._shown = time.time()

    def now(self) -> float:
        return self._shown + (time.monotonic() - self._real) * self._speed

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self.jump(0.0)
        self._speed = speed

    def jump(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._shown, self._real = self.now() + seconds, time.monotonic()


@dataclass(frozen=True)
class Request:
    """A call to the vendor. ``path`` is what follows the simulator's prefix; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def key(self) -> str:
        """The bearer's key, "" where none came."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme == "Bearer" else ""

    def json(self) -> Any:
        """The body read as JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> dict[str, tuple[str, bytes]]:
        """The fields of a multipart body: file name ("" for plain fields) and content."""
        found: dict[str, tuple[str, bytes]] = {}
        _, _, boundary = self.headers.get("content-type", "").partition("boundary=")
        for part in self.body.split(b"--" + boundary.strip('"').encode())[1:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            words = dict(word.split("=", 1) for word in head.decode().replace("\r\n", "; ").split("; ") if "=" in word)
            name = words.get("name", "").strip('"')
            found[name] = (words.get("filename", "").strip('"'), content.removesuffix(b"\r\n"))
        return found


@dataclass(frozen=True)
class Reply:
    """An answer: JSON, or bytes as they are.

    ``cut`` announces more than is sent, ``vanish`` hangs up without a word, ``hang`` does so after that many seconds,
    or when the caller gives up.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: float = 0.0
    vanish: bool = False

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


HTML = {"Content-Type": "text/html"}
GATEWAY = Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", HTML)


@dataclass
class Said:
    """Words put into the vendor's mouth: ``reply`` instead of its own, ``times`` over (None: until taken back).

    ``working`` lets it do what was asked of it first: the task exists, only the answer is another.
    """

    reply: Reply
    times: int | None = 1
    working: bool = False


@dataclass
class Knobs:
    """How a vendor behaves: plain values that may be changed while it runs. Simulators add their own."""

    speed: float = 1.0
    latency: float = 0.0
    """Real seconds before each answer."""
    balance: float = 1000.0
    """What an account starts with."""
    result_seconds: float = 24 * 3600.0
    """How long result files can be fetched."""
    creates_per_window: int = 20
    window_seconds: float = 10.0
    """Beyond so many creations in a window, counted in real time, the vendor answers 429."""
    retry_after: str = ""
    """The Retry-After header sent with each 429."""
    callback: str = "on"
    """"on", or "off" for a vendor that forgets to call."""
    callback_delay: float = 0.0
    callback_times: int = 1
    callback_early: bool = False
    """Call before the create is answered."""
    callback_held: bool = False
    """Keep callbacks until ``release_callbacks`` sends them, the last first."""


@dataclass
class Task:
    """One piece of work. What it says of itself follows from its times and its outcome ("" is success)."""

    task_id: str
    key: str
    group: str
    prompt: str
    made_at: float
    ends_at: float
    outcome: str = ""
    callback_url: str = ""
    body: Any = None
    urls: list[str] = field(default_factory=list)
    cost: Decimal = Decimal(0)
    looks: int = 0


@dataclass
class Counts:
    """What a test asks afterwards. Peaks are over real time; ``running_peak`` is by account and limit group."""

    calls: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    """Creations asked for, by prompt."""
    creates: Counter[str] = field(default_factory=Counter)
    """Creations taken, by prompt: what the vendor will be paid for."""
    turned_away: int = 0
    """Answers of 429: each one is a limit that was not obeyed."""
    creates_window_peak: Counter[str] = field(default_factory=Counter)
    creates_hour_peak: Counter[str] = field(default_factory=Counter)
    running_peak: Counter[str] = field(default_factory=Counter)
    looks: Counter[str] = field(default_factory=Counter)
    """Looks by task."""
    looks_second_peak: Counter[str] = field(default_factory=Counter)
    callbacks: Counter[str] = field(default_factory=Counter)
    """Callbacks by the status they were answered with; "refused" and "lost" where there was none."""

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**told, "looks_most": max(self.looks.values(), default=0)}


class Window:
    """Counts what happened within the last ``seconds`` of the clock ``now``, per name."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now: Callable[[], float] = time.monotonic
        self._moments: dict[str, deque[float]] = defaultdict(deque)

    def add(self, name: str) -> int:
        self._moments[name].append(self.now())
        return self.count(name)

    def count(self, name: str) -> int:
        moments, since = self._moments[name], self.now() - self.seconds
        while moments and moments[0] <= since:
            moments.popleft()
        return len(moments)


@lru_cache(maxsize=16)
def picture(width: int, height: int, format: str = "JPEG", text: str = "") -> bytes:
    """A picture of exactly this size and format, colored by its text."""
    hue = sum(text.encode()) * 37 % 360
    shades = Image.linear_gradient("L").resize((width, height))
    sketch = Image.merge("HSV", (Image.new("L", (width, height), hue * 255 // 360), shades.point(_muted), shades))
    drawn = sketch.convert("RGB")
    ImageDraw.Draw(drawn).text((width // 20, height // 20), text[:60], fill="white", font_size=max(10, height // 24))
    file = io.BytesIO()
    drawn.save(file, format)
    return file.getvalue()


def _muted(shade: int) -> float:
    return 90 + shade / 3


def may_call(url: str) -> bool:
    """https anywhere; plain http on loopback only."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    with suppress(ValueError):
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    return parts.scheme == "http" and parts.hostname == "localhost"


def call(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, seconds: float = 30.0
) -> tuple[int, Mapping[str, str], bytes]:
    """One HTTP call of the vendor's own, without following redirects. Raises OSError or HTTPException."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(
            method, urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, "")), body, dict(headers or {})
        )
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return response.status, told, response.read()
    finally:
        connection.close()


Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]
"""Headers of a callback; a function is asked at the moment of sending, for a signature that is dated."""


@dataclass(order=True)
class Letter:
    """A callback to be sent at ``due`` by the vendor's clock; ``retries`` are the waits before each repeat."""

    due: float
    number: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: Headers = field(compare=False)
    retries: tuple[float, ...] = field(compare=False, default=())


class StandIn:
    """A vendor. Subclasses set ``prefix``, fill ``self.routes`` in their ``__init__`` and answer their calls.

    ``routes`` holds method, path prefix, the call's name and the function that answers it; the first that matches
    wins. Names matter: "create" and "look" are counted, and ``say`` puts words in by name.
    """

    prefix: ClassVar[str]

    def __init__(self, knobs: Knobs) -> None:
        self.knobs: Any = knobs
        self.clock = Clock()
        self.counts = Counts()
        self.tasks: dict[str, Task] = {}
        self.said: dict[str, list[Said]] = defaultdict(list)
        self.calls: list[tuple[str, Request]] = []
        self.routes: list[tuple[str, str, str, Callable[[Request], Reply]]] = []
        self.url = ""
        self.lock = threading.RLock()
        self.waiting: list[Letter] = []
        self.held: list[Letter] = []
        self.on_the_way = 0
        """Callbacks that are being delivered."""
        self._spent: dict[str, Decimal] = defaultdict(Decimal)
        self._files: dict[str, tuple[float, Callable[[], bytes], str]] = {}
        self._creates, self._hour, self._looks = Window(10), Window(3600), Window(1)
        self._letters = 0
        self._more = threading.Condition(self.lock)
        self._postman: threading.Thread | None = None
        self._closed = False

    # Time and money

    def pass_time(self, seconds: float) -> None:
        """Let so many of the vendor's seconds have passed."""
        self.clock.jump(seconds)

    def count_in_own_time(self) -> None:
        """Measure windows by the vendor's clock, for tests in which no real time passes."""
        for value in vars(self).values():
            if isinstance(value, Window):
                value.now = self.clock.now

    def left(self, key: str) -> Decimal:
        """What is left in the account behind this key."""
        return Decimal(str(self.knobs.balance)) - self._spent[key]

    def spend(self, key: str, amount: Decimal) -> None:
        """Take this much; less than nothing gives it back."""
        self._spent[key] += amount

    # Words put into its mouth

    def say(self, name: str, reply: Reply, *, times: int | None = 1, working: bool = False) -> None:
        """Let the next calls of this name be answered with ``reply`` (see ``Said``)."""
        self.said[name].append(Said(reply, times, working))

    def answer(self, method: str, path: str, request: Request) -> Reply:
        """The answer to a call, whatever it is."""
        if path == CONTROL:
            return self.control(request)
        if path.startswith(FILES) and method == "GET":
            return self._file(path.removeprefix(FILES))
        for wanted, prefix, name, answering in self.routes:
            if method == wanted and path.startswith(prefix):
                with self.lock:
                    self._count(name, request)
                    said = self._next_said(name)
                reply = answering(request) if said is None or said.working else said.reply
                reply = said.reply if said is not None else reply
                with self.lock:
                    self.counts.turned_away += _code(reply) == 429
                return reply
        return Reply(404, {"code": 404, "msg": "Not Found", "message": "Not Found"})

    def _count(self, name: str, request: Request) -> None:
        self.counts.calls[name] += 1
        self.calls.append((name, request))
        if name == "look":
            peak = self.counts.looks_second_peak
            peak[request.key] = max(peak[request.key], self._looks.add(request.key))
        if name == "create":
            window, hour = self.counts.creates_window_peak, self.counts.creates_hour_peak
            self._creates.seconds = self.knobs.window_seconds
            window[request.key] = max(window[request.key], self._creates.add(request.key))
            hour[request.key] = max(hour[request.key], self._hour.add(request.key))

    def _next_said(self, name: str) -> Said | None:
        if not self.said[name]:
            return None
        said = self.said[name][0]
        if said.times is not None:
            said.times -= 1
            if said.times <= 0:
                self.said[name].pop(0)
        return said

    def too_fast(self, key: str) -> bool:
        """Whether this creation (already counted) is one too many."""
        with self.lock:
            return bool(self._creates.count(key) > self.knobs.creates_per_window)

    # Tasks

    def take(self, task: Task) -> Task:
        """Keep a new task and count it."""
        with self.lock:
            self.tasks[task.task_id] = task
            self.counts.creates[task.prompt] += 1
            name = f"{task.key} {task.group}"
            self.counts.running_peak[name] = max(self.counts.running_peak[name], self.running(task.key, task.group))
        return task

    def running(self, key: str, group: str) -> int:
        """How many tasks of this account and group have not ended."""
        now = self.clock.now()
        return sum(task.ends_at > now and (task.key, task.group) == (key, group) for task in self.tasks.values())

    def looked(self, task: Task) -> None:
        with self.lock:
            task.looks += 1
            self.counts.looks[task.task_id] += 1

    # Files

    def keep(self, content: Callable[[], bytes] | bytes, format: str, *, name: str = "", seconds: float = 0.0) -> str:
        """Serve a file without asking for a key, for ``seconds`` (or as long as results live); return its address."""
        name = name or f"{uuid.uuid4().hex}.{ENDINGS.get(format, 'bin')}"
        made = content if callable(content) else (lambda: content)
        until = self.clock.now() + (seconds or self.knobs.result_seconds)
        self._files[name] = (until, made, MEDIA_TYPES.get(format, format))
        return f"{self.url}{FILES}{name}"

    def file_named(self, url: str) -> bytes | None:
        """The content behind one of our own addresses, None where there is none any more."""
        reply = self._file(url.removeprefix(f"{self.url}{FILES}")) if url.startswith(f"{self.url}{FILES}") else None
        return reply.content() if reply is not None and reply.status == 200 else None

    def _file(self, name: str) -> Reply:
        until, made, media_type = self._files.get(urllib.parse.unquote(name), (0.0, bytes, ""))
        if self.clock.now() >= until:
            return Reply(404, b"<html>gone</html>", HTML)
        return Reply(200, made(), {"Content-Type": media_type})

    def fetched(self, url: str) -> tuple[bytes, str] | None:
        """What is really behind a source address, and its format; None where there is no picture."""
        if not may_call(url):
            return None
        with suppress(OSError, http.client.HTTPException, Image.DecompressionBombError):
            status, _, content = call("GET", url)
            if status == 200:
                with Image.open(io.BytesIO(content)) as image:
                    return content, image.format or ""
        return None

    # Callbacks

    def call_back(
        self, task: Task, body: object, headers: Headers | None = None, *, retries: tuple[float, ...] = ()
    ) -> None:
        """Call when the task ends, as the knobs say: twice, late, early, never."""
        if not task.callback_url or self.knobs.callback == "off":
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        for _ in range(self.knobs.callback_times):
            self.post(task.callback_url, content, headers or {}, due=task.ends_at, retries=retries)

    def post(self, url: str, body: bytes, headers: Headers, *, due: float, retries: tuple[float, ...] = ()) -> None:
        """Send a callback at ``due``, or as the knobs say instead."""
        with self._more:
            self._letters += 1
            letter = Letter(due + self.knobs.callback_delay, self._letters, url, body, headers, retries)
            if not self.knobs.callback_early:
                (self.held if self.knobs.callback_held else self.waiting).append(letter)
                if self._postman is None:
                    self._postman = threading.Thread(target=self._post_forever, daemon=True)
                    self._postman.start()
                self._more.notify()
                return
        self._deliver(letter)

    def release_callbacks(self) -> None:
        """Send the callbacks that were held, the last first, and hold no more."""
        with self.lock:
            self.knobs.callback_held = False
            held, self.held = self.held, []
        for letter in reversed(held):
            self._deliver(letter)

    def close(self) -> None:
        """Send no more callbacks."""
        with self._more:
            self._closed = True
            self._more.notify_all()

    def _post_forever(self) -> None:
        while True:
            with self._more:
                while not self.waiting and not self._closed:
                    self._more.wait()
                if self._closed:
                    return
                self.waiting.sort()
                due = self.waiting.pop(0) if self.waiting[0].due <= self.clock.now() else None
                self.on_the_way += due is not None
            if due is not None:
                threading.Thread(target=self._send, args=(due,), daemon=True).start()
            else:
                time.sleep(0.02)

    def _send(self, letter: Letter) -> None:
        try:
            self._deliver(letter)
        finally:
            with self.lock:
                self.on_the_way -= 1

    def _deliver(self, letter: Letter) -> None:
        told = "refused"
        if may_call(letter.url):
            try:
                own = letter.headers() if callable(letter.headers) else letter.headers
                headers = {"Content-Type": "application/json", **own}
                told = str(call("POST", letter.url, letter.body, headers)[0])
            except (OSError, http.client.HTTPException):
                told = "lost"
        with self._more:
            self.counts.callbacks[told] += 1
            if told != "200" and letter.retries and may_call(letter.url):
                wait, *rest = letter.retries
                again = Letter(
                    self.clock.now() + wait, letter.number, letter.url, letter.body, letter.headers, tuple(rest)
                )
                self.waiting.append(again)
                self._more.notify()

    # The control desk

    def control(self, request: Request) -> Reply:
        """``GET``: counters and knobs. ``POST``: set knobs by name; ``say`` and ``pass_time`` as in the functions."""
        if request.method == "POST":
            wishes = request.json()
            known = {one.name for one in fields(self.knobs)} | {"say", "pass_time", "release_callbacks", "reset"}
            if not isinstance(wishes, dict) or not wishes.keys() <= known:
                return Reply(400, {"error": "no such knob", "knobs": sorted(known)})
            for name, value in wishes.items():
                self._turn(name, value)
        with self.lock:
            return Reply(200, {"knobs": vars(self.knobs), "counts": self.counts.told(), "tasks": len(self.tasks)})

    def _turn(self, name: str, value: Any) -> None:
        if name == "say":
            for call_name, told in value.items():
                reply = Reply(
                    told.get("status", 200), told.get("body"), told.get("headers", {}), hang=told.get("hang", 0)
                )
                self.say(call_name, reply, times=told.get("times", 1), working=told.get("working", False))
        elif name == "pass_time":
            self.pass_time(value)
        elif name == "release_callbacks":
            self.release_callbacks()
        elif name == "reset":
            self.counts = Counts()
            self.said.clear()
        else:
            setattr(self.knobs, name, value)
        self.clock.speed = self.knobs.speed


def _code(reply: Reply) -> int:
    body = reply.body
    error = body.get("error") if isinstance(body, dict) else None
    codes = [
        error.get("code") if isinstance(error, dict) else None,
        body.get("code") if isinstance(body, dict) else None,
    ]
    return next((code for code in codes if isinstance(code, int)), reply.status)


def word_in(text: str, words: Mapping[str, str]) -> str:
    """The outcome of the first of these words that is in the text, "" where none is."""
    spoken = {word.strip(".,!?;:").lower() for word in text.split()}
    return next((outcome for word, outcome in words.items() if word in spoken), "")


def content_of(data: str) -> bytes:
    """What a base64 text or a data URL holds. Raises ValueError."""
    return base64.b64decode(data.partition(";base64,")[2] or data, validate=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    """So many may call at once; the usual five would be turned away with a reset."""


class Host:
    """The server: simulators under their prefixes on one port of loopback."""

    def __init__(self, *simulators: StandIn, port: int = 0) -> None:
        self.simulators = {simulator.prefix: simulator for simulator in simulators}
        self._server = _Server(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        for prefix, simulator in self.simulators.items():
            simulator.url = f"{self.url}{prefix}"

    def start(self) -> "Host":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def serve_forever(self) -> None:
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for simulator in self.simulators.values():
            simulator.close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[Reply, float]:
        """The answer to a request, and how long to wait with it."""
        parts = urllib.parse.urlsplit(target)
        for prefix, simulator in self.simulators.items():
            if parts.path.startswith(f"{prefix}/"):
                path = parts.path.removeprefix(prefix)
                query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
                request = Request(method, path, query, headers, body)
                return simulator.answer(method, path, request), simulator.knobs.latency
        return Reply(404, {"simulators": sorted(self.simulators)}), 0.0

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._respond()

            def do_POST(self) -> None:
                self._respond()

            def do_HEAD(self) -> None:
                self._respond()

            def _respond(self) -> None:
                with suppress(ConnectionError, TimeoutError):
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    method = "GET" if self.command == "HEAD" else self.command
                    reply, latency = host.answer(method, self.path, headers, body)
                    time.sleep(latency)
                    self._send(reply)

            def _send(self, reply: Reply) -> None:
                self.close_connection = reply.cut or reply.vanish or bool(reply.hang)
                if reply.hang:
                    self.connection.settimeout(reply.hang)
                    self.connection.recv(1)
                if reply.vanish or reply.hang:
                    self.connection.close()
                    return
                content = reply.content()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + 100 * reply.cut))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        return Handler


@contextmanager
def serving(*simulators: StandIn, port: int = 0) -> Iterator[Host]:
    """Serve until the block ends; each simulator then knows its ``url``."""
    host = Host(*simulators, port=port).start()
    try:
        yield host
    finally:
        host.stop()
