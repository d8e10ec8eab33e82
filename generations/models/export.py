"""A person's own data, asked for as one file: being put together, ready for a day, or asked for anew."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from generations.models import clock
from generations.models.person import Person

KEPT = timedelta(hours=24)
"""How long a finished file can be fetched."""
STUCK_AFTER = timedelta(hours=1)
"""After so long without a sign of life its work is taken to be lost."""


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, person: Person) -> "Export | None":
        """The person's own one, while it is made or can be fetched."""
        mine = self.filter(person=person).first()
        return mine if mine is not None and not mine.is_over else None

    def stuck(self) -> Self:
        """Those nobody works on any more."""
        return self.filter(ready_at=None, seen_at__lte=clock.now() - STUCK_AFTER)

    def over(self) -> Self:
        return self.filter(ready_at__lte=clock.now() - KEPT)


class Export(models.Model):
    """`token` names the file and the work on it; `after` is the last picture that is in it, as its id."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="export")
    token = models.CharField(max_length=32, unique=True)
    asked_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    after = models.UUIDField(null=True, blank=True)
    pictures = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"export {self.pk}"

    @classmethod
    def start(cls, person: Person) -> Self:
        """Begin anew; what was there before is forgotten."""
        facts: dict[str, Any] = {
            "asked_at": clock.now(),
            "after": None,
            "pictures": 0,
            "size_bytes": 0,
            "ready_at": None,
        }
        facts |= {"token": secrets.token_hex(16), "seen_at": clock.now()}
        return cls.objects.update_or_create(person=person, defaults=facts)[0]

    def restart(self) -> bool:
        """Work on it again from the beginning, under a new name; False when somebody else did."""
        same = type(self).objects.filter(pk=self.pk, token=self.token, ready_at=None)
        facts: dict[str, Any] = {"token": secrets.token_hex(16), "seen_at": clock.now(), "after": None, "pictures": 0}
        if not same.update(**facts):
            return False
        self.refresh_from_db()
        return True

    def advance(self, *, after: object, pictures: int) -> bool:
        """So far it is written; False when somebody else went on, and this work is worth nothing."""
        same = type(self).objects.filter(pk=self.pk, token=self.token, pictures=self.pictures, ready_at=None)
        return bool(same.update(after=after, pictures=pictures, seen_at=clock.now()))

    def finish(self, *, pictures: int, size_bytes: int) -> bool:
        """It can be fetched from now on; False as for `advance`."""
        same = type(self).objects.filter(pk=self.pk, token=self.token, pictures=self.pictures, ready_at=None)
        return bool(same.update(pictures=pictures, size_bytes=size_bytes, ready_at=clock.now()))

    @property
    def is_over(self) -> bool:
        return self.ready_at is not None and self.ready_at <= clock.now() - KEPT

    @property
    def ends_at(self) -> datetime | None:
        """Until when a finished one can be fetched."""
        return self.ready_at + KEPT if self.ready_at else None
