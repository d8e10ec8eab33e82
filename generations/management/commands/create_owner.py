"""Makes an owner and their team from the command line; for a known address, at most one more team."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from generations.services import setup


class Command(BaseCommand):
    help = "Make an owner and their team. The first owner of the studio is also its superuser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--team", required=True, help="name of the team; one that exists gets one more owner")
        words = "read the password from stdin; who has an account keeps theirs"
        parser.add_argument("--password-stdin", action="store_true", required=True, help=words)
        parser.add_argument("--superuser", action="store_true", help="may also use the admin")

    def handle(self, *, email: str, team: str, superuser: bool, **_: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        name = " ".join(team.split())
        if not name or len(name) > 80:
            raise CommandError("The team needs a name of 1 to 80 characters.")
        try:
            validate_email(email)
            owner = setup.create_owner(email=email, team=name, password=password, superuser=superuser)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except setup.TeamNameTaken:
            raise CommandError(f"More than one team is called {name!r}. Rename one of them first.") from None
        if owner.made:
            self.stdout.write(f"{owner.person.email} owns the team {name}.")
        elif owner.team is not None:
            self.stdout.write(f"{owner.person.email} owns the new team {name}, too. The password is as it was.")
        else:
            self.stdout.write(f"{owner.person.email} has an account already. Nothing was changed.")
