"""A file somebody brought, until it is a picture of the library or was turned away.

While it waits its bytes lie set aside, and nothing but the job that checks them opens them.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.image import Image
from generations.models.team import Member, Team

NAME_MAX = 120
TITLE_MAX = 300


class UploadState(models.TextChoices):
    WAITING = "waiting", "Checking"
    STORED = "stored", "In your library"
    KNOWN = "known", "You have this picture already"
    REFUSED = "refused", "Not taken"


class Trouble(models.TextChoices):
    """Why a file was turned away; the label says what happened and what to do."""

    NO_PICTURE = "no_picture", "This is not a whole JPEG, PNG or WebP picture. Save it as one of these and try again."
    TOO_HEAVY = "too_heavy", "The file is larger than one file may be. Make it smaller and try again."
    TOO_LARGE = "too_large", "This picture is too large to open. Make it smaller: 80 megapixels are the most."
    MOVES = "moves", "This picture moves. Save one frame of it as a picture of its own."
    HIDDEN = "hidden", "A moderator took this picture down. It cannot be brought back this way."
    NO_SPACE = "no_space", "There was no storage left for it. Delete some pictures, or ask your owner for more."
    NOT_ALLOWED = "not_allowed", "You may no longer add pictures to this team."
    LOST = "lost", "The file was lost on its way. Choose it again."
    CRASH = "crash", "Checking this file failed three times. Save the picture anew and try again."


class UploadQuerySet(models.QuerySet["Upload"]):
    def waiting(self) -> Self:
        return self.filter(state=UploadState.WAITING)

    def free(self, moment: datetime) -> Self:
        """Those that wait and that nobody works on."""
        return self.waiting().filter(Q(lease_until=None) | Q(lease_until__lt=moment))

    def due(self, moment: datetime) -> Self:
        """Those of them whose moment has come."""
        return self.free(moment).filter(next_at__lte=moment)

    def asked(self, *, member: Member, request_key: str) -> Self:
        return self.filter(member=member, request_key=request_key).order_by("position")


class Upload(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="uploads")
    # The key comes from the form, which may hold several files.
    request_key = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=NAME_MAX)
    title = models.CharField(max_length=TITLE_MAX)
    is_private = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=UploadState, default=UploadState.WAITING)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Checks begun and not ended: a dead worker leaves one behind.
    starts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = UploadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # A double click or a form sent again brings the same files once.
            models.UniqueConstraint(fields=["member", "request_key", "position"], name="upload_once"),
            models.CheckConstraint(condition=Q(state__in=UploadState.values), name="upload_state_known"),
            # It waits, or it is a picture, or there is a reason why it is none.
            models.CheckConstraint(
                condition=Q(state=UploadState.WAITING, image=None, trouble="", ended_at=None)
                | Q(state__in=[UploadState.STORED, UploadState.KNOWN], trouble="", ended_at__isnull=False)
                | (Q(state=UploadState.REFUSED, image=None, ended_at__isnull=False) & ~Q(trouble="")),
                name="upload_waits_or_ended",
            ),
        ]
        indexes: ClassVar = [
            # The sweep asks what waits, and what ended long ago.
            models.Index(fields=["state", "next_at"], name="upload_due"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

    def take(self, *, token: str, lease: timedelta) -> bool:
        """Become the one who checks it; the start is counted before any work that could kill the process."""
        moment = clock.now()
        mine = type(self).objects.free(moment).filter(pk=self.pk, starts=self.starts)
        taken = mine.update(lease_token=token, lease_until=moment + lease, starts=F("starts") + 1)
        return bool(taken)

    def put_back(self, *, token: str, next_at: datetime) -> bool:
        """Check it later: our own trouble uses up no start."""
        mine = type(self).objects.waiting().filter(pk=self.pk, lease_token=token)
        changes = {"lease_token": "", "lease_until": None, "starts": 0, "next_at": next_at}
        return bool(mine.update(**changes))

    def end(self, state: UploadState, *, token: str = "", trouble: str = "", image: Image | None = None) -> bool:
        """Say what became of it, once; False when somebody else did, or has the lease."""
        mine = type(self).objects.waiting().filter(pk=self.pk, lease_token=token)
        changes = {"state": state, "trouble": trouble, "image": image, "ended_at": clock.now(), "lease_token": ""}
        return bool(mine.update(**changes, lease_until=None))
