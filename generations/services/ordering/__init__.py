"""A person orders pictures, cancels one that still waits, or asks for one again.

Everything of an order happens in one transaction: price, hold, rows and the nudge to the pump. The same request key
again returns what the first one made.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from generations import ledger, nudge, providers, queue
from generations.failpoints import failpoint
from generations.models import (
    Batch,
    Credential,
    CreditAccount,
    Doors,
    Generation,
    HeldOrder,
    Image,
    Member,
    Sales,
    State,
    clock,
    queue_deadline,
)
from generations.providers.base import Offer, Operation, SourceBy
from generations.providers.catalogue import COPY, COPY_JPEG
from generations.queries.fits import fit_of, paused_words
from generations.queries.prices import Quote, quote_of
from generations.queries.vendors import refused_words, standings
from generations.services import pacing
from generations.services.ordering.refusals import (
    OPEN_MAX,
    ORDERS_PER_MINUTE_MAX,
    BrakeReached,
    ClosedForNow,
    MayNotCreate,
    NothingToRetry,
    OfferUnavailable,
    OrderRefused,
    PriceRose,
    PromptBlocked,
    PromptHeld,
    PromptWarned,
    RequestKeyReused,
    StorageFull,
    TooFast,
    TooLate,
    TooManyHeld,
    TooManyOpen,
)
from generations.services.ordering.room import check_room
from generations.services.ordering.screening import known, screen
from generations.services.ordering.shown import Shown, shown
from generations.services.ordering.wishes import Wish

__all__ = [
    "COUNT_MAX",
    "OPEN_MAX",
    "ORDERS_PER_MINUTE_MAX",
    "BrakeReached",
    "ClosedForNow",
    "MayNotCreate",
    "NothingToRetry",
    "OfferUnavailable",
    "OrderRefused",
    "PriceRose",
    "PromptBlocked",
    "PromptHeld",
    "PromptWarned",
    "RequestKeyReused",
    "StorageFull",
    "TooFast",
    "TooLate",
    "TooManyHeld",
    "TooManyOpen",
    "Wish",
    "cancel",
    "order_drawing",
    "order_held",
    "order_upscale",
    "retry",
]

log = logging.getLogger(__name__)

COUNT_MAX = 8
SOURCE_GONE = "The picture to upscale was deleted, or is no longer shared with you."


def order_drawing(
    *,
    member: Member,
    provider: str,
    offer: Offer,
    prompt: str,
    shape: str,
    count: int,
    request_key: str,
    private: bool | None = None,
    seen_at: datetime | None = None,
    agreed: str = "",
) -> Batch:
    """Hold the credits for `count` pictures and queue them; None leaves it to the team who will see them.

    With `seen_at`, when the page with the price was made, no more than that price is taken. `agreed` is what a
    PromptWarned asked to be sent back.
    Raises OrderRefused (or one of its kinds) and `ledger.NotEnoughCredits`; then nothing was ordered or set aside.
    """
    kept = member.team.private_by_default if private is None else private
    wish = Wish(
        provider=provider,
        offer=offer,
        prompt=prompt,
        choices={},
        shape=shape,
        count=count,
        private=kept,
        seen=shown(provider, offer, {}, seen_at),
        agreed=agreed,
    )
    return _place(member=member, wish=wish, request_key=request_key)


def order_upscale(
    *,
    member: Member,
    image: Image,
    provider: str,
    offer: Offer,
    request_key: str,
    choices: Mapping[str, str] | None = None,
    seen_at: datetime | None = None,
) -> Batch:
    """Hold the credits for one upscale of that picture and queue it. Raises as `order_drawing` does.

    `choices` are values the offer sells; with `copy` a smaller JPEG may be sent where the picture is too large.
    """
    drawn = image.generation
    wish = Wish(
        provider=provider,
        offer=offer,
        prompt=drawn.prompt,
        choices=dict(choices or {}),
        shape=drawn.shape,
        source=image,
        private=drawn.is_private,
        seen=shown(provider, offer, choices or {}, seen_at),
    )
    return _place(member=member, wish=wish, request_key=request_key)


def retry(
    *, member: Member, generation: Generation, request_key: str, seen_at: datetime | None = None, actor: str = ""
) -> Batch:
    """Order the same again at the price of today, as a new generation that remembers which one it repeats.

    `seen_at` as in `order_drawing`; `actor` is who does it where that is not the member. Raises NothingToRetry when
    the first may still succeed, and as `order_drawing`.
    """
    if not generation.may_retry:
        raise NothingToRetry
    offer = _offer_of(generation)
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
        private=generation.is_private,
        seen=shown(generation.provider, offer, generation.choices, seen_at),
    )
    return _place(member=member, wish=wish, request_key=request_key, actor=actor)


def order_held(*, held: HeldOrder) -> Batch:
    """Order what a reviewer let through, once, at no more than it cost then. Raises as `order_drawing`."""
    offer = _offer_of(held)
    wish = Wish(
        provider=held.provider,
        offer=offer,
        prompt=held.prompt,
        choices={},
        shape=held.shape,
        count=held.count,
        retry_of=held.retry_of,
        private=held.is_private,
        seen=Shown(held.price),
        was_reviewed=True,
    )
    return _place(member=held.member, wish=wish, request_key=held.request_key)


def cancel(*, generation: Generation, actor: str) -> None:
    """Stop a picture nobody has begun; its credits go back (T8). Raises TooLate when a vendor may have it."""
    with transaction.atomic():
        if not generation.may_cancel or not generation.move(State.CANCELED, actor=actor):
            raise TooLate
        ledger.release(generation=generation, actor=actor, reason="canceled")
    log.info("generation %s canceled by %s", generation.pk, actor)


def _place(*, member: Member, wish: Wish, request_key: str, actor: str = "") -> Batch:
    """Write the order once. A member's submits wait here for each other, so that no limit is passed by two at once."""
    if not member.may_create:
        raise MayNotCreate
    if batch := _known(member, wish, request_key):
        return batch
    with transaction.atomic():
        account = CreditAccount.objects.select_for_update(no_key=True).get(pk=ledger.account_of(member).pk)
        placed = _known(member, wish, request_key) or _write(
            member, wish, request_key, account=account, actor=actor or f"member:{member.pk}"
        )
    if isinstance(placed, OrderRefused):
        raise placed  # what a rule found is kept
    failpoint("after_order")
    return placed


