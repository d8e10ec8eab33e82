"""What pictures are found by is written here, by whoever stores, shows, hides or shares one, in their transaction.

It is made anew from the rows each time, so that writing it twice, or late, changes nothing. Nobody's name stands in it,
nor that of a model: these are asked for when somebody searches, and may change at any time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from generations import search
from generations.models import BoardEntry, Image, Mark, Note, SearchEntry, Tagging
from generations.search import Token

AT_ONCE = 500
SOON_MAX = 1000
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
    new = {image.pk for image in images}
    _write(sorted(new | {image.parent_id for image in images if image.parent_id}), new=new)


def index_soon(keys: Collection[UUID]) -> None:
    """Have these found by what they are now: the newest at once, and of many the rest by housekeeping."""
    every = sorted(set(keys), reverse=True)
    for begin in range(SOON_MAX, len(every), AT_ONCE):
        SearchEntry.objects.filter(image__in=every[begin : begin + AT_ONCE]).update(is_written=False)
    index(Image.objects.filter(pk__in=every[:SOON_MAX]))


def index_missed() -> int:
    """Write those that nothing finds yet, or not by what they are now, the newest first. Says how many."""
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
            SearchEntry.objects.filter(image__in=some, is_written=False).update(is_written=True)
            _write(some)
    return len(every)


def _write(keys: list[UUID], *, new: Collection[UUID] = ()) -> None:
    """What is `new` has nothing yet that people add."""
    numbers = _numbers(keys)  # of two who write one entry, the second waits here and reads what the first one changed
    rows = list(Image.objects.filter(pk__in=keys).select_related("generation").order_by("pk"))
    SearchEntry.objects.bulk_create(
        [SearchEntry(image=row) for row in rows if row.pk not in numbers], ignore_conflicts=True
    )
    if len(numbers) < len(rows):
        numbers = _numbers(keys)
    enlarged = set(_seen().filter(parent__in=keys).values_list("parent", flat=True))
    added = _added([key for key in keys if key not in new])
    shown = [row for row in rows if _is_seen(row)]
    search.erase(numbers[row.pk] for row in rows if not _is_seen(row))
    search.write(
        (
            numbers[row.pk],
            [*_terms(row, is_enlarged=row.pk in enlarged), *_words(row), *added.get(row.pk, ())],
        )
        for row in shown
    )


def _numbers(keys: Collection[UUID]) -> dict[UUID, int]:
    """Their numbers; nobody else writes these entries until the transaction ends."""
    mine = SearchEntry.objects.filter(image__in=keys).order_by("image").select_for_update(no_key=True)
    return {one.image_id: one.pk for one in mine}


def _added(keys: Collection[UUID]) -> Mapping[UUID, list[Token]]:
    """The tokens of what people added: hearts and stars, tags, notes; boards, also deleted ones, which may return."""
    found: dict[UUID, list[Token]] = defaultdict(list)
    if not keys:
        return found
    for mark in Mark.objects.filter(image__in=keys):
        if mark.is_favorite:
            found[mark.image_id].append(search.term("fav", mark.member_id))
        if mark.rating:
            found[mark.image_id].append(search.term("rated", mark.member_id, mark.rating))
    for image, board in BoardEntry.objects.filter(image__in=keys).order_by("pk").values_list("image", "board"):
        found[image].append(search.term("board", board))
    words: dict[UUID, list[str]] = defaultdict(list)
    for image, tag, name in Tagging.objects.filter(image__in=keys).values_list("image", "tag", "tag__name"):
        found[image].append(search.term("tag", tag))
        words[image].append(name)
    for image, text in Note.objects.filter(image__in=keys).order_by("pk").values_list("image", "text"):
        words[image].append(text)
    for image, texts in words.items():
        found[image] += search.words_of("\n".join(texts))
    return found


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
    if row.provider:
        yield search.term("vendor", row.provider)
        yield search.term("offer", row.provider, row.offer_key)
    yield search.term("kind", row.operation)
    yield search.term("state", row.state)
    yield search.term("shape", row.shape)
    yield search.term("size", image.extent)
    if image.picked_at:
        yield search.term("pick", "yes")
    if is_enlarged:
        yield search.term("enlarged", "yes")
