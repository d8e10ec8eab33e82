"""The generations of one submit, 1 to 8, shown as one group. Its request key makes a submit happen once."""

from typing import ClassVar

from django.db import models

from generations.models import clock
from generations.models.fields import new_id
from generations.models.team import Member, Team


class Batch(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="batches")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="batches")
    # The key comes from the form; the print is the hash of everything ordered with it.
    request_key = models.CharField(max_length=64)
    request_print = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "batches"
        constraints: ClassVar = [
            # A double click or a form sent again is the same submit.
            models.UniqueConstraint(fields=["member", "request_key"], name="batch_request_once"),
        ]
        indexes: ClassVar = [
            # The studio page shows the newest of a team, or of one member.
            models.Index(fields=["team", "-id"], name="batch_newest"),
            models.Index(fields=["member", "-id"], name="batch_newest_of_member"),
        ]

    def __str__(self) -> str:
        return str(self.id)
