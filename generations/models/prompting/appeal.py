"""A person asks to have another look at a prompt that a rule blocked: once for each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations.models.moderation import Level
from generations.models.prompting.hit import RuleHit
from generations.models.prompting.reach import WAITING, WORDS_CHARACTERS_MAX, Asked, AskedQuerySet


class AppealState(models.TextChoices):
    WAITING = WAITING, "Waits for a reviewer"
    UPHELD = "upheld", "The rule stands"
    OVERTURNED = "overturned", "Let through from now on"


class RuleAppeal(Asked):
    """`said` is what the person wrote, `words` what they were answered."""

    hit = models.OneToOneField(RuleHit, on_delete=models.PROTECT, related_name="appeal")
    state = models.CharField(max_length=10, choices=AppealState, default=AppealState.WAITING)
    said = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)

    objects: ClassVar = AskedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="appeal_level_known"),
            models.CheckConstraint(
                condition=Q(state=WAITING, decided_at=None) | (~Q(state=WAITING) & Q(decided_at__isnull=False)),
                name="appeal_decided_when_closed",
            ),
        ]
        indexes: ClassVar = [
            # The reviewers' page, oldest first, of the studio and of a team.
            models.Index(fields=["state", "id"], name="appeal_queue"),
            models.Index(fields=["team", "state", "id"], name="appeal_team_queue"),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk} ({self.state})"
