"""A member asks for credits; somebody who manages the team answers, once."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.team import Member, Team


class Answer(models.TextChoices):
    OPEN = "open", "Not answered yet"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


class AskQuerySet(models.QuerySet["CreditAsk"]):
    def open(self) -> Self:
        return self.filter(answer=Answer.OPEN)


class CreditAsk(models.Model):
    """`amount` is what was asked for; `given` what it came to, in whole credits."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="asks")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="asks")
    amount = models.PositiveIntegerField()
    reason = models.CharField(max_length=150)
    asked_at = models.DateTimeField(default=clock.now)
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.OPEN)
    given = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=150, blank=True)
    answered_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = AskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ask_for_something"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="ask_answer_known"),
            # Asking: one at a time, so that a manager answers what is wanted now.
            models.UniqueConstraint(fields=["member"], condition=Q(answer=Answer.OPEN), name="ask_open_once"),
            # Answered by somebody at some time, or open and neither.
            models.CheckConstraint(
                condition=Q(answer=Answer.OPEN, answered_by=None, answered_at=None, given=0)
                | (~Q(answer=Answer.OPEN) & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="ask_answered_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "answer"], name="ask_open")]

    def __str__(self) -> str:
        return f"{self.member} asks for {self.amount}"

    def close(self, answer: Answer, *, by: Member, given: int = 0, words: str = "") -> bool:
        """Answer it; False when somebody was first."""
        facts = {"answer": answer, "answered_by": by, "answered_at": clock.now(), "given": given, "words": words}
        if not type(self).objects.open().filter(pk=self.pk).update(**facts):
            return False
        self.refresh_from_db()
        return True
