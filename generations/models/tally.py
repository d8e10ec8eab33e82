"""Sums over a whole table that are made now and then, so that no page makes them."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from generations.models import clock

STORED_BYTES = "stored_bytes"
"""Of the originals on the shelf."""


class TallyQuerySet(models.QuerySet["Tally"]):
    def write(self, name: str, value: int) -> None:
        self.update_or_create(name=name, defaults={"value": value, "at": clock.now()})

    def read(self, name: str) -> tuple[int, datetime] | None:
        """The sum and when it was made; None before the first time."""
        return self.filter(name=name).values_list("value", "at").first()


class Tally(models.Model):
    name = models.CharField(max_length=32, primary_key=True)
    value = models.BigIntegerField()
    at = models.DateTimeField()

    objects: ClassVar = TallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
