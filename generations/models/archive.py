"""Pictures as one ZIP file, for the member who asked: a frozen list, packed slice by slice, there for a day.

Rows know no word of a prompt: names of files are made anew from the pictures, and stand in the ZIP file alone.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.image import Image
from generations.models.team import Member

KEPT = timedelta(hours=24)
"""How long a finished file can be fetched."""
BUSY = timedelta(minutes=2)
"""Longer than any job may run: whoever holds a slice for so long is dead."""
FORGOTTEN_AFTER = timedelta(days=30)
"""How long one that failed or ended can be packed again with one press."""
REQUEST_KEY_CHARACTERS_MAX = 64


class ArchiveState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    PACKING = "packing", "Packing"
    READY = "ready", "Ready"
    FAILED = "failed", "Not packed"
    EXPIRED = "expired", "Removed"


UNDER_WAY = (ArchiveState.WAITING, ArchiveState.PACKING)
OVER = (ArchiveState.FAILED, ArchiveState.EXPIRED)


class ArchiveReason(models.TextChoices):
    """Why there is no file."""

    NONE = "", ""
    TROUBLED = "troubled", "Some files are missing or damaged"
    EMPTY = "empty", "None of the pictures is there any more"
    NO_ROOM = "no_room", "No room on the disk"
    STUCK = "stuck", "The work was cut off again and again"
    NOT_ALLOWED = "not_allowed", "You may not fetch pictures now"
    TIME = "time", "Its day is over"
    LOST = "lost", "Its file is gone"
    WITHDRAWN = "withdrawn", "It held a picture that is no longer there"


class Outcome(models.TextChoices):
    """What became of one picture of the list."""

    NONE = "", ""
    PACKED = "packed", "Packed"
    GONE = "gone", "Not there any more"
    MISSING = "missing", "Its file is missing"
    DAMAGED = "damaged", "Its file is damaged"
    SKIPPED = "skipped", "Left out by wish, because its file is missing or damaged"


TROUBLES = (Outcome.MISSING, Outcome.DAMAGED)
LEFT_OUT = (Outcome.GONE, Outcome.SKIPPED)


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def of(self, member: Member) -> Self:
        return self.filter(member=member)

    def there(self) -> Self:
        """Those that are packed, or wait to be fetched."""
        ready = Q(state=ArchiveState.READY, expires_at__gt=clock.now())
        return self.filter(Q(state__in=UNDER_WAY) | ready)

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)

    def holding(self, images: Iterable[UUID]) -> Self:
        """Those under way or ready that have one of these pictures in their list."""
        listed = ArchiveEntry.objects.filter(image__in=list(images)).exclude(outcome__in=LEFT_OUT)
        return self.filter(state__in=[*UNDER_WAY, ArchiveState.READY], pk__in=listed.values("archive"))

    def silent(self) -> Self:
        """Those under way that nobody works on, and nobody has for a while."""
        moment = clock.now()
        free = Q(busy_until=None) | Q(busy_until__lte=moment)
        return self.under_way().filter(free, seen_at__lte=moment - BUSY)

    def ended(self) -> Self:
        """Those that are ready and past their day."""
        return self.filter(state=ArchiveState.READY, expires_at__lte=clock.now())

    def forgettable(self) -> Self:
        return self.filter(state__in=OVER, seen_at__lte=clock.now() - FORGOTTEN_AFTER)


class Archive(models.Model):
    """`token` names the file and the work on it; `place` is the last line of the list that was dealt with."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="archives")
    request_key = models.CharField(max_length=REQUEST_KEY_CHARACTERS_MAX)
    # The hash of the list, and of how its files are written.
    request_print = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=ArchiveState, default=ArchiveState.WAITING)
    reason = models.CharField(max_length=11, choices=ArchiveReason, blank=True)

    # What was asked for: how many were chosen, how many of them were there, how the files are called and what is added.
    asked = models.PositiveIntegerField()
    pictures = models.PositiveIntegerField()
    pictures_bytes = models.PositiveBigIntegerField()
    file_pattern = models.CharField(max_length=120, blank=True)
    writes_settings = models.BooleanField(default=False)
    writes_credits = models.BooleanField(default=False)

    # How far it is, and who holds it until when.
    token = models.CharField(max_length=32, unique=True)
    place = models.PositiveIntegerField(default=0)
    packed = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=clock.now)

    # The file.
    name = models.CharField(max_length=80)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ArchiveQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # A double click or a form sent again is the same order.
            models.UniqueConstraint(fields=["member", "request_key"], name="archive_request_once"),
            models.CheckConstraint(condition=Q(state__in=ArchiveState.values), name="archive_state_known"),
            # What can be fetched has a print and an end.
            models.CheckConstraint(
                condition=~Q(state="ready") | (Q(expires_at__isnull=False, packed__gt=0) & ~Q(sha256="")),
                name="archive_ready_is_whole",
            ),
        ]
        indexes: ClassVar = [
            # The sweep asks every minute for those nobody works on.
            models.Index(fields=["state", "seen_at"], name="archive_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

    # --- Mutators ---

    def take_up(self) -> bool:
        """Work on the next slice; False when somebody else does, or there is nothing to work on."""
        moment = clock.now()
        free = Q(busy_until=None) | Q(busy_until__lte=moment)
        return self._change(
            free, state=ArchiveState.PACKING, busy_until=moment + BUSY, seen_at=moment, reason=ArchiveReason.NONE
        )

    def put_down(self, *, place: int, packed: int) -> bool:
        """So far it is written; False when somebody else began anew, and this work is worth nothing."""
        return self._change(place=place, packed=packed, busy_until=None, seen_at=clock.now())

    def finish(self, *, size_bytes: int, sha256: str) -> bool:
        """It can be fetched from now on; False as for `put_down`."""
        moment = clock.now()
        return self._change(
            state=ArchiveState.READY, size_bytes=size_bytes, sha256=sha256, busy_until=None,
            ready_at=moment, expires_at=moment + KEPT, seen_at=moment,
        )  # fmt: skip

    def fail(self, reason: ArchiveReason) -> bool:
        """There will be no file; False as for `put_down`."""
        return self._change(state=ArchiveState.FAILED, reason=reason, busy_until=None, seen_at=clock.now())

    def begin_anew(self, *, tries: int = 0) -> bool:
        """Again from the first line, under another name; False when somebody else did. In a transaction."""
        if not self._change(**self._fresh(), tries=tries):
            return False
        self.entries.exclude(outcome=Outcome.SKIPPED).update(outcome="", sha256="")
        self.refresh_from_db()
        return True

    def order_again(self) -> bool:
        """The same list once more, after it failed or ended; False when it did not. In a transaction."""
        facts = self._fresh() | {"created_at": clock.now(), "tries": 0}
        if not type(self).objects.filter(pk=self.pk, token=self.token, state__in=OVER).update(**facts):
            return False
        self.entries.exclude(outcome=Outcome.SKIPPED).update(outcome="", sha256="")
        self.refresh_from_db()
        return True

    def end(self, reason: ArchiveReason) -> bool:
        """Nobody fetches it any more; False when nobody could."""
        ready = type(self).objects.filter(pk=self.pk, token=self.token, state=ArchiveState.READY)
        return bool(ready.update(state=ArchiveState.EXPIRED, reason=reason, seen_at=clock.now()))

    def _change(self, *where: Q, **facts: Any) -> bool:
        """While it is under way, under the name and at the place this object knows."""
        same = type(self).objects.under_way().filter(*where, pk=self.pk, token=self.token, place=self.place)
        return bool(same.update(**facts))

    @staticmethod
    def _fresh() -> dict[str, Any]:
        return {
            "state": ArchiveState.WAITING, "reason": ArchiveReason.NONE, "token": new_token(), "place": 0, "packed": 0,
            "busy_until": None, "seen_at": clock.now(), "size_bytes": 0, "sha256": "", "ready_at": None,
            "expires_at": None,
        }  # fmt: skip

    # --- Questions ---

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def can_be_fetched(self) -> bool:
        """Whether there is a file, and its day is not over."""
        return self.state == ArchiveState.READY and self.expires_at is not None and self.expires_at > clock.now()


class ArchiveEntry(models.Model):
    """One picture of the list, and what became of it. `sha256` is of the bytes in the archive."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="archive_entries")
    place = models.PositiveIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            # A picture is once in an archive, and so is a place.
            models.UniqueConstraint(fields=["archive", "image"], name="archive_entry_once"),
            models.UniqueConstraint(fields=["archive", "place"], name="archive_entry_place"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.archive_id}"


def new_token() -> str:
    return secrets.token_hex(16)
