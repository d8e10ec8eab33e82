"""The sheet that lists every way to enlarge a picture: what fits, at what size and price, and why the rest does not.

It never hides a choice; it orders nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.urls import reverse

from generations.models import CreditAccount, Image, Member, Sales
from generations.providers.base import SourceBy
from generations.providers.catalogue import COPY, COPY_JPEG, FORMAT_NAMES, Fit, megabytes
from generations.queries import choices as words
from generations.queries.brakes import BrakeState, brake_of
from generations.queries.cards import Picture, picture_of
from generations.queries.closed_ways import closed_ways
from generations.queries.composer import owner_of
from generations.queries.fits import fits_for
from generations.queries.image_page import file_size
from generations.queries.lineage import size_of
from generations.queries.prices import PriceList, page_moment, price_list, written
from generations.queries.vendors import Standing, standing_of, standings
from generations.queries.words import seconds_between, time_left

DRAWING_WIDTH, DRAWING_HEIGHT = 44, 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One value of a setting. `price` is what the whole order costs with it, where it has a price of its own."""

    value: str
    title: str
    price: int | None
    checked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What may be chosen beside the way itself; `name` is that of its field."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """The question whether a smaller copy may be sent."""

    name: str
    value: str
    title: str
    why: str
    checked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One way to enlarge. `why` says what is in the way when it is not possible; what is possible has a price.

    `act` is what the reader can do so that it becomes possible, at `act_url`, where there is such a page.

    `base_price` is that of settings without a price of their own, None where only some settings have one.
    """

    value: str
    vendor: str
    title: str
    words: str
    price: int | None
    base_price: int | None
    seconds: str
    width: int | None
    height: int | None
    possible: bool
    why: str
    part: float
    rests: str = ""
    rests_until: datetime | None = None
    seconds_left: int | None = None
    checked: bool = False
    settings: list[Setting] = field(default_factory=list)
    copy: Copy | None = None
    act: str = ""
    act_url: str = ""

    @property
    def cost(self) -> int:
        """To reckon with; of one that is not possible it says nothing."""
        return self.price or 0

    @property
    def range(self) -> str:
        """What may be chosen beside it, for where it cannot be chosen: Size: 2K, 4K, 8K."""
        return " ".join(f"{one.label}: {', '.join(option.title for option in one.options)}." for one in self.settings)

    @property
    def time_left(self) -> str:
        return time_left(self.seconds_left) if self.seconds_left is not None else ""

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
    brake: BrakeState | None
    owner: str
    own_pool: bool
    member: int
    priced_at: str

    @property
    def chosen(self) -> Choice | None:
        return next((choice for group in self.groups for choice in group.choices if choice.checked), None)

    @property
    def price(self) -> int:
        """Of the chosen way; 0 where there is none to choose."""
        return self.chosen.cost if self.chosen else 0

    @property
    def left(self) -> int:
        return self.balance - self.price

    @property
    def missing(self) -> int:
        return max(0, self.price - self.balance)

    @property
    def is_braked(self) -> bool:
        """Whether it is the member's own brake alone that is in the way."""
        return self.brake is not None and not self.missing and self.price > self.brake.left

    @property
    def cheaper(self) -> Choice | None:
        """The dearest way that the credits are enough for."""
        most = min(self.balance, self.brake.left) if self.brake else self.balance
        fits = [one for group in self.groups for one in group.choices if one.cost <= most]
        return max(fits, key=lambda one: one.cost, default=None)


def upscale_sheet(
    image: Image,
    *,
    member: Member,
    chosen: str | None = None,
    picked: Mapping[str, str] | None = None,
    error: str = "",
    request_key: str | None = None,
) -> UpscaleSheet:
    """Every upscale the team's vendors sell, held against this picture.

    `chosen` is the value to keep ticked, `picked` what was chosen beside it.
    """
    moment, generation = page_moment(), image.generation
    prices, standing, sales = price_list(at=moment), standings(member.team), Sales.read()
    choices: list[tuple[Fit, Choice]] = []
    for fit in fits_for(image, member=member, sales=sales):
        kept = picked if picked and value_of(fit) == chosen else {}
        stands = _key_alone(fit, image) or standing.get(fit.provider.key)
        choices.append((fit, _choice(fit, prices=prices, picked=kept, standing=stands)))
    listed = {(fit.provider.key, fit.offer.key) for fit, _ in choices}
    for way in closed_ways(image, member=member, sales=sales, set_up=set(standing), listed=listed):
        shut = _choice(way.fit, prices=prices, picked={}, standing=None)
        choices.append((way.fit, replace(shut, act=way.act, act_url=way.url)))
    drawn_by = generation.provider
    ticked = _ticked(choices, chosen, drawn_by=drawn_by)
    account = CreditAccount.objects.filter(member=member).first()
    return UpscaleSheet(
        url=reverse("image_upscale", args=[image.pk]),
        image_url=reverse("image", args=[image.pk]),
        picture=picture_of(image, prompt=generation.prompt),
        size=size_of(image),
        file_size=file_size(image.size_bytes),
        groups=_groups(choices, ticked=ticked, drawn_by=drawn_by),
        refused=[choice for _, choice in choices if not choice.possible],
        balance=account.available if account else 0,
        error=error,
        request_key=request_key or uuid.uuid4().hex,
        may_create=member.may_create,
        brake=brake_of(member),
        owner=owner_of(member),
        own_pool=member.may_manage,
        member=member.pk,
        priced_at=written(moment),
    )


