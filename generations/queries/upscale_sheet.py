"""The sheet that lists every way to enlarge a picture: what fits, at what size and price, and why the rest does not.

It never hides a choice; it orders nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse

from generations import providers
from generations.models import Credential, CreditAccount, Image, Member, clock
from generations.providers.base import Offer, Operation, Provider, SourceBy
from generations.providers.catalogue import Fit, Subject, fits
from generations.queries.cards import Picture, picture_of
from generations.queries.image_page import file_size, size_of
from generations.queries.prices import price_of
from generations.queries.words import seconds_between

DRAWING_WIDTH, DRAWING_HEIGHT = 44, 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One way to enlarge. `why` says what is in the way when it is not possible."""

    value: str
    title: str
    words: str
    price: int
    seconds: str
    width: int | None
    height: int | None
    possible: bool
    why: str
    checked: bool
    part: float

    @property
    def before_width(self) -> float:
        return round((DRAWING_WIDTH - 1) * self.part, 1)

    @property
    def before_height(self) -> float:
        return round((DRAWING_HEIGHT - 1) * self.part, 1)

    @property
    def before_y(self) -> float:
        return round(DRAWING_HEIGHT - 0.5 - self.before_height, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    vendor: str
    note: str
    choices: list[Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpscaleSheet:
    url: str
    image_url: str
    picture: Picture
    size: str
    file_size: str
    groups: list[Group]
    refused: list[Choice]
    balance: int
    error: str
    request_key: str
    may_create: bool

    @property
    def chosen(self) -> Choice | None:
        return next((choice for group in self.groups for choice in group.choices if choice.checked), None)

    @property
    def price(self) -> int:
        return self.chosen.price if self.chosen else 0

    @property
    def left(self) -> int:
        return self.balance - self.price

    @property
    def missing(self) -> int:
        return max(0, self.price - self.balance)


def upscale_sheet(
    image: Image, *, member: Member, chosen: str | None = None, error: str = "", request_key: str | None = None
) -> UpscaleSheet:
    """Every upscale the team's vendors sell, held against this picture. `chosen` is the value to keep ticked."""
    generation = image.generation
    found = fits(_subject(image), _offers(member, image))
    choices = [(fit, _choice(fit)) for fit in found]
    possible = [choice.value for _, choice in choices if choice.possible]
    ticked = chosen if chosen in possible else next(iter(possible), "")
    account = CreditAccount.objects.filter(member=member).first()
    return UpscaleSheet(
        url=reverse("image_upscale", args=[image.pk]),
        image_url=reverse("image", args=[image.pk]),
        picture=picture_of(image, prompt=generation.prompt),
        size=size_of(image),
        file_size=file_size(image.size_bytes),
        groups=_groups(choices, ticked=ticked, drawn_by=generation.provider),
        refused=[choice for _, choice in choices if not choice.possible],
        balance=account.available if account else 0,
        error=error,
        request_key=request_key or uuid.uuid4().hex,
        may_create=member.may_create,
    )


def _offers(member: Member, image: Image) -> list[tuple[type[Provider], Offer]]:
    """What the vendors set up for the team sell; an account that drew the picture counts while it drains."""
    serving = {credential.provider for credential in Credential.objects.serving(member.team)}
    drew = image.generation.provider if image.generation.credential_id else ""
    return [
        (provider, offer)
        for provider, offer in providers.offers(Operation.UPSCALE)
        if provider.key in serving or (provider.key == drew and offer.source_by is SourceBy.TASK_ID)
    ]


def _subject(image: Image) -> Subject:
    generation = image.generation
    drawn = generation.operation == Operation.DRAW
    age = (clock.now() - generation.accepted_at).total_seconds() if generation.accepted_at else None
    return Subject(
        width=image.width,
        height=image.height,
        format=image.format,
        size_bytes=image.size_bytes,
        drawn_by=generation.provider if drawn else None,
        task_id=generation.vendor_task_id or None,
        task_age_seconds=age,
        image_index=image.index,
        has_url=bool(settings.PUBLIC_URL),
    )


def _choice(fit: Fit) -> Choice:
    offer = fit.offer
    price = price_of(provider=fit.provider.key, offer=offer.key)
    why = fit.reason or ("" if price is not None else "It has no price yet. Your owner can set one.")
    size = f"{fit.width} × {fit.height}. " if fit.width and fit.height else "The vendor picks the size. "
    return Choice(
        value=f"{fit.provider.key}:{offer.key}",
        title=offer.label,
        words=f"{size}{offer.character}".strip(),
        price=price or 0,
        seconds=seconds_between(*offer.usual_seconds),
        width=fit.width,
        height=fit.height,
        possible=not why,
        why=why,
        checked=False,
        part=1 / offer.scale if offer.scale else 0.5,
    )


def _groups(choices: Sequence[tuple[Fit, Choice]], *, ticked: str, drawn_by: str) -> list[Group]:
    """The possible ones, one group for each vendor."""
    groups: dict[str, Group] = {}
    for fit, choice in choices:
        if choice.possible:
            note = "where this picture was made" if fit.provider.key == drawn_by else ""
            group = groups.setdefault(fit.provider.key, Group(vendor=fit.provider.label, note=note, choices=[]))
            group.choices.append(replace(choice, checked=choice.value == ticked))
    return list(groups.values())
