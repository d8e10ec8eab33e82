"""One act on many pictures at once: which they are is frozen when it is asked for, and each is dealt with once."""

from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.team import Member

UNDO_FOR = timedelta(hours=24)
KEPT = timedelta(days=7)
LOST_AFTER = timedelta(minutes=2)
"""After so long without a step its message is taken to be lost."""


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def lost(self) -> Self:
        """Those nobody works on any more."""
        return self.open().filter(seen_at__lt=clock.now() - LOST_AFTER)

    def over(self) -> Self:
        return self.filter(ended_at__lt=clock.now() - KEPT)


class BulkAct(models.Model):
    """`images` are ids in the order they are dealt with, the first `reached` of them are. `left` says for which of
    those nothing was done, with why; "" where there was nothing to do. `facts` are what the act is done with.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="bulk_acts")
    kind = models.CharField(max_length=16)
    facts = models.JSONField(default=dict)
    images = models.JSONField(default=list)
    reached = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)
    request_key = models.CharField(max_length=64)
    # The one this takes back.
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = BulkActQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # A double click: the same key again is the same act.
            models.UniqueConstraint(fields=["member", "request_key"], name="bulk_act_once"),
            models.CheckConstraint(
                condition=Q(canceled_at=None) | Q(ended_at__isnull=False), name="bulk_act_canceled_is_over"
            ),
        ]
        indexes: ClassVar = [
            # The sweep asks for what got lost; the library for what a member has under way.
            models.Index(fields=["seen_at"], name="bulk_act_open", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reached}/{self.number}"

    def advance(self, *, by: int, left: dict[str, str], before: dict[str, int | None]) -> bool:
        """So many more are dealt with; False when somebody else did, or it is over."""
        reached = self.reached + by
        facts = self.facts | {"before": self.facts.get("before", {}) | before} if before else self.facts
        changes = {"reached": reached, "left": self.left | left, "facts": facts, "seen_at": clock.now()}
        if reached >= self.number:
            changes["ended_at"] = clock.now()
        if not type(self).objects.open().filter(pk=self.pk, reached=self.reached).update(**changes):
            return False
        self.refresh_from_db()
        return True

    def cancel(self) -> bool:
        """No further picture is touched; False when it is over."""
        moment = clock.now()
        return bool(type(self).objects.open().filter(pk=self.pk).update(ended_at=moment, canceled_at=moment))

    @property
    def number(self) -> int:
        return len(self.images)

    @property
    def done(self) -> list[UUID]:
        """Those something was done for."""
        return [UUID(pk) for pk in self.images[: self.reached] if pk not in self.left]

    @property
    def may_undo(self) -> bool:
        """While it is not long ago, and nobody did."""
        is_late = self.ended_at is None or clock.now() - self.ended_at > UNDO_FOR
        return not is_late and self.undoes_id is None and not hasattr(self, "undone_by") and bool(self.done)
