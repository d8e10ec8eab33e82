"""Archives after they were ordered: fetched, withdrawn, forgotten, woken when their worker died."""

import logging
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from generations import queue
from generations.models import Archive, ArchiveReason, ArchiveState, Member, Person
from generations.queries.archives import broken_of, may_fetch
from generations.services import notifying, packing
from generations.services.archiving.places import path_of
from generations.services.archiving.slices import give_up

log = logging.getLogger(__name__)

TRIES_MAX = 3
ORPHAN_SECONDS = 3600


def file_of(member: Member, archive: UUID) -> tuple[Archive, Path] | None:
    """The member's own finished archive and where it lies; None where there is nothing to fetch, or no more."""
    row = Archive.objects.of(member).filter(pk=archive).first()
    if row is None or not row.can_be_fetched or not may_fetch(member) or broken_of([row]):
        return None
    path = path_of(row.token)
    return (row, path) if path.exists() else None


def withdraw(images: Collection[UUID]) -> list[Path]:
    """No archive with one of these pictures is handed out any more. In the caller's transaction, which is followed by
    `packing.discard` of what this returns.

    One that is being packed begins anew, without them; of a finished one its member is told.
    """
    gone = []
    rows = Archive.objects.select_for_update(no_key=True, of=("self",)).select_related("member__person", "member__team")
    for row in rows.holding(images).order_by("pk"):
        gone.append(path_of(row.token))
        if row.is_under_way:
            if row.begin_anew(tries=row.tries):
                queue.later("archive", archive=row.token)
        elif row.end(ArchiveReason.WITHDRAWN) and row.member.person is not None:
            words = "It held a picture that a moderator has hidden since. You can have it packed again without it."
            path = reverse("archive", args=[row.pk])
            word = notifying.Word(kind="archive", subject="Your archive was withdrawn", words=words, path=path)
            notifying.tell(row.member.person, word, team=row.member.team)
    return gone


def forget(person: Person) -> list[Path]:
    """All archives of somebody whose account goes. In the caller's transaction, followed as by `withdraw`."""
    theirs = Archive.objects.filter(member__person=person)
    paths = [path_of(token) for token in theirs.values_list("token", flat=True)]
    theirs.delete()
    return paths


def wake() -> int:
    """Have those gone on with that nobody works on: their message got lost, or their worker died. Says how many."""
    woken = 0
    for row in Archive.objects.silent().select_related("member__person", "member__team")[:100]:
        packing.discard(path_of(row.token))
        was_cut_off = row.state == ArchiveState.PACKING
        if was_cut_off and row.tries + 1 >= TRIES_MAX:
            log.error("archive %s was cut off %s times", row.pk, TRIES_MAX)
            give_up(row, ArchiveReason.STUCK)
            continue
        with transaction.atomic():
            if row.begin_anew(tries=row.tries + was_cut_off):
                queue.later("archive", archive=row.token)
                woken += 1
    return woken


def keep_house() -> int:
    """End what is past its day, what its member may not fetch, what holds a picture they may not see and what has lost
    its file; remove files nobody may fetch. Says how many files.
    """
    for row in Archive.objects.ended():
        row.end(ArchiveReason.TIME)
    ready = list(Archive.objects.filter(state=ArchiveState.READY).select_related("member__person"))
    broken = broken_of(ready)
    for row in ready:
        if row.pk in broken or not may_fetch(row.member):
            row.end(ArchiveReason.WITHDRAWN)
        elif not path_of(row.token).exists():
            row.end(ArchiveReason.LOST)
    Archive.objects.forgettable().delete()
    live = Archive.objects.filter(state__in=[ArchiveState.WAITING, ArchiveState.PACKING, ArchiveState.READY])
    over = Archive.objects.exclude(pk__in=live.values("pk")).values_list("token", flat=True)
    removed = sum(_discard(token) for token in over)
    known = set(Archive.objects.values_list("token", flat=True))
    return removed + packing.sweep(settings.ARCHIVE_DIR, known=known, seconds=ORPHAN_SECONDS)


def _discard(token: str) -> bool:
    path = path_of(token)
    was_there = path.exists()
    packing.discard(path)
    return was_there
