"""A picture somebody should look at: who reported it and why, who is looking, and how it stands."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.generation import Generation
from generations.models.image import Image
from generations.models.moderation.choices import CaseState, Concern, Level
from generations.models.moderation.reviewer import Reviewer
from generations.models.person import Person
from generations.models.team import Member, Team

WORDS_CHARACTERS_MAX = 500


class CaseQuerySet(models.QuerySet["ReviewCase"]):
    def open(self) -> Self:
        return self.filter(state=CaseState.OPEN)

    def hidden(self) -> Self:
        return self.filter(state=CaseState.HIDDEN)

    def kept(self) -> Self:
        return self.filter(state=CaseState.KEPT)

    def within(self, reviewer: Reviewer) -> Self:
        """Those this reviewer may see and decide: never about a picture of their own, nor who reported it."""
        mine = Q(generation__member__person=reviewer.person) | Q(generation__kept_by__person=reviewer.person)
        others = self.exclude(mine)
        return others if reviewer.is_staff else others.filter(team=reviewer.team, level=Level.TEAM)

    def free_for(self, person: Person) -> Self:
        """Those nobody else holds now."""
        return self.filter(Q(claimed_by=None) | Q(claimed_by=person) | Q(claimed_until__lte=clock.now()))


class ReviewCase(models.Model):
    """Without an image it is about all that its generation brings, which is still under way when that begins.

    The version counts decisions: who decides says which one they saw. `reason` and `words` are those of the last one
    that hid the picture, for its maker reads them.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="cases")
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="cases")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    level = models.CharField(max_length=5, choices=Level, default=Level.TEAM)
    state = models.CharField(max_length=6, choices=CaseState, default=CaseState.OPEN)
    reason = models.CharField(max_length=11, choices=Concern, blank=True)
    words = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Who looks at it now, and until when nobody else decides it.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    # Who wants the files gone for good: somebody else does it.
    purge_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    purged_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="case_level_known"),
            # Reporting: one case at a time about a picture, or about what a generation will bring.
            models.UniqueConstraint(fields=["image"], condition=Q(state="open"), name="case_open_once"),
            models.UniqueConstraint(
                fields=["generation"], condition=Q(state="open", image=None), name="case_open_once_ahead"
            ),
            # Waiting for a decision, or decided at some time.
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="case_decided_when_closed",
            ),
            # Only what is hidden is removed for good, and only after somebody asked for it.
            models.CheckConstraint(condition=Q(purged_at=None) | Q(state="hidden"), name="case_purged_when_hidden"),
        ]
        indexes: ClassVar = [
            # The queue of the studio, what only its moderators decide first, and of a team; oldest first.
            models.Index(fields=["state", "level", "id"], name="case_queue"),
            models.Index(fields=["team", "state", "level", "id"], name="case_team_queue"),
            # What is hidden, of the studio and of a team, newest first.
            models.Index(fields=["state", "-decided_at", "-id"], name="case_decided"),
            models.Index(fields=["team", "state", "-decided_at", "-id"], name="case_team_decided"),
            # The desk's calendar.
            models.Index(fields=["opened_at"], name="case_when"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} ({self.state})"

    # --- Mutators ---

    def claim(self, *, by: Reviewer, until: datetime) -> bool:
        """Hold it, or hold it longer; False while somebody else does, or when it was decided."""
        mine = type(self).objects.open().free_for(by.person).filter(pk=self.pk)
        return bool(mine.update(claimed_by=by.person, claimed_until=until))

    def let_go(self, *, by: Reviewer) -> None:
        """Somebody else may decide it; nothing happens where it is not this reviewer's."""
        mine = type(self).objects.filter(pk=self.pk, claimed_by=by.person)
        mine.update(claimed_by=None, claimed_until=None)

    def decide(self, to: CaseState, *, by: Reviewer, version: int, **changes: Any) -> bool:
        """Go on from the version the reviewer saw, and be nobody's; False when it moved or somebody else holds it."""
        changes |= {"state": to, "version": F("version") + 1, "claimed_by": None, "claimed_until": None}
        changes["decided_at"] = None if to == CaseState.OPEN else clock.now()
        same = type(self).objects.free_for(by.person).filter(pk=self.pk, version=version, state=self.state)
        if not same.update(**changes):
            return False
        self.refresh_from_db()
        return True

    # --- Questions ---

    @property
    def is_open(self) -> bool:
        return self.state == CaseState.OPEN

    @property
    def holder(self) -> Person | None:
        """Who has claimed it, while the claim lasts."""
        lasts = self.claimed_until is not None and self.claimed_until > clock.now()
        return self.claimed_by if lasts else None

    def is_held_by_other(self, person: Person) -> bool:
        return self.holder is not None and self.holder.pk != person.pk


class ReportQuerySet(models.QuerySet["ImageReport"]):
    def unanswered(self) -> Self:
        return self.filter(answered_at=None)


class ImageReport(models.Model):
    """One member says what is wrong with a picture. Answered when its case is decided."""

    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="reports")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reports")
    reason = models.CharField(max_length=11, choices=Concern)
    words = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)
    at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ReportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "member"], name="report_once"),
            models.CheckConstraint(
                condition=Q(reason__in=[value for value, _ in Concern.reportable()]), name="report_reason_known"
            ),
        ]
        indexes: ClassVar = [
            # Reporting: no more than so many in an hour.
            models.Index(fields=["member", "at"], name="report_lately"),
            # The desk's calendar.
            models.Index(fields=["at"], name="report_when"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} by {self.member}"
