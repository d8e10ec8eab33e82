"""What the composer shows: the words typed so far, the shapes and models there are, and what the order would cost.

It reads prices and credentials and decides nothing about an order; the form and the service do that again.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.forms import Form

from generations import providers
from generations.models import Credential, CreditAccount, Generation, Member, Role, clock
from generations.providers.base import Offer, Operation
from generations.queries.prices import price_of
from generations.queries.words import seconds_between

PROMPT_MAX = 5000
COUNT_MAX = 8
SHAPES = (
    ("2:3", "Portrait", 3, 0, 12, 18),
    ("3:2", "Landscape", 0, 3, 18, 12),
    ("1:1", "Square", 1.5, 1.5, 15, 15),
)
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
    """One model at one vendor. Without a price, or while its account rests, it cannot be chosen and says why."""

    value: str
    label: str
    vendor: str
    price: int
    note: str
    shapes: tuple[str, ...]
    checked: bool
    possible: bool

    @property
    def name(self) -> str:
        return f"{self.label}, {self.vendor}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    prompt: str
    count: str
    shapes: list[Shape]
    models: list[ModelOption]
    errors: Mapping[str, list[str]]
    balance: int
    unit_price: int
    total: int
    owner: str
    request_key: str
    draft_key: str
    may_create: bool
    is_fresh: bool
    prompt_max: int = PROMPT_MAX
    count_max: int = COUNT_MAX
    samples: tuple[str, ...] = SAMPLES

    @property
    def model(self) -> ModelOption | None:
        return next((model for model in self.models if model.checked), None)

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
    def missing(self) -> int:
        return max(0, self.total - self.balance)

    @property
    def fitting(self) -> int:
        """How many of this model's pictures the balance pays for."""
        return min(self.count_max, self.balance // self.unit_price) if self.unit_price else self.count_max

    @property
    def has_cheaper(self) -> bool:
        return any(model.possible and model.price < self.unit_price for model in self.models)


def composer_for(
    *, member: Member, form: Form | None = None, like: Generation | None = None, words: str = ""
) -> Composer:
    """The composer for this member: with what a refused form brought, or what `like` was made with, or these words."""
    typed = _typed(form, like, words)
    models = _models(member, wished=typed["model"])
    chosen = next((model for model in models if model.checked), None)
    price = chosen.price if chosen else 0
    account = CreditAccount.objects.filter(member=member).first()
    return Composer(
        prompt=typed["prompt"],
        count=typed["count"],
        shapes=_shapes(chosen.shapes if chosen else (), wished=typed["shape"]),
        models=models,
        errors=_errors(form),
        balance=account.available if account else 0,
        unit_price=price,
        total=price * _counted(typed["count"]),
        owner=_owner_of(member),
        request_key=_request_key(form),
        draft_key=f"draft:{member.person_id}:{member.team_id}",
        may_create=member.may_create,
        is_fresh=form is None and like is None and not words,
    )


def _typed(form: Form | None, like: Generation | None, words: str) -> dict[str, str]:
    typed = {"prompt": words, "shape": "1:1", "model": "", "count": "1"}
    if form is not None:
        typed |= {name: str(form[name].value() or "") for name in FIELDS}
    elif like is not None:
        typed |= {"prompt": like.prompt, "shape": like.shape, "model": f"{like.provider}:{like.offer_key}"}
    return typed


def _request_key(form: Form | None) -> str:
    """The key a refused form came with stays: nothing was made with it."""
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


def _models(member: Member, *, wished: str) -> list[ModelOption]:
    """Every drawing offer of the vendors set up for the team. The wished one is checked, else the first possible."""
    moment = clock.now()
    resting: dict[str, str] = {}
    serving: dict[str, bool] = {}
    for credential in Credential.objects.serving(member.team):
        if credential.provider not in providers.PROVIDERS:
            continue  # a key of a vendor that this version no longer has
        rests = credential.paused_until is not None and credential.paused_until > moment
        serving[credential.provider] = serving.get(credential.provider, False) or not rests
        if rests:
            resting.setdefault(credential.provider, credential.paused_because)
    found = []
    for provider, is_free in serving.items():
        vendor = providers.get(provider)
        for offer in vendor.offers:
            if offer.operation is Operation.DRAW:
                price = price_of(provider=provider, offer=offer.key)
                note = _note(offer, price, "" if is_free else resting[provider] or "resting")
                found.append((provider, vendor.label, offer, price, note))
    values = [f"{provider}:{offer.key}" for provider, _, offer, price, _ in found if price is not None]
    checked = wished if wished in values else next(iter(values), "")
    return [
        ModelOption(
            value=f"{provider}:{offer.key}",
            label=offer.label,
            vendor=label,
            price=price or 0,
            note=note,
            shapes=offer.shapes,
            checked=f"{provider}:{offer.key}" == checked,
            possible=price is not None,
        )
        for provider, label, offer, price, note in found
    ]


def _note(offer: Offer, price: int | None, rest: str) -> str:
    if price is None:
        return "No price yet. Your owner can set one."
    usual = f"Usually {seconds_between(*offer.usual_seconds)}."
    if rest:
        return f"{usual} Resting just now; pictures wait in line until it is back."
    return f"{offer.character} {usual}".strip()


def _shapes(offered: tuple[str, ...], *, wished: str) -> list[Shape]:
    names = [value for value, *_ in SHAPES if value in offered] or [value for value, *_ in SHAPES]
    checked = wished if wished in names else names[-1]
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
    ]


def _owner_of(member: Member) -> str:
    """The first name of whoever can give more credits; "" when that is this member."""
    if member.role == Role.OWNER:
        return ""
    owner = Member.objects.present().filter(team=member.team_id, role=Role.OWNER).select_related("person").first()
    return owner.first_name if owner else ""
