"""`manage.py library_check`: compares the rows with the files on the shelf: what is lost, changed, left over.

It changes nothing unless `--delete-extra` is given, which removes left-over files, or `--recount`, which adds up again
how much storage each member's pictures take. It ends with 0 when every picture has its files, with 1 when some
are missing or changed, and with 2 when it could not look at everything, or would not remove what it was asked to.

With --json it prints one object: {"sound": bool, "pictures": n, "files": n, "bytes": n, "missing": {"count": n,
"names": [...]}, "changed": ..., "extra": ..., "foreign": ..., "trouble": "...", "removed": n, "refused": "..."}.
"""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.services import recounting, stocktaking
from generations.services.stocktaking import Named, Stock

UNSOUND, UNFINISHED = 1, 2
SHOWN = 20
HOURS = 24
WORDS = {
    "missing": "missing: a picture's file is not there",
    "changed": "changed: a file has other bytes than its picture had",
    "extra": "left over: no picture needs it (any more)",
    "foreign": "foreign: the studio gives no such name, and never removes it",
}


class Command(BaseCommand):
    help = (
        "Compares pictures with the files on the shelf: missing, changed and left-over ones. Removes nothing unasked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
        parser.add_argument(
            "--hash", action="store_true", help="read every original and compare its bytes, not its size"
        )
        parser.add_argument("--delete-extra", action="store_true", help="afterwards remove files no picture needs")
        parser.add_argument("--recount", action="store_true", help="afterwards add up again the storage of each member")
        parser.add_argument(
            "--older-than",
            type=float,
            default=HOURS,
            metavar="HOURS",
            help="with --delete-extra: only files last written so long ago, at least 2 (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stock = stocktaking.take(hashes=options["hash"])
        if not options["json"]:
            self._tell(stock)
        removed, refused = 0, ""
        if options["delete_extra"]:
            try:
                removed = stocktaking.remove_extra(stock, older_than=timedelta(hours=options["older_than"]))
            except stocktaking.NotRemoved as problem:
                refused = str(problem)
        if options["json"]:
            answer = {"sound": stock.is_sound, **asdict(stock), "removed": removed, "refused": refused}
            self.stdout.write(json.dumps(answer))
        elif options["delete_extra"] and not refused:
            self.stdout.write(f"Removed {_files(removed)} older than {options['older_than']:g} hours.")
        if options["recount"]:
            wrong = recounting.recount()
            if not options["json"]:
                self.stdout.write(f"The storage of {_number(wrong, 'member')} was counted wrong, and is right now.")
        self._end(stock, refused)

    def _tell(self, stock: Stock) -> None:
        looked = f"{_number(stock.pictures, 'picture')} and {_files(stock.files)} on the shelf"
        self.stdout.write(f"Looked at {looked} ({stock.bytes:,} bytes).")
        for kind, words in WORDS.items():
            found: Named = getattr(stock, kind)
            if found.count:
                self.stdout.write(f"{_files(found.count)} {words}:")
                for name in found.names[:SHOWN]:
                    self.stdout.write(f"  {name}")
                if found.count > SHOWN:
                    self.stdout.write(f"  and {found.count - SHOWN} more; --json names up to {stocktaking.NAMES_MAX}")
        if stock.is_sound:
            self.stdout.write("Every picture has its files.")
        elif not stock.trouble:
            self.stdout.write("Bring missing and changed files back from a backup; nothing was removed or repaired.")

    def _end(self, stock: Stock, refused: str) -> None:
        if refused or stock.trouble:
            words = refused or f"Not everything could be looked at, so this is no proof. {stock.trouble}"
            raise CommandError(words, returncode=UNFINISHED)
        if not stock.is_sound:
            raise SystemExit(UNSOUND)


def _files(number: int) -> str:
    return _number(number, "file")


def _number(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
