"""`python -m tests.doors <scene>`: staff close something at the same moment as others do, or as work is sent.

The last line printed is what became of it, as JSON.
"""

import json
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db import IntegrityError, transaction  # noqa: E402  # the models are there only after set-up

from generations.models import (  # noqa: E402
    AuditEntry,
    Banner,
    Closure,
    Credential,
    Member,
    Person,
    Price,
    Role,
    Shut,
    State,
    clock,
)
from generations.queries.banners import hanging  # noqa: E402
from generations.services import ordering, shutting  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from generations.services.pumping.claims import claim  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.making import make_waiting  # noqa: E402
from tests.rivals import Rival, until_they_wait  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402


def operator() -> Person:
    return Person.objects.create_superuser(f"{secrets.token_hex(4)}@studio.test", "a lamp beside the window")


def creator() -> Member:
    Price.seed()
    return join(found("raced"), secrets.token_hex(4), Role.CREATOR)


def clear() -> None:
    for one in Closure.objects.standing():
        one.lift(by=None)


def pause(by: Person, kind: Shut = Shut.PAUSED) -> str:
    shutting.shut(kind=kind, provider="demo", reason="A lamp is out", by=by)
    return "done"


def close_together() -> dict[str, Any]:
    """Three operators press at once: one closes it, the others read that somebody was first."""
    clear()
    root, before = operator(), AuditEntry.objects.filter(action="vendor_paused").count()
    seen = race(*[lambda: pause(root) for _ in range(3)])
    standing = Closure.objects.standing().count()
    lines = AuditEntry.objects.filter(action="vendor_paused").count() - before
    clear()
    return {"seen": seen, "standing": standing, "lines": lines}


def open_together() -> dict[str, Any]:
    clear()
    root = operator()
    closure = shutting.shut(kind=Shut.PAUSED, provider="demo", reason="A lamp is out", by=root)

    def lift() -> str:
        return "opened" if shutting.reopen(closure=Closure.objects.get(pk=closure.pk), by=root) else "was open"

    return {"seen": race(lift, lift)}


def pause_while_claimed() -> dict[str, Any]:
    """The claim has the keys locked and is not committed: the pause waits for it, and nothing is claimed after."""
    clear()
    root, member = operator(), creator()
    row, keys = make_waiting(member), list(Credential.objects.filter(team=member.team))
    told: list[str] = []

    def close() -> None:
        pause(root)
        told.append("paused")

    other = Rival(close)
    with transaction.atomic():
        claimed = claim(credentials=keys, slots=16)
        other.start()
        until_they_wait(other)
        told.append("claimed")
    other.join(60)
    make_waiting_anyway = Closure.objects.standing().get()
    make_waiting_anyway.lift(by=None)
    late = make_waiting(member)
    pause(root)
    after = claim(credentials=keys, slots=16)
    row.refresh_from_db()
    late.refresh_from_db()
    clear()
    return {"told": told, "claimed": len(claimed), "after": len(after), "states": [row.state, late.state]}


def claim_while_paused() -> dict[str, Any]:
    """The pause is under way and not committed: who claims waits for it, and finds the vendor closed."""
    clear()
    root, member = operator(), creator()
    row, keys = make_waiting(member), list(Credential.objects.filter(team=member.team))
    claims: list[int] = []

    def send() -> None:
        claims.append(len(claim(credentials=keys, slots=16)))

    other = Rival(send)
    with transaction.atomic():
        pause(root)
        other.start()
        until_they_wait(other)
    other.join(60)
    row.refresh_from_db()
    held = row.state == State.QUEUED
    clear()
    ordering.cancel(generation=row, actor="test")
    return {"claims": claims, "still waits": held, "audit": len(audit())}


def constraints() -> dict[str, Any]:
    """What no code of ours would write is refused by the database itself."""
    clear()
    moment = clock.now()
    base = {"reason": "A lamp is out", "actor": "test"}
    wrong: list[tuple[str, Any]] = [
        ("kind", lambda: Closure.objects.create(kind="ajar", provider="demo", **base)),
        ("vendor without a name", lambda: Closure.objects.create(kind="paused", provider="", **base)),
        ("maintenance of a vendor", lambda: Closure.objects.create(kind="maintenance", provider="demo", **base)),
        ("ends first", lambda: Closure.objects.create(kind="paused", provider="demo", ends_at=moment, **base)),
        ("mood", lambda: Banner.objects.create(words="x", mood="angry")),
        ("banner ends first", lambda: Banner.objects.create(words="x", begins_at=moment, ends_at=moment)),
    ]
    Closure.objects.create(kind="draining", provider="demo", **base)
    wrong.append(("twice", lambda: Closure.objects.create(kind="paused", provider="demo", **base)))
    refused = []
    for name, act in wrong:
        try:
            with transaction.atomic():
                act()
        except IntegrityError:
            refused.append(name)
    clear()
    return {"refused": len(refused), "of": len(wrong)}


def banners() -> dict[str, Any]:
    """The one statement of every page, on this engine."""
    clear()
    moment = clock.now()
    Banner.objects.all().delete()
    Banner.objects.create(words="New brushes", begins_at=moment - timedelta(hours=1))
    Banner.objects.create(words="Slow today", mood="caution", begins_at=moment - timedelta(hours=1))
    shutting.shut(kind=Shut.MAINTENANCE, reason="A new version", by=None, begins_at=moment + timedelta(hours=1))
    shown = hanging(clock.now())
    clear()
    Banner.objects.all().delete()
    return {
        "words": [one.words for one in shown],
        "moods": [one.mood for one in shown],
        "begins": [one.begins_at is not None for one in shown],
    }


SCENES: dict[str, Callable[[], dict[str, Any]]] = {
    "close_together": close_together,
    "open_together": open_together,
    "pause_while_claimed": pause_while_claimed,
    "claim_while_paused": claim_while_paused,
    "constraints": constraints,
    "banners": banners,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(SCENES[sys.argv[1]]()) + "\n")
