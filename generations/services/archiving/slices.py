"""The work of packing: one slice of the list in each job, and after the last one what the archive says of itself."""

import logging
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from generations import embedding, queue, storage
from generations.models import Archive, ArchiveEntry, ArchiveReason, Image, clock
from generations.models.archive import LEFT_OUT, TROUBLES, Outcome
from generations.queries import file_names
from generations.queries.archives import holds_only_what_is_seen, may_fetch
from generations.queries.image_page import file_size
from generations.queries.making import making_of, settings_of
from generations.services import notifying, packing
from generations.services.archiving.places import path_of

log = logging.getLogger(__name__)

SLICE_SECONDS = 20
"""How long one job goes on taking pictures in."""
CHUNK = 200
A_WHILE = timedelta(seconds=20)
"""Who waited longer is told that it is ready: they may have left the page."""


def go_on(*, archive: str) -> None:
    """Pack the next slice of the archive with that name, or finish it; nothing when somebody else is at it."""
    row = Archive.objects.under_way().filter(token=archive).select_related("member__person", "member__team").first()
    if row is None or not row.take_up():
        return
    path = path_of(row.token)
    part = packing.part_of(path)
    if not may_fetch(row.member):
        give_up(row, ArchiveReason.NOT_ALLOWED)
    elif not packing.has_room(part, needed=row.pictures_bytes, spare=packing.SPARE_BYTES):
        log.error("no room on the disk for archive %s", row.pk)
        give_up(row, ArchiveReason.NO_ROOM)
    elif row.place and not packing.is_sound(part, parts=row.packed):
        _begin_anew(row)
    elif row.entries.filter(place__gt=row.place).exists():
        if not row.place:
            packing.begin(path)
        _pack_slice(row)
    else:
        _finish(row)


def _pack_slice(row: Archive) -> None:
    part = packing.part_of(path_of(row.token))
    done: list[ArchiveEntry] = []
    with zipfile.ZipFile(part, "a") as archive:
        done += _take(archive, row)
        packed = len(archive.infolist())
    with transaction.atomic():
        if row.put_down(place=done[-1].place, packed=packed):
            ArchiveEntry.objects.bulk_update(done, ["outcome", "sha256"], batch_size=CHUNK)
            queue.later("archive", archive=row.token)


def _take(archive: zipfile.ZipFile, row: Archive) -> Iterator[ArchiveEntry]:
    """Deal with one line of the list after the other, at least one, until the time is up."""
    until, place = time.monotonic() + SLICE_SECONDS, row.place
    taken = {file_names.sameness(one.filename.partition("/")[2]) for one in archive.infolist()}
    while chunk := list(row.entries.filter(place__gt=place).order_by("place")[:CHUNK]):
        seen = _pictures(row, chunk)
        for entry in chunk:
            _take_one(archive, row, entry, seen.get(entry.image_id), taken)
            yield entry
            place = entry.place
            if time.monotonic() >= until or queue.is_stopping():
                return


def _pictures(row: Archive, entries: list[ArchiveEntry]) -> dict[Any, Image]:
    """Those of them the member sees now."""
    visible = Image.objects.visible_to(row.member).select_related("generation__member__person")
    found: dict[Any, Image] = visible.in_bulk([entry.image_id for entry in entries])
    return found


def _take_one(
    archive: zipfile.ZipFile, row: Archive, entry: ArchiveEntry, image: Image | None, taken: set[str]
) -> None:
    """Write one picture, and note at its line what became of it. A file is read to its end before it is trusted."""
    if entry.outcome == Outcome.SKIPPED:
        return
    if image is None:
        entry.outcome = Outcome.GONE
        return
    path = storage.original_path(image)
    try:
        if path.stat().st_size != image.size_bytes:
            raise embedding.CutShort
        plan = _plan(row, image)
        name = file_names.distinct(file_names.name_of(image, pattern=row.file_pattern, index=entry.place), taken)
        with path.open("rb") as file:
            blocks, made = plan.blocks(file), image.generation.created_at
            entry.sha256 = packing.add_file(archive, f"pictures/{name}", blocks, size=plan.size, at=made)
    except FileNotFoundError:
        entry.outcome = Outcome.MISSING
        return
    except embedding.CutShort:
        entry.outcome = Outcome.DAMAGED
        return
    taken.add(file_names.sameness(name))
    original = entry.sha256 if not row.writes_settings else packing.print_of(path)
    entry.outcome = Outcome.PACKED if original == image.sha256 else Outcome.DAMAGED


