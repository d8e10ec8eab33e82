"""`manage.py restore FOLDER`: puts a backup in the place of the studio that DATA_DIR and DATABASE_URL name.

Nothing is removed: what was there is set aside. Nothing the backup calls waiting is sent to a vendor. After one
that was cut short no studio and no worker starts, and it is run again. It ends with 0 when the audit finds nothing,
with 1 when something differs or nothing was restored, with 3 while a studio uses the data folder.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.management import launching, preparing
from generations.services import auditing, backups, credentials, factors

SHOWN = 20
LOOK_AGAIN = (
    "Everybody signs in again. What was hidden, suspended or decided after the backup is so no longer: look at it again"
)


class Command(BaseCommand):
    help = "Restores a backup, checks it against its manifest before and by the audit afterwards. Removes nothing."
    requires_system_checks: list[str] = []  # noqa: RUF012  # the base class declares it so

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup, or the folder it lies in: then its newest one")
        parser.add_argument("--replace", action="store_true", help="set aside the studio that has data here")
        parser.add_argument(
            "--without-keys", action="store_true", help="restore although no key here opens its secrets"
        )

    def handle(self, *args: Any, folder: Path, replace: bool, without_keys: bool, **options: Any) -> None:
        try:
            backup = backups.find(folder.expanduser().absolute())
            words = [] if without_keys else backups.require_keys(backup)
            with launching.take_folder(Path(settings.DATA_DIR)):
                backups.require_free(replace=replace)
                self._restore(backup, words)
        except launching.Refused as problem:
            raise CommandError(str(problem), returncode=problem.code) from None
        except backups.RestoreRefused as problem:
            raise CommandError(str(problem)) from None

    def _restore(self, backup: backups.Backup, words: list[str]) -> None:
        manifest = backup.manifest
        self._line("Backup", f"{backup.folder}, made {manifest.made_at} by version {manifest.studio}")
        aside = backups.put_back(backup)
        self._line("Database", preparing.bring_database_up())
        self._line("Pictures", f"{aside.files} files")
        for place in aside.places:
            self._line("Set aside", f"{place}; it stays until you remove it")
        woken = backups.wake(made_at=manifest.made_at)
        self._tell_work(woken)
        self._line("People", LOOK_AGAIN)
        for word in words:
            self._line("Keys", word)
        counts = self._name("Counts", aside.miscounted)
        differs = [*self._unreadable(), *counts, *self._lost(aside, manifest), *self._audit()]
        if differs:
            raise CommandError(f"Restored. {len(differs)} things differ from a studio in order; they are named above.")
        self.stdout.write("Restored. Start the studio as always: python3 manage.py studio")

    def _tell_work(self, woken: backups.Woken) -> None:
        told = {
            "Cancelled, because it waited then and may have been sent since; nothing was charged": woken.released,
            "In doubt, because it was being sent; it is never sent again": woken.doubted,
            "At a vendor, and asked about": woken.asked,
        }
        for words, number in told.items():
            if number:
                self._line("Work", f"{words}: {number}")

    def _unreadable(self) -> list[str]:
        """The secrets that no key here opens."""
        try:
            seals, people = credentials.survey(), factors.survey()
        except ValueError:
            return self._name("Keys", ["there is no sealing key here: keys to vendors cannot be used"])
        self._line("Keys", f"Sealed secrets that open: {seals.current + seals.older + people.current + people.older}")
        unreadable = [*seals.unreadable, *people.unreadable]
        return self._name("Keys", [f"no key here opens {place}: enter it again" for place in unreadable])

    def _lost(self, aside: backups.SetAside, manifest: backups.Manifest) -> list[str]:
        """What the backup should have. What it never had the audit names, too, by its picture."""
        if manifest.missing.count:
            self._line("Pictures", f"{manifest.missing.count} files were lost before the backup was made")
        lost = [f"{name} is damaged in the backup, or gone from it" for name in aside.lost.names]
        return self._name("Pictures", lost)

    def _audit(self) -> list[str]:
        report = auditing.examine()
        self._line("Audit", f"{len(report.rules)} rules checked, {len(report.findings)} findings")
        return self._name("Audit", [str(finding) for finding in report.findings])

    def _name(self, what: str, found: list[str]) -> list[str]:
        for words in found[:SHOWN]:
            self._line(what, words)
        if len(found) > SHOWN:
            self._line(what, f"and {len(found) - SHOWN} more")
        return found

    def _line(self, what: str, words: str) -> None:
        self.stdout.write(f"  {what:<13} {words}")
        self.stdout.flush()
