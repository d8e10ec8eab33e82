"""`manage.py set_address`: somebody's address is put right, or put back after somebody else changed it."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from generations.models import Person
from generations.services import moving


class Command(BaseCommand):
    help = "Change the address somebody signs in with. They are told of it, and it is written down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--email", default="", help="the address they sign in with now")
        who.add_argument("--person", type=int, default=0, help="their number, as the audit log has it")
        parser.add_argument("--to", required=True, help="the address they shall sign in with")
        parser.add_argument("--end-sessions", action="store_true", help="also sign them out everywhere")

    def handle(self, *, email: str, person: int, to: str, end_sessions: bool, **_: Any) -> None:
        facts = {"pk": person} if person else {"email": email.strip().lower()}
        found = Person.objects.filter(**facts).first()
        if found is None:
            raise CommandError(f"Nobody here is {person or email!r}.")
        try:
            validate_email(to.strip())
            ended = moving.set_address(found, email=to, ends_sessions=end_sessions)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except moving.AddressTaken:
            raise CommandError(f"Somebody else signs in with {to!r}. Nothing was changed.") from None
        self.stdout.write(f"Person {found.pk} signs in with {found.email}.")
        if end_sessions:
            self.stdout.write(f"Sessions ended: {ended}.")
        self.stderr.write("Password, passkeys and app are as they were: manage.py reset_link --forget-factors.")
