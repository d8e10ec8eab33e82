"""The way to order a picture once more: what it costs by the price book of today, and what is in the way.

A page that shows no such picture asks nothing; one that does asks for the book and the balance once, however many.
"""

import uuid
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from generations.models import CreditAccount, Generation, Member
from generations.providers.base import Offer
from generations.queries.prices import PriceList, page_moment, price_list, written


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """With a price it can be ordered; without one `why` says what is in the way, and `hint` what to do about it.

    `priced_at` is the moment the price is of, `balance` what the reader has to spend, `ask_url` where more comes from.
    """

    price: int | None = None
    priced_at: str = ""
    key: str = ""
    balance: int = 0
    ask_url: str = ""
    own_pool: bool = False
    why: str = ""
    hint: str = ""

    @property
    def missing(self) -> int:
        """Credits the balance lacks for it."""
        return max(0, (self.price or 0) - self.balance)


NOT_SET_UP = Retry(why="This model is no longer set up.", hint="Choose another one.")
NO_PRICE = Retry(why="It has no price now.", hint="The studio’s staff can set one.")


class Retries:
    """What one page offers one member, all of it at the prices of one moment."""

    def __init__(self, viewer: Member) -> None:
        self._viewer = viewer
        self._moment = page_moment()

    def of(self, generation: Generation, offer: Offer | None) -> Retry:
        """The way to order this one again; `offer` is what was ordered, None where nobody sells it any more."""
        if offer is None:
            return NOT_SET_UP
        price = self._prices.price(generation.provider, generation.offer_key, generation.choices)
        if price is None:
            return NO_PRICE
        own_pool = self._viewer.may_manage
        return Retry(
            price=price,
            priced_at=written(self._moment),
            key=uuid.uuid4().hex,
            balance=self._balance,
            ask_url=reverse("member_credits", args=[self._viewer.pk]) if own_pool else reverse("asks"),
            own_pool=own_pool,
        )

    @cached_property
    def _prices(self) -> PriceList:
        return price_list(at=self._moment)

    @cached_property
    def _balance(self) -> int:
        account = CreditAccount.objects.filter(member=self._viewer).first()
        return account.available if account else 0
