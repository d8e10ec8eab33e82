"""A member asks for an archive, asks for it again, or wants it gone."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from generations import queue
from generations.models import Archive, ArchiveEntry, Image, Member, Person, clock
from generations.models.archive import OVER, TROUBLES, Outcome, new_token
from generations.services import packing
from generations.services.archiving.places import path_of
from generations.services.archiving.refusals import (
    AT_ONCE_MAX,
    BYTES_MAX,
    PICTURES_MAX,
    NothingToPack,
    NotOver,
    TooManyArchives,
    TooManyBytes,
    TooManyPictures,
)

CHUNK = 1000


def order_archive(
    *, member: Member, images: QuerySet[Image] | Sequence[Image], request_key: str = "", asked: int | None = None
) -> Archive:
    """Have these pictures packed, in this order; the same key again is the same archive, and so, without a key, are
    the same pictures while they are packed or can be fetched.

    Those the member may not see are no part of it; `asked` says how many were chosen, where that is more than are
    given. Raises ArchiveRefused.
    """
    key = request_key or uuid.uuid4().hex
    chosen = _first(images)
    with transaction.atomic():
        member = Member.objects.select_for_update(no_key=True, of=("self",)).select_related("person").get(pk=member.pk)
        sizes = _sizes(member, chosen)
        wishes = _wishes(member.person)
        print_of_it = _print(sizes, wishes)
        mine = Archive.objects.of(member)
        same = mine.filter(request_key=key) if request_key else mine.there().filter(request_print=print_of_it)
        known: Archive | None = same.first()
        if known is not None:
            return known
        _check(member, pictures=max(len(chosen), len(sizes)), size_bytes=sum(sizes.values()))
        count = len(sizes)
        made = Archive.objects.create(
            member=member,
            request_key=key,
            request_print=print_of_it,
            asked=max(asked or 0, len(chosen)),
            pictures=count,
            pictures_bytes=sum(sizes.values()),
            **wishes,
            token=new_token(),
            name=f"imagine-studio-{clock.now():%Y-%m-%d}-{count}-picture{'' if count == 1 else 's'}.zip",
        )
        entries = (ArchiveEntry(archive=made, image_id=pk, place=place) for place, pk in enumerate(sizes, start=1))
        ArchiveEntry.objects.bulk_create(entries, batch_size=CHUNK)
        queue.later("archive", archive=made.token)
    return made


def order_again(*, archive: Archive, without_troubled: bool = False) -> None:
    """Pack the same list once more, after it failed or ended; if so wished without what has no whole file.

    Raises ArchiveRefused.
    """
    if archive.state not in OVER:
        raise NotOver
    with transaction.atomic():
        member = Member.objects.select_for_update(no_key=True).get(pk=archive.member_id)
        _check_number(member)
        if without_troubled:
            archive.entries.filter(outcome__in=TROUBLES).update(outcome=Outcome.SKIPPED)
        if not archive.order_again():
            raise NotOver
        queue.later("archive", archive=archive.token)


def remove(*, archive: Archive) -> None:
    """Forget it, and its file, whatever its state."""
    archive.delete()
    packing.discard(path_of(archive.token))


def _first(images: QuerySet[Image] | Sequence[Image]) -> list[UUID]:
    """Their ids, each once; one more than an archive takes is enough to know that they are too many."""
    found = images.values_list("pk", flat=True) if isinstance(images, QuerySet) else (image.pk for image in images)
    return list(dict.fromkeys(islice(found, PICTURES_MAX + 1)))


def _sizes(member: Member, chosen: Sequence[UUID]) -> dict[UUID, int]:
    """Those the member sees, as they were chosen, with their sizes."""
    seen: dict[UUID, int] = {}
    for start in range(0, len(chosen), CHUNK):
        visible = Image.objects.visible_to(member).filter(pk__in=chosen[start : start + CHUNK])
        seen |= dict(visible.values_list("pk", "size_bytes"))
    return {pk: seen[pk] for pk in chosen if pk in seen}


def _wishes(person: Person | None) -> dict[str, Any]:
    """How this person's files are called, and what is written into them."""
    return (
        {name: getattr(person, name) for name in ("file_pattern", "writes_settings", "writes_credits")}
        if person
        else {}
    )


def _print(sizes: Iterable[UUID], wishes: dict[str, Any]) -> str:
    return hashlib.sha256(repr(([str(pk) for pk in sizes], wishes)).encode()).hexdigest()


def _check(member: Member, *, pictures: int, size_bytes: int) -> None:
    if not size_bytes:
        raise NothingToPack
    if pictures > PICTURES_MAX:
        raise TooManyPictures
    if size_bytes > BYTES_MAX:
        raise TooManyBytes(size_bytes)
    _check_number(member)


def _check_number(member: Member) -> None:
    if Archive.objects.of(member).there().count() >= AT_ONCE_MAX:
        raise TooManyArchives
