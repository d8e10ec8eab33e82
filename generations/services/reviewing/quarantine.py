"""Pictures disappear everywhere at once, and come back exactly as they were.

What a picture was enlarged to shows the same and goes with it: also what a vendor is still busy with, which is hidden
when it comes. What waits to be sent ends, and its credits go back.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from generations.models import LIVE, Generation, Image, Reason, ReviewCase, State
from generations.services import archiving, exporting, indexing
from generations.services.reviewing.stopping import Stop, stop_waiting


@dataclass(frozen=True)
class Change:
    """Which generations something changed for, and the files holding its pictures, to be discarded afterwards."""

    generations: set[UUID]
    withdrawn: list[Path]


def hide(case: ReviewCase, *, actor: str, with_them: Iterable[Stop] = ()) -> Change:
    """All the case is about is hidden by it, and what else is to stop stops. In the caller's transaction."""
    if case.image_id is None:
        Generation.objects.filter(pk=case.generation_id, hidden_by=None).update(hidden_by=case)
    layer = _first_layer(case)
    seen: list[UUID] = []
    changed: list[UUID] = []
    ahead: list[UUID] = []
    while layer:
        seen += layer
        # Marked before its pictures are asked for: of a fetch that ends right now, one of us two waits for the other.
        coming = Generation.objects.filter(source__in=layer, state__in=LIVE, hidden_by=None)
        ahead += coming.values_list("pk", flat=True)
        coming.update(hidden_by=case)
        shown = Image.objects.filter(pk__in=layer, hidden_at=None)
        changed += shown.values_list("generation", flat=True)
        shown.hide(case)
        layer = _enlarged(layer, seen)
    upscales = Generation.objects.filter(source__in=seen)
    gone = Stop(upscales, State.FAILED, Reason.SOURCE_GONE, {"reason": Reason.SOURCE_GONE})
    _tell_open_pages(changed, actor=actor)
    stop_waiting([gone, *with_them], actor=actor)
    indexing.index(Image.objects.filter(Q(pk__in=seen) | Q(children__in=seen)))
    return Change({*changed, *ahead}, exporting.withdraw(seen) + archiving.withdraw(seen))


def show(case: ReviewCase, *, actor: str) -> Change:
    """What this case hid is there again, but for what another case hides. In the caller's transaction."""
    rows = list(Generation.objects.filter(hidden_by=case).values_list("pk", flat=True))
    sources = Generation.objects.filter(pk__in=rows, source__isnull=False).values_list("source", flat=True)
    came_from = set(sources)
    Generation.objects.filter(pk__in=rows).update(hidden_by=None)
    found = dict(Image.objects.filter(hidden_by=case).values_list("pk", "generation"))
    images = list(found)
    Image.objects.filter(pk__in=images).show_again()
    indexing.index(Image.objects.filter(Q(pk__in=images) | Q(children__in=images)))
    _tell_open_pages(found.values(), actor=actor)
    # Another case may be about one of these, or about what one of these was enlarged from.
    line = {*images, *_enlarged_from(images, came_from)}
    about = Q(image__in=line) | Q(image=None, generation__in=rows)
    about |= Q(image=None, generation__images__in=line)
    again, withdrawn = {*rows, *found.values()}, list[Path]()
    for other in ReviewCase.objects.hidden().filter(about).exclude(pk=case.pk).distinct():
        change = hide(other, actor=actor)
        again -= change.generations
        withdrawn += change.withdrawn
    return Change(again, withdrawn)


def covered_by(case: ReviewCase) -> list[UUID]:
    """The pictures it is about with all they were enlarged to, whichever case hid them first."""
    layer = _first_layer(case)
    seen: list[UUID] = []
    while layer:
        seen += layer
        layer = _enlarged(layer, seen)
    return seen


def _first_layer(case: ReviewCase) -> list[UUID]:
    if case.image_id is not None:
        return [case.image_id]
    return list(Image.objects.filter(generation=case.generation_id).values_list("pk", flat=True))


def _enlarged(layer: Sequence[UUID], seen: Sequence[UUID]) -> list[UUID]:
    return list(Image.objects.filter(parent__in=layer).exclude(pk__in=seen).values_list("pk", flat=True))


def _enlarged_from(images: Collection[UUID], sources: Collection[UUID]) -> set[UUID]:
    """Every picture these came from, step by step."""
    found: set[UUID] = set(sources)
    layer = {*images, *sources}
    while layer:
        parents = Image.objects.filter(pk__in=layer).exclude(parent=None).values_list("parent", flat=True)
        layer = {pk for pk in parents if pk is not None} - found
        found |= layer
    return found


def _tell_open_pages(generations: Iterable[UUID], *, actor: str) -> None:
    """In the order of ids, as everybody who moves several."""
    for row in Generation.objects.select_for_update(no_key=True).filter(pk__in=set(generations)).order_by("pk"):
        row.show_anew(actor=actor)
