"""`manage.py add_credential`: stores a vendor's key for a team. Keys are read from stdin, never from the command line.

Safe to run twice: the same key again changes nothing; another key takes over, and the old one finishes what runs on it.
Ends with 0 when the key is in use, with 1 and a sentence when nothing was changed, with 2 for wrong arguments.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from generations import providers
from generations.management.teams import team_called
from generations.providers.base import Provider
from generations.services import credentials

ACTOR = "command"
LABEL_CHARACTERS_MAX = 80


class Command(BaseCommand):
    help = "Store a vendor's key for a team. The same key again changes nothing; another one takes over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", required=True, help="the team's name, or #<number>")
        parser.add_argument("--provider", required=True, choices=sorted(providers.PROVIDERS))
        parser.add_argument("--label", required=True, help="how people tell this key from others of the vendor")
        parser.add_argument("--key-stdin", action="store_true", help="read the key from the first line of stdin")
        parser.add_argument(
            "--webhook-key-stdin", action="store_true", help="read the webhook key from the next line of stdin"
        )

    @sensitive_variables("key", "webhook_key")
    def handle(self, *args: Any, **options: Any) -> None:
        team = team_called(options["team"])
        vendor = providers.get(options["provider"])
        label = _checked_label(options["label"])
        key = _read("key") if options["key_stdin"] else ""
        webhook_key = _read("webhook key") if options["webhook_key_stdin"] else ""
        _expect_sense(vendor, key, webhook_key)
        try:
            stored = credentials.ensure(
                team=team,
                provider=vendor.key,
                label=label,
                key=key if vendor.needs_key else "",
                webhook_key=webhook_key,
                actor=ACTOR,
            )
        except credentials.CredentialRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(_told(stored, f"{vendor.label}, {label}, of {team.name}"))


@sensitive_variables()
def _read(what: str) -> str:
    """The next line of stdin, if it can be a key. Nothing said here repeats it."""
    try:
        return credentials.checked_key(sys.stdin.readline())
    except credentials.UnusableKey as refusal:
        raise CommandError(f"The {what} on stdin cannot be used. {refusal} Nothing was changed.") from None


def _checked_label(label: str) -> str:
    if not 0 < len(label.strip()) <= LABEL_CHARACTERS_MAX:
        raise CommandError(f"The label must have 1 to {LABEL_CHARACTERS_MAX} characters.")
    return label.strip()


@sensitive_variables()
def _expect_sense(vendor: type[Provider], key: str, webhook_key: str) -> None:
    if vendor.needs_key and not key:
        raise CommandError(f"{vendor.label} needs a key: give --key-stdin and write it to stdin.")
    if webhook_key and not vendor.announces:
        raise CommandError(f"{vendor.label} makes no calls, so it has no webhook key. Nothing was changed.")


def _told(stored: credentials.Stored, which: str) -> str:
    if stored is credentials.Stored.ADDED:
        return f"{which}: added."
    if stored is credentials.Stored.REPLACED:
        return f"{which}: replaced. What runs on the old key is finished with it."
    return f"{which}: this key is stored already. Nothing was changed."
