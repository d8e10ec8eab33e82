"""What people of a team write under a picture, for everybody who sees the picture."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.image import Image
from generations.models.team import Member

NOTE_CHARACTERS_MAX = 1000


class NoteQuerySet(models.QuerySet["Note"]):
    def seen_by(self, member: Member) -> Self:
        """Those under pictures this member sees."""
        return self.filter(image__in=Image.objects.visible_to(member))


class Note(models.Model):
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="notes", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(max_length=NOTE_CHARACTERS_MAX)
    at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = NoteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(text__gt=""), name="note_says_something"),
        ]
        indexes: ClassVar = [
            # Under a picture, oldest first.
            models.Index(fields=["image", "id"], name="note_oldest"),
            # The desk's calendar.
            models.Index(fields=["at"], name="note_when"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    def edit(self, text: str) -> bool:
        """Have it say something else; False when it says so already."""
        at = clock.now()
        if not type(self).objects.filter(pk=self.pk).exclude(text=text).update(text=text, edited_at=at):
            return False
        self.text, self.edited_at = text, at
        return True
