"""`manage.py reset_link`: a way back in for somebody, made by whoever runs the studio. Works once, for 24 hours."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.services import factors, recovering


class Command(BaseCommand):
    help = "Print a link with which somebody sets a new password, once. Hand it to them and to nobody else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the address they sign in with")
        parser.add_argument("--url", default="", help="the studio's address, if it is not PUBLIC_URL")
        parser.add_argument(
            "--forget-factors",
            action="store_true",
            help="also take away their passkeys, app and recovery codes, for somebody who lost all of them",
        )

    def handle(self, *, email: str, url: str, forget_factors: bool, **_: Any) -> None:
        person = recovering.find(email)
        if person is None:
            raise CommandError(f"Nobody signs in with {email!r}, or the account is switched off.")
        if forget_factors:
            gone = factors.forget(person)
            self.stdout.write(f"{gone} passkeys, apps and sets of recovery codes are forgotten.")
        self.stdout.write(recovering.reset_url(person, base_url=url))
        self.stderr.write("It works once, for 24 hours, and ends when the password or address changes.")
