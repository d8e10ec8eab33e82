"""The number under which a picture stands in the search index: later pictures have larger ones."""

from typing import ClassVar

from django.db import models

from generations.models.image import Image


class SearchEntry(models.Model):
    id = models.BigAutoField(primary_key=True)
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="search_entry")

    objects: ClassVar = models.Manager["SearchEntry"]()

    def __str__(self) -> str:
        return f"{self.image_id} is number {self.pk}"
