"""The price book: what an offer costs from a moment on. What has begun is history, and stays as it was."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from generations import providers
from generations.models import clock
from generations.models.written_once import WrittenOnce, WrittenOnceQuerySet

SEEDED_FROM = datetime(2000, 1, 1, tzinfo=UTC)
"""Seeded prices begin here, so that two processes seeding at once write the same rows."""
FIXED_BEFORE = timedelta(minutes=1)
"""So long before it begins a price is fixed: whoever orders at that moment and whoever edits it never meet."""
CREDITS_MAX = 1_000_000
"""More than any picture costs, and less than what a generation's own column holds."""


class PriceQuerySet(WrittenOnceQuerySet["Price"]):
    def loose(self) -> Self:
        """Those that may still be changed: none of them can have been sold from."""
        return self.filter(starts_at__gt=clock.now() + FIXED_BEFORE)

    def rewrite(self, **changes: Any) -> int:
        """The one way to change lines; `Price.revise` uses it."""
        return self._rewrite(**changes)

    def strike(self) -> int:
        """The one way to remove lines; `Price.withdraw` uses it."""
        return models.QuerySet.delete(self)[0]


class Price(WrittenOnce):
    """One line of the book. The newest that has begun counts; sold work keeps its own price.

    A line has no end: the next one of the same offer and choice is its end, so two never hold at once.
    """

    changes_by = "It is changed by `Price.revise` and removed by `Price.withdraw`, until it begins."

    provider = models.CharField(max_length=32, choices=providers.choices)
    offer_key = models.CharField(max_length=64)
    # One choice this price is for, as "name=value"; blank for all that have none of their own.
    choice = models.CharField(max_length=64, blank=True)
    credits = models.BigIntegerField()
    # What the vendor is believed to take, in its own unit; without one, what its module declares.
    vendor_cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    starts_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = PriceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Two of one offer and choice never hold at once. And seeding may run in several processes at once.
            models.UniqueConstraint(
                fields=["provider", "offer_key", "choice", "starts_at"], name="price_once_per_moment"
            ),
            models.CheckConstraint(condition=Q(credits__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(vendor_cost=None) | Q(vendor_cost__gte=0), name="price_vendor_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.offer_key}: {self.credits} from {self.starts_at:%Y-%m-%d}"

    @classmethod
    def seed(cls) -> int:
        """Give every offer that has no price yet the one its provider suggests; says how many. Safe to run twice."""
        known = set(Price.objects.filter(choice="").values_list("provider", "offer_key"))
        missing: Sequence[Price] = [
            Price(provider=provider.key, offer_key=offer.key, credits=offer.credits, starts_at=SEEDED_FROM)
            for provider in providers.PROVIDERS.values()
            for offer in provider.offers
            if (provider.key, offer.key) not in known
        ]
        return len(Price.objects.bulk_create(missing, ignore_conflicts=True))

    def revise(self, **changes: Any) -> bool:
        """Change a line that has not begun; False when it has, or is about to."""
        if not type(self).objects.loose().filter(pk=self.pk).rewrite(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True

    def withdraw(self) -> bool:
        """Remove a line that has not begun; False when it has, or is about to."""
        return bool(type(self).objects.loose().filter(pk=self.pk).strike())

    @property
    def is_loose(self) -> bool:
        """Whether it may still be changed."""
        return self.starts_at > clock.now() + FIXED_BEFORE
