"""People write the price book: a line is added, changed while it has not begun, or withdrawn, and each is noted.

What has begun may have been sold from. It stays as it is for good, and only a later line succeeds it.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from generations import providers
from generations.models import AuditEntry, Person, Price, clock
from generations.models.price import FIXED_BEFORE

log = logging.getLogger(__name__)

AT_ONCE = timedelta(seconds=10)
"""A line is seen when its transaction ends, a while after it was dated. It begins later than that, so that no page is
made in between that shows the old price and is held to the new one.
"""
SET, CHANGED, WITHDRAWN = "price_set", "price_changed", "price_withdrawn"


class PriceRefused(Exception):
    """The book stays as it is; the message is for the person who asked."""


class NotSoldLikeThis(PriceRefused):
    def __init__(self) -> None:
        super().__init__("That vendor sells no such offer, or not with that choice.")


class HasBegun(PriceRefused):
    def __init__(self) -> None:
        super().__init__("This price holds already, or begins within a minute: it stays. Add one that begins later.")


class InThePast(PriceRefused):
    def __init__(self) -> None:
        super().__init__("A price cannot begin in the past: pictures were sold at the one that held then.")


class TooSoon(PriceRefused):
    def __init__(self) -> None:
        super().__init__(
            "Let it begin more than a minute from now. Leave the moment empty for a new line: it begins in 10 seconds."
        )


class TwoAtOnce(PriceRefused):
    def __init__(self) -> None:
        super().__init__("Another price of the same offer and choice begins at that moment. Change that one instead.")


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a line of the book says. `choice` is "name=value" or nothing; without `starts_at` it begins in 10 s."""

    provider: str
    offer: str
    choice: str = ""
    credits: int
    vendor_cost: Decimal | None = None
    starts_at: datetime | None = None


def check(line: Line, *, price: Price | None = None) -> None:
    """Raises PriceRefused where that line may not be written, or `price` not be changed into it."""
    if line.choice not in ("", *choices_of(line.provider, line.offer)):
        raise NotSoldLikeThis
    if price is None:
        if line.starts_at is not None and line.starts_at < clock.now():
            raise InThePast
        if line.starts_at is not None and line.starts_at < clock.now() + AT_ONCE:
            raise TooSoon
    elif line.starts_at is None or line.starts_at <= clock.now() + FIXED_BEFORE:
        raise TooSoon
    elif not price.is_loose:
        raise HasBegun
    same = Price.objects.filter(provider=line.provider, offer_key=line.offer, choice=line.choice)
    if (
        line.starts_at is not None
        and same.filter(starts_at=line.starts_at).exclude(pk=price.pk if price else 0).exists()
    ):
        raise TwoAtOnce


def add(line: Line, *, by: Person) -> Price:
    """Write a new line. Raises PriceRefused; then nothing was written."""
    check(line)
    moment = clock.now()
    price = Price(
        provider=line.provider,
        offer_key=line.offer,
        choice=line.choice,
        credits=line.credits,
        vendor_cost=line.vendor_cost,
        starts_at=line.starts_at or moment + AT_ONCE,
        created_at=moment,
    )
    with _one_at_a_time():
        price.save()
        _note(SET, price, by=by, before={}, after=_facts(price))
    log.info("price %s of %s was set by person %s", price.pk, target_of(price), by.pk)
    return price


def change(price: Price, line: Line, *, by: Person) -> None:
    """Let a line that has not begun say something else of the same offer and choice. Raises PriceRefused."""
    check(line, price=price)
    before = _facts(price)
    with _one_at_a_time():
        if not price.revise(credits=line.credits, vendor_cost=line.vendor_cost, starts_at=line.starts_at):
            raise HasBegun
        _note(CHANGED, price, by=by, before=before, after=_facts(price))
    log.info("price %s of %s was changed by person %s", price.pk, target_of(price), by.pk)


def withdraw(price: Price, *, by: Person) -> None:
    """Take back a line that has not begun. Raises PriceRefused."""
    with transaction.atomic():
        if not price.withdraw():
            raise HasBegun
        _note(WITHDRAWN, price, by=by, before=_facts(price), after={})
    log.info("price %s of %s was withdrawn by person %s", price.pk, target_of(price), by.pk)


def target_of(price: Price) -> str:
    """What the notes about an offer's prices are filed under: one history for all its lines, whatever their choice."""
    return f"price:{price.provider}:{price.offer_key}"


def history_of(price: Price, *, most: int = 50) -> Sequence[AuditEntry]:
    """Who did what to the prices of that offer, newest first."""
    noted = AuditEntry.objects.filter(target=target_of(price), action__in=[SET, CHANGED, WITHDRAWN])
    return list(noted.select_related("person").order_by("-pk")[:most])


def choices_of(provider: str, offer: str) -> list[str]:
    """Every choice of the offer that may have a price of its own. Raises NotSoldLikeThis."""
    try:
        sold = providers.offer(provider, offer)
    except (providers.UnknownProvider, providers.UnknownOffer) as error:
        raise NotSoldLikeThis from error
    return [f"{name}={value}" for name, values in sold.choices.items() for value in values]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """What belongs together is written together, and two who write the same moment meet at the constraint."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise TwoAtOnce from error


def _facts(price: Price) -> dict[str, Any]:
    return {
        "choice": price.choice,
        "credits": price.credits,
        "vendor_cost": None if price.vendor_cost is None else str(price.vendor_cost),
        "starts_at": price.starts_at.isoformat(),
    }


def _note(action: str, price: Price, *, by: Person, before: dict[str, Any], after: dict[str, Any]) -> None:
    AuditEntry(
        action=action, actor=f"person:{by.pk}", person=by, target=target_of(price), before=before, after=after
    ).save()
