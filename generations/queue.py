"""Starts background jobs by name, in the caller's transaction. The only room that knows django-q2.

The message is a nudge, the row is the truth: a job may be lost, repeated or late, and every job must bear that.
"""

import multiprocessing
import uuid
from datetime import datetime

from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task

# A schedule can name any function, and a stored job is a pickle: neither belongs on a web page (Q7, Q8).
KEPT_OUT_OF_ADMIN = (Failure, OrmQ, Schedule, Success)

# Set before the workers are forked, so that a job that lasts can see that its worker is asked to stop.
_stopping = multiprocessing.Event()


def later(job: str, **ids: int | str | uuid.UUID) -> None:
    """Have a worker run `generations.jobs.<job>` with these ids. A rolled-back transaction leaves no message."""
    async_task(f"generations.jobs.{job}", **{name: str(value) for name, value in ids.items()})


def ask_to_stop() -> None:
    """Tell jobs that last to end at their next safe point."""
    _stopping.set()


def is_stopping() -> bool:
    return _stopping.is_set()


def oldest_due() -> datetime | None:
    """Since when a message has been waiting for a worker, or None when none waits."""
    waiting = OrmQ.objects.filter(lock__lte=timezone.now())
    return waiting.order_by("lock").values_list("lock", flat=True).first()


def waiting() -> int:
    """How many messages no worker has taken yet."""
    return OrmQ.objects.filter(lock__lte=timezone.now()).count()


def prune_failures(*, before: datetime) -> int:
    """Forget jobs that failed before that moment; says how many."""
    return Failure.objects.filter(stopped__lt=before).delete()[0]
