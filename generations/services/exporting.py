"""A person's own data as one ZIP file: put together by the queue, told in the inbox, gone after a day.

Jobs end after 90 seconds, so the file grows slice by slice; a slice that died leaves a file nobody trusts, and
housekeeping has it made again under another name. Pictures go in as they are, block by block: memory stays flat.
"""

import logging
import time
import zipfile
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.urls import reverse

from generations import queue, storage
from generations.models import AuditEntry, Export, Image, Person, clock
from generations.queries import own_data
from generations.services import notifying, packing

log = logging.getLogger(__name__)

SLICE_SECONDS = 20
"""How long one job goes on taking pictures in."""
SPARE_BYTES = packing.SPARE_BYTES
READ_ME = """Your data at Imagine Studio

profile.json      who you are here
memberships.json  the teams you are or were in
orders.json       every picture you asked for, with its prompt, in the teams you are in now
events.json       what happened to each order, step by step
credits.json      every line of your credits there
notices.json      your inbox
boards.json       the boards you made, with the pictures on them that are yours
prompt_rules.json what rules about prompts found in yours, and your appeals
held_orders.json  your orders that waited for a reviewer
acts.json         what the audit log says you did
reports.json      what you reported, and what came of it
decisions.json    what moderators decided about your pictures
suspensions.json  when you were suspended, and why
archives.json     the archives of pictures you had packed lately
pictures/         the originals, byte for byte
manifest.json     every picture with its size and SHA-256, and those whose file was not there
"""


def ask(person: Person) -> Export:
    """Have it put together; while that is under way, asking again changes nothing. An older file is gone at once."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        known = Export.objects.filter(person=person).first()
        if known is not None and known.ready_at is None:
            return known
        made = Export.start(person)
        AuditEntry.note("data_exported", by=None, actor=f"person:{person.pk}", target=f"person:{person.pk}")
        queue.later("export", export=made.token)
    if known is not None:
        discard(known)
    return made


def find(person: Person) -> Export | None:
    """The person's own one, while it is made or can be fetched."""
    return Export.objects.of(person)


def file_of(person: Person) -> Path | None:
    """Where their finished file lies, or None."""
    mine = Export.objects.of(person)
    if mine is None or mine.ready_at is None:
        return None
    path = _path(mine.token)
    return path if path.exists() else None


def go_on(*, export: str) -> None:
    """Write the next slice of the file with that name, and ask for the one after it, or tell that it is ready."""
    row = Export.objects.filter(token=export, ready_at=None).select_related("person").first()
    if row is None or not row.person.is_active:
        return
    path = _path(row.token)
    part = packing.part_of(path)
    needed = sum(own_data.pictures(row.person).values_list("size_bytes", flat=True).iterator(chunk_size=10_000))
    if not packing.has_room(part, needed=needed, spare=SPARE_BYTES):
        _give_up(row)
        return
    if row.after is None:
        packing.begin(path)
    elif not packing.is_sound(part, parts=row.pictures):
        _begin_anew(row)
        return
    with zipfile.ZipFile(part, "a") as archive:
        after, taken = _take(archive, row)
        if after is None:
            _write_words(archive, row.person)
    pictures = row.pictures + taken
    if after is not None:
        with transaction.atomic():
            if row.advance(after=after, pictures=pictures):
                queue.later("export", export=row.token)
        return
    packing.publish(path)
    with transaction.atomic():
        if row.finish(pictures=pictures, size_bytes=path.stat().st_size):
            _tell(row.person, "Your data is ready", "Fetch it within 24 hours; then it is removed.")
    log.info("export %s is ready", row.pk)


def discard(row: Export) -> None:
    """Remove the file of a row that is gone, whatever its state."""
    packing.discard(_path(row.token))


def withdraw(images: Collection[UUID]) -> list[Path]:
    """No file with one of these pictures is handed out any more. In the caller's transaction, which is followed by
    `packing.discard` of what this returns.

    One that is being put together begins anew, without them; of a finished one its person is told.
    """
    mine = Image.objects.filter(pk__in=images)  # also one handed over since: it is in the older files
    oldest = dict(mine.values_list("generation__member__person").annotate(Min("created_at")))
    gone = []
    rows = Export.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    for row in rows.filter(person__in=[pk for pk in oldest if pk]).order_by("pk"):
        if row.ready_at is not None and row.ready_at < oldest[row.person_id]:
            continue
        gone.append(_path(row.token))
        if row.ready_at is None:
            _restart(row)
        else:
            row.delete()
            words = "It held a picture that a moderator has hidden since. Ask again for one without it."
            _tell(row.person, "The file with your data was withdrawn", words)
    return gone


