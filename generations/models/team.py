"""A team is a workspace: members, credentials, pictures and credits. Nothing crosses from one to another."""

import hashlib
import secrets
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from generations.models import clock


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    CREATOR = "creator", "Creator"
    VIEWER = "viewer", "Viewer"


RANKS = {Role.OWNER: 3, Role.ADMIN: 2, Role.CREATOR: 1, Role.VIEWER: 0}


class Team(models.Model):
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")
    starting_credits = models.PositiveIntegerField(default=100)
    # What a new picture is, until its maker says otherwise.
    private_by_default = models.BooleanField(default=False)
    # Who deletes their account may have what they made here deleted with it.
    may_take_down = models.BooleanField(default=True)
    # For so long what somebody deleted can come back.
    trash_days = models.PositiveSmallIntegerField(default=30)
    # How much its pictures may take on the shelf, set by the staff; none leaves it to the studio's setting.
    bytes_max = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class MemberQuerySet(models.QuerySet["Member"]):
    def present(self) -> Self:
        """Those who have not left and may still sign in."""
        return self.filter(left_at=None, person__is_active=True)

    def of(self, person: models.Model) -> Self:
        """The person's memberships: first of the team they were in last, then of the one they joined first."""
        chosen = Case(When(team=F("person__team"), then=Value(0)), default=Value(1))
        mine = self.present().filter(person=person).select_related("team", "person")
        return mine.order_by(chosen, "joined_at", "pk")


class Member(models.Model):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    # Deleting an account keeps the member, and with it the ledger, without a name.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(max_length=7, choices=Role)
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # Since when all they made here is to go: also what a vendor was still busy with at that moment.
    taken_down_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = MemberQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Joining: once in a team at a time.
            models.UniqueConstraint(fields=["team", "person"], condition=Q(left_at=None), name="member_once_in_team"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.called} in {self.team}"

    @property
    def called(self) -> str:
        return self.person.called if self.person else "Former member"

    @property
    def first_name(self) -> str:
        return self.person.first_name if self.person else "Former member"

    @property
    def rank(self) -> int:
        """Who may do more has the higher one."""
        return RANKS[Role(self.role)]

    @property
    def may_create(self) -> bool:
        """Viewers look; everyone else makes pictures."""
        return self.role != Role.VIEWER

    @property
    def may_manage(self) -> bool:
        return self.role in {Role.OWNER, Role.ADMIN}


class SetupLinkQuerySet(models.QuerySet["SetupLink"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def matching(self, token: str) -> Self:
        return self.open().filter(token_hash=hash_token(token))


class SetupLink(models.Model):
    """The address of the page that makes the first owner. Only the hash of its secret is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SetupLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%Y-%m-%d %H:%M}"

    @classmethod
    def make(cls) -> str:
        """Close every older link and return the secret of a new one; it is shown once."""
        cls.objects.open().update(closed_at=clock.now())
        token = secrets.token_urlsafe(24)
        cls.objects.create(token_hash=hash_token(token))
        return token


def hash_token(token: str) -> str:
    """How the secret part of an address is kept: as its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
