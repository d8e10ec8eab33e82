"""What somebody asks of a reviewer about a rule, and who that is: what a held order and an appeal have in common."""

from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models

from generations.models import clock
from generations.models.moderation import Level, Reviewer
from generations.models.prompting.hit import RuleHit
from generations.models.team import Member, Role, Team

WORDS_CHARACTERS_MAX = 500
WAITING = "waiting"
WAITING_MAX = 20
"""Orders of one member, and as many appeals: reviewers read each."""

Row = TypeVar("Row", bound="Asked")


class AskedQuerySet(models.QuerySet[Row]):
    def waiting(self) -> Self:
        return self.filter(state=WAITING)

    def of(self, member: Member) -> Self:
        return self.filter(member=member)

    def within(self, reviewer: Reviewer) -> Self:
        """Those this reviewer may see and decide: never their own, and nothing of who left."""
        others = self.filter(member__left_at=None).exclude(member__person=reviewer.person)
        return others if reviewer.is_staff else others.filter(team=reviewer.team, level=Level.TEAM)


class Asked(models.Model):
    """`level` says who decides, as with reported pictures: the team while it can, and the studio's moderators."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=5, choices=Level)
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # What the reviewer wrote; the person reads it.
    words = models.CharField(max_length=WORDS_CHARACTERS_MAX, blank=True)

    state: Any

    objects: ClassVar = AskedQuerySet.as_manager()

    class Meta:
        abstract = True

    def settle(self, state: str, *, by: Reviewer | None, words: str = "") -> bool:
        """Decide it; False when somebody was first. Without a reviewer whoever asked takes it back."""
        facts = {"state": state, "decided_by": by.person if by else None, "decided_at": clock.now(), "words": words}
        if not type(self).objects.waiting().filter(pk=self.pk).update(**facts):
            return False
        self.refresh_from_db()
        return True

    @property
    def is_waiting(self) -> bool:
        return bool(self.state == WAITING)


def level_of(hit: RuleHit) -> Level:
    """The team's, for its own rule, while somebody else than the member manages it."""
    if hit.is_for_everybody:
        return Level.STAFF
    managers = Member.objects.present().filter(team=hit.team_id, role__in=[Role.OWNER, Role.ADMIN])
    return Level.TEAM if managers.exclude(pk=hit.member_id).exists() else Level.STAFF
