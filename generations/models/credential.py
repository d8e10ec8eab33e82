"""What a team, or the whole installation, stored so that a provider works for it."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from generations import providers
from generations.models import clock
from generations.models.team import Team


class CredentialState(models.TextChoices):
    ACTIVE = "active", "In use"
    DRAINING = "draining", "No new work; what runs is finished"
    RETIRED = "retired", "Out of use"


class CredentialQuerySet(models.QuerySet["Credential"]):
    def serving(self, team: Team) -> Self:
        """Those new work of the team may go to: its own before the installation's, in their order."""
        mine = self.filter(Q(team=team) | Q(team=None), state=CredentialState.ACTIVE)
        return mine.order_by(models.F("team").asc(nulls_last=True), "position", "pk")

    def free(self, moment: datetime) -> Self:
        """Those not resting after a refusal."""
        return self.filter(Q(paused_until=None) | Q(paused_until__lte=moment))


class Credential(models.Model):
    # Whose it is: one team's, or everyone's.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="credentials")
    provider = models.CharField(max_length=32, choices=providers.choices)
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    # The secret, sealed; people only ever see its end.
    sealed_key = models.TextField(blank=True)
    last_four = models.CharField(max_length=4, blank=True)

    # How it is doing.
    state = models.CharField(max_length=8, choices=CredentialState, default=CredentialState.ACTIVE)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=200, blank=True)

    # Own limits, where they differ from the offer's.
    running_max = models.PositiveIntegerField(null=True, blank=True)
    hourly_max = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = CredentialQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=CredentialState.values), name="credential_state_known"),
            # Commands that add a credential may be run twice.
            models.UniqueConstraint(fields=["team", "provider", "label"], name="credential_label_once"),
            models.UniqueConstraint(
                fields=["provider", "label"], condition=Q(team=None), name="credential_label_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.label}"

    def pause(self, *, until: datetime, because: str) -> None:
        """Let the credential rest; work waits for it or goes to another one."""
        self.paused_until, self.paused_because = until, because
        self.save(update_fields=["paused_until", "paused_because"])