def _known(member: Member, wish: Wish, request_key: str) -> Batch | None:
    batch = Batch.objects.filter(member=member, request_key=request_key).first()
    if batch is not None and batch.request_print != wish.print():
        raise RequestKeyReused
    if batch is None:
        known(member, wish, request_key)
    return batch


def _write(member: Member, wish: Wish, request_key: str, *, account: CreditAccount, actor: str) -> Batch | OrderRefused:
    moment, asked = clock.now(), wish.print()
    wish, quote, credential = _terms(member, wish)
    check_room(member, count=wish.count, price=quote.credits * wish.count, moment=moment)
    if stopped := screen(member, wish, request_key, price=quote.credits):
        return stopped
    batch = Batch.objects.create(
        team=member.team, member=member, request_key=request_key, request_print=asked, created_at=moment
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
            price=quote.credits,
            assumed_cost=quote.vendor_cost,
            credential=credential,
            is_private=wish.private,
            created_at=moment,
            changed_at=moment,
            next_at=moment,
            deadline_at=queue_deadline(moment),
        )
        for position in range(wish.count)
    ]
    rows = Generation.start(rows, actor=actor)
    ledger.hold_all(account=account, generations=rows, actor=actor)
    pacing.watch(member)
    if COPY in wish.choices:
        for row in rows:
            queue.later("copy", generation=row.pk)
    nudge.kick()
    log.info("batch %s: %s x %s/%s", batch.pk, wish.count, wish.provider, wish.offer.key)
    return batch


def _offer_of(order: Generation | HeldOrder) -> Offer:
    try:
        return providers.offer(order.provider, order.offer_key)
    except (providers.UnknownOffer, providers.UnknownProvider) as error:
        raise OfferUnavailable("This model is no longer set up. Choose another one.") from error


def _terms(member: Member, wish: Wish) -> tuple[Wish, Quote, Credential | None]:
    """The wish as it will be kept, its price, and the credential when only one will do.

    Closed for now, not on sale, no price or nobody to make it: no order.
    """
    if closure := Doors.read().against(wish.provider):
        raise ClosedForNow(closure)
    _check_sale(wish)
    quote = quote_of(provider=wish.provider, offer=wish.offer.key, choices=wish.choices)
    if quote is None:
        raise OfferUnavailable(f"{wish.offer.label} has no price yet. The studio’s staff can set one.")
    if wish.seen is not None:
        wish.seen.check(quote.credits, label=wish.offer.label)
    if wish.source is not None:
        source = wish.source
        wish = _check_source(member, wish, source)
        if wish.offer.source_by is SourceBy.TASK_ID:
            return wish, quote, _drew(wish, source)
    standing = standings(member.team).get(wish.provider)
    if standing is None:
        raise OfferUnavailable(f"{wish.offer.label} is not set up for this team.")
    if standing.is_paused:
        raise OfferUnavailable(paused_words(providers.get(wish.provider).label))
    if wish.offer.key in standing.offers_off:
        raise OfferUnavailable(refused_words(providers.get(wish.provider).label, wish.offer.label))
    return wish, quote, None


def _check_sale(wish: Wish) -> None:
    sales = Sales.read()
    if not sales.is_on(wish.provider, wish.offer):
        raise OfferUnavailable(f"{wish.offer.label} is switched off here. Choose another one.")
    if wish.source is None and wish.shape not in sales.shapes(wish.provider, wish.offer):
        raise OfferUnavailable(f"{wish.offer.label} does not draw {wish.shape} here. Choose another shape.")


def _check_source(member: Member, wish: Wish, source: Image) -> Wish:
    """What the sheet of ways to enlarge refuses is refused here, in the same words; a copy is sent only if it must."""
    if not Image.objects.visible_to(member).filter(pk=source.pk).exists():
        raise OfferUnavailable(SOURCE_GONE)
    fit = fit_of(source, member=member, provider=wish.provider, offer=wish.offer.key)
    if fit is not None and not fit.possible:
        raise OfferUnavailable(f"{wish.offer.label} is not possible. {fit.reason}")
    agreed = wish.choices.get(COPY) == COPY_JPEG
    if fit is not None and fit.needs_copy and not agreed:
        raise OfferUnavailable(
            f"{wish.offer.label} is not possible without a smaller copy. {fit.copy_because} "
            "Agree that a JPEG copy is sent, or choose another one."
        )
    needed = fit is not None and fit.needs_copy
    kept = {name: value for name, value in wish.choices.items() if needed or name != COPY}
    return replace(wish, choices=kept)


def _drew(wish: Wish, source: Image) -> Credential:
    """The account that drew the picture, even while it drains: no other knows its task."""
    credential = source.generation.credential
    if credential is None or credential.provider != wish.provider:
        raise OfferUnavailable(f"{wish.offer.label} works only on pictures its own vendor drew for this team.")
    if not credential.sends:
        raise OfferUnavailable(f"{wish.offer.label} needs the key that drew this picture, and that one is not in use.")
    return credential
