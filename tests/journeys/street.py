"""The street of the three vendors: their stand-ins over HTTP, a team with keys for them, and a clock nobody waits for.

The real pump runs in the test's own thread. Whenever it has nothing to do, jobs are run, the sweep has its pass, what
vendors ask of the studio is answered, and then both clocks, the studio's and the vendors', go to the next moment at
which anything is due. So a wait of ten minutes takes as long as the work in it.
"""

import os
import queue as queues
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from generations import jobs, ledger, limits, nudge, providers, queue
from generations.connections import key_place, vault, webhook_key_place
from generations.models import (
    Alert,
    Attempt,
    Credential,
    Generation,
    Image,
    Member,
    State,
    clock,
)
from generations.models.clock import OFFSET_FILE_VARIABLE
from generations.providers.apiinone import ApiInOne
from generations.providers.apikley import Apikley
from generations.providers.apixo import Apixo
from generations.services import ordering, pumping, sweeping
from generations.services.pumping import pump, talk
from generations.services.pumping.talk import Talk
from tests.conftest import Cast
from tests.simulators import apiinone, apikley, apixo
from tests.simulators.apiinone import ApiInOneStandIn
from tests.simulators.apikley import ApikleyStandIn
from tests.simulators.apixo import ApixoStandIn
from tests.simulators.standin import Host, Request, StandIn

KEYS = {"apikley": "kie-1", "apixo": "apx-1", "apiinone": "aio_1"}
PATHS = {"apikley": "", "apixo": "/api/v1", "apiinone": "/api/v1"}
SMALL = {"1:1": (64, 64), "3:2": (96, 64), "2:3": (64, 96)}
SIDES = {"2k": 192, "4k": 384, "8k": 768}
SWEEP_EVERY = timedelta(seconds=60)
"""When nothing is due for it; what is due, it finds within a second."""
TURNS_MAX = 20_000


