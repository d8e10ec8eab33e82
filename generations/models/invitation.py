"""An invitation to a team: a link with a secret, by e-mail or by hand, that makes one member."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Lower

from generations.models import clock
from generations.models.alert import UNSENT, Alert
from generations.models.team import Member, Role, Team, hash_token

GOOD_FOR = timedelta(days=7)
ALERT = "invitation:"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Those nobody used or took back; some of them may have ended."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self) -> Self:
        return self.waiting().filter(ends_at__gt=clock.now())

    def unsent(self) -> Self:
        """Those whose e-mail was given up, and whose link nobody handed over since."""
        subject = Concat(Value(ALERT), Cast(OuterRef("pk"), CharField()))
        return self.filter(Exists(Alert.objects.filter(kind=UNSENT, subject=subject, resolved_at=None)))

    def matching(self, token: str) -> Self:
        """The one with this secret, in whatever state, so that its page can say what became of it."""
        return self.filter(token_hash=hash_token(token)).select_related("team", "invited_by__person")


class Invitation(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    # Empty for a link that is handed over; then whoever opens it first may join.
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=7, choices=Role, default=Role.CREATOR)
    invited_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Somebody opened it too late and asked for a new one.
    asked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitation_email_lower_case"),
            # Inviting: an address waits once in a team; asking again renews what is there.
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at=None, revoked_at=None) & ~Q(email=""),
                name="invitation_waits_once",
            ),
            # Used or taken back, never both.
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email or 'a link'} to {self.team}"

    @classmethod
    def make(cls, *, team: Team, email: str, role: Role, invited_by: Member) -> tuple[Self, str]:
        """A new one and its secret, which is shown once."""
        token = secrets.token_urlsafe(24)
        made = cls(
            team=team,
            email=email.strip().lower(),
            role=role,
            invited_by=invited_by,
            token_hash=hash_token(token),
            ends_at=clock.now() + GOOD_FOR,
        )
        made.save()
        return made, token

    def renew(self) -> str | None:
        """A new secret and seven more days; the old link is worthless. None when it was used or taken back."""
        token = secrets.token_urlsafe(24)
        renewed = type(self).objects.waiting().filter(pk=self.pk)
        facts = {"token_hash": hash_token(token), "ends_at": clock.now() + GOOD_FOR, "asked_at": None}
        return token if renewed.update(**facts) else None

    def take_back(self) -> bool:
        """False when it was used or taken back before."""
        return bool(type(self).objects.waiting().filter(pk=self.pk).update(revoked_at=clock.now()))

    def use(self) -> bool:
        """Spend it; False when somebody was first, or it has ended."""
        return bool(type(self).objects.open().filter(pk=self.pk).update(accepted_at=clock.now()))

    def ask_again(self) -> bool:
        """Somebody who came too late asks for a new one; True the first time."""
        late = type(self).objects.waiting().filter(pk=self.pk, asked_at=None, ends_at__lte=clock.now())
        return bool(late.update(asked_at=clock.now()))

    @property
    def alert(self) -> str:
        """What staff read of it when its e-mail is given up."""
        return f"{ALERT}{self.pk}"

    def is_unsent(self) -> bool:
        """Whether its e-mail was given up, and nobody handed its link over since."""
        return bool(type(self).objects.unsent().filter(pk=self.pk).exists())

    def has_ended(self, moment: datetime | None = None) -> bool:
        return self.ends_at <= (moment or clock.now())
