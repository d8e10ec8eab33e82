"""What the composer shows: the words typed so far, the shapes and models there are, and what the order would cost.

It reads prices, credentials and what is on sale, and decides nothing about an order; the form and the service do that
again.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.forms import Form

from generations import providers
from generations.models import Closure, CreditAccount, Doors, Generation, Member, Role, Sales
from generations.providers.base import Offer, Operation
from generations.queries.brakes import BrakeState, brake_of
from generations.queries.closures import closed_words
from generations.queries.prices import page_moment, price_list, written
from generations.queries.prompt_rules import Stop
from generations.queries.vendors import Standing, refused_words, standings
from generations.queries.words import seconds_between

PROMPT_MAX = 5000
COUNT_MAX = 8
SHAPES = (
    ("2:3", "Portrait", 3, 0, 12, 18),
    ("3:2", "Landscape", 0, 3, 18, 12),
    ("1:1", "Square", 1.5, 1.5, 15, 15),
    ("16:9", "Wide", 0, 4, 18, 10),
    ("9:16", "Tall", 4, 0, 10, 18),
)
USUAL_SHAPE = "1:1"

"""Name, what people call it, and its drawing in a square of 18: x, y, width, height."""
SAMPLES = (
    "Seven layers of mountain ridges at dawn, mist in the valleys, long lens",
    "Terracotta arches and a white stair in hard noon light",
    "Citrus halves on a teal table, seen from straight above",
)
"""Prompts for a studio without pictures; they run on any model."""
FIELDS = ("prompt", "shape", "model", "count")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    value: str
    title: str
    x: float
    y: float
    width: float
    height: float
    checked: bool
    offered: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelOption:
    """One model at one vendor. Without a price, or while its vendor is closed, it cannot be chosen and says why.

    While all keys of the vendor rest it can be chosen, and says until when orders wait. Where staff closed it and said
    for how long, `opens_at` is when.
    """

    value: str
    label: str
    vendor: str
    price: int | None
    note: str
    shapes: tuple[str, ...]
    prompt_max: int
    checked: bool
    possible: bool
    rests_until: datetime | None = None
    opens_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.label}, {self.vendor}"

    @property
    def cost(self) -> int:
        """To reckon with; of one that cannot be chosen it says nothing."""
        return self.price or 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    prompt: str
    count: str
    shapes: list[Shape]
    models: list[ModelOption]
    errors: Mapping[str, list[str]]
    balance: int
    brake: BrakeState | None
    owner: str
    own_pool: bool
    member: int
    priced_at: str
    request_key: str
    draft_key: str
    may_create: bool
    is_fresh: bool
    is_private: bool
    team: int
    closed: Closure | None = None
    """The whole studio is closed for new orders."""
    stop: Stop | None = None
    count_max: int = COUNT_MAX
    samples: tuple[str, ...] = SAMPLES

    @property
    def model(self) -> ModelOption | None:
        return next((model for model in self.models if model.checked), None)

    @property
    def obstacle(self) -> str:
        """Why nothing is chosen; with a model that could be, what to do."""
        if self.closed:
            return f"{closed_words(self.closed)} Your words stay here, and nothing is charged."
        if any(model.possible for model in self.models):
            return "Choose a model."
        if len(self.models) == 1:
            return f"{self.models[0].name}: {self.models[0].note}"
        return "No model can draw now. The list of models says why beside each."

    @property
    def prompt_max(self) -> int:
        return self.model.prompt_max if self.model else PROMPT_MAX

    @property
    def unit_price(self) -> int:
        """Credits for one picture; 0 without a model, whose price nobody knows."""
        return self.model.cost if self.model else 0

    @property
    def total(self) -> int:
        return self.unit_price * self.total_count

    @property
    def length(self) -> int:
        """Characters as the form counts them: without the blanks around the words."""
        return len(self.prompt.strip())

    @property
    def over(self) -> int:
        return max(0, self.length - self.prompt_max)

    @property
    def left(self) -> int:
        return self.balance - self.total

    @property
    def total_count(self) -> int:
        """The number of pictures the total is for."""
        return _counted(self.count)

    @property
    def spendable(self) -> int:
        """What an order may cost: the balance, or less where the member's own brake stops them sooner."""
        return min(self.balance, self.brake.left) if self.brake else self.balance

    @property
    def missing(self) -> int:
        """What the balance lacks; a brake that stops sooner lacks nothing that anybody could give."""
        return max(0, self.total - self.balance)

    @property
    def is_short(self) -> bool:
        """Whether the balance or the brake is in the way."""
        return self.total > self.spendable

    @property
    def is_braked(self) -> bool:
        """Whether it is the brake alone that is in the way."""
        return self.spendable < self.total <= self.balance

    @property
    def fitting(self) -> int:
        """How many of this model's pictures may be paid for."""
        return min(self.count_max, self.spendable // self.unit_price) if self.unit_price else self.count_max

    @property
    def cheaper(self) -> ModelOption | None:
        """The dearest model below this one that so many pictures may be made with; else one of it, of the cheapest."""
        below = [one for one in self.models if one.possible and one.cost < self.unit_price]
        fits = [one for one in below if one.cost * self.total_count <= self.spendable]
        if fits:
            return max(fits, key=lambda one: one.cost)
        return min((one for one in below if one.cost <= self.spendable), key=lambda one: one.cost, default=None)


def composer_for(
    *,
    member: Member,
    form: Form | None = None,
    like: Generation | None = None,
    words: str = "",
    stop: Stop | None = None,
) -> Composer:
    """The composer for this member: with what a refused form brought, or what `like` was made with, or these words."""
    moment = page_moment()
    typed = _typed(form, like, words)
    doors = Doors.read()
    models = _models(member, wished=typed["model"], at=moment, doors=doors)
    chosen = next((model for model in models if model.checked), None)
    account = CreditAccount.objects.filter(member=member).first()
    return Composer(
        prompt=typed["prompt"],
        count=typed["count"],
        shapes=_shapes(models, chosen, wished=typed["shape"]),
        models=models,
        errors=_errors(form),
        balance=account.available if account else 0,
        brake=brake_of(member),
        owner=owner_of(member),
        own_pool=member.may_manage,
        member=member.pk,
        priced_at=written(moment),
        request_key=_request_key(form, stop),
        draft_key=f"draft:{member.person_id}:{member.team_id}",
        may_create=member.may_create,
        is_fresh=form is None and like is None and not words,
        is_private=_is_private(form, like, member),
        team=member.team_id,
        closed=doors.studio,
        stop=stop,
    )


def _typed(form: Form | None, like: Generation | None, words: str) -> dict[str, str]:
    typed = {"prompt": words, "shape": USUAL_SHAPE, "model": "", "count": "1"}
    if form is not None:
        typed |= {name: str(form[name].value() or "") for name in FIELDS}
    elif like is not None:
        typed |= {"prompt": like.prompt, "shape": like.shape, "model": f"{like.provider}:{like.offer_key}"}
    return typed


def _is_private(form: Form | None, like: Generation | None, member: Member) -> bool:
    """As it was chosen, or as what it starts from is, or as the team has it."""
    chosen = str(form["privacy"].value() or "") if form is not None else ""
    if chosen:
        return chosen == "private"
    return like.is_private if like is not None else member.team.private_by_default


def _request_key(form: Form | None, stop: Stop | None) -> str:
    """The key a refused form came with stays: nothing was made with it. What is held has it for good."""
    if stop is not None and stop.is_held:
        return uuid.uuid4().hex
    kept = str(form["request_key"].value() or "") if form is not None and not form.non_field_errors() else ""
    return kept or uuid.uuid4().hex


def _errors(form: Form | None) -> dict[str, list[str]]:
    if form is None:
        return {}
    errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
    errors["form"] = errors.pop("__all__", [])
    return errors


def _counted(text: str) -> int:
    """The number typed, brought between 1 and the most a submit may hold."""
    try:
        return min(COUNT_MAX, max(1, int(text)))
    except ValueError:
        return 1


def _models(member: Member, *, wished: str, at: datetime, doors: Doors) -> list[ModelOption]:
    """Every drawing offer of the vendors set up for the team. The wished one is checked, else the first possible."""
    sales, prices = Sales.read(), price_list(at=at)
    found = []
    for provider, standing in standings(member.team).items():
        vendor, closure = providers.get(provider), doors.against(provider)
        for offer in vendor.offers:
            if offer.operation is Operation.DRAW and sales.is_on(provider, offer):
                price = prices.price(provider, offer.key)
                found.append(
                    ModelOption(
                        value=f"{provider}:{offer.key}",
                        label=offer.label,
                        vendor=vendor.label,
                        price=price,
                        note=closed_words(closure) if closure else _note(vendor.label, offer, price, standing),
                        shapes=sales.shapes(provider, offer),
                        prompt_max=offer.prompt_max,
                        checked=False,
                        possible=closure is None and _is_possible(offer, price, standing),
                        rests_until=standing.until if closure is None else None,
                        opens_at=closure.ends_at if closure else None,
                    )
                )
    values = [model.value for model in found if model.possible]
    checked = wished if wished in values else next(iter(values), "")
    return [replace(model, checked=model.value == checked) for model in found]


def _is_possible(offer: Offer, price: int | None, standing: Standing) -> bool:
    return price is not None and not standing.is_paused and offer.key not in standing.offers_off


def _note(vendor: str, offer: Offer, price: int | None, standing: Standing) -> str:
    if standing.is_paused:
        return "Paused for this team. Your owner can resume it."
    if offer.key in standing.offers_off:
        return refused_words(vendor, offer.label)
    if price is None:
        return "No price yet. The studio’s staff can set one."
    usual = f"Usually {seconds_between(*offer.usual_seconds)}."
    if standing.rests:
        return f"{usual} Resting just now: {standing.rests}"
    return f"{offer.character} {usual}".strip()


def _shapes(models: list[ModelOption], chosen: ModelOption | None, *, wished: str) -> list[Shape]:
    """Every shape some model here draws; offered are those of the chosen one."""
    drawn = {shape for model in models for shape in model.shapes}
    names = [value for value, *_ in SHAPES if value in (chosen.shapes if chosen else drawn)]
    usual = USUAL_SHAPE if USUAL_SHAPE in names else next(iter(names), "")
    checked = wished if wished in names else usual
    return [
        Shape(
            value=value,
            title=title,
            x=x,
            y=y,
            width=width,
            height=height,
            checked=value == checked,
            offered=value in names,
        )
        for value, title, x, y, width, height in SHAPES
        if value in drawn
    ]


def owner_of(member: Member) -> str:
    """The first name of the owner; "" when that is this member."""
    if member.role == Role.OWNER:
        return ""
    owner = Member.objects.present().filter(team=member.team_id, role=Role.OWNER).select_related("person").first()
    return owner.first_name if owner else ""