@dataclass
class Visit:
    """What a vendor asks of the studio's public address, and where its answer goes."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    answer: "queues.SimpleQueue[tuple[int, str, bytes]]" = field(default_factory=queues.SimpleQueue)
    status: int = 0


class Door:
    """The studio's public address. Visitors wait until the test's own thread lets them in: it has the database."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self._bell: queues.SimpleQueue[Visit] = queues.SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def let_in(self, wait_seconds: float = 0.0) -> bool:
        """Answer the next visitor; False when nobody came."""
        try:
            visit = self._bell.get(timeout=wait_seconds) if wait_seconds else self._bell.get_nowait()
        except queues.Empty:
            return False
        response = Client().generic(visit.method, visit.path, visit.body, "application/json", headers=visit.headers)
        visit.status = response.status_code
        self.visits.append(visit)
        visit.answer.put((response.status_code, response.headers.get("Content-Type", ""), response.getvalue()))
        return True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bell = self._bell

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._ring()

            def do_POST(self) -> None:
                self._ring()

            def _ring(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                told = {name: text for name, text in self.headers.items() if name.lower().startswith("x-")}
                visit = Visit(self.command, self.path, told, body)
                bell.put(visit)
                status, kind, content = visit.answer.get(timeout=30)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


@dataclass
class Street:
    cast: Cast
    apikley: ApikleyStandIn
    apixo: ApixoStandIn
    apiinone: ApiInOneStandIn
    settings: Any
    clock_file: Path
    host: Host
    keys: dict[str, Credential] = field(default_factory=dict)
    """The first key of North's for each vendor."""
    door: Door | None = None
    turns: int = 0
    _passed: float = 0.0
    _hurry: Callable[[], bool] | None = None
    _until: datetime = field(default_factory=clock.now)
    _swept_at: datetime = field(default_factory=clock.now)
    _turned_at: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self.vendors: dict[str, StandIn] = {
            "apikley": self.apikley,
            "apixo": self.apixo,
            "apiinone": self.apiinone,
        }

    def open_for(self, provider: str, newcomer: StandIn) -> None:
        """One vendor more, at an address of its own."""
        self.vendors[provider] = newcomer
        self.host.simulators[newcomer.prefix] = newcomer
        newcomer.url = f"{self.host.url}{newcomer.prefix}"
        newcomer.count_in_own_time()
        self.move(provider, newcomer.url)

    # People, keys and orders

    def move(self, provider: str, url: str) -> None:
        """Have the studio look for that vendor elsewhere."""
        self.settings.PROVIDER_BASE_URLS = {**self.settings.PROVIDER_BASE_URLS, provider: url}

    def add_key(
        self, provider: str, label: str = "Main", *, key: str = "", webhook_key: str = "", **facts: Any
    ) -> Credential:
        """A key of North's, behind those it has."""
        facts = {"team": self.cast.team, "position": Credential.objects.filter(provider=provider).count(), **facts}
        made: Credential = Credential.objects.create(provider=provider, label=label, **facts)
        made.sealed_key = vault().seal(key or KEYS[provider], binding=key_place(made))
        if webhook_key:
            made.sealed_webhook_key = vault().seal(webhook_key, binding=webhook_key_place(made))
        made.save()
        return made

    def open_door(self) -> Door:
        """Give the studio a public address."""
        self.door = Door()
        self.settings.PUBLIC_URL = self.door.url
        return self.door

    def order(
        self,
        provider: str,
        prompt: str = "a lamp",
        *,
        count: int = 1,
        member: Member | None = None,
        offer: str = "",
        shape: str = "",
        key: str = "",
    ) -> list[Generation]:
        """Order drawings of the vendor's first offer, or of another."""
        sold = providers.offer(provider, offer) if offer else providers.get(provider).offers[0]
        batch = ordering.order_drawing(
            member=member or self.cast.ben,
            provider=provider,
            offer=sold,
            prompt=prompt,
            shape=shape or sold.shapes[0],
            count=count,
            request_key=key or os.urandom(8).hex(),
        )
        return list(batch.generations.order_by("position"))

    def draw(self, provider: str, prompt: str = "a lamp", **wishes: Any) -> Generation:
        """Order one and let the studio work."""
        (row,) = self.order(provider, prompt, **wishes)
        self.go()
        return self.now(row)

    def enlarge(self, image: Image, provider: str, offer: str, **choices: str) -> Generation:
        """Order an upscale of that picture."""
        batch = ordering.order_upscale(
            member=self.cast.ben,
            image=image,
            provider=provider,
            offer=providers.offer(provider, offer),
            request_key=os.urandom(8).hex(),
            choices=choices,
        )
        row: Generation = batch.generations.get()
        return row

    # What became of them

    def now(self, row: Generation) -> Generation:
        """The row as the database has it."""
        found: Generation = Generation.objects.select_related("credential", "team", "member").get(pk=row.pk)
        return found

    def standing(self, row: Generation) -> tuple[str, str]:
        found = self.now(row)
        return found.state, found.reason

    def balance(self, member: Member | None = None) -> tuple[int, int]:
        account = ledger.account_of(member or self.cast.ben)
        account.refresh_from_db()
        return account.posted, account.held

    def alerts(self) -> set[str]:
        """The kinds staff hear of now."""
        return set(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))

    def heard_by_staff(self) -> str:
        """The words of all that staff hear now."""
        return " ".join(Alert.objects.filter(resolved_at=None).values_list("words", flat=True))

    def calls(self, provider: str, name: str = "create") -> list[Request]:
        return [request for called, request in self.vendors[provider].calls if called == name]

    def bodies(self, provider: str, name: str = "create") -> list[Any]:
        """What was sent with these calls."""
        return [request.json() for request in self.calls(provider, name)]

    # Time

    def pass_time(self, seconds: float) -> None:
        """So long nobody does anything, and then it is later, here and at the vendors."""
        self._passed += seconds
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(self._passed))
        fresh.replace(self.clock_file)
        for vendor in self.vendors.values():
            vendor.pass_time(seconds)

    def go(self, seconds: float = 3600.0) -> None:
        """Let the studio work until nothing is left to do, or for so long."""
        self._until = clock.now() + timedelta(seconds=seconds)
        pumping.run(shard=0)
        if self._next_event() is not None:
            self.pass_time(max(0.0, (self._until - clock.now()).total_seconds()))

    def go_while(self, goes_on: Callable[[], bool]) -> None:
        """Let the studio work, at a second a turn, also while a vendor keeps it waiting; leave when that ends."""
        self._hurry = goes_on
        pumping.run(shard=0)
        self._hurry = None

    def is_stopping(self) -> bool:
        """In each turn of the pump: visitors are let in, also while it waits for a vendor's answer."""
        while self.door and self.door.let_in():
            pass
        if self._hurry:
            self.pass_time(1.0)
            _run_jobs()
        self._turned_at = clock.now()
        return not self._hurry() if self._hurry else queue.is_stopping()

    def has_more(self) -> bool:
        """In the pump's idle moments: whether anything goes on, before the time is up."""
        self.turns += 1
        assert self.turns < TURNS_MAX, "the studio runs in circles"
        if self._somebody_is_under_way():
            threading.Event().wait(0.002)
            return True
        if _run_jobs() or self._swept():
            return True
        moment = self._next_event()
        if self._somebody_is_under_way():
            return True  # a call that set out meanwhile is no event to come any more, and comes first
        if moment is None or moment > self._until:
            return False
        self.pass_time(max(0.0, (moment - clock.now()).total_seconds()) + 0.001)
        return True

    def _somebody_is_under_way(self) -> bool:
        """Whether a vendor is just fetching a source or calling back."""
        workers = [*self.apikley.working.values(), *self.apixo.fetching.values()]
        called = any(
            vendor.on_the_way or any(letter.due <= vendor.clock.now() for letter in vendor.waiting)
            for vendor in self.vendors.values()
        )
        return called or any(worker.is_alive() for worker in workers)

    def _swept(self) -> bool:
        moment = clock.now()
        if moment - self._swept_at < timedelta(seconds=1):
            return False
        if moment - self._swept_at < SWEEP_EVERY and not any(due <= moment for due in self._due_for_sweep()):
            return False
        self._swept_at = moment
        return bool(set(sweeping.sweep()) - {"kicked"})

    def _due_for_sweep(self) -> list[datetime]:
        moments = []
        for row in Generation.objects.live():
            if row.state == State.SUBMITTING:
                moments.append(row.lease_until)
            elif row.state == State.LAPSED:
                moments += [row.watch_until, row.next_at if row.result_urls else None]
            else:
                moments += [row.deadline_at, row.next_at if row.state == State.FETCHING else None]
        return [moment for moment in moments if moment is not None]

    def _next_event(self) -> datetime | None:
        """When anything is due next that was not due yet when this turn began."""
        moment = self._turned_at
        moments = self._due_for_sweep()
        if any(due <= moment for due in moments):
            moments.append(self._swept_at + timedelta(seconds=10))
        named = Generation.objects.filter(state=State.LAPSED, result_urls=[]).exclude(vendor_task_id="")
        looked = Generation.objects.filter(state__in=[State.QUEUED, State.RUNNING])
        moments += [row.next_at for row in [*looked, *named]]
        if any(row.state == State.QUEUED for row in looked):
            resting = Credential.objects.exclude(paused_until=None).values_list("paused_until", flat=True)
            moments += [until for until in resting if until is not None]
            tries = Attempt.objects.filter(started_at__gt=moment - limits.WINDOW).values_list("started_at", "ended_at")
            burst = timedelta(seconds=10 + limits.BURST_SLACK_SECONDS)
            moments += [start + limits.WINDOW for start, _ in tries] + [(end or start) + burst for start, end in tries]
        for vendor in self.vendors.values():
            moments += [clock.now() + timedelta(seconds=letter.due - vendor.clock.now()) for letter in vendor.waiting]
        return min((due for due in moments if due > moment), default=None)


