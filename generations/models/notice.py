"""What a person is told: the lines of their inbox."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.team import Team

SUBJECT_CHARACTERS_MAX = 200
WORDS_CHARACTERS_MAX = 1000


class NoticeQuerySet(models.QuerySet["Notice"]):
    def told(self) -> Self:
        """Those that are lines of an inbox."""
        return self.filter(is_silent=False)

    def unread(self) -> Self:
        return self.told().filter(read_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-id")

    def mark_read(self) -> int:
        return self.unread().update(read_at=clock.now())


class Notice(models.Model):
    """`kind` names the occasion in one word, `subject` is one line, `words` what may follow, `path` where it leads."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=SUBJECT_CHARACTERS_MAX)
    words = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)
    path = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # Names what is told once: of two who tell it, one does. Empty for everything else.
    key = models.CharField(max_length=120, blank=True)
    # Known to have happened, and not worth a line.
    is_silent = models.BooleanField(default=False)

    objects: ClassVar = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], condition=~Q(key=""), name="notice_told_once"),
        ]
        indexes: ClassVar = [
            # The inbox, newest first; the rail counts what is unread.
            models.Index(fields=["person", "-id"], name="notice_newest"),
            models.Index(fields=["person", "read_at"], name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.subject
