"""300 pictures at a vendor with 50 places that takes 5 seconds for each, ordered on the web, with one page open.

The vendor may be asked as often as the studio likes; the bench `budget` is the same at one that may not. The ideal
knows only the vendor and the processors: the larger of the waves the places allow, and of the work shared by all
cores. Processor seconds and statements are those between the first order and the last picture; the open page is one
that asks every two seconds and draws nothing.
"""

import math
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.bench import usage
from tests.bench.counting import Count
from tests.bench.studios import READS, Studio, Web, opened
from tests.bench.table import Figure, percentile
from tests.engines import Template

PICTURES = 300
BATCH = 6
SLOTS = 50
VENDOR_SECONDS = 5.0
MAKESPAN_RATIO_MAX = 1.25
IDLE_MIB_MAX = 350
SETTLED_SECONDS = 10
POLL_SECONDS = 2.0
END_SECONDS_MAX = 300
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CURSOR = re.compile(r'id="cursor" value="([^"]+)"')


class Visitor:
    """A browser without a window: it orders by the form, and asks as the page's script does."""

    def __init__(self, web: Web, cookies: dict[str, str]) -> None:
        self.http = httpx.Client(base_url=web.origin, cookies=cookies, timeout=30, trust_env=False)
        self.load()

    def load(self) -> None:
        page = self.http.get("/").raise_for_status().text
        self.token, self.cursor = _only(TOKEN, page), _only(CURSOR, page)

    def order(self, number: int, *, count: int) -> None:
        form = {
            "csrfmiddlewaretoken": self.token,
            "prompt": f"A lighthouse in fog, number {number}",
            "shape": "1:1",
            "model": "invented:sketch",
            "count": str(count),
        }
        answer = self.http.post("/batches/", data=form)
        assert answer.status_code == 302, f"{answer.status_code}: {answer.text[:2000]}"

    def poll(self) -> None:
        answer = self.http.get("/feed/", params={"cursor": self.cursor}, headers={"HX-Request": "true"})
        if "HX-Refresh" in answer.headers:
            self.load()
        elif answer.status_code == 200:
            self.cursor = _only(CURSOR, answer.text)


