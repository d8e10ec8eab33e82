"""What happened to a generation: its moves, its tries at the vendor, and hints that came by callback. Append-only."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.credential import Credential
from generations.models.team import Team, hash_token

if TYPE_CHECKING:
    from generations.models.generation.row import Generation


class GenerationEvent(models.Model):
    """One move. `seq` is the version of the generation it led to."""

    generation = models.ForeignKey("generations.Generation", on_delete=models.CASCADE, related_name="events")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=64)
    reason = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["generation", "seq"], name="generation_event_seq")]
        indexes: ClassVar = [
            # A poll asks for the newest event of a team.
            models.Index(fields=["team", "-id"], name="generation_event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.seq}: {self.from_state} to {self.to_state}"

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Only ever a new line."""
        if not self._state.adding:
            raise TypeError("An event is written once.")
        super().save(force_insert=True, using=using)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("An event is kept.")

    @classmethod
    def of(
        cls, generation: "Generation", *, from_state: str, actor: str, reason: str, at: datetime
    ) -> "GenerationEvent":
        """The event of the move the generation just made; not saved yet."""
        return cls(
            generation=generation,
            team_id=generation.team_id,
            seq=generation.version,
            from_state=from_state,
            to_state=generation.state,
            actor=actor,
            reason=reason,
            at=at,
        )


class Outcome(models.TextChoices):
    OPEN = "open", "Not answered yet"
    ACCEPTED = "accepted", "Accepted"
    ADOPTED = "adopted", "Adopted later"
    NOT_SENT = "not_sent", "Never sent"
    BUSY = "busy", "Vendor busy"
    REFUSED = "refused", "Refused"
    UNKNOWN = "unknown", "Answer lost"


class Attempt(models.Model):
    """One try to hand a generation to the vendor; it owns the secret of the callback address."""

    generation = models.ForeignKey("generations.Generation", on_delete=models.CASCADE, related_name="attempts")
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="attempts")
    limit_group = models.CharField(max_length=32)
    number = models.PositiveSmallIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)
    detail = models.CharField(max_length=500, blank=True)
    vendor_cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_number_once"),
            # I9: a vendor accepts a generation once.
            models.UniqueConstraint(
                fields=["generation"], condition=Q(outcome__in=["accepted", "adopted"]), name="attempt_accepted_once"
            ),
        ]
        indexes: ClassVar = [
            # Limits count the creations of the last hour.
            models.Index(fields=["credential", "limit_group", "started_at"], name="attempt_window"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} attempt {self.number}: {self.outcome}"

    @classmethod
    def open_for(cls, generation: "Generation", *, credential: Credential, limit_group: str) -> tuple["Attempt", str]:
        """A new attempt, not saved yet, and the secret of its callback address, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        attempt = cls(
            generation=generation,
            credential=credential,
            limit_group=limit_group,
            number=generation.submits + 1,
            token_hash=hash_token(token),
        )
        return attempt, token

    def end(self, outcome: Outcome, *, detail: str = "", vendor_cost: Any = None) -> None:
        """Write down how it went. An end is written once; UNKNOWN may still become ADOPTED."""
        mine = type(self).objects.filter(pk=self.pk, outcome__in=[Outcome.OPEN, Outcome.UNKNOWN])
        mine.update(outcome=outcome, detail=detail[:500], vendor_cost=vendor_cost, ended_at=clock.now())


class CallbackHint(models.Model):
    """A vendor said that something happened. Nothing in it is believed; it only makes a look come sooner."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="hints")
    task_id = models.CharField(max_length=255, blank=True)
    body_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "task_id", "body_hash"], name="callback_hint_once"),
        ]
        indexes: ClassVar = [
            # The sweep looks for hints nobody followed.
            models.Index(fields=["received_at"], name="callback_hint_waiting", condition=Q(processed_at=None)),
        ]

    def __str__(self) -> str:
        return f"hint {self.pk} for {self.attempt_id}"
