"""Where a person is signed in: one row for each session, written at the login and then once an hour at most."""

import ipaddress

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from generations.models import Person, clock
from generations.queries.security import UNKNOWN

AGENT_CHARACTERS_MAX = 200
SEEN = "seen"
"""In a session: when it was noted last; without it, it is noted at the end of the request."""


def note(*, person: Person, session_key: str, address: str, agent: str) -> None:
    """This session was seen now, from that address, in that browser; noted also where a proxy hides the address.

    What is not noted could not be ended.
    """
    try:
        ipaddress.ip_address(address)
    except ValueError:
        address = UNKNOWN
    UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": person,
            "ip": address,
            "user_agent": agent[:AGENT_CHARACTERS_MAX],
            "last_seen_at": clock.now(),
        },
        create_defaults={
            "user": person,
            "ip": address,
            "user_agent": agent[:AGENT_CHARACTERS_MAX],
            "last_seen_at": clock.now(),
            "created_at": clock.now(),
        },
    )


def end(person: Person, *, pk: int) -> bool:
    """End one session of this person at once; False if there is no such one."""
    row = UserSession.objects.filter(user=person, pk=pk).first()
    if row is None:
        return False
    with transaction.atomic():
        row.end()
    return True


def end_all(person: Person, *, but: str | None = None) -> int:
    """End every session of this person at once, but the one of that key; says how many."""
    rows = UserSession.objects.filter(user=person).exclude(session_key=but or "")
    with transaction.atomic():
        ended = [row.end() for row in rows]
    return len(ended)


def prune() -> int:
    """Forget where people were signed in by sessions that are gone; says how many."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    number: int = UserSession.objects.exclude(Exists(alive)).delete()[0]
    return number
