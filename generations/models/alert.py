"""What staff must hear of: told once while it lasts, however often it happens."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from generations.models import clock

UNSENT = "mail"
"""The kind of what is told of e-mail that was given up."""


class AlertQuerySet(models.QuerySet["Alert"]):
    def tell(self, kind: str, *, subject: str, words: str) -> bool:
        """Raise it, or count it once more while it is open; True when it is new."""
        moment = clock.now()
        open_one = self.filter(kind=kind, subject=subject, resolved_at=None)
        if open_one.update(count=F("count") + 1, last_at=moment, words=words[:500]):
            return False
        _, made = self.get_or_create(kind=kind, subject=subject, resolved_at=None, defaults={"words": words[:500]})
        return made

    def tell_today(self, kind: str, *, subject: str, words: str) -> bool:
        """The same for what may come and go many times a day: one that was over today is open again, and is not new."""
        moment = clock.now()
        today = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        known = self.filter(kind=kind, subject=subject)
        if not known.filter(resolved_at=None).exists():
            over = known.filter(first_at__gte=today).order_by("-pk").values_list("pk", flat=True).first()
            if over is not None:
                self.filter(pk=over).update(resolved_at=None)
        return self.tell(kind, subject=subject, words=words)

    def resolve(self, kind: str, *, subject: str) -> None:
        """It is over."""
        self.filter(kind=kind, subject=subject, resolved_at=None).update(resolved_at=clock.now())


class Alert(models.Model):
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=120)
    words = models.CharField(max_length=500)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = AlertQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Told once while it lasts.
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(resolved_at=None), name="alert_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
