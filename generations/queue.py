"""Starts background jobs by name, in the caller's transaction. The only room that knows django-q2.

The message is a nudge, the row is the truth: a job may be lost, repeated or late, and every job must bear that.
"""

import ctypes
import uuid
from datetime import datetime
from multiprocessing.sharedctypes import RawValue
from typing import Any

from django.utils import timezone
from django_q.cluster import Cluster
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task

# A schedule can name any function, and a stored job is a pickle: neither belongs on a web page (Q7, Q8).
KEPT_OUT_OF_ADMIN = (Failure, OrmQ, Schedule, Success)

# Set before the workers are forked, so that a job that lasts can see that its worker is asked to stop.
# Without a lock, because a worker that dies holding one would keep it.
_stopping = RawValue(ctypes.c_bool, False)


def later(job: str, **ids: int | str | uuid.UUID) -> None:
    """Have a worker run `generations.jobs.<job>` with these ids. A rolled-back transaction leaves no message."""
    async_task(f"generations.jobs.{job}", **{name: str(value) for name, value in ids.items()})


def ask_to_stop() -> None:
    """Tell jobs that last to end at their next safe point."""
    _stopping.value = True


def is_stopping() -> bool:
    return bool(_stopping.value)


def new_cluster() -> Any:
    """The processes that run jobs, not started yet."""
    return Cluster()


def keep_schedule() -> None:
    """Have the queue itself tick once a minute, for the case that nobody outside it does. Safe to call again."""
    Schedule.objects.update_or_create(
        name="tick", defaults={"func": "generations.jobs.tick", "schedule_type": Schedule.MINUTES, "minutes": 1}
    )


def oldest_due() -> datetime | None:
    """Since when a message has been waiting for a worker, or None when none waits."""
    waiting = OrmQ.objects.filter(lock__lte=timezone.now())
    oldest: datetime | None = waiting.order_by("lock").values_list("lock", flat=True).first()
    return oldest


def waiting() -> int:
    """How many messages no worker has taken yet."""
    number: int = OrmQ.objects.filter(lock__lte=timezone.now()).count()
    return number


def prune_failures(*, before: datetime) -> int:
    """Forget jobs that failed before that moment; says how many."""
    number: int = Failure.objects.filter(stopped__lt=before).delete()[0]
    return number
