"""Who in a team may upscale with which vendor."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations import providers
from generations.models.team import Member, Team


class Reach(models.TextChoices):
    EVERYONE = "everyone", "Everyone who makes pictures"
    MANAGERS = "managers", "Owners and admins"
    NOBODY = "nobody", "Nobody"


class RuleQuerySet(models.QuerySet["UpscaleRule"]):
    def barred(self, member: Member) -> set[str]:
        """The providers this member may not upscale with."""
        closed = [Reach.NOBODY] if member.may_manage else [Reach.NOBODY, Reach.MANAGERS]
        return set(self.filter(team=member.team_id, reach__in=closed).values_list("provider", flat=True))


class UpscaleRule(models.Model):
    """One vendor's; a vendor without a rule is open to everyone who makes pictures."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="upscale_rules")
    provider = models.CharField(max_length=32, choices=providers.choices)
    reach = models.CharField(max_length=8, choices=Reach, default=Reach.EVERYONE)

    objects: ClassVar = RuleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "provider"], name="upscale_rule_once"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="upscale_rule_reach_known"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.team}: {self.reach}"
