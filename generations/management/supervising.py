"""Keeps the queue's cluster alive and the tick going: the parent process of `manage.py run_worker`.

Rows are swept and the pump is woken from here every few seconds, so work goes on whatever the queue forgot. A cluster
that shows no sign of life although work is due is killed as a whole and started again, which is always safe.
"""

import logging
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.db import connections

from generations import nudge, queue
from generations.management import processes
from generations.models import Heartbeat, clock
from generations.services import sweeping

log = logging.getLogger(__name__)

MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
HEARTBEAT = "worker"  # what every job stamps
PASS_SECONDS = 10.0
SILENT_AFTER = timedelta(seconds=30)
DEAD_AFTER = timedelta(seconds=150)  # longer than a job may last, so that busy is never taken for dead
DEATHS_MAX = 5  # quick ones in a row, then somebody else must look
STOP_SLACK_SECONDS = 0.5  # the cluster keeps its own time; this is for one that does not


class Verdict(Enum):
    """What the signs of life say."""

    WELL = "well"
    ASK = "ask for a sign"
    DEAD = "restart it"


@dataclass
class Pulse:
    """The signs of life of one cluster since it was started."""

    since: datetime
    asked_at: datetime | None = None

    def judge(self, *, moment: datetime, stamped_at: datetime | None, due_since: datetime | None) -> Verdict:
        """Silence alone proves nothing while no message waits; then a job that does nothing is asked for."""
        silence = moment - max(self.since, stamped_at or self.since)
        if due_since is not None:
            return Verdict.DEAD if silence >= DEAD_AFTER else Verdict.WELL
        if silence < SILENT_AFTER or (self.asked_at and moment - self.asked_at < SILENT_AFTER):
            return Verdict.WELL
        self.asked_at = moment
        return Verdict.ASK


class Pass(threading.Thread):
    """One look at the rows, in a thread: a slow database or a failing sweep must not stop the watch over processes.

    What it raises goes to the log with its traceback, and the next pass tries again.
    """

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(name="tick", daemon=True)
        self.pulse = pulse
        self.verdict = Verdict.WELL

    def run(self) -> None:
        try:
            self.verdict = self._read_pulse()
            if self.verdict is Verdict.ASK:
                queue.later("beat")
            sweeping.sweep()
            nudge.kick()
        finally:
            connections.close_all()

    def _read_pulse(self) -> Verdict:
        stamped_at = Heartbeat.objects.last(HEARTBEAT)
        return self.pulse.judge(moment=clock.now(), stamped_at=stamped_at, due_since=queue.oldest_due())


def run(*, stop_seconds: float) -> int:
    """Keep the cluster until asked to stop; the exit code is 0 then, and 1 when the cluster cannot be kept alive."""
    stop = processes.StopRequests()
    processes.die_with_parent()
    cluster = processes.Child("cluster", _command(stop_seconds))
    crew = processes.Crew([cluster])
    try:
        return _keep(cluster, crew, stop)
    finally:
        if not crew.stop(seconds=stop_seconds + STOP_SLACK_SECONDS, at_once=lambda: stop.insist):
            log.warning("the cluster did not end by itself and was killed")


def _keep(cluster: processes.Child, crew: processes.Crew, stop: processes.StopRequests) -> int:
    crew.tend()
    look = Pass(Pulse(since=clock.now()))
    next_pass = time.monotonic()
    while not stop.came:
        for _, code in crew.tend():
            log.error("the cluster ended with code %s", code)
            look.pulse.since = clock.now()
        if cluster.deaths >= DEATHS_MAX:
            log.critical("the cluster died %s times in a row; giving up", cluster.deaths)
            return 1
        if not look.is_alive() and time.monotonic() >= next_pass:
            if look.verdict is Verdict.DEAD:
                log.error("no job has run for %s although work is due; starting a fresh cluster", DEAD_AFTER)
                cluster.kill_group()
                look.pulse.since = clock.now()
            look = Pass(look.pulse)
            look.start()
            next_pass = time.monotonic() + PASS_SECONDS
        time.sleep(processes.LOOK_SECONDS)
    return 0


def _command(stop_seconds: float) -> list[str]:
    return [sys.executable, str(MANAGE), "run_worker", "--cluster", "--stop-seconds", str(stop_seconds)]
