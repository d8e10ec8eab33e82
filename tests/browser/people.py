"""Makes the people of the browser's studio, each already signed in. Runs in a process of its own, beside the studio."""

import importlib
import json
import sys

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from generations import ledger
from generations.models import Member, Person, Role, Team
from generations.services import proving, setup
from tests.browser.cast import EVERYBODY, PASSWORD, Part

STORE = importlib.import_module(settings.SESSION_ENGINE).SessionStore


def bring_in(part: Part) -> Person:
    """The person as their part says; a person who is there already stays as they are."""
    known = Person.objects.filter(email=part.email).first()
    if known is not None:
        return known
    if part.role == "owner":
        owner = setup.create_owner(email=part.email, team=part.team, password=PASSWORD, superuser=False).person
        owner.name = part.name
        owner.save()
        return owner
    team = Team.objects.get(name=part.team)
    person = Person.objects.create_user(part.email, PASSWORD, name=part.name)
    member = Member.objects.create(team=team, person=person, role=Role(part.role))
    if part.credits:
        ledger.transfer(
            source=ledger.pool_of(team),
            target=ledger.account_of(member),
            amount=part.credits,
            reason="to begin with",
            key=f"begin:{member.pk}",
            actor="test",
        )
    return person


def sign_in(person: Person) -> str:
    """The key of a new session of theirs."""
    store = STORE()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    # They showed who they are a moment ago, for as long as the journeys last.
    proving.record(store)
    store[proving.PROVED] += 24 * 3600
    store.create()
    return str(store.session_key)


def main() -> None:
    """Writes the sessions by name to standard output."""
    json.dump({part.name: sign_in(bring_in(part)) for part in EVERYBODY}, sys.stdout)
