"""What happened to a generation: its moves, its tries at the vendor, and hints that came by callback. Append-only."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.credential import Credential
from generations.models.generation.states import State
from generations.models.team import Team, hash_token
from generations.models.written_once import WrittenOnce

if TYPE_CHECKING:
    from generations.models.generation.row import Generation


class GenerationEvent(WrittenOnce):
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


TAKEN = (Outcome.ACCEPTED, Outcome.ADOPTED)
"""The vendor has the work, and will want to be paid for it."""


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
    # How often its callback address was called, by whomever.
    calls = models.PositiveSmallIntegerField(default=0)
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

    def count_call(self, *, most: int) -> bool:
        """One more call at its callback address; False when there were that many already."""
        return bool(type(self).objects.filter(pk=self.pk, calls__lt=most).update(calls=F("calls") + 1))

    def end(self, outcome: Outcome, *, detail: str = "", vendor_cost: Any = None) -> None:
        """Write down how it went. An end is written once; UNKNOWN may still become ADOPTED."""
        mine = type(self).objects.filter(pk=self.pk, outcome__in=[Outcome.OPEN, Outcome.UNKNOWN])
        mine.update(outcome=outcome, detail=detail[:500], vendor_cost=vendor_cost, ended_at=clock.now())


CANDIDATE_AGE_MAX = timedelta(hours=1)
"""A task a callback named, which the vendor neither confirms nor denies, is dropped after this."""
CANDIDATE_WAIT, CANDIDATE_WAIT_MAX = timedelta(seconds=5), timedelta(minutes=10)
"""Until it is asked for again: twice as long each time, for anybody may name any task."""


class HintQuerySet(models.QuerySet["CallbackHint"]):
    def candidates(self) -> Self:
        """Those that name a task for work of which nobody knows whether the vendor took it, and are due to be asked."""
        due = self.filter(Q(next_at=None) | Q(next_at__lte=clock.now()))
        waiting = due.filter(processed_at=None, attempt__generation__state__in=[State.IN_DOUBT, State.LAPSED])
        named = waiting.filter(attempt__generation__vendor_task_id="").exclude(task_id="")
        return named.select_related("attempt__generation").order_by("pk")

    def unfollowed(self, moment: datetime) -> Self:
        """Those nobody has seen to, save the ones that may still bring home a task nobody knows the name of."""
        nameless = Q(attempt__generation__vendor_task_id="", received_at__gt=moment - CANDIDATE_AGE_MAX)
        nameless &= Q(attempt__generation__state__in=[State.SUBMITTING, State.IN_DOUBT, State.LAPSED]) & ~Q(task_id="")
        return self.filter(processed_at=None).exclude(nameless).order_by("pk")


class CallbackHint(models.Model):
    """A vendor said that something happened. Nothing in it is believed; it only makes a look come sooner."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="hints")
    task_id = models.CharField(max_length=255, blank=True)
    body_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    # How often the vendor was asked whose the task is, and when it is asked next.
    asked = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = HintQuerySet.as_manager()

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

    def ask_later(self) -> None:
        """The vendor is being asked; what proves nothing is asked again, each time after twice as long."""
        wait = min(CANDIDATE_WAIT * 2 ** min(self.asked, 16), CANDIDATE_WAIT_MAX)
        self.asked, self.next_at = min(self.asked + 1, 1000), clock.now() + wait
        type(self).objects.filter(pk=self.pk).update(asked=self.asked, next_at=self.next_at)
