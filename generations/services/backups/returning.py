"""Puts a backup in the place of what is here: the pictures beside the others first, then the database, then the swap.

Nothing is removed. What was here before is set aside under another name, also files that are newer than the backup,
until a person has seen that nothing of it is missed. From before the database is touched until `wake` is through a mark
keeps the studio from starting: what the backup calls waiting may have been sent since.
"""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from generations.models import Heartbeat, Lease, Person, Team, clock
from generations.services.backups import dumps, manifests, marks
from generations.services.backups.finding import Backup
from generations.services.backups.manifests import Named
from generations.services.backups.refusals import RestoreRefused

SHELVES = ("originals", "renditions")
FRESH = "restoring"
ALIVE_FOR = timedelta(seconds=60)
"""A worker shows that it lives twice in that time, also when it has nothing to do."""


@dataclass
class SetAside:
    """Where that is what was here before, and what of the backup could not be put back."""

    places: list[str] = field(default_factory=list)
    files: int = 0
    lost: Named = field(default_factory=Named)
    """Files the backup should have, and has not, or not whole."""
    miscounted: list[str] = field(default_factory=list)
    """Tables that have another number of rows than they had when the backup was made."""


def require_keys(backup: Backup) -> list[str]:
    """What a person should know about the keys at hand. Raises RestoreRefused when none opens what is sealed there."""
    theirs = backup.manifest.keys
    ours = manifests.keys_now(salt=theirs.salt)
    words = []
    if theirs.secrets and not set(theirs.sealing) & set(ours.sealing):
        had = "there is another sealing key here" if ours.sealing else "there is no sealing key here"
        raise RestoreRefused(
            f"What is sealed in this backup, such as keys to vendors ({theirs.secrets}), opens with none of the keys "
            f"at hand: {had}. Set FIELD_KEYS to what it was, or put the file field_keys of the old DATA_DIR into this "
            "one. With --without-keys everything else is restored; those secrets then have to be entered again. "
            "Nothing was changed."
        )
    if theirs.secrets and set(theirs.sealing) - set(ours.sealing):
        words.append("FIELD_KEYS held more keys when the backup was made; what only those open is named below.")
    if theirs.signing != ours.signing:
        words.append("SECRET_KEY is another one: everybody signs in again, and links sent before lead nowhere.")
    return words


def require_free(*, replace: bool) -> None:
    """Raises RestoreRefused while a studio runs here, and, unless it may be replaced, when one has been used here."""
    if (_is_used(replace=replace) or _has_pictures()) and not replace:
        raise RestoreRefused(
            "There is a studio with data here. Nothing was changed. With --replace it is set aside, not removed; or "
            "restore elsewhere, with another DATA_DIR or DATABASE_URL."
        )


def _is_used(*, replace: bool) -> bool:
    if connection.vendor == "sqlite" and not dumps.sqlite_file_exists():
        return False
    try:
        tables = set(connection.introspection.table_names())
        if {model._meta.db_table for model in (Lease, Heartbeat, Team, Person)} <= tables:
            _require_silence()
            return bool(Team.objects.exists() or Person.objects.exists())
        return bool(tables)
    except DatabaseError as problem:
        if isinstance(problem, OperationalError) and connection.vendor != "sqlite":
            raise RestoreRefused(f"The database does not answer: {problem}") from None
        if not replace:
            raise RestoreRefused(
                f"The database here cannot be read. With --replace it is set aside. {problem}"
            ) from None
        return True  # broken: perhaps the very reason for this


def _require_silence() -> None:
    stamp, moment = Heartbeat.objects.last_of_workers(), clock.now()
    if Lease.objects.filter(until__gte=moment).exists() or (stamp is not None and moment - stamp < ALIVE_FOR):
        raise RestoreRefused(
            "A studio is running on this database, or was a minute ago. Stop it, on every machine, wait a minute, and "
            "restore then. Nothing was changed."
        )


def _has_pictures() -> bool:
    return any(
        (settings.MEDIA_ROOT / shelf).is_dir() and any((settings.MEDIA_ROOT / shelf).iterdir()) for shelf in SHELVES
    )


def put_back(backup: Backup) -> SetAside:
    """Raises RestoreRefused; then what was here is here still, unless it says otherwise."""
    aside = SetAside()
    mark = f"before-restore-{clock.now():%Y%m%dT%H%M%S%fZ}"
    fresh = settings.MEDIA_ROOT / FRESH
    try:
        _copy_pictures(backup, fresh, aside)
        is_first = marks.begin()
    except OSError as problem:
        raise RestoreRefused(
            f"The pictures cannot be written: {problem.strerror} ({problem.filename}). Nothing was changed."
        ) from None
    try:
        place = dumps.load(backup.dump, mark=mark)
    except RestoreRefused:
        shutil.rmtree(fresh, ignore_errors=True)
        if is_first:  # else what is here is what an earlier one left half done
            marks.end()
        raise
    if place:
        aside.places.append(place)
    try:
        _swap(fresh, settings.MEDIA_ROOT / mark, aside)
    except OSError as problem:
        raise RestoreRefused(
            f"The database is restored, and the pictures cannot be put in their place: {problem.strerror} "
            f"({problem.filename}). Make that possible, and run the same again with --replace."
        ) from None
    aside.miscounted = _miscounted(backup)
    return aside


def _copy_pictures(backup: Backup, fresh: Path, aside: SetAside) -> None:
    shutil.rmtree(fresh, ignore_errors=True)  # of a restore that was cut short
    for shelf in SHELVES:
        (fresh / shelf).mkdir(parents=True)
    for name, size in backup.files():
        source, target = backup.picture(name), fresh / name
        if not source.is_file() or source.stat().st_size != size:
            aside.lost.add(name)
            continue
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, target)
        aside.files += 1


def _swap(fresh: Path, old: Path, aside: SetAside) -> None:
    for shelf in SHELVES:
        place = settings.MEDIA_ROOT / shelf
        if place.exists():
            old.mkdir(exist_ok=True)
            place.rename(old / shelf)
        (fresh / shelf).rename(place)
    fresh.rmdir()
    if old.exists():
        aside.places.append(str(old))


def _miscounted(backup: Backup) -> list[str]:
    found = []
    for label, number in backup.manifest.rows.items():
        try:
            here = apps.get_model(label)._default_manager.count()
        except LookupError:
            continue  # a table that later versions have not
        if here != number:
            found.append(f"{label} has {here} rows and had {number}")
    return found