def _key_alone(fit: Fit, image: Image) -> Standing | None:
    """How the key that drew it is doing, where no other can enlarge it this way; None where any key can."""
    account = image.generation.credential
    if fit.offer.source_by is not SourceBy.TASK_ID or account is None or account.provider != fit.provider.key:
        return None
    return standing_of(account)


def value_of(fit: Fit) -> str:
    """What the form calls this way."""
    return f"{fit.provider.key}:{fit.offer.key}"


def _ticked(choices: Sequence[tuple[Fit, Choice]], chosen: str | None, *, drawn_by: str) -> str:
    """The chosen one if it is possible, else the best of the others: where it was made, sent as it is."""
    possible = [(fit, choice) for fit, choice in choices if choice.possible]
    if chosen in {choice.value for _, choice in possible}:
        return str(chosen)
    best = min(possible, key=lambda one: (one[0].needs_copy, one[0].provider.key != drawn_by), default=None)
    return best[1].value if best else ""


def _choice(fit: Fit, *, prices: PriceList, picked: Mapping[str, str], standing: Standing | None) -> Choice:
    offer, vendor = fit.offer, fit.provider.key
    made = {name: picked.get(name) or words.usual_of(offer, name) for name in offer.choices}
    price = prices.price(vendor, offer.key, made)
    why = fit.reason or ("" if price is not None else "It has no price yet. The studio’s staff can set one.")
    return Choice(
        value=value_of(fit),
        vendor=fit.provider.label,
        title=offer.label,
        words=_words(fit),
        price=price,
        base_price=prices.price(vendor, offer.key),
        seconds=seconds_between(*offer.usual_seconds),
        width=fit.width,
        height=fit.height,
        possible=not why,
        why=why,
        part=1 / offer.scale if offer.scale else 0.5,
        rests=standing.rests if standing else "",
        rests_until=standing.until if standing else None,
        seconds_left=int(fit.seconds_left) if fit.seconds_left is not None else None,
        settings=_settings(fit, prices, made),
        copy=_copy(fit, picked),
    )


def _words(fit: Fit) -> str:
    """How large it gets, its character, and what the vendor leaves open, said as plainly as the rest."""
    offer, vendor = fit.offer, fit.provider.label
    size = f"{fit.width} × {fit.height} px" if fit.width and fit.height else ""
    file = FORMAT_NAMES.get(offer.result_format.upper(), offer.result_format)
    open_parts = [] if size or words.SIZE in offer.choices else ["size"]
    open_parts += [] if file or words.FILE_FORMAT in offer.choices else ["file format"]
    told = [f"{', '.join(filter(None, [size, file]))}." if size or file else "", offer.character]
    if words.SIZE in offer.choices and not size:
        told.append(f"{vendor} does not say how many pixels a size has.")
    if open_parts:
        told.append(f"{vendor} picks the {' and '.join(open_parts)}.")
    return " ".join(filter(None, told))


def _settings(fit: Fit, prices: PriceList, made: Mapping[str, str]) -> list[Setting]:
    return [
        Setting(
            name=f"{value_of(fit)}:{name}",
            label=words.label_of(name),
            options=[
                Option(
                    value=value,
                    title=words.value_of(value),
                    price=prices.of_choice(fit.provider.key, fit.offer.key, name, value),
                    checked=value == made[name],
                )
                for value in values
            ],
        )
        for name, values in fit.offer.choices.items()
    ]


def _copy(fit: Fit, picked: Mapping[str, str]) -> Copy | None:
    if not fit.needs_copy:
        return None
    return Copy(
        name=f"{value_of(fit)}:{COPY}",
        value=COPY_JPEG,
        title=f"Send a smaller JPEG copy (about {megabytes(fit.copy_bytes)})",
        why=f"{fit.copy_because} Your picture stays as it is.",
        checked=picked.get(COPY) == COPY_JPEG,
    )


def _groups(choices: Sequence[tuple[Fit, Choice]], *, ticked: str, drawn_by: str) -> list[Group]:
    """The possible ones, one group for each vendor; where the picture was made comes first."""
    groups: dict[str, Group] = {}
    for fit, choice in sorted(choices, key=lambda one: one[0].provider.key != drawn_by):
        if choice.possible:
            note = "where this picture was made" if fit.provider.key == drawn_by else ""
            group = groups.setdefault(fit.provider.key, Group(vendor=fit.provider.label, note=note, choices=[]))
            group.choices.append(replace(choice, checked=choice.value == ticked))
    return list(groups.values())
