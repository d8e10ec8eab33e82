"""What a picture came from and what was made from it, as far as somebody may see it, or hear that it was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from generations.models import Generation, Image, Member, State
from generations.providers.base import Operation
from generations.queries.cards import Picture, made_as, offer_of, picture_of
from generations.queries.words import credits_in_words, refund_of

FAMILY_DEPTH_MAX = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One picture of the family. `step` says what was done to the one before it.

    Of one that was deleted nothing is shown but that, `gone`, where others were made from it.
    """

    picture: Picture
    name: str
    size: str
    step: str
    cost: str
    is_current: bool
    depth: int
    gone: str = ""


def family_of(image: Image, viewer: Member) -> list[Image]:
    """From the first picture to its largest versions: parents before children, older before newer."""
    root = image
    visible = Image.objects.related_for(viewer).select_related("generation")
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
    return _depth_first(_without_ends(found))


def _without_ends(found: list[Image]) -> list[Image]:
    """Of those that were deleted only the ones something still there was made from. Parents come before children."""
    kept: list[Image] = []
    needed: set[UUID | None] = set()
    for one in reversed(found):
        if one.deleted_at is None or one.pk in needed:
            kept.insert(0, one)
            needed.add(one.parent_id)
    return kept


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


def nodes_of(family: Sequence[Image], *, current: Image) -> list[Node]:
    """The family as its page shows it, in the same order."""
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
                gone=_gone(one),
                name="Original"
                if depth == 0 and generation.operation != Operation.UPSCALE
                else made_as(generation, offer) or label,
                size=size_of(one),
                step=label if depth else "",
                cost=cost_of_work(generation) if depth and is_first else "",
                is_current=one.pk == current.pk,
                depth=depth,
            )
        )
    return nodes


def _gone(image: Image) -> str:
    if image.deleted_at is None:
        return ""
    return "In the trash" if image.sha256 else "Deleted"


def cost_of_work(generation: Generation, *, pieces: int = 0) -> str:
    """What finished work cost, for all its pieces together."""
    part = f". {refund_of(generation)}" if generation.missing else ""
    if generation.state == State.RECOVERED:
        return f"Free, it arrived late{part}"
    together = f", for all {pieces} pictures" if pieces else ""
    return f"{credits_in_words(generation.charged)}{together}{part}"


def size_of(image: Image) -> str:
    return f"{image.width} × {image.height}"
