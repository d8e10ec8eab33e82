"""What an offer costs: the newest row of the price book that has begun. No row means not for sale, never free."""

from collections.abc import Mapping
from datetime import datetime

from generations.models import Price, clock


def price_of(
    *, provider: str, offer: str, choices: Mapping[str, str] | None = None, at: datetime | None = None
) -> int | None:
    """Credits for one order of that offer (its key) at that moment (now), or None where it has no price.

    A price for one of the choices made counts before the price for any; where several fit, the dearest.
    """
    wanted = ["", *(f"{name}={value}" for name, value in (choices or {}).items())]
    rows = Price.objects.filter(provider=provider, offer_key=offer, choice__in=wanted, starts_at__lte=at or clock.now())
    newest = dict(rows.order_by("starts_at", "pk").values_list("choice", "credits"))
    of_any = newest.pop("", None)
    return max(newest.values(), default=of_any)


def current_prices() -> dict[tuple[str, str], int]:
    """Credits per provider and offer key, for every offer that has a price now whatever is chosen. One query."""
    rows = Price.objects.filter(choice="", starts_at__lte=clock.now()).order_by("starts_at", "pk")
    return {(provider, key): price for provider, key, price in rows.values_list("provider", "offer_key", "credits")}
