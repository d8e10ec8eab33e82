"""What one member thinks of a picture: a heart, and one to five stars. It is theirs alone; nobody else reads it."""

from collections.abc import Collection
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from generations.models.image import Image
from generations.models.team import Member

RATING_MAX = 5


class MarkQuerySet(models.QuerySet["Mark"]):
    def of(self, member: Member, images: Collection[UUID]) -> Self:
        """What this member thinks of these."""
        return self.filter(member=member, image__in=images)

    def favor(self, member: Member, images: Collection[UUID]) -> None:
        self._say([Mark(member=member, image_id=image, is_favorite=True) for image in images], "is_favorite")

    def rate(self, member: Member, images: Collection[UUID], rating: int) -> None:
        self._say([Mark(member=member, image_id=image, rating=rating) for image in images], "rating")

    def unfavor(self) -> None:
        """A row that says nothing more is none."""
        self.filter(rating=None).delete()
        self.update(is_favorite=False)

    def unrate(self) -> None:
        self.filter(is_favorite=False).delete()
        self.update(rating=None)

    def _say(self, marks: list["Mark"], field: str) -> None:
        self.bulk_create(marks, update_conflicts=True, unique_fields=["member", "image"], update_fields=[field])


class Mark(models.Model):
    # An index of its own would do what the constraint's does.
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="marks", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="marks")
    is_favorite = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)

    objects: ClassVar = MarkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "image"], name="mark_once"),
            models.CheckConstraint(condition=Q(is_favorite=True) | Q(rating__isnull=False), name="mark_says_something"),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=RATING_MAX), name="mark_rating_in_stars"
            ),
        ]

    def __str__(self) -> str:
        return f"what member {self.member_id} thinks of {self.image_id}"
