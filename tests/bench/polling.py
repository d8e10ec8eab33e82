"""What a page costs that asks while nothing changes, against a view that does nothing on the same server.

The server has one core to itself and whoever asks the other one. The addresses take turns, and the best of the
rounds counts: what disturbs a machine only ever makes it slower. The processor time of one answer hardly knows of
disturbance.
"""

import os
from dataclasses import dataclass

from tests.bench import NOTHING, counting, load, usage
from tests.bench.makespan import Visitor
from tests.bench.studios import Studio, Web, on_core, opened
from tests.bench.table import Figure
from tests.engines import Template

OPEN = 24
BATCH = 8
ROUNDS = 3
SECONDS = 3.0
POLLS = 100
QUERIES_MAX = 3
SHARE_MIN = 1 / 3
UNCOUNTED = {counting.FOLDER_VARIABLE: ""}
"""Counting statements takes time, and of these two servers only one makes any."""
POLL, FIRST = "feed poll", "first feed poll of a session"
BARE, FULL = "bare view", "empty view behind all middleware"


@dataclass(frozen=True)
class Target:
    """One address that is asked."""

    name: str
    web: Web
    path: str
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pace:
    """How often it answers in a second, and what one answer takes of the server's processor."""

    rate: float
    cpu_ms: float


def measure(template: Template, *, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Figure]:
    with opened(template) as studio:
        for number in range(OPEN // BATCH):
            studio.ask("order", member=studio.member, prompt=f"A quiet pond {number}", count=BATCH)
        studio.ask("hold_the_pump")
        cores = sorted(os.sched_getaffinity(0))
        web = studio.start_web(core=cores[0], **UNCOUNTED)
        bare = studio.start_web(core=cores[0], BENCH_BARE="1", **UNCOUNTED)
        targets = _targets(studio, web, bare)
        paces: dict[str, list[Pace]] = {target.name: [] for target in targets}
        with on_core(cores[-1]):
            for _ in range(rounds):
                for target in targets:
                    paces[target.name].append(_pace(target, seconds))
        best = {
            name: Pace(max(one.rate for one in found), min(one.cpu_ms for one in found))
            for name, found in paces.items()
        }
        return [*_statements(studio, studio.start_web()), *_rates(best)]


def _targets(studio: Studio, web: Web, bare: Web) -> list[Target]:
    visitor = Visitor(web, studio.cookies)
    visitor.poll()  # an open page has asked before, and kept what came with the answer
    session, page = _cookies(studio.cookies), _cookies({one.name: one.value or "" for one in visitor.http.cookies.jar})
    poll = f"feed/?cursor={visitor.cursor}"
    return [
        Target(POLL, web, poll, (page, "HX-Request: true")),
        Target(FIRST, web, poll, (session, "HX-Request: true")),
        Target(BARE, bare, NOTHING),
        Target(FULL, web, NOTHING),
        Target(f"{FULL}, and a session", web, NOTHING, (session,)),
    ]


def _cookies(values: dict[str, str]) -> str:
    return "Cookie: " + "; ".join(f"{name}={value}" for name, value in values.items())


def _pace(target: Target, seconds: float) -> Pace:
    before = usage.cpu_seconds(target.web.pid)
    told = load.measure(f"{target.web.origin}/{target.path}", seconds=seconds, headers=target.headers)
    used = usage.cpu_seconds(target.web.pid) - before
    assert set(told["statuses"]) == {"204"}, f"{target.name}: {told}"
    return Pace(told["requests"] / told["seconds"], 1000 * used / told["asked"])


def _statements(studio: Studio, web: Web) -> list[Figure]:
    """Of polls asked one after the other, with nobody else asking."""
    visitor = Visitor(web, studio.cookies)
    before = studio.statements_by_label()["web"]
    for _ in range(POLLS):
        visitor.poll()
    count = studio.statements_by_label()["web"] - before
    return [
        Figure(name="statements per poll", measured=count.all / POLLS, goal=QUERIES_MAX, most=1.0),
        Figure(name=f"writes in {POLLS} polls", measured=count.writes, goal=0, most=0),
        Figure(name="time in statements per poll", measured=1000 * count.seconds / POLLS, unit="ms"),
    ]


def _rates(best: dict[str, Pace]) -> list[Figure]:
    poll, bare, full = best[POLL], best[BARE], best[FULL]
    return [
        Figure(name=f"{POLL}, of the bare view's rate", measured=poll.rate, unit="/s", goal=bare.rate, least=SHARE_MIN),
        Figure(name=f"{POLL}, of the rate behind all middleware", measured=poll.rate, unit="/s", goal=full.rate),
        *(Figure(name=name, measured=pace.rate, unit="/s") for name, pace in best.items() if name != POLL),
        *(Figure(name=f"CPU of one answer: {name}", measured=pace.cpu_ms, unit="ms") for name, pace in best.items()),
    ]
