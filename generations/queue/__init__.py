"""Starts background jobs by name, in the caller's transaction. The only room that knows django-q2.

The message is a nudge, the row is the truth: a job may be lost, repeated or late, and every job must bear that.
"""

import ctypes
import os
import uuid
from datetime import datetime, timedelta
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any

from django.utils import timezone
from django_q.cluster import Cluster
from django_q.models import Failure, OrmQ, Schedule
from django_q.tasks import async_task

from generations.queue import broker

# Without the pump nothing is sent and no vendor is asked, so it must not wait behind pictures to be fetched.
URGENT_JOBS = frozenset({"pump", "prove"})

# Set before the workers are forked, so that a job that lasts can see that its worker is asked to stop.
# Without a lock, because a worker that dies holding one would keep it.
_stopping = RawValue(ctypes.c_bool, False)
# The processes that wait for a vendor to answer an order, each at the place its number gives: nobody else writes there.
_sending = RawArray(ctypes.c_int32, 1024)


def later(job: str, **ids: int | str | uuid.UUID) -> None:
    """Have a worker run `generations.jobs.<job>` with these ids. A rolled-back transaction leaves no message."""
    lane = broker.URGENT if job in URGENT_JOBS else broker.ORDINARY
    words = {name: str(value) for name, value in ids.items()}
    async_task(f"generations.jobs.{job}", q_options={"cluster": lane}, **words)


def after(wait: timedelta, job: str, **ids: int | str | uuid.UUID) -> None:
    """The same, when that time has passed."""
    words = {name: str(value) for name, value in ids.items()}
    options = {"cluster": broker.ORDINARY, "broker": broker.Postponed(wait)}
    async_task(f"generations.jobs.{job}", q_options=options, **words)


def ask_for_a_sign(*, supervisor: str) -> None:
    """Have the cluster of that supervisor, and no other, run a job that only stamps."""
    async_task("generations.jobs.beat", q_options={"cluster": broker.lane_of(supervisor)})


def ask_to_stop() -> None:
    """Tell jobs that last to end at their next safe point."""
    _stopping.value = True


def is_stopping() -> bool:
    return bool(_stopping.value)


def show_sending(*, is_sending: bool) -> None:
    """Say whether this process waits for the answer to an order, which would be a doubt if it were cut off."""
    own = os.getpid()
    _sending[own % len(_sending)] = own if is_sending else 0


def is_sending() -> bool:
    """Whether a living process of this cluster said so last."""
    return any(pid and _is_alive(pid) for pid in _sending)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":  # where a signal that only asks is not known
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def new_cluster() -> Any:
    """The processes that run jobs, not started yet."""
    return Cluster()


def keep_schedule() -> None:
    """Have the queue itself tick once a minute, for the case that nobody outside it does. Safe to call again."""
    Schedule.objects.update_or_create(
        name="tick", defaults={"func": "generations.jobs.tick", "schedule_type": Schedule.MINUTES, "minutes": 1}
    )


def oldest_due(*, supervisor: str = "") -> datetime | None:
    """Since when a message that the cluster of this supervisor takes has been waiting, or None when none waits."""
    messages = broker.due(timezone.now(), supervisor=supervisor).order_by("lock")
    oldest: datetime | None = messages.values_list("lock", flat=True).first()
    return oldest


def waiting() -> int:
    """How many messages no worker has taken yet."""
    return broker.due(timezone.now()).count()


def forget_messages() -> int:
    """Forget every message, taken or not, after a restore: what is due the sweep asks for again. Says how many."""
    number: int = OrmQ.objects.all().delete()[0]
    return number


def prune_signs(*, before: datetime) -> int:
    """Forget the signs of life that clusters were asked for and will not give any more; says how many."""
    number: int = broker.asked_for_signs().filter(lock__lt=before).delete()[0]
    return number


def prune_failures(*, before: datetime) -> int:
    """Forget jobs that failed before that moment; says how many."""
    number: int = Failure.objects.filter(stopped__lt=before).delete()[0]
    return number