def _run_jobs() -> bool:
    """Run what waits in the queue but the pump, which runs already."""
    ran = False
    for message in OrmQ.objects.order_by("pk"):
        package = SignedPackage.loads(message.payload)
        message.delete()
        name = package["func"].rpartition(".")[2]
        if name != "pump":
            getattr(jobs, name)(*package["args"], **package["kwargs"])
            ran = True
    return ran


@contextmanager
def street(members: Cast, settings: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Open it until the block ends. Pictures are small, so that no test is about pixels."""
    for simulator in (apikley, apixo, apiinone):
        monkeypatch.setattr(simulator, "SIZES", SMALL)
    kie, apx, one = ApikleyStandIn(), ApixoStandIn(), ApiInOneStandIn()
    host = Host(kie, apx, one).start()
    made = Street(
        cast=members,
        apikley=kie,
        apixo=apx,
        apiinone=one,
        settings=settings,
        clock_file=folder / "clock",
        host=host,
    )
    made.apixo.knobs.sides = SIDES
    for vendor in made.vendors.values():
        vendor.count_in_own_time()
    monkeypatch.setenv(OFFSET_FILE_VARIABLE, str(made.clock_file))
    settings.PROVIDER_BASE_URLS = {key: f"{made.vendors[key].url}{path}" for key, path in PATHS.items()}
    settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    # The pace of looks is kept in real seconds, which is a test of its own.
    for kind in (Apikley, Apixo, ApiInOne):
        monkeypatch.setattr(kind, "reads_per_second_max", 1000.0)
    # The pump's own waits are real ones: it waits for answers alone.
    hear = Talk.results
    monkeypatch.setattr(Talk, "results", lambda self, *, wait_seconds: hear(self, wait_seconds=self.is_busy() / 10))
    monkeypatch.setattr(pump, "WARM_SECONDS", 0)
    monkeypatch.setattr(pump, "BUDGET_SECONDS", 60)
    monkeypatch.setattr(pump, "RENEW_SECONDS", 0)
    monkeypatch.setattr(pump, "CREDENTIALS_FRESH_SECONDS", 0)
    monkeypatch.setattr(talk, "COALESCE_SECONDS", 0.001)
    idle = SimpleNamespace(has_work=made.has_more, kick=nudge.kick)
    monkeypatch.setattr(pump, "nudge", idle)
    pumped = SimpleNamespace(is_stopping=made.is_stopping, show_sending=queue.show_sending)
    monkeypatch.setattr(pump, "queue", pumped)
    try:
        yield made
    finally:
        if made.door:
            made.door.close()
        host.stop()
