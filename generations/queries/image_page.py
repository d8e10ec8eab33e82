"""Everything the page of one picture shows: the picture, how it was made, its family and its history.

The number of queries depends on how many generations deep the family is, never on how many pictures it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from generations import providers
from generations.models import LIVE, Generation, GenerationEvent, Image, Member, Reason, State
from generations.models.generation.states import RESTORED, TRASHED
from generations.providers.base import Operation
from generations.providers.catalogue import COPY
from generations.queries import choices as words
from generations.queries import feed
from generations.queries.cards import Picture, Run, offer_of, picture_of, runs_of, took
from generations.queries.fits import fits_for
from generations.queries.lineage import Node, cost_of_work, family_of, nodes_of, size_of
from generations.queries.privacy import is_own
from generations.queries.retries import Retries
from generations.queries.words import credits_in_words, duration, headline_of, refund_of, summary, time_left

FAILED_SHOWN = timedelta(hours=1)
"""How long a failed upscale stays in sight on its source's page."""
ANEW_WORDS = {TRASHED: "Moved to the trash", RESTORED: "Taken out of the trash"}
FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A name and a value. `at` is a moment instead of words; `is_code` marks what a machine wrote."""

    label: str
    value: str = ""
    at: datetime | None = None
    is_code: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One of several pictures that were made together."""

    picture: Picture
    number: int
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A way to enlarge that is open for a while only."""

    title: str
    vendor: str
    seconds_left: int

    @property
    def time_left(self) -> str:
        return time_left(self.seconds_left)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    words: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagePage:
    id: UUID
    picture: Picture
    title: str
    prompt: str
    facts: list[Fact]
    pieces: list[Piece]
    clocks: list[Clock]
    family: list[Node]
    runs: list[Run]
    history: list[Line]
    original_url: str
    reuse_url: str
    reuse_model: str
    reuse_shape: str
    may_upscale: bool
    may_report: bool
    may_delete: bool
    is_upload: bool


def image_page(image: Image, *, viewer: Member, now: datetime) -> ImagePage:
    """The page of this picture as the member sees it. The picture must be one they may see."""
    generation = image.generation
    family = family_of(image, viewer)
    pieces = _pieces(image, viewer)
    return ImagePage(
        id=image.pk,
        picture=picture_of(image, prompt=generation.prompt),
        title=summary(generation.prompt),
        prompt=generation.prompt,
        facts=_facts(image, viewer, pieces=len(pieces)),
        pieces=pieces,
        clocks=_clocks(image, viewer),
        family=nodes_of(family, current=image),
        runs=_under_way([one.pk for one in family], viewer=viewer, now=now),
        history=history_of(generation),
        original_url=reverse("image_original", args=[image.pk]),
        reuse_url=f"{reverse('studio')}?from={generation.pk}",
        reuse_model=f"{generation.provider}:{generation.offer_key}",
        reuse_shape=generation.shape,
        may_upscale=viewer.may_create,
        may_report=not is_own(image, viewer),
        may_delete=viewer.may_create and (is_own(image, viewer) or (viewer.may_manage and not generation.is_private)),
        is_upload=generation.is_upload,
    )


def _pieces(image: Image, viewer: Member) -> list[Piece]:
    """The pictures made together with this one, in the vendor's order; none where it was made alone."""
    found = list(Image.objects.visible_to(viewer).filter(generation=image.generation_id).order_by("index"))
    if len(found) < 2:
        return []
    prompt = image.generation.prompt
    return [
        Piece(picture=picture_of(one, prompt=prompt), number=number, is_current=one.pk == image.pk)
        for number, one in enumerate(found, start=1)
    ]


def _clocks(image: Image, viewer: Member) -> list[Clock]:
    if not viewer.may_create:
        return []
    return [
        Clock(title=fit.offer.label, vendor=fit.provider.label, seconds_left=int(fit.seconds_left))
        for fit in fits_for(image, member=viewer)
        if fit.possible and fit.seconds_left is not None
    ]


