"""What an offer costs: the newest row of the price book that has begun. No row means not for sale, never free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from generations import providers
from generations.models import Price, clock


@dataclass(frozen=True)
class Quote:
    """What an order costs in credits, and what its vendor is believed to take for it (None where nobody knows)."""

    credits: int
    vendor_cost: Decimal | None


def price_of(
    *, provider: str, offer: str, choices: Mapping[str, str] | None = None, at: datetime | None = None
) -> int | None:
    """Credits for one order of that offer (its key) at that moment (now), or None where it has no price.

    A price for one of the choices made counts before the price for any; where several fit, the dearest.
    """
    quote = quote_of(provider=provider, offer=offer, choices=choices, at=at)
    return None if quote is None else quote.credits


def quote_of(
    *, provider: str, offer: str, choices: Mapping[str, str] | None = None, at: datetime | None = None
) -> Quote | None:
    """The same with the vendor's cost: what that line of the book says, else what the vendor's module declares."""
    wanted = ["", *(f"{name}={value}" for name, value in (choices or {}).items())]
    rows = Price.objects.filter(provider=provider, offer_key=offer, choice__in=wanted, starts_at__lte=at or clock.now())
    facts = rows.order_by("starts_at", "pk").values_list("choice", "credits", "vendor_cost")
    newest = {choice: (price, cost) for choice, price, cost in facts}
    of_any = newest.pop("", None)
    price, cost = max(newest.values(), key=lambda line: line[0], default=of_any) or (None, None)
    if price is None:
        return None
    if cost is None and of_any is not None:
        cost = of_any[1]
    return Quote(credits=price, vendor_cost=_declared(provider, offer) if cost is None else cost)


def _declared(provider: str, offer: str) -> Decimal | None:
    try:
        return providers.offer(provider, offer).vendor_cost
    except (providers.UnknownProvider, providers.UnknownOffer):
        return None


def page_moment() -> datetime:
    """The moment a page shows the prices of: taken once, before anything is read, and exactly as the page writes it."""
    moment = clock.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def written(moment: datetime) -> str:
    """That moment, as the page sends it back."""
    return f"{moment.timestamp():.3f}"


@dataclass(frozen=True)
class PriceList:
    """All prices that hold at one moment, read once for as many questions as a page has."""

    rows: dict[tuple[str, str, str], int]

    def price(self, provider: str, offer: str, choices: Mapping[str, str] | None = None) -> int | None:
        """As `price_of`."""
        made = [self.of_choice(provider, offer, name, value) for name, value in (choices or {}).items()]
        return max((price for price in made if price is not None), default=self.rows.get((provider, offer, "")))

    def of_choice(self, provider: str, offer: str, name: str, value: str) -> int | None:
        """The price a choice has of its own, or None."""
        return self.rows.get((provider, offer, f"{name}={value}"))


def price_list(*, at: datetime | None = None) -> PriceList:
    """The price book as it stands at that moment (now). One query."""
    rows = Price.objects.filter(starts_at__lte=at or clock.now()).order_by("starts_at", "pk")
    facts = rows.values_list("provider", "offer_key", "choice", "credits")
    return PriceList({(provider, key, choice): price for provider, key, choice, price in facts})
