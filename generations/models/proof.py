"""When books were last proved to add up, and what was found: a team's own, and those of the whole installation."""

from typing import ClassVar
from uuid import UUID

from django.db import models

from generations.models import clock
from generations.models.team import Team


class BookProof(models.Model):
    """`lines` were added up at that moment; `faults` of them, or of their sums, did not fit."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="proof")
    lines = models.PositiveBigIntegerField()
    faults = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar = models.Manager()

    def __str__(self) -> str:
        return f"{self.team}: {self.lines} lines, {self.faults} faults"

    @property
    def is_clean(self) -> bool:
        return self.faults == 0


class AuditRun(models.Model):
    """One nightly audit, in steps: `rules` are those that were checked, the shelf's among them as soon as it is begun.

    `reached` is the last picture whose files were read.
    """

    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What was found, each as the command prints it, and the rules that found more than is listed.
    rules = models.JSONField(default=list, blank=True)
    findings = models.JSONField(default=list, blank=True)
    cut = models.JSONField(default=list, blank=True)
    pictures = models.PositiveBigIntegerField(default=0)
    reached = models.UUIDField(null=True, blank=True)

    objects: ClassVar = models.Manager()

    def __str__(self) -> str:
        return f"audit of {self.started_at:%Y-%m-%d}: {len(self.findings)} findings"

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def note(self, *, rules: list[str], findings: list[str], cut: list[str]) -> bool:
        """Write down what was checked by now, and what more was found; False when another worker did it meanwhile."""
        changes = {
            "rules": rules,
            "findings": [*self.findings, *findings],
            "cut": [*self.cut, *(rule for rule in cut if rule not in self.cut)],
        }
        if not type(self).objects.filter(pk=self.pk, rules=self.rules, ended_at=None).update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True

    def go_on(self, *, findings: list[str], cut: list[str], pictures: int, reached: UUID | None, over: bool) -> bool:
        """Write down one step; False when another worker did it meanwhile."""
        changes = {
            "findings": [*self.findings, *findings],
            "cut": [*self.cut, *(rule for rule in cut if rule not in self.cut)],
            "pictures": self.pictures + pictures,
            "reached": reached or self.reached,
            "ended_at": clock.now() if over else None,
        }
        mine = type(self).objects.filter(pk=self.pk, reached=self.reached, pictures=self.pictures, ended_at=None)
        if not mine.update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True
