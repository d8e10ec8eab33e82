"""Brings in an operator of the studio, and opens again whatever was closed. Runs in a process beside the studio."""

import sys

from generations.models import Banner, Closure, DeskRole, Person
from generations.services import proving, shutting
from tests.addresses.visitors import give_factor
from tests.browser.cast import PASSWORD
from tests.browser.people import STORE, sign_in


def main() -> None:
    """Writes a session of the operator's to standard output; makes them when they are not there yet."""
    email = "opal@studio.example"
    person = Person.objects.filter(email=email).first()
    if person is None:
        facts = {"name": "Opal", "is_staff": True, "desk_role": DeskRole.OPERATOR}
        person = Person.objects.create_user(email, PASSWORD, **facts)
        give_factor(person)
    store = STORE(sign_in(person))
    proving.record(store, by_factor=True)
    store.save()
    sys.stdout.write(str(store.session_key))


def open_everything() -> None:
    for closure in Closure.objects.standing():
        shutting.reopen(closure=closure, by=None)
    Banner.objects.all().delete()
