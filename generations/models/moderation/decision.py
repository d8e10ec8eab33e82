"""The log of what was decided about reported pictures: written once, never changed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.moderation.case import WORDS_CHARACTERS_MAX, ReviewCase
from generations.models.moderation.choices import Action, Concern, Level
from generations.models.moderation.suspension import Suspension
from generations.models.written_once import WrittenOnce


class ReviewDecision(WrittenOnce):
    """`role` is as whom `by` decided. A decision is reversed once, by another one that says so."""

    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="decisions")
    action = models.CharField(max_length=9, choices=Action)
    reason = models.CharField(max_length=11, choices=Concern, blank=True)
    words = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    role = models.CharField(max_length=5, choices=Level)
    at = models.DateTimeField(default=clock.now)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    suspension = models.ForeignKey(Suspension, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(action__in=Action.values), name="decision_action_known"),
            # The log of a case tells why wherever somebody judged it.
            models.CheckConstraint(
                condition=~Q(reason="") | Q(action__in=["restore", "ask_purge", "purge"]), name="decision_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} of case {self.case_id}"
