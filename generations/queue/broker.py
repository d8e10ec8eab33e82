"""Hands messages to the cluster in order: the urgent lane first, and in each lane the one that is due longest.

The queue's own broker has no order. It would let the pump wait behind hundreds of pictures, and nothing could be sent.
The lane is the message's key and not a date set back, so that a message keeps its lane when it is handed out again
and `lock` stays what it says: the moment since when somebody may take it.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

ORDINARY: str = Conf.CLUSTER_NAME
URGENT = f"{ORDINARY}:urgent"

OWN = f"{ORDINARY}:of:"

Message = tuple[int, str]  # its number and its signed package


def lane_of(supervisor: str) -> str:
    """The lane from which only the cluster of this supervisor takes messages."""
    return f"{OWN}{supervisor}"


def due(moment: datetime, *, supervisor: str = "") -> QuerySet[OrmQ]:
    """The messages that any worker may take, and with a supervisor also those for its own cluster."""
    lanes = [URGENT, ORDINARY, *([lane_of(supervisor)] if supervisor else [])]
    messages: QuerySet[OrmQ] = OrmQ.objects.using(Conf.ORM)
    return messages.filter(key__in=lanes, lock__lte=moment)


def asked_for_signs() -> QuerySet[OrmQ]:
    """What lies in the lanes of single clusters."""
    messages: QuerySet[OrmQ] = OrmQ.objects.using(Conf.ORM)
    return messages.filter(key__startswith=OWN)


class Lanes(ORM):  # type: ignore[misc]  # django-q2 ships no types
    """What the cluster takes its messages from; everything but the taking is as in the queue's own broker."""

    def dequeue(self) -> list[Message]:
        """The next messages, not to be had by anybody else until `retry` is over. None: a moment's sleep."""
        try:
            taken = self._take()
        except (OperationalError, InterfaceError):
            # The connection outlives the polls; a database that was restarted meanwhile gets a new one.
            connections[Conf.ORM].close_if_unusable_or_obsolete()
            taken = self._take()
        if not taken:
            time.sleep(Conf.POLL)
        return taken

    def queue_size(self) -> int:
        return due(timezone.now()).count()

    def _take(self) -> list[Message]:
        """Look first, because an empty queue should cost no write. Whoever changes the lock that was read has it."""
        while seen := self._next():
            taken = [
                (number, package)
                for number, package, lock in seen
                if OrmQ.objects.using(Conf.ORM).filter(pk=number, lock=lock).update(lock=self.timeout(package))
            ]
            if taken:
                return taken
        return []

    def _next(self) -> list[tuple[int, str, datetime]]:
        lane = Case(When(key=URGENT, then=Value(0)), default=Value(1), output_field=IntegerField())
        messages = due(timezone.now(), supervisor=settings.SUPERVISOR).order_by(lane, "lock", "pk")
        return list(messages.values_list("pk", "payload", "lock")[: Conf.BULK])


class Postponed(Lanes):
    """Puts a message where nobody may take it before that time has passed."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(ORDINARY)
        self.wait = wait

    def enqueue(self, task: str) -> int:
        made: OrmQ = self.get_connection().create(key=self.list_key, payload=task, lock=timezone.now() + self.wait)
        return int(made.pk)