def _only(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found is not None, text[:2000]
    return found[1]


@contextmanager
def page_open(web: Web, cookies: dict[str, str]) -> Iterator[None]:
    """Somebody looks on while this lasts."""
    visitor, over = Visitor(web, cookies), threading.Event()

    def look() -> None:
        while not over.wait(POLL_SECONDS):
            visitor.poll()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@dataclass
class Reading:
    """What the studio had used at one moment."""

    web: float
    worker: float
    machine: float
    vendor: dict[str, Any]
    statements: dict[str, Count]


@dataclass
class Run:
    """One run on one studio, and what came of it."""

    studio: Studio
    pictures: int
    before: Reading
    after: Reading
    idle: dict[str, float]
    peaks: dict[str, float]
    spans: list[dict[str, Any]]
    took: float

    def cpu(self, part: str) -> float:
        used: float = getattr(self.after, part) - getattr(self.before, part)
        return used

    def statements(self, *labels: str) -> Count:
        return sum((self.after.statements[one] - self.before.statements[one] for one in labels), Count())


def measure(template: Template) -> list[Figure]:
    run = one_run(template)
    return [*span(run), *stages(run), *_costs(run), *_memory(run)]


def one_run(template: Template, *, pictures: int = PICTURES, reads: float = READS) -> Run:
    """So many pictures, at a vendor that may be read so often a second."""
    with opened(template, seconds=(VENDOR_SECONDS, VENDOR_SECONDS), slots=SLOTS, reads=reads) as studio:
        return _run(studio, pictures)


def _run(studio: Studio, pictures: int) -> Run:
    web, worker = studio.start_web(), studio.start_worker()
    leaders = {"web": web.pid, "worker": worker}
    time.sleep(SETTLED_SECONDS)
    idle = {name: usage.pss_mib(leader) for name, leader in leaders.items()}
    visitor = Visitor(web, studio.cookies)
    with usage.watching(leaders) as peaks, page_open(web, studio.cookies):
        before, begun = _read(studio, web, worker), time.monotonic()
        for number, first in enumerate(range(0, pictures, BATCH)):
            visitor.order(number, count=min(BATCH, pictures - first))
        usage.until(lambda: studio.ask("open_rows") == 0, seconds=END_SECONDS_MAX, every=0.25)
        after, took = _read(studio, web, worker), time.monotonic() - begun
    return Run(studio, pictures, before, after, idle, peaks.mib, studio.ask("spans"), took)


def _read(studio: Studio, web: Web, worker: int) -> Reading:
    return Reading(
        web=usage.cpu_seconds(web.pid),
        worker=usage.cpu_seconds(worker),
        machine=usage.machine_seconds(),
        vendor=studio.vendor.stats(),
        statements=studio.statements_by_label(),
    )


def span(run: Run) -> list[Figure]:
    first = min(one["queued"] for one in run.spans)
    last = max(one["succeeded"] for one in run.spans)
    by_vendor = math.ceil(run.pictures / SLOTS) * VENDOR_SECONDS
    by_work = run.cpu("worker") / len(os.sched_getaffinity(0))
    told = run.after.vendor
    return [
        Figure(
            name=f"makespan of {run.pictures}",
            measured=last - first,
            unit="s",
            goal=max(by_vendor, by_work),
            most=MAKESPAN_RATIO_MAX,
        ),
        Figure(name="ideal by the vendor's places", measured=by_vendor, unit="s"),
        Figure(name="ideal by the worker's work on all cores", measured=by_work, unit="s"),
        Figure(name="vendor: tasks it made", measured=len(told["done_at"]), goal=run.pictures, most=1, least=1),
        Figure(name="vendor: refused as too many", measured=told["refused"], goal=0, most=0),
        Figure(name="vendor: most at one time", measured=told["in_flight_most"], goal=SLOTS),
        Figure(name="vendor: places in use on average", measured=_in_use(run, first, last), goal=SLOTS),
        Figure(name="looks per picture", measured=told["looks"] / run.pictures),
    ]


def _in_use(run: Run, first: float, last: float) -> float:
    return run.pictures * VENDOR_SECONDS / (last - first)


def _costs(run: Run) -> list[Figure]:
    each = 1 / run.pictures
    known = run.cpu("web") + run.cpu("worker")
    vendor = run.after.vendor["cpu_seconds"] - run.before.vendor["cpu_seconds"]
    rest = run.cpu("machine") - known - vendor
    figures = [
        Figure(name="CPU per picture: worker", measured=1000 * run.cpu("worker") * each, unit="ms"),
        Figure(name="CPU per picture: web, one page open", measured=1000 * run.cpu("web") * each, unit="ms"),
        Figure(name="CPU: cores in use, of web and worker", measured=known / run.took),
        Figure(name="CPU: cores in use, of the vendor", measured=vendor / run.took),
        Figure(name="CPU: cores in use, of the rest (database server, bench, others)", measured=rest / run.took),
    ]
    parts = {"pump": ["pump"], "collect": ["collect"], "queue": ["queue"], "other": ["tick", "beat", "parent"]}
    for name, labels in [*parts.items(), ("web", ["web"])]:
        count = run.statements(*labels)
        figures += [
            Figure(name=f"statements per picture: {name}", measured=count.all * each),
            Figure(name=f"  of them writes: {name}", measured=count.writes * each),
            Figure(name=f"  time in them: {name}", measured=1000 * count.seconds * each, unit="ms"),
        ]
    worker = run.statements(*(label for labels in parts.values() for label in labels))
    figures.append(Figure(name="statements per picture: worker, all", measured=worker.all * each))
    return figures


def stages(run: Run) -> list[Figure]:
    done_at = run.after.vendor["done_at"]
    stages = {
        "vendor done to noticed": [one["fetching"] - done_at[one["task"]] for one in run.spans],
        "noticed to stored": [one["succeeded"] - one["fetching"] for one in run.spans],
        "claimed to accepted": [one["running"] - one["submitting"] for one in run.spans],
    }
    return [
        Figure(name=f"{name}, {word}", measured=percentile(sorted(waits), share), unit="s")
        for name, waits in stages.items()
        for word, share in [("p50", 0.5), ("p95", 0.95)]
    ]


def _memory(run: Run) -> list[Figure]:
    idle = [Figure(name=f"memory idle: {name}", measured=mib, unit="MiB") for name, mib in run.idle.items()]
    summed = sum(run.idle.values())
    peaks = [Figure(name=f"memory at most: {name}", measured=mib, unit="MiB") for name, mib in run.peaks.items()]
    return [
        *idle,
        Figure(name="memory idle: sum", measured=summed, unit="MiB", goal=IDLE_MIB_MAX, most=1.0),
        *peaks,
    ]
