"""Keeps the queue's cluster alive and the tick going: the parent process of `manage.py run_worker`.

Rows are swept and the pump is woken from here every few seconds, so work goes on whatever the queue forgot. A cluster
that shows no sign of life although work is due is killed as a whole and started again, which is always safe.
"""

import logging
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.db import connections

from generations import nudge, queue
from generations.management import clustering, processes
from generations.models import Heartbeat, clock, worker_stamp
from generations.services import sweeping

log = logging.getLogger(__name__)

MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
OWN_NAME = "STUDIO_SUPERVISOR"  # in the environment of the cluster: whose stamps are its jobs', and whose lane it reads
PASS_SECONDS = 10.0
PASS_SECONDS_MAX = 60.0  # one that takes longer is left behind
SILENT_AFTER = timedelta(seconds=30)
DEAD_AFTER = timedelta(seconds=150)  # longer than a job may last, so that busy is never taken for dead
AWAKE_SECONDS = 100.0  # the same for a machine that slept: its clock went on, and no job did
DOUBTS_MIN = 4  # looks in a row, so that one whose clock only jumped is given the time to take a message
DEATHS_MAX = 5  # quick ones in a row of clusters that lost no worker, then somebody else must look
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
    supervisor: str = ""
    """Whose cluster it is."""
    asked_at: datetime | None = None
    heard_at: datetime | None = None
    heard: float = field(default_factory=time.monotonic)
    """When the last sign was seen, by a clock that stands still while the machine sleeps."""
    doubts: int = 0
    """How many looks in a row found it silent and work due."""

    def begin_again(self) -> None:
        """Another cluster was started."""
        self.since, self.heard, self.doubts = clock.now(), time.monotonic(), 0

    def judge(
        self, *, moment: datetime, stamped_at: datetime | None, due_since: datetime | None, awake: float
    ) -> Verdict:
        """Silence alone proves nothing while no message waits; then a job that does nothing is asked for."""
        if stamped_at != self.heard_at:
            self.heard_at, self.heard = stamped_at, awake
        silence = moment - max(self.since, stamped_at or self.since)
        if due_since is not None:
            self.doubts = self.doubts + 1 if silence >= DEAD_AFTER else 0
            is_sure = self.doubts >= DOUBTS_MIN and awake - self.heard >= AWAKE_SECONDS
            return Verdict.DEAD if is_sure else Verdict.WELL
        self.doubts = 0
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
        self.started = time.monotonic()

    def is_followed(self) -> bool:
        """Whether another one may begin: this one is done, or it hangs and is left behind."""
        if not self.is_alive():
            return True
        if time.monotonic() - self.started < PASS_SECONDS_MAX:
            return False
        log.error("a pass over the rows hangs for more than %.0f seconds; another one begins", PASS_SECONDS_MAX)
        return True

    def run(self) -> None:
        try:
            self.verdict = self._read_pulse()
            if self.verdict is Verdict.ASK:
                queue.ask_for_a_sign(supervisor=self.pulse.supervisor)
            sweeping.sweep()
            nudge.kick()
        finally:
            connections.close_all()

    def _read_pulse(self) -> Verdict:
        supervisor = self.pulse.supervisor
        return self.pulse.judge(
            moment=clock.now(),
            stamped_at=Heartbeat.objects.last(worker_stamp(supervisor)),
            due_since=queue.oldest_due(supervisor=supervisor),
            awake=time.monotonic(),
        )


def run(*, stop_seconds: float) -> int:
    """Keep the cluster until asked to stop; the exit code is 0 then, and 1 when the cluster cannot be kept alive."""
    stop = processes.StopRequests()
    processes.die_with_parent()
    supervisor = secrets.token_hex(8)
    cluster = processes.Child("cluster", _command(stop_seconds), environment={OWN_NAME: supervisor})
    crew = processes.Crew([cluster])
    try:
        return _keep(cluster, crew, stop, supervisor=supervisor)
    finally:
        if not crew.stop(seconds=stop_seconds + STOP_SLACK_SECONDS, at_once=lambda: stop.insist):
            log.warning("the cluster did not end by itself and was killed")


def _keep(cluster: processes.Child, crew: processes.Crew, stop: processes.StopRequests, *, supervisor: str) -> int:
    crew.tend()
    look = Pass(Pulse(since=clock.now(), supervisor=supervisor))
    next_pass, failures = time.monotonic(), 0
    while not stop.came:
        for _, code in crew.tend():
            log.error("the cluster ended with code %s", code)
            look.pulse.begin_again()
            # One that a job hurt had begun to work: pictures that kill their worker are counted in their own rows.
            failures = 0 if code == clustering.HURT else min(failures + 1, cluster.deaths)
        if failures >= DEATHS_MAX:
            log.critical("the cluster died %s times in a row; giving up", failures)
            return 1
        if look.verdict is Verdict.DEAD:  # also while the rest of that look takes its time
            log.error("no job has run for %s although work is due; starting a fresh cluster", DEAD_AFTER)
            cluster.kill_group()
            look.verdict = Verdict.WELL
            look.pulse.begin_again()
        if time.monotonic() >= next_pass and look.is_followed():
            look = Pass(look.pulse)
            look.start()
            next_pass = time.monotonic() + PASS_SECONDS
        time.sleep(processes.LOOK_SECONDS)
    return 0


def _command(stop_seconds: float) -> list[str]:
    return [sys.executable, str(MANAGE), "run_worker", "--cluster", "--stop-seconds", str(stop_seconds)]
