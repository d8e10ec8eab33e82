"""One run of the queue's cluster, in a process group of its own so that it can be killed whole.

A cluster that lost one of its processes suddenly may look alive and run nothing, or run finished jobs again for ever.
Nobody can tell from outside, so the first such loss ends this run, and the supervisor starts a fresh one.
"""

import ctypes
import logging
import multiprocessing.sharedctypes
import os
import sys
import threading
import time
from typing import Any, NoReturn

# Loaded before the fork, so that the workers share the memory of httpx and Pillow instead of each loading its own.
import generations.services.collecting
import generations.services.pumping  # noqa: F401
from generations import queue
from generations.management import processes

log = logging.getLogger(__name__)

STOPPED, DIED, HURT = 0, 1, 3  # exit codes
HURT_STOP_SECONDS = 10.0  # for the jobs of the processes that are still well
ANSWERS_SECONDS = 60.0  # for vendors that have an order and did not answer yet: cut off, each of these is a doubt
LOOK_SECONDS = 0.2


class _Alarm(logging.Handler):
    """Hears what the cluster's guard says at the level critical, which it does only of sudden deaths.

    The guard is another process; the mark it leaves has no lock, because who dies with a lock keeps it.
    """

    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.mark = multiprocessing.sharedctypes.RawValue(ctypes.c_bool, False)

    def emit(self, record: logging.LogRecord) -> None:
        # A job over its time is ended in order: its worker is replaced and hurts nobody else.
        if "after timeout" not in record.getMessage():
            self.mark.value = True


def run(*, stop_seconds: float) -> NoReturn:
    """Run until asked to stop, then give jobs under way `stop_seconds`. Leaves with STOPPED, DIED or HURT."""
    stop = processes.StopRequests()
    processes.die_with_parent()
    processes.take_forks_along()
    alarm = _Alarm()
    logging.getLogger("django-q").addHandler(alarm)
    cluster = queue.new_cluster()
    stop.listen()  # the cluster's own handler would stop it inside the signal, which can hang
    code = _watch(cluster, stop, alarm)
    # Not sys.exit: that would wait for processes that were given up. What is left of the group dies with this one.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_stop(cluster, stop, code, seconds=min(stop_seconds, HURT_STOP_SECONDS) if code else stop_seconds))


def _watch(cluster: Any, stop: processes.StopRequests, alarm: _Alarm) -> int:
    try:
        cluster.start()
    except RuntimeError as failure:
        log.error("%s", failure)
        return DIED
    while not stop.came:
        if not cluster.sentinel.is_alive():
            log.error("the cluster's guard died")
            return DIED
        if alarm.mark.value:
            log.error("the cluster lost a process; starting a fresh one")
            return HURT
        time.sleep(LOOK_SECONDS)
    return STOPPED


def _stop(cluster: Any, stop: processes.StopRequests, code: int, *, seconds: float) -> int:
    """Let the jobs under way end, within the time given; gives the exit code.

    The loss of a process asks nobody to hurry, so then the orders that others have on their way are heard to the end.
    """
    queue.ask_to_stop()
    # In a thread, because setting an event waits for whoever waits for it, and that one may be dead.
    threading.Thread(target=_ask, args=(cluster,), daemon=True).start()
    end = time.monotonic() + seconds
    last = max(end, time.monotonic() + ANSWERS_SECONDS) if code == HURT else end
    while cluster.sentinel.is_alive() and not stop.insist:
        moment = time.monotonic()
        if moment >= last or (moment >= end and not queue.is_sending()):
            break
        time.sleep(LOOK_SECONDS)
    if cluster.sentinel.is_alive():
        log.warning("jobs under way were cut off; their leases bring them back")
    return code


def _ask(cluster: Any) -> None:
    if cluster.sentinel.is_alive():
        cluster.stop_event.set()