def keep_house() -> int:
    """Remove what is over and files without a row, and begin anew what got stuck; says how many were removed."""
    removed = 0
    for row in Export.objects.over():
        row.delete()
        discard(row)
        removed += 1
    for row in Export.objects.stuck():
        _begin_anew(row)
    known = set(Export.objects.values_list("token", flat=True))
    return removed + packing.sweep(settings.EXPORT_DIR, known=known)


def _take(archive: zipfile.ZipFile, row: Export) -> tuple[object | None, int]:
    """Write pictures until the time is up; returns the last one if others come after it, and how many it were."""
    until, taken = time.monotonic() + SLICE_SECONDS, 0
    for image in own_data.pictures(row.person, after=row.after).iterator(chunk_size=own_data.CHUNK):
        path, name = storage.original_path(image), own_data.file_name(image)
        if path.exists():
            archive.write(path, name, zipfile.ZIP_STORED)
            taken += 1
        if time.monotonic() >= until and own_data.pictures(row.person, after=image.pk).exists():
            return image.pk, taken
    return None, taken


def _write_words(archive: zipfile.ZipFile, person: Person) -> None:
    """Everything that is not a picture, and the list of those that are."""
    inside = set(archive.namelist())
    facts = [own_data.facts_of(image) for image in own_data.pictures(person).iterator(chunk_size=own_data.CHUNK)]
    manifest = {
        "made_at": clock.now(),
        "pictures": [one for one in facts if one["file"] in inside],
        "missing": [one for one in facts if one["file"] not in inside],
    }
    archive.writestr("READ ME.txt", READ_ME)
    packing.add_json(archive, "profile.json", [own_data.profile(person)])
    packing.add_json(archive, "memberships.json", own_data.memberships(person))
    packing.add_json(archive, "orders.json", own_data.orders(person))
    packing.add_json(archive, "events.json", own_data.events(person))
    packing.add_json(archive, "credits.json", own_data.credit_lines(person))
    packing.add_json(archive, "notices.json", own_data.notices(person))
    packing.add_json(archive, "boards.json", own_data.boards(person))
    packing.add_json(archive, "prompt_rules.json", own_data.rule_hits(person))
    packing.add_json(archive, "held_orders.json", own_data.held_orders(person))
    packing.add_json(archive, "acts.json", own_data.acts(person))
    packing.add_json(archive, "reports.json", own_data.reports(person))
    packing.add_json(archive, "decisions.json", own_data.decisions(person))
    packing.add_json(archive, "marks.json", own_data.marks(person))
    packing.add_json(archive, "picks.json", own_data.picks(person))
    packing.add_json(archive, "tags.json", own_data.tags(person))
    packing.add_json(archive, "notes.json", own_data.notes(person))
    packing.add_json(archive, "suspensions.json", own_data.suspensions(person))
    packing.add_json(archive, "archives.json", own_data.archives(person))
    packing.add_json(archive, "manifest.json", [manifest])


def _begin_anew(row: Export) -> None:
    discard(row)
    with transaction.atomic():
        _restart(row)


def _restart(row: Export) -> None:
    if row.restart():
        queue.later("export", export=row.token)


def _give_up(row: Export) -> None:
    discard(row)
    with transaction.atomic():
        row.delete()
        _tell(
            row.person,
            "Your data could not be put together",
            "The studio's disk has no room for it. Whoever runs the studio can make some; then ask again.",
        )
    log.error("no room on the disk for an export")


def _tell(person: Person, subject: str, words: str) -> None:
    word = notifying.Word(kind="export", subject=subject, words=words, path=reverse("account_export"))
    notifying.tell(person, word)


def _path(token: str) -> Path:
    path: Path = settings.EXPORT_DIR / f"{token}.zip"
    return path
