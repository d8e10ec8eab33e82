"""What the page an order came from said it costs. The past of the book never changes: when it was made is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from generations.providers.base import Offer
from generations.queries.prices import price_of
from generations.services.ordering.refusals import PriceRose


@dataclass(frozen=True)
class Shown:
    """The price of one picture, or None where the page had no price to show."""

    price: int | None

    def check(self, now: int, *, label: str) -> None:
        """Raises PriceRose when it costs more by now, or had no price that anybody could have agreed to."""
        if self.price is None or now > self.price:
            raise PriceRose(label, seen=self.price, now=now)


def shown(provider: str, offer: Offer, choices: Mapping[str, str], at: datetime | None) -> Shown | None:
    """What one cost at that moment; None when the order does not say when its page was made."""
    return None if at is None else Shown(price_of(provider=provider, offer=offer.key, choices=choices, at=at))
