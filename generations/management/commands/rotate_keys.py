"""`manage.py rotate_keys`: seals every stored secret with the newest key of FIELD_KEYS.

Put the new key first in FIELD_KEYS, restart, run this, and when `--check` ends with 0, take the older keys out. A run
that was cut short is simply run again.
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generations.services import credentials, factors


class Command(BaseCommand):
    help = "Seal every stored secret with the newest key of FIELD_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; end with 0 only if the older keys may go"
        )

    def handle(self, *, check: bool, **_: Any) -> None:
        try:
            seals = credentials.survey() if check else credentials.reseal()
            people = factors.survey() if check else factors.reseal()
        except ValueError as error:
            raise CommandError(f"FIELD_KEYS is missing or malformed. {error}") from None
        seals.current, seals.older = seals.current + people.current, seals.older + people.older
        seals.unreadable.extend(people.unreadable)
        for place in seals.unreadable:
            self.stderr.write(
                f"{place}: no key of FIELD_KEYS opens this. Add the key it was sealed with, or replace it."
            )
        self.stdout.write(
            f"With the newest key: {_secrets(seals.current)}. With an older one: {_secrets(seals.older)}."
        )
        if seals.older:
            raise CommandError(
                "The older keys must stay: run rotate_keys" + (" without --check." if check else " again.")
            )
        if older := len(settings.FIELD_KEYS) - 1:
            self.stdout.write(
                "No secret needs the older key: it may go."
                if older == 1
                else f"No secret needs the {older} older keys: they may go."
            )
        if seals.unreadable:
            raise CommandError(f"{_secrets(len(seals.unreadable))} cannot be opened.", returncode=2)


def _secrets(number: int) -> str:
    return "1 secret" if number == 1 else f"{number} secrets"
