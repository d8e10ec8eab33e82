"""Everything the page of one picture shows: the picture, how it was made, its family, its neighbors and its history.

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
from generations.providers.base import Operation
from generations.providers.catalogue import COPY
from generations.queries import choices as words
from generations.queries import feed
from generations.queries.cards import Picture, Run, made_as, offer_of, picture_of, runs_of, took
from generations.queries.fits import fits_for
from generations.queries.privacy import is_own
from generations.queries.retries import Retries
from generations.queries.words import credits_in_words, duration, headline_of, refund_of, summary, time_left

FAMILY_DEPTH_MAX = 12
FAILED_SHOWN = timedelta(hours=1)
"""How long a failed upscale stays in sight on its source's page."""
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
class Node:
    """One picture of the family. `step` says what was done to the one before it."""

    picture: Picture
    name: str
    size: str
    step: str
    cost: str
    is_current: bool
    depth: int


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
    newer_url: str
    older_url: str
    history: list[Line]
    original_url: str
    reuse_url: str
    reuse_model: str
    reuse_shape: str
    may_upscale: bool
    may_report: bool

    @property
    def position(self) -> str:
        """Which of several it is: 2 of 6."""
        here = next((piece.number for piece in self.pieces if piece.is_current), None)
        return f"{here} of {len(self.pieces)}" if here else ""


def image_page(image: Image, *, viewer: Member, now: datetime) -> ImagePage:
    """The page of this picture as the member sees it. The picture must be one they may see."""
    generation = image.generation
    family = _family(image, viewer)
    pieces = _pieces(image, viewer)
    return ImagePage(
        id=image.pk,
        picture=picture_of(image, prompt=generation.prompt),
        title=summary(generation.prompt),
        prompt=generation.prompt,
        facts=_facts(image, viewer, pieces=len(pieces)),
        pieces=pieces,
        clocks=_clocks(image, viewer),
        family=_nodes(family, current=image),
        runs=_under_way([one.pk for one in family], viewer=viewer, now=now),
        newer_url=_neighbor(viewer, Q(pk__gt=image.pk), "pk"),
        older_url=_neighbor(viewer, Q(pk__lt=image.pk), "-pk"),
        history=history_of(generation),
        original_url=reverse("image_original", args=[image.pk]),
        reuse_url=f"{reverse('studio')}?from={generation.pk}",
        reuse_model=f"{generation.provider}:{generation.offer_key}",
        reuse_shape=generation.shape,
        may_upscale=viewer.may_create,
        may_report=not is_own(image, viewer),
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
    cost = _cost(generation, pieces=pieces) if generation.is_done else f"Nothing. {back}" if generation.price else back
    held = [Fact(label="Held", value=f"{price}, while it was made")] if generation.price else []
    return [Fact(label="Price", value=price), *held, Fact(label="Cost", value=cost)]


def _vendor(generation: Generation) -> str:
    try:
        label = providers.get(generation.provider).label
    except providers.UnknownProvider:
        label = generation.provider
    return f"{label}, key “{generation.credential.label}”" if generation.credential else label


def _cost(generation: Generation, *, pieces: int = 0) -> str:
    part = f". {refund_of(generation)}" if generation.missing else ""
    if generation.state == State.RECOVERED:
        return f"Free, it arrived late{part}"
    together = f", for all {pieces} pictures" if pieces else ""
    return f"{credits_in_words(generation.charged)}{together}{part}"


def _took(generation: Generation) -> str:
    """The vendor's work and our own line, never added up."""
    work = took(generation)
    if not work or generation.accepted_at is None:
        return ""
    waited = (generation.accepted_at - generation.created_at).total_seconds()
    return f"{work}, after {duration(waited)} in line"


def size_of(image: Image) -> str:
    return f"{image.width} × {image.height}"


def file_size(size_bytes: int) -> str:
    """412 KB, 2.4 MB, 1,310.5 GB."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000)):,} KB"
    return f"{size_bytes / 1_000_000:.1f} MB" if size_bytes < 1_000_000_000 else f"{size_bytes / 1_000_000_000:,.1f} GB"


def _family(image: Image, viewer: Member) -> list[Image]:
    """From the first picture to its largest versions: parents before children, older before newer."""
    root = image
    visible = Image.objects.visible_to(viewer).select_related("generation")
    for _ in range(FAMILY_DEPTH_MAX):
        parent = visible.filter(pk=root.parent_id).first() if root.parent_id else None
        if parent is None:
            break
        root = parent
    found, layer = [root], [root]
    for _ in range(FAMILY_DEPTH_MAX):
        layer = list(visible.filter(parent__in=layer).order_by("pk"))
        if not layer:
            break
        found += layer
    return _depth_first(found)


def _depth_first(found: Sequence[Image]) -> list[Image]:
    children: dict[UUID | None, list[Image]] = {}
    for one in found[1:]:
        children.setdefault(one.parent_id, []).append(one)
    ordered, waiting = [], [found[0]]
    while waiting:
        one = waiting.pop()
        ordered.append(one)
        waiting += reversed(children.get(one.pk, []))
    return ordered


def _nodes(family: Sequence[Image], *, current: Image) -> list[Node]:
    depths: dict[UUID, int] = {}
    made: set[UUID] = set()
    nodes = []
    for one in family:
        generation = one.generation
        depth = depths.get(one.parent_id, -1) + 1 if one.parent_id else 0
        depths[one.pk] = depth
        offer = offer_of(generation)
        label = offer.label if offer else generation.offer_key
        is_first = generation.pk not in made
        made.add(generation.pk)
        nodes.append(
            Node(
                picture=picture_of(one, prompt=generation.prompt),
                name="Original"
                if depth == 0 and generation.operation == Operation.DRAW
                else made_as(generation, offer) or label,
                size=size_of(one),
                step=label if depth else "",
                cost=_cost(generation) if depth and is_first else "",
                is_current=one.pk == current.pk,
                depth=depth,
            )
        )
    return nodes


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


def _neighbor(viewer: Member, where: Q, order: str) -> str:
    """The address of the next picture in that direction, or "" at the end of the library."""
    pk = Image.objects.visible_to(viewer).filter(where).order_by(order).values_list("pk", flat=True).first()
    return reverse("image", args=[pk]) if pk else ""


def history_of(generation: Generation) -> list[Line]:
    """Every move it made, oldest first."""
    return [
        Line(at=event.at, words=_event_words(event, generation), by=_actor(event, generation))
        for event in generation.events.order_by("seq")
    ]


def _event_words(event: GenerationEvent, generation: Generation) -> str:
    if event.from_state == event.to_state:
        return "Hidden or shown again by a moderator"
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
