"""`manage.py backup FOLDER`: the database and the pictures as of this moment, while the studio runs.

Each call makes a folder `studio-<when>` in FOLDER; what the one before it has already is linked, not copied. With
--json it prints one object: {"folder": "...", "removed": [...], "manifest": {...}}.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.services import backups
from imagine_site import secrets

SHOWN = 10


class Command(BaseCommand):
    help = "Backs up the database and the pictures while the studio runs. Secrets are not in it; it says which."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where backups are kept; best on another disk")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="remove all but the newest N (default: all stay)"
        )
        parser.add_argument("--json", action="store_true", help="print what was made as one JSON object")

    def handle(self, *args: Any, folder: Path, keep: int, **options: Any) -> None:
        if keep < 0:
            raise CommandError("--keep is a number of backups, 0 for all of them.")
        try:
            made = backups.make(folder.expanduser().absolute(), keep=keep)
        except backups.BackupFailed as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            told = {"folder": str(made.folder), "removed": made.removed, "manifest": asdict(made.manifest)}
            self.stdout.write(json.dumps(told))
            return
        self._tell(made)

    def _tell(self, made: backups.Made) -> None:
        manifest = made.manifest
        self.stdout.write(f"Backed up to {made.folder}")
        self.stdout.write(f"  Database      {manifest.database_bytes:,} bytes, {sum(manifest.rows.values())} rows")
        self.stdout.write(
            f"  Pictures      {manifest.files} files, {manifest.bytes:,} bytes; {manifest.copied} of them new"
        )
        for words, found in (("not on the shelf", manifest.missing), ("other bytes than they had", manifest.changed)):
            if found.count:
                self.stdout.write(f"  Beware        {found.count} files, {words}: {', '.join(found.names[:SHOWN])}")
        if manifest.keys.unreadable:
            self.stdout.write(f"  Beware        no key here opens {', '.join(manifest.keys.unreadable[:SHOWN])}")
        for name in made.removed:
            self.stdout.write(f"  Removed       {name}")
        self.stdout.write("Not in it; keep these apart from it, or it opens nothing:")
        self.stdout.write(
            f"  FIELD_KEYS    opens {manifest.keys.secrets} sealed secrets ({_where(secrets.FIELD_KEYS_FILE)})"
        )
        self.stdout.write(f"  SECRET_KEY    signs sessions and links ({_where(secrets.SIGNING_KEY_FILE)})")
        self.stdout.write(
            "  the rest of the environment, such as DATABASE_URL, PUBLIC_URL, EMAIL_URL and OIDC_CLIENT_SECRET"
        )


def _where(name: str) -> str:
    file = Path(settings.DATA_DIR) / name
    return str(file) if file.exists() else "from the environment"
