"""What a member gets from the pool each month, and the brake a member sets for themselves."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from generations.models.team import Member


class Allowance(models.Model):
    """Each month the account is filled by `amount`, never beyond `amount` and `rollover` together.

    `paid` names the newest month that was dealt with, as 2026-11.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="allowance")
    amount = models.PositiveIntegerField()
    rollover = models.PositiveIntegerField(default=0)
    paid = models.CharField(max_length=7, blank=True)

    objects: ClassVar = models.Manager()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gt=0), name="allowance_of_something")]

    def __str__(self) -> str:
        return f"{self.amount} a month for {self.member}"

    @property
    def most(self) -> int:
        """What the account is filled up to at most."""
        return self.amount + self.rollover

    def mark_paid(self, month: str) -> bool:
        """That month is dealt with; False when it, or a later one, was already."""
        return bool(type(self).objects.filter(pk=self.pk, paid__lt=month).update(paid=month))


class Period(models.TextChoices):
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"


class Brake(models.Model):
    """A member's own: at most so many credits in each period, below whatever they were given."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="brake")
    amount = models.PositiveIntegerField()
    period = models.CharField(max_length=5, choices=Period, default=Period.WEEK)

    objects: ClassVar = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="brake_at_something"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="brake_period_known"),
        ]

    def __str__(self) -> str:
        return f"{self.member} stops at {self.amount} {self.get_period_display()}"

    @classmethod
    def set_for(cls, member: Member, *, amount: int, period: str) -> None:
        """0 takes it off."""
        if amount:
            cls.objects.update_or_create(member=member, defaults={"amount": amount, "period": period})
        else:
            cls.objects.filter(member=member).delete()
