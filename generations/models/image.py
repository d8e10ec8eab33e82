"""A finished picture stored by us, with the smaller copies pages show."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.generation import Generation
from generations.models.team import Member, Team


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, member: Member) -> Self:
        """Those of the member's team that nobody deleted or hid."""
        return self.filter(team=member.team_id, deleted_at=None, hidden_at=None)


class Image(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="images")
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="images")
    index = models.PositiveSmallIntegerField(default=0)
    # The picture this one was upscaled from.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")

    # What the file is, as we found it by decoding it.
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    tone = models.CharField(max_length=12)
    # The smaller copies: [{"width": 384, "height": 256, "size_bytes": 9000}, ...], smallest first.
    renditions = models.JSONField(default=list)

    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ImageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "index"], name="image_index_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0, size_bytes__gt=0), name="image_has_size"),
        ]
        indexes: ClassVar = [
            # The library pages through a team, newest first.
            models.Index(fields=["team", "-id"], name="image_newest", condition=Q(deleted_at=None, hidden_at=None)),
            # Clean-up asks whether a file is still somebody's.
            models.Index(fields=["sha256"], name="image_file"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.width} × {self.height})"

    @property
    def title(self) -> str:
        """The first words of the prompt, for headings and alternative texts."""
        words = self.generation.prompt.split()
        return " ".join(words[:12]) or "Picture"

    @property
    def widths(self) -> list[int]:
        return [rendition["width"] for rendition in self.renditions]

    def rendition(self, width: int) -> dict[str, Any] | None:
        """The facts of that smaller copy, if there is one."""
        return next((rendition for rendition in self.renditions if rendition["width"] == width), None)
