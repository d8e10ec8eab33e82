"""A person or a team that may look, and do nothing else, for a while or without an end."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.person import Person
from generations.models.team import Team

REASON_CHARACTERS_MAX = 300


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def standing(self) -> Self:
        """Those nobody lifted, also where their time is over."""
        return self.filter(lifted_at=None)

    def live(self) -> Self:
        """Those that hold now."""
        return self.standing().filter(Q(until=None) | Q(until__gt=clock.now()))


class Suspension(models.Model):
    """`reason` is read by whom it is about. No `until`: it lasts until somebody lifts it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="suspensions"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="suspensions")
    reason = models.CharField(max_length=REASON_CHARACTERS_MAX)
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar = SuspensionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, team=None) | Q(person=None, team__isnull=False),
                name="suspension_of_one",
            ),
            # One at a time: what is read about it is all there is.
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="suspension_of_person_once"),
            models.UniqueConstraint(fields=["team"], condition=Q(lifted_at=None), name="suspension_of_team_once"),
        ]

    def __str__(self) -> str:
        return f"suspension of {self.person or self.team}"

    @property
    def holds(self) -> bool:
        """Whether they may not act now."""
        return self.lifted_at is None and (self.until is None or self.until > clock.now())

    def lift(self, *, by: Person | None) -> bool:
        """End it now; False when that was done before."""
        mine = type(self).objects.standing().filter(pk=self.pk)
        if not mine.update(lifted_at=clock.now(), lifted_by=by):
            return False
        self.refresh_from_db()
        return True
