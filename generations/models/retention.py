"""What a team does not want to keep: pictures of some age go to the trash, but for those something speaks for."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations.models.team import Team


class Retention(models.Model):
    """A team without such a row keeps everything. `takes` names what speaks for a picture elsewhere, and not here."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="retention")
    months = models.PositiveSmallIntegerField()
    takes = models.JSONField(default=list)

    objects: ClassVar = models.Manager["Retention"]()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(months__gt=0), name="retention_months_positive")]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.months} months"
