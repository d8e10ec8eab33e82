"""An order that a rule holds: nothing of it is ordered or set aside until a reviewer lets it through."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.generation import Batch, Generation
from generations.models.moderation import Level
from generations.models.prompting.hit import RuleHit
from generations.models.prompting.reach import WAITING, Asked, AskedQuerySet


class HeldQuerySet(AskedQuerySet["HeldOrder"]):
    def take_back(self) -> int:
        """Whoever asked will not be here any more."""
        return self.waiting().update(state=HeldState.WITHDRAWN, decided_at=clock.now())

    def forget_words(self) -> int:
        """What was typed is gone for good, and with it what could have come of it."""
        self.take_back()
        return self.exclude(prompt="").update(prompt="", words="")


class HeldState(models.TextChoices):
    WAITING = WAITING, "Waits for a reviewer"
    PASSED = "passed", "Let through"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Taken back"


class HeldOrder(Asked):
    """The order as it was sent. `price` is what one picture cost then; no more is ever taken for it.

    `trouble` says why it was not ordered although it was let through.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hit = models.ForeignKey(RuleHit, on_delete=models.PROTECT, related_name="held")
    state = models.CharField(max_length=9, choices=HeldState, default=HeldState.WAITING)
    request_key = models.CharField(max_length=64)
    request_print = models.CharField(max_length=64)
    provider = models.CharField(max_length=32)
    offer_key = models.CharField(max_length=64)
    prompt = models.TextField(blank=True)
    shape = models.CharField(max_length=8)
    count = models.PositiveSmallIntegerField()
    is_private = models.BooleanField(default=False)
    price = models.PositiveIntegerField()
    retry_of = models.ForeignKey(Generation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    batch = models.OneToOneField(Batch, on_delete=models.SET_NULL, null=True, blank=True, related_name="held")
    trouble = models.CharField(max_length=500, blank=True)

    objects: ClassVar = HeldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=HeldState.values), name="held_order_state_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="held_order_level_known"),
            # A form sent again is the same order.
            models.UniqueConstraint(fields=["member", "request_key"], name="held_order_once"),
            models.CheckConstraint(
                condition=Q(state=WAITING, decided_at=None) | (~Q(state=WAITING) & Q(decided_at__isnull=False)),
                name="held_order_decided_when_closed",
            ),
            # Only what was let through is ordered.
            models.CheckConstraint(condition=Q(batch=None) | Q(state="passed"), name="held_order_placed_when_passed"),
        ]
        indexes: ClassVar = [
            # The reviewers' page, oldest first, of the studio and of a team; a member's own, newest first.
            models.Index(fields=["state", "id"], name="held_order_queue"),
            models.Index(fields=["team", "state", "id"], name="held_order_team_queue"),
            models.Index(fields=["member", "-id"], name="held_order_newest"),
        ]

    def __str__(self) -> str:
        return f"held order {self.pk} ({self.state})"

    def record(self, *, batch: Batch | None, trouble: str = "") -> None:
        """What came of it once it was let through."""
        type(self).objects.filter(pk=self.pk, state=HeldState.PASSED, batch=None).update(
            batch=batch, trouble=trouble[: type(self)._meta.get_field("trouble").max_length]
        )
        self.refresh_from_db()