def _facts(image: Image, viewer: Member, *, pieces: int) -> list[Fact]:
    generation = image.generation
    if generation.is_upload:
        return [
            Fact(label="Uploaded by", value=generation.member.called),
            Fact(label="When", at=generation.created_at),
            Fact(label="Size", value=f"{size_of(image)} px"),
            Fact(label="File", value=f"{FORMATS.get(image.format, image.format)}, {file_size(image.size_bytes)}"),
        ]
    offer = offer_of(generation)
    shape = f"{generation.shape}, " if generation.operation == Operation.DRAW else ""
    facts = [
        Fact(label="Model", value=offer.label if offer else generation.offer_key),
        Fact(label="Vendor", value=_vendor(generation)),
        Fact(label="Asked for", value=words.in_words(generation.choices)),
        Fact(label="Sent as", value="A smaller JPEG copy" if COPY in generation.choices else ""),
        Fact(label="Shape", value=f"{shape}{size_of(image)} px"),
        Fact(label="File", value=f"{FORMATS.get(image.format, image.format)}, {file_size(image.size_bytes)}"),
        *money_facts(generation, pieces=pieces),
        Fact(label="Took", value=_took(generation)),
        Fact(label="Made by", value=generation.member.called),
        Fact(label="When", at=generation.created_at),
        Fact(label="Vendor task", value=generation.vendor_task_id, is_code=True),
    ]
    if viewer.person and viewer.person.is_staff and generation.vendor_cost is not None:
        facts.append(Fact(label="Vendor’s price", value=f"{generation.vendor_cost:f}"))
    return [fact for fact in facts if fact.value or fact.at]


def money_facts(generation: Generation, *, pieces: int = 0) -> list[Fact]:
    """Quote, hold and actual of one generation, each in words of its own."""
    price = credits_in_words(generation.price) if generation.price else "free"
    if generation.is_open:
        return [Fact(label="Price", value=price), Fact(label="Held", value=f"{price}, until it is in your library")]
    back = refund_of(generation)
    cost = (
        cost_of_work(generation, pieces=pieces)
        if generation.is_done
        else f"Nothing. {back}"
        if generation.price
        else back
    )
    held = [Fact(label="Held", value=f"{price}, while it was made")] if generation.price else []
    return [Fact(label="Price", value=price), *held, Fact(label="Cost", value=cost)]


def _vendor(generation: Generation) -> str:
    try:
        label = providers.get(generation.provider).label
    except providers.UnknownProvider:
        label = generation.provider
    return f"{label}, key “{generation.credential.label}”" if generation.credential else label


def _took(generation: Generation) -> str:
    """The vendor's work and our own line, never added up."""
    work = took(generation)
    if not work or generation.accepted_at is None:
        return ""
    waited = (generation.accepted_at - generation.created_at).total_seconds()
    return f"{work}, after {duration(waited)} in line"


def file_size(size_bytes: int) -> str:
    """412 KB, 2.4 MB, 1,310.5 GB."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000)):,} KB"
    return f"{size_bytes / 1_000_000:.1f} MB" if size_bytes < 1_000_000_000 else f"{size_bytes / 1_000_000_000:,.1f} GB"


def _under_way(family: Sequence[UUID], *, viewer: Member, now: datetime) -> list[Run]:
    """Upscales of this family that are not pictures yet, with those that failed a moment ago."""
    rows = list(
        Generation.objects.visible_to(viewer)
        .filter(source__in=family)
        .filter(Q(state__in=LIVE) | Q(state__in=[State.FAILED, State.CANCELED], changed_at__gt=now - FAILED_SHOWN))
        .select_related("member__person", "batch", "source", "credential")
        .prefetch_related("images")
        .order_by("-pk")
    )
    return runs_of(rows, viewer=viewer, now=now, places=feed.places(rows), retries=Retries(viewer))


def history_of(generation: Generation) -> list[Line]:
    """Every move it made, oldest first."""
    return [
        Line(at=event.at, words=_event_words(event, generation), by=_actor(event, generation))
        for event in generation.events.order_by("seq")
    ]


def _event_words(event: GenerationEvent, generation: Generation) -> str:
    if generation.is_upload and not event.from_state:
        return "Uploaded"
    if event.from_state == event.to_state:
        return ANEW_WORDS.get(event.reason, "Hidden or shown again by a moderator")
    words = str(State(event.to_state).label) if event.to_state in State.values else event.to_state
    if event.reason in Reason.values:
        return (
            f"{words}: {headline_of(generation) if event.reason == generation.reason else Reason(event.reason).label}"
        )
    return words


def _actor(event: GenerationEvent, generation: Generation) -> str:
    """Who moved it, when that was a person."""
    if event.actor == f"member:{generation.member_id}":
        return generation.member.called
    return "a member" if event.actor.startswith("member:") else ""