def _plan(row: Archive, image: Image) -> embedding.Plan:
    """The file, with its settings where that was chosen and the file takes them."""
    path = storage.original_path(image)
    if row.writes_settings:
        facts = settings_of(image, with_credits=row.writes_credits)
        with suppress(embedding.Unfit):
            return embedding.with_settings(path, format=image.format, facts=facts)
    return embedding.as_it_is(path)


def _finish(row: Archive) -> None:
    """Every line was dealt with: all of it, or nothing of it, becomes a file."""
    if row.entries.filter(outcome__in=TROUBLES).exists():
        give_up(row, ArchiveReason.TROUBLED)
        return
    if not row.packed:
        give_up(row, ArchiveReason.EMPTY)
        return
    path = path_of(row.token)
    with zipfile.ZipFile(packing.part_of(path), "a") as archive:
        _write_lists(archive, row)
    packing.publish(path)
    size_bytes, sha256 = path.stat().st_size, packing.print_of(path)
    with transaction.atomic():
        Archive.objects.select_for_update(no_key=True).get(pk=row.pk)  # whoever hides a picture waits here, or we do
        is_whole = holds_only_what_is_seen(row)
        if is_whole and row.finish(size_bytes=size_bytes, sha256=sha256):
            _tell_ready(row, size_bytes)
    if not is_whole:
        _begin_anew(row)
        return
    log.info("archive %s is ready", row.pk)


def _write_lists(archive: zipfile.ZipFile, row: Archive) -> None:
    """How each picture was made, and what is in here: by the names the parts were given."""
    parts = archive.infolist()[: row.packed]
    packing.add_json(archive, "metadata.json", _metadata(row, parts))
    left_out = row.entries.filter(outcome__in=LEFT_OUT).order_by("place")
    manifest = {
        "archive": row.pk,
        "ordered_at": row.created_at,
        "chosen": row.asked,
        "packed": row.packed,
        "files": [
            {"file": part.filename, "image": entry.image_id, "sha256": entry.sha256, "size_bytes": part.file_size}
            for part, entry in zip(parts, _packed(row), strict=True)
        ],
        "left_out": [{"image": entry.image_id, "because": Outcome(entry.outcome).label} for entry in left_out],
        "not_there_when_ordered": row.asked - row.pictures,
    }
    packing.add_json(archive, "manifest.json", [manifest])


def _metadata(row: Archive, parts: list[zipfile.ZipInfo]) -> Iterator[dict[str, Any]]:
    chunk: list[tuple[zipfile.ZipInfo, ArchiveEntry]] = []
    for pair in zip(parts, _packed(row), strict=True):
        chunk.append(pair)
        if len(chunk) == CHUNK:
            yield from _making(row, chunk)
            chunk = []
    yield from _making(row, chunk)


def _making(row: Archive, chunk: list[tuple[zipfile.ZipInfo, ArchiveEntry]]) -> Iterator[dict[str, Any]]:
    """Of what became invisible since it was packed nothing is said: the archive begins anew without it in a moment."""
    seen = _pictures(row, [entry for _, entry in chunk])
    for part, entry in chunk:
        if image := seen.get(entry.image_id):
            yield {"file": part.filename} | making_of(image, with_credits=row.writes_credits)


def _packed(row: Archive) -> Iterator[ArchiveEntry]:
    packed = row.entries.filter(outcome=Outcome.PACKED).order_by("place")
    found: Iterator[ArchiveEntry] = packed.iterator(chunk_size=CHUNK)
    return found


def _begin_anew(row: Archive) -> None:
    packing.discard(path_of(row.token))
    with transaction.atomic():
        if row.begin_anew(tries=row.tries):
            queue.later("archive", archive=row.token)


def give_up(row: Archive, reason: ArchiveReason) -> None:
    """There will be no file, and its member is told; nothing where somebody else began anew."""
    with transaction.atomic():
        if not row.fail(reason):
            return
        _tell(row, "Your archive could not be packed", f"{reason.label}. Its page says what you can do.")
    packing.discard(path_of(row.token))


def _tell_ready(row: Archive, size_bytes: int) -> None:
    if clock.now() - row.created_at > A_WHILE:
        number = f"{row.packed:,} picture{'' if row.packed == 1 else 's'}"
        _tell(row, "Your archive is ready", f"{number}, {file_size(size_bytes)}. Fetch it within 24 hours.")


def _tell(row: Archive, subject: str, words: str) -> None:
    if row.member.person is not None:
        word = notifying.Word(kind="archive", subject=subject, words=words, path=reverse("archive", args=[row.pk]))
        notifying.tell(row.member.person, word, team=row.member.team)
