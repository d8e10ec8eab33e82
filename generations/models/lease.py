"""Who is at work: leases that one process holds at a time, and heartbeats that show something is alive."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q

from generations.models import clock

WORKER = "worker"
BACKUP = "backup"
"""Names of heartbeats: of clusters of workers, and of the last good backup."""
BACKUP_AGE_MAX = timedelta(days=7)
"""Older than that, and staff are told."""


def pump_lease(shard: int) -> str:
    """The name of the lease that says a pump is at work."""
    return f"pump:{shard}"


def worker_stamp(supervisor: str) -> str:
    """The name under which the jobs of this supervisor's cluster show that it is alive."""
    return f"{WORKER}:{supervisor}" if supervisor else WORKER


class LeaseQuerySet(models.QuerySet["Lease"]):
    def take(self, name: str, *, seconds: float) -> str | None:
        """The token of the lease when it was free or had run out, else None."""
        moment, token = clock.now(), secrets.token_hex(16)
        end = moment + timedelta(seconds=seconds)
        if self.filter(name=name, until__lt=moment).update(token=token, until=end):
            return token
        _, made = self.get_or_create(name=name, defaults={"token": token, "until": end})
        return token if made else None

    def renew(self, name: str, *, token: str, seconds: float) -> bool:
        """False when somebody else took it: stop at once. A late holder nobody followed still has it."""
        held = self.filter(name=name, token=token)
        return bool(held.update(until=clock.now() + timedelta(seconds=seconds)))

    def release(self, name: str, *, token: str) -> None:
        self.filter(name=name, token=token).update(until=clock.now() - timedelta(seconds=1), token="")

    def of_pumps(self) -> Self:
        """Those of every shard, asked for by name: a pattern among the values costs SQLite a new plan each time."""
        return self.filter(name__in=[pump_lease(shard) for shard in range(settings.PUMP_SHARDS)])

    def is_stale(self, name: str) -> bool:
        return not self.filter(name=name, until__gte=clock.now()).exists()


class Lease(models.Model):
    name = models.CharField(max_length=64, primary_key=True)
    token = models.CharField(max_length=32)
    until = models.DateTimeField()

    objects: ClassVar = LeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%H:%M:%S}"


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def stamp(self, name: str) -> None:
        """Remember that `name` was alive just now."""
        self.update_or_create(name=name, defaults={"at": clock.now()})

    def last(self, name: str) -> datetime | None:  # type: ignore[override]  # the newest stamp, not the last row
        return self.filter(name=name).values_list("at", flat=True).first()

    def of_workers(self) -> Self:
        """The stamps of every cluster."""
        return self.filter(Q(name=WORKER) | Q(name__startswith=f"{WORKER}:"))

    def last_of_workers(self) -> datetime | None:
        """When a job ran last, in whichever cluster."""
        newest: datetime | None = self.of_workers().aggregate(newest=Max("at"))["newest"]
        return newest

    def forget_workers(self, *, before: datetime) -> int:
        """Drop the stamps of clusters that were last alive before that moment; says how many."""
        return self.of_workers().filter(at__lt=before).delete()[0]


class Heartbeat(models.Model):
    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    objects: ClassVar = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
