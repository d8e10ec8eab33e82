"""What a card and a run of cards show, for every state a generation can be in.

Asks the database nothing: give it generations with `member__person`, `batch`, `images` and `source` already there,
and with its images the cases that hid them.
It decides what a person reads and may do; the templates only write it down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from generations import providers
from generations.models import WITH_IMAGES, Generation, Image, Member, State
from generations.providers.base import Offer, Operation
from generations.queries.choices import in_words
from generations.queries.removals import is_concealed, removed_words, shown_images, words_left
from generations.queries.retries import Retries, Retry
from generations.queries.waits import Wait
from generations.queries.words import (
    ICONS,
    cost_of,
    duration,
    money_of,
    ordinal_suffix,
    refund_of,
    seconds_between,
    summary,
    words_of,
)

RATIOS = {
    "9:16": 9 / 16,
    "2:3": 2 / 3,
    "3:4": 3 / 4,
    "4:5": 4 / 5,
    "1:1": 1.0,
    "5:4": 5 / 4,
    "4:3": 4 / 3,
    "3:2": 3 / 2,
    "16:9": 16 / 9,
}
"""The shapes the styles can draw a frame in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A finished picture as a page shows it."""

    id: UUID
    url: str
    src: str
    srcset: str
    thumb: str
    width: int
    height: int
    ratio: str
    tone: str
    alt: str
    upscale_url: str
    download_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dial:
    """The timer on a card at the vendor. Everything is in seconds; `total` is the full circle."""

    now: float
    low: float
    high: float
    total: float
    is_slow: bool

    @property
    def span(self) -> float:
        return round(self.high - self.low, 1)

    @property
    def rest(self) -> float:
        return round(self.total - self.span, 1)

    @property
    def arc(self) -> float:
        return min(self.now, self.total)

    @property
    def clock(self) -> str:
        """Seconds, or minutes and seconds once they would not fit."""
        whole = int(self.now)
        return str(whole) if whole < 100 else f"{whole // 60}:{whole % 60:02}"

    @property
    def unit(self) -> str:
        return "s" if self.now < 100 else ""

    @property
    def usual(self) -> str:
        return f"Usually {seconds_between(self.low, self.high)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One generation: what it says about itself and what may be done with it."""

    id: UUID
    state: str
    label: str
    icon: str
    ratio: str
    alt: str
    headline: str = ""
    detail: str = ""
    refund: str = ""
    until: datetime | None = None
    place: int | None = None
    place_suffix: str = ""
    dial: Dial | None = None
    note: str = ""
    images: list[Picture] = field(default_factory=list)
    maker: str = ""
    initials: str = ""
    maker_tone: str = ""
    money: str = ""
    may_cancel: bool = False
    retry: Retry | None = None
    may_create: bool = False
    is_upscale: bool = False
    other_ways_url: str = ""
    removed: str = ""

    @property
    def is_done(self) -> bool:
        return self.state in WITH_IMAGES

    @property
    def is_late(self) -> bool:
        """It came after its credits had gone back."""
        return self.state == State.RECOVERED

    @property
    def count_words(self) -> str:
        """How many pictures came where more than one did: 6 pictures. The card shows the first."""
        return f"{len(self.images)} pictures" if len(self.images) > 1 else ""

    @property
    def tone(self) -> str:
        return self.images[0].tone if self.images else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The cards of one submit, and what a person needs to ask for the same again."""

    id: UUID
    ratio: str
    cards: list[Card]
    prompt: str
    maker: str
    model: str
    made_at: datetime
    cost: str
    money: str
    took: str
    is_upscale: bool
    reuse_url: str
    reuse_model: str
    reuse_shape: str
    may_create: bool

    @property
    def is_batch(self) -> bool:
        return len(self.cards) > 1

    @property
    def count(self) -> int:
        return len(self.cards)


def card_of(
    generation: Generation,
    *,
    viewer: Member,
    now: datetime,
    place: int | None = None,
    wait: Wait | None = None,
    retries: Retries | None = None,
) -> Card:
    """The card of one generation as this member sees it. `place` is its place in line, counted from 1.

    Without `retries` it offers no way to order it again.
    """
    offer = offer_of(generation)
    upscale = generation.operation == Operation.UPSCALE
    images = [picture_of(image, prompt=generation.prompt) for image in shown_images(generation)]
    person = generation.member.person
    may_act = viewer.may_create and (viewer.may_manage or generation.member_id == viewer.pk)
    may_retry = may_act and generation.may_retry and (not upscale or generation.source_id is not None)
    why = (wait.words, wait.promise, wait.until) if wait else None
    headline, detail, until = words_of(generation, place=place, may_act=may_act, wait=why)
    removed = removed_words(generation, viewer)
    return Card(
        id=generation.pk,
        state=generation.state,
        label=State(generation.state).label,
        icon=ICONS.get(State(generation.state), "image"),
        ratio=images[0].ratio if images else _ratio_of(generation),
        alt=summary(words_left(generation, viewer)),
        headline=removed or headline,
        detail=detail,
        refund=refund_of(generation),
        until=until,
        place=place if generation.state == State.QUEUED else None,
        place_suffix=ordinal_suffix(place) if place else "",
        dial=_dial(generation, offer, now),
        note=made_as(generation, offer) if upscale else "",
        images=images,
        maker=generation.member.called,
        initials=person.initials if person else "?",
        maker_tone=person.tone if person else "h0",
        money=money_of([generation]),
        may_cancel=generation.may_cancel and may_act,
        retry=retries.of(generation, offer) if retries and may_retry else None,
        may_create=viewer.may_create,
        is_upscale=upscale,
        other_ways_url=_other_ways_url(generation, viewer),
        removed=removed,
    )


def _other_ways_url(generation: Generation, viewer: Member) -> str:
    """Where an upscale that did not come may be ordered in another way, while its picture is still there."""
    source = generation.source if generation.operation == Operation.UPSCALE and generation.may_retry else None
    if source is None or not viewer.may_create or source.deleted_at is not None or source.hidden_at is not None:
        return ""
    return reverse("image_upscale", args=[source.pk])


def runs_of(
    generations: Iterable[Generation],
    *,
    viewer: Member,
    now: datetime,
    places: Mapping[UUID, int] | None = None,
    waits: Mapping[UUID, Wait] | None = None,
    retries: Retries | None = None,
) -> list[Run]:
    """The generations grouped by submit, in the order the first of each group comes."""
    groups: dict[UUID, list[Generation]] = {}
    for generation in generations:
        groups.setdefault(generation.batch_id or generation.pk, []).append(generation)
    where, why = places or {}, waits or {}

    def card(one: Generation) -> Card:
        return card_of(one, viewer=viewer, now=now, place=where.get(one.pk), wait=why.get(one.pk), retries=retries)

    ordered = [sorted(group, key=lambda one: one.position) for group in groups.values()]
    return [_run_of(group, [card(one) for one in group], viewer) for group in ordered]


def _run_of(group: list[Generation], cards: list[Card], viewer: Member) -> Run:
    readable = next((one for one in group if not is_concealed(one, viewer)), None)
    first = readable or group[0]
    offer = offer_of(first)
    return Run(
        id=first.batch_id or first.pk,
        ratio=cards[0].ratio,
        cards=cards,
        prompt=words_left(first, viewer),
        maker=first.member.first_name,
        model=offer.label if offer else first.offer_key,
        made_at=first.created_at,
        cost=cost_of(group),
        money=money_of(group),
        took=took(first) if len(group) == 1 and first.is_done else "",
        is_upscale=first.operation == Operation.UPSCALE,
        reuse_url=f"{reverse('studio')}?from={first.pk}",
        reuse_model=f"{first.provider}:{first.offer_key}",
        reuse_shape=first.shape,
        may_create=viewer.may_create and readable is not None,
    )


def offer_of(generation: Generation) -> Offer | None:
    """What was ordered, or None when the provider no longer sells it."""
    try:
        return generation.offer()
    except (providers.UnknownOffer, providers.UnknownProvider):
        return None


def made_as(generation: Generation, offer: Offer | None) -> str:
    """What was chosen, where something was: that tells two versions apart; else what the offer is called."""
    return in_words(generation.choices) or (offer.label if offer else "")


def picture_of(image: Image, *, prompt: str) -> Picture:
    """A stored picture with the addresses of its copies, smallest first."""
    widths = sorted(image.widths)
    sources = [(reverse("image_file", args=[image.pk, width]), width) for width in widths]
    original = reverse("image_original", args=[image.pk])
    return Picture(
        id=image.pk,
        url=reverse("image", args=[image.pk]),
        src=sources[min(1, len(sources) - 1)][0] if sources else original,
        thumb=sources[0][0] if sources else original,
        srcset=", ".join(f"{url} {width}w" for url, width in sources),
        width=image.width,
        height=image.height,
        ratio=nearest_ratio(image.width, image.height),
        tone=image.tone,
        alt=summary(prompt),
        upscale_url=reverse("image_upscale", args=[image.pk]),
        download_url=f"{original}?download=1",
    )


def nearest_ratio(width: int, height: int) -> str:
    """The name of the frame closest in shape."""
    return min(RATIOS, key=lambda name: abs(RATIOS[name] - width / height))


def took(generation: Generation) -> str:
    """How long the vendor worked: 7.2 s, 3 min 5 s. "" when it never began or has not ended."""
    if generation.accepted_at is None or generation.finished_at is None:
        return ""
    return duration((generation.finished_at - generation.accepted_at).total_seconds())


def _ratio_of(generation: Generation) -> str:
    source = generation.source if generation.operation == Operation.UPSCALE else None
    if source is not None:
        return nearest_ratio(source.width, source.height)
    return generation.shape if generation.shape in RATIOS else "1:1"


def _dial(generation: Generation, offer: Offer | None, now: datetime) -> Dial | None:
    """How long the vendor has had it. The wait in our own line is never counted as work."""
    if generation.state != State.RUNNING:
        return None
    began = generation.accepted_at or generation.changed_at
    seconds = max(0.0, round((now - began).total_seconds(), 1))
    low, high = offer.usual_seconds if offer else (5.0, 60.0)
    return Dial(now=seconds, low=low, high=high, total=round(high * 1.5, 1), is_slow=seconds > high)
