"""Asks for one person's pulse in every way, on the database of the environment, and prints the answers as JSON."""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
django.setup()

from django.contrib.sessions.models import Session  # noqa: E402
from django.db import DatabaseError, Error, connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from generations.models import Lease, Member, Person, clock  # noqa: E402
from generations.queries.pulse import Pass, Pulse, pulse_by, pulse_of  # noqa: E402
from tests.ledger import rows  # noqa: E402

SESSION = "a-session-of-this-test"


def main() -> dict[str, Any]:
    member = rows.join(rows.found())
    rows.fund(member, 100)
    rows.order(member, 5, 5, 5)
    Lease.objects.take("pump:0", seconds=1000)
    person = Person.objects.get(memberships=member)
    person.set_password("a lamp beside the window")
    person.save()
    session = Session(session_key=SESSION, session_data="", expire_date=clock.now() + timedelta(hours=1))
    session.save()
    held = Pass.for_session(SESSION, person, until=int(clock.now().timestamp()) + 3600)

    def asked() -> str:
        try:
            return words(pulse_by(held, SESSION), member)
        except Error as error:
            connection.close()
            return f"refused: {isinstance(error, DatabaseError)}"

    told: dict[str, Any] = {"person": words(pulse_of(person), member), "pass": asked()}
    with CaptureQueriesContext(connection) as queries:
        told["watched"] = [words(pulse_of(person), member), asked(), len(queries)]
    connection.close()
    told["on a new connection"] = [asked(), words(pulse_of(person), member)]
    told["of another team"] = words(pulse_of(rows.join(rows.found()).person or person), member)
    told["of another session"] = words(pulse_by(held, "another"), member)
    told["of a session with a zero in it"] = words(pulse_by(held, f"{SESSION}\0"), member)
    if connection.vendor == "postgresql":
        told["cut off"] = [end_of_connection(), asked()]
    rows.order(member, 5)
    told["with one more"] = asked()
    told["over"] = worthless(session, person, member, asked)
    return told


def words(pulse: Pulse | None, member: Member) -> str:
    """What a pulse says, without what is another number on each database."""
    if pulse is None:
        return "nothing"
    whose = "the team" if pulse.team == member.team_id else "another team"
    return f"{whose}: {pulse.cursor.open_count} open, {pulse.pumps} pump, seen {pulse.cursor.event > 0}"


def end_of_connection() -> str:
    """The server ends it, as it does when it restarts."""
    from psycopg import connect  # noqa: PLC0415  # only where PostgreSQL is

    connection.ensure_connection()
    wire: Any = connection.connection
    with connect(wire.info.dsn, password=wire.info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [wire.info.backend_pid])
    return "ended"


def worthless(session: Session, person: Person, member: Member, asked: Any) -> dict[str, str]:
    """What the pass is answered once each of these is so; all is as before after each."""
    told = {}
    Member.objects.filter(pk=member.pk).update(left_at=clock.now())
    told["left"] = asked()
    Member.objects.filter(pk=member.pk).update(left_at=None)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    told["switched off"] = asked()
    Person.objects.filter(pk=person.pk).update(is_active=True, password="!another")
    told["another password"] = asked()
    Person.objects.filter(pk=person.pk).update(password=person.password)
    Session.objects.filter(pk=session.pk).update(expire_date=clock.now() - timedelta(seconds=1))
    told["an old session"] = asked()
    session.save()
    told["all as before"] = asked()
    session.delete()
    told["no session"] = asked()
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
