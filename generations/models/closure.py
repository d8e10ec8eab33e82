"""What the studio's staff closed for a while, a vendor or the whole studio, and the words they hang over every page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from generations import providers
from generations.models import clock
from generations.models.person import Person

REASON_CHARACTERS_MAX = 300
WORDS_CHARACTERS_MAX = 300
STUDIO = ""
"""The target of what closes everything: no vendor's key."""
TOLD_BEFORE = timedelta(hours=24)
"""Planned maintenance says so on every page for so long before, where nobody chose another time."""


class Shut(models.TextChoices):
    """How far something is closed."""

    PAUSED = "paused", "Paused"
    DRAINING = "draining", "Draining"
    MAINTENANCE = "maintenance", "Maintenance"


class Mood(models.TextChoices):
    INFO = "info", "Information"
    WARNING = "caution", "Warning"


class ClosureQuerySet(models.QuerySet["Closure"]):
    def standing(self) -> Self:
        """Those nobody lifted, also before they begin and where their time is over."""
        return self.filter(lifted_at=None)

    def unfinished(self, moment: datetime) -> Self:
        """Those that hold then, or will."""
        return self.standing().filter(Q(ends_at=None) | Q(ends_at__gt=moment))

    def live(self, moment: datetime) -> Self:
        """Those that hold then."""
        return self.unfinished(moment).filter(begins_at__lte=moment)

    def over(self, moment: datetime) -> Self:
        """Those whose time is over, and nobody has put away yet."""
        return self.standing().filter(ends_at__lte=moment)

    def end_over(self, moment: datetime) -> int:
        """Put these away as of the moment they ended; makes room for the next of the same target."""
        return self.over(moment).update(lifted_at=F("ends_at"))


class Closure(models.Model):
    """One thing closed, from `begins_at` until `ends_at` or until somebody lifts it.

    Paused: nothing more is sent to the vendor; what it has is watched and fetched. Draining: no new orders; what waits
    is still sent. Maintenance: no new orders anywhere, what waits and runs is finished. `reason` is read by everybody;
    `told_at` is when pages begin to announce maintenance.
    """

    kind = models.CharField(max_length=11, choices=Shut)
    provider = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=REASON_CHARACTERS_MAX)
    told_at = models.DateTimeField(default=clock.now)
    begins_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    actor = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar = ClosureQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Shut.values), name="closure_kind_known"),
            # Maintenance is of the studio, everything else of one vendor.
            models.CheckConstraint(
                condition=Q(kind=Shut.MAINTENANCE, provider=STUDIO) | (~Q(kind=Shut.MAINTENANCE) & ~Q(provider=STUDIO)),
                name="closure_of_its_target",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("begins_at")), name="closure_ends_later"
            ),
            # One at a time: what is read about a vendor, or about the studio, is all there is.
            models.UniqueConstraint(fields=["provider"], condition=Q(lifted_at=None), name="closure_of_target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.get_kind_display().lower()}"

    @property
    def target(self) -> str:
        """What is closed, as people call it."""
        if self.provider == STUDIO:
            return "The studio"
        vendor = providers.PROVIDERS.get(self.provider)
        return vendor.label if vendor else self.provider

    def has_begun(self, moment: datetime) -> bool:
        return self.begins_at <= moment

    def lift(self, *, by: Person | None) -> bool:
        """End it now; False when that was done before."""
        mine = type(self).objects.standing().filter(pk=self.pk)
        if not mine.update(lifted_at=clock.now(), lifted_by=by):
            return False
        self.refresh_from_db()
        return True


@dataclass(frozen=True)
class Doors:
    """What is closed at one moment, read once for as many questions as a page has."""

    studio: Closure | None
    vendors: dict[str, Closure]

    @classmethod
    def read(cls) -> Self:
        closed = {one.provider: one for one in Closure.objects.live(clock.now())}
        return cls(closed.pop(STUDIO, None), closed)

    def against(self, provider: str) -> Closure | None:
        """What is in the way of a new order there; the studio's own closure comes first."""
        return self.studio or self.vendors.get(provider)

    def pause_of(self, provider: str) -> Closure | None:
        """What keeps pictures that wait for this vendor from being sent."""
        closure = self.vendors.get(provider)
        return closure if closure is not None and closure.kind == Shut.PAUSED else None


class BannerQuerySet(models.QuerySet["Banner"]):
    def live(self, moment: datetime) -> Self:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=moment), begins_at__lte=moment)


class Banner(models.Model):
    """Words over every page, from one moment to another; they close nothing."""

    words = models.CharField(max_length=WORDS_CHARACTERS_MAX)
    mood = models.CharField(max_length=7, choices=Mood, default=Mood.INFO)
    begins_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar = BannerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(mood__in=Mood.values), name="banner_mood_known"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gt=F("begins_at")), name="banner_ends_later"),
        ]

    def __str__(self) -> str:
        return self.words[:80]

    def take_down(self) -> bool:
        """From every page at once; False when it hangs no more. One that never hung ends where it would have begun."""
        moment = clock.now()
        hanging = type(self).objects.filter(Q(ends_at=None) | Q(ends_at__gt=moment), pk=self.pk)
        begun = min(self.begins_at, moment - timedelta(microseconds=1))
        if not hanging.update(begins_at=begun, ends_at=moment):
            return False
        self.refresh_from_db()
        return True
