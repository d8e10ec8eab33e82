"""What an admin of the installation switched on or off among the things vendors sell.

Only a person does: what one vendor's answer says of one key is kept with that key.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from django.db import models

from generations import providers
from generations.models import clock
from generations.providers.base import Offer


class OfferSwitch(models.Model):
    """One offer's switch; an offer without a row is on sale as its provider declares it."""

    provider = models.CharField(max_length=32, choices=providers.choices)
    offer_key = models.CharField(max_length=64)
    is_on = models.BooleanField(default=True)
    shapes_on = models.JSONField(default=list, blank=True)
    because = models.CharField(max_length=300, blank=True)
    changed_by = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "offer switches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "offer_key"], name="offer_switch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.offer_key} is {'on' if self.is_on else 'off'}"


@dataclass(frozen=True)
class Sales:
    """What is on sale now, read once for as many questions as a page has."""

    switches: dict[tuple[str, str], OfferSwitch]

    @classmethod
    def read(cls) -> Self:
        return cls({(one.provider, one.offer_key): one for one in OfferSwitch.objects.all()})

    def is_on(self, provider: str, offer: Offer) -> bool:
        switch = self.switches.get((provider, offer.key))
        return switch is None or switch.is_on

    def shapes(self, provider: str, offer: Offer) -> tuple[str, ...]:
        """The offer's shapes, and those of the others an admin switched on."""
        switch = self.switches.get((provider, offer.key))
        more = () if switch is None else tuple(shape for shape in offer.shapes_off if shape in switch.shapes_on)
        return (*offer.shapes, *more)
