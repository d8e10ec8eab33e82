"""What pictures are found by is written here, by whoever stores, shows, hides or shares one, in their transaction.

It is made anew from the rows each time, so that writing it twice, or late, changes nothing. Nobody's name stands in it,
nor that of a model: these are asked for when somebody searches, and may change at any time.
"""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from generations import search
from generations.models import Image, SearchEntry
from generations.search import Token

AT_ONCE = 500
MISSED_MAX = 5000
"""So many pictures that nothing finds yet are written in one go."""


def index(images: QuerySet[Image]) -> int:
    """Have each of these found by what it is now, or by nothing when it is not to be seen; says how many there are."""
    keys = list(images.order_by("pk").values_list("pk", flat=True).distinct())
    for begin in range(0, len(keys), AT_ONCE):
        _write(keys[begin : begin + AT_ONCE])
    return len(keys)


def index_stored(images: Sequence[Image]) -> None:
    """Have new pictures found, and what they were enlarged from as such."""
    keys = {image.pk for image in images} | {image.parent_id for image in images if image.parent_id}
    index(Image.objects.filter(pk__in=keys))


def index_missed() -> int:
    """Write those that nothing finds yet, the newest first: of a studio that searched nothing before. Says how many."""
    missed = SearchEntry.objects.filter(is_written=False).order_by("-pk").values_list("image", flat=True)[:MISSED_MAX]
    return index_keys(list(missed))


def rebuild() -> Iterator[int]:
    """Write every entry anew, oldest first, each batch in a transaction of its own; says now and then how far it is."""
    done, last = 0, None
    while True:
        rest = Image.objects.order_by("pk").values_list("pk", flat=True)
        some = list((rest.filter(pk__gt=last) if last else rest)[:MISSED_MAX])
        if not some:
            return
        done, last = done + index_keys(some), some[-1]
        yield done


def index_keys(keys: Collection[UUID]) -> int:
    """The same as `index`, each batch in a transaction of its own."""
    every = sorted(keys)
    for begin in range(0, len(every), AT_ONCE):
        some = every[begin : begin + AT_ONCE]
        with transaction.atomic():
            _write(some)
            SearchEntry.objects.filter(image__in=some, is_written=False).update(is_written=True)
    return len(every)


def _write(keys: list[UUID]) -> None:
    rows = list(Image.objects.filter(pk__in=keys).select_related("generation").order_by("pk"))
    numbers = _numbers(keys)
    SearchEntry.objects.bulk_create(
        [SearchEntry(image=row) for row in rows if row.pk not in numbers], ignore_conflicts=True
    )
    if len(numbers) < len(rows):
        numbers = _numbers(keys)
    enlarged = set(_seen().filter(parent__in=keys).values_list("parent", flat=True))
    shown = [row for row in rows if _is_seen(row)]
    search.erase(numbers[row.pk] for row in rows if not _is_seen(row))
    search.write((numbers[row.pk], [*_terms(row, is_enlarged=row.pk in enlarged), *_words(row)]) for row in shown)


def _numbers(keys: Collection[UUID]) -> dict[UUID, int]:
    return dict(SearchEntry.objects.filter(image__in=keys).values_list("image", "pk"))


def _seen() -> QuerySet[Image]:
    seen: QuerySet[Image] = Image.objects.with_file().filter(deleted_at=None, hidden_at=None)
    return seen


def _is_seen(image: Image) -> bool:
    return image.deleted_at is None and image.hidden_at is None and bool(image.sha256)


def _words(image: Image) -> list[Token]:
    return search.words_of(image.generation.prompt)


def _terms(image: Image, *, is_enlarged: bool) -> Iterator[Token]:
    row = image.generation
    yield search.term("team", image.team_id)
    yield search.term("private" if row.is_private else "shared")
    yield search.term("by", row.member_id)
    yield search.term("vendor", row.provider)
    yield search.term("offer", row.provider, row.offer_key)
    yield search.term("kind", row.operation)
    yield search.term("state", row.state)
    yield search.term("shape", row.shape)
    if is_enlarged:
        yield search.term("enlarged", "yes")
