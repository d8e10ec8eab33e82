"""The number under which a picture stands in the search index: later pictures have larger ones."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations.models.image import Image


class SearchEntry(models.Model):
    id = models.BigAutoField(primary_key=True)
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="search_entry")

    # Whether it can be found by anything yet: those of a studio that searched nothing before are written bit by bit.
    is_written = models.BooleanField(default=True)

    objects: ClassVar = models.Manager["SearchEntry"]()

    class Meta:
        indexes: ClassVar = [
            # Housekeeping asks what is still to be written, the newest first.
            models.Index(fields=["id"], name="search_entry_unwritten", condition=Q(is_written=False)),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} is number {self.pk}"
