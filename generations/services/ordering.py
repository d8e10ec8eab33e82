"""A person orders pictures, cancels one that still waits, or asks for one again.

Everything of an order happens in one transaction: price, hold, rows and the nudge to the pump. The same request key
again returns what the first one made.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from generations import ledger, nudge, providers
from generations.models import (
    OPEN,
    Batch,
    Credential,
    CreditAccount,
    Generation,
    Image,
    Member,
    State,
    clock,
    queue_deadline,
)
from generations.providers.base import Offer, Operation, SourceBy
from generations.queries.prices import price_of
from generations.queries.upscale_sheet import upscale_sheet

log = logging.getLogger(__name__)

COUNT_MAX = 8
OPEN_MAX = 500
"""Unfinished generations one member may have: enough for any batch, too few to fill a disk by accident."""
MINUTE = timedelta(minutes=1)
ORDERS_PER_MINUTE_MAX = 60
"""S54: submits of one member; no hand is as fast as that."""


SOURCE_GONE = "The picture to upscale was deleted."


class OrderRefused(Exception):
    """The order cannot be placed; the message is for the person who placed it."""


class MayNotCreate(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            "Your role here is Viewer: you can look at pictures, not make them. Ask your owner to change it."
        )


class OfferUnavailable(OrderRefused):
    """Nobody sells this to the team now, it has no price, or it cannot be made from this picture."""


class TooFast(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            f"Wait a moment: that was {ORDERS_PER_MINUTE_MAX} orders in one minute. This one was not placed, and "
            "nothing was charged."
        )


class TooManyOpen(OrderRefused):
    def __init__(self) -> None:
        super().__init__(f"You have {OPEN_MAX} pictures under way. Wait for some of them, or cancel what still waits.")


class RequestKeyReused(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            "This form was already sent with another order. Nothing was charged. Reload the page and try again."
        )


class TooLate(Exception):
    """The vendor has the work already, or it has ended: there is nothing left to cancel."""


class NothingToRetry(Exception):
    """The picture is on its way or done."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is ordered, `count` times."""

    provider: str
    offer: Offer
    prompt: str
    choices: Mapping[str, str]
    shape: str
    count: int = 1
    source: Image | None = None
    retry_of: Generation | None = None

    def print(self) -> str:
        """Tells one order from another that came with the same key."""
        facts = [
            self.provider,
            self.offer.key,
            self.prompt,
            dict(self.choices),
            self.shape,
            self.count,
            str(self.source.pk) if self.source else "",
            str(self.retry_of.pk) if self.retry_of else "",
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def order_drawing(
    *, member: Member, provider: str, offer: Offer, prompt: str, shape: str, count: int, request_key: str
) -> Batch:
    """Hold the credits for `count` pictures and queue them.

    Raises OrderRefused (or one of its kinds) and `ledger.NotEnoughCredits`; then nothing was written.
    """
    wish = Wish(provider=provider, offer=offer, prompt=prompt, choices={}, shape=shape, count=count)
    return _place(member=member, wish=wish, request_key=request_key)


def order_upscale(*, member: Member, image: Image, provider: str, offer: Offer, request_key: str) -> Batch:
    """Hold the credits for one upscale of that picture and queue it. Raises as `order_drawing` does."""
    drawn = image.generation
    wish = Wish(provider=provider, offer=offer, prompt=drawn.prompt, choices={}, shape=drawn.shape, source=image)
    return _place(member=member, wish=wish, request_key=request_key)


def retry(*, member: Member, generation: Generation, request_key: str) -> Batch:
    """Order the same again, as a new generation that remembers which one it repeats.

    Raises NothingToRetry when the first one may still succeed, and as `order_drawing` does.
    """
    if not generation.may_retry:
        raise NothingToRetry
    try:
        offer = generation.offer()
    except (providers.UnknownOffer, providers.UnknownProvider) as error:
        raise OfferUnavailable("This model is no longer set up. Choose another one.") from error
    if generation.operation == Operation.UPSCALE and generation.source is None:
        raise OfferUnavailable(SOURCE_GONE)
    wish = Wish(
        provider=generation.provider,
        offer=offer,
        prompt=generation.prompt,
        choices=generation.choices,
        shape=generation.shape,
        source=generation.source,
        retry_of=generation,
    )
    return _place(member=member, wish=wish, request_key=request_key)


def cancel(*, generation: Generation, actor: str) -> None:
    """Stop a picture nobody has begun; its credits go back (T8). Raises TooLate when a vendor may have it."""
    with transaction.atomic():
        if not generation.may_cancel or not generation.move(State.CANCELED, actor=actor):
            raise TooLate
        ledger.release(generation=generation, actor=actor, reason="canceled")
    log.info("generation %s canceled by %s", generation.pk, actor)


def _place(*, member: Member, wish: Wish, request_key: str) -> Batch:
    """Write the order once. A member's submits wait here for each other, so that no limit is passed by two at once."""
    if not member.may_create:
        raise MayNotCreate
    if known := _known(member, wish, request_key):
        return known
    with transaction.atomic():
        account = CreditAccount.objects.select_for_update(no_key=True).get(pk=ledger.account_of(member).pk)
        return _known(member, wish, request_key) or _write(member, wish, request_key, account=account)


def _known(member: Member, wish: Wish, request_key: str) -> Batch | None:
    batch = Batch.objects.filter(member=member, request_key=request_key).first()
    if batch is not None and batch.request_print != wish.print():
        raise RequestKeyReused
    return batch


def _write(member: Member, wish: Wish, request_key: str, *, account: CreditAccount) -> Batch:
    actor, moment = f"member:{member.pk}", clock.now()
    price, credential = _terms(member, wish)
    _check_room(member, wish, moment=moment)
    batch = Batch.objects.create(
        team=member.team, member=member, request_key=request_key, request_print=wish.print(), created_at=moment
    )
    rows = [
        Generation(
            team=member.team,
            member=member,
            batch=batch,
            position=position,
            retry_of=wish.retry_of,
            operation=wish.offer.operation,
            provider=wish.provider,
            offer_key=wish.offer.key,
            prompt=wish.prompt,
            choices=dict(wish.choices),
            shape=wish.shape,
            source=wish.source,
            price=price,
            credential=credential,
            created_at=moment,
            changed_at=moment,
            next_at=moment,
            deadline_at=queue_deadline(moment),
        )
        for position in range(wish.count)
    ]
    rows = Generation.start(rows, actor=actor)
    ledger.hold_all(account=account, generations=rows, actor=actor)
    nudge.kick()
    log.info("batch %s: %s x %s/%s", batch.pk, wish.count, wish.provider, wish.offer.key)
    return batch


def _check_room(member: Member, wish: Wish, *, moment: datetime) -> None:
    if Batch.objects.filter(member=member, created_at__gt=moment - MINUTE).count() >= ORDERS_PER_MINUTE_MAX:
        raise TooFast
    if Generation.objects.filter(member=member, state__in=OPEN).count() + wish.count > OPEN_MAX:
        raise TooManyOpen


def _terms(member: Member, wish: Wish) -> tuple[int, Credential | None]:
    """The price, and the credential when only one will do. No price or nobody to make it: no order."""
    price = price_of(provider=wish.provider, offer=wish.offer.key)
    if price is None:
        raise OfferUnavailable(f"{wish.offer.label} has no price yet. Your owner can set one.")
    if wish.source is not None:
        _check_source(member, wish, wish.source)
        if wish.offer.source_by is SourceBy.TASK_ID:
            return price, _drew(wish, wish.source)
    if not Credential.objects.serving(member.team).filter(provider=wish.provider).exists():
        raise OfferUnavailable(f"{wish.offer.label} is not set up for this team.")
    return price, None


def _check_source(member: Member, wish: Wish, source: Image) -> None:
    """What the sheet of ways to enlarge refuses is refused here, in the same words."""
    if source.deleted_at is not None or source.hidden_at is not None:
        raise OfferUnavailable(SOURCE_GONE)
    wanted = f"{wish.provider}:{wish.offer.key}"
    for choice in upscale_sheet(source, member=member).refused:
        if choice.value == wanted:
            raise OfferUnavailable(f"{wish.offer.label} is not possible. {choice.why}")


def _drew(wish: Wish, source: Image) -> Credential:
    """The account that drew the picture, even while it drains: no other knows its task."""
    credential = source.generation.credential
    if credential is None or credential.provider != wish.provider:
        raise OfferUnavailable(f"{wish.offer.label} works only on pictures its own vendor drew for this team.")
    return credential
