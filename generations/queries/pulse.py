"""Where a person's team stands, for the poll of every open page: one statement, written once per process.

Putting the statement together costs several times what the database needs for it, and every open page asks every few
seconds; so it is compiled once, from the same question as `feed.standing`, and then only given who asks and when.

A page that goes on asking carries a pass: our word, sealed, that this session was looked at and whose it is. With it
the same statement also tells whether the session still lives and the person may still come in, so that an answer of
"nothing new" needs nothing else. A changed password, an ended session, a person who was switched off or who left the
team: each makes the pass worthless at once, and the page is answered the full way.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Exists, F, QuerySet, Value
from django.utils.crypto import constant_time_compare, salted_hmac

from generations.models import Member, Person, clock
from generations.queries import feed

# Values that stand for person, moment and session while the statement is compiled, and are found again in it.
ANYBODY = 987_654_321_012
ANY_MOMENT = datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
ANY_SESSION = "any session at all"
TEAM_HEADER = "X-Studio-Team"
"""The team a page was made for: its person may be in another one by now, in another tab."""
PLAIN = re.compile(r"[a-z_]*(:[0-9]+)?")
COLUMNS = ("last_event", "open_count", "versions", "pumps", "team")


@dataclass(frozen=True, slots=True)
class Pulse:
    cursor: feed.Cursor
    pumps: int
    team: int

    def needs_a_pump(self, shards: int) -> bool:
        """Whether something is open that not every pump looks after."""
        return self.cursor.open_count > 0 and self.pumps < shards


@dataclass(frozen=True, slots=True)
class Pass:
    """Says that the session with this key is this person's until a second since the epoch."""

    person: int
    until: int
    seal: str

    def __str__(self) -> str:
        return f"{self.person}.{self.until}.{self.seal}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything that is none of ours or is over; its seal is not looked at yet."""
        words = text.split(".")
        if len(words) != 3 or not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words[:2]):
            return None
        person, until = int(words[0]), int(words[1])
        return cls(person, until, words[2]) if until > clock.now().timestamp() else None

    @classmethod
    def for_session(cls, session_key: str, person: Person, *, until: int) -> Self:
        return cls(person.pk, until, _seal(session_key, person.pk, until, person.password))

    def is_of(self, session_key: str, password: str) -> bool:
        """Whether we sealed it for this session, and for the password the person has now."""
        return constant_time_compare(self.seal, _seal(session_key, self.person, self.until, password))


def pulse_of(person: Person) -> Pulse | None:
    """The cursor of the person's team and how many pumps are at work; None for somebody without a team."""
    row = _first(connections[DEFAULT_DB_ALIAS], {ANYBODY: person.pk}, passing=False)
    return _pulse(row) if row else None


def pulse_by(held: Pass, session_key: str) -> Pulse | None:
    """The same by a pass; None unless its session lives, and its person may come in and has a team.

    Does not ask first whether the connection still works; whoever meets a DatabaseError here closes it.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    connection.health_check_done = True
    row = _first(connection, {ANYBODY: held.person, ANY_SESSION: session_key}, passing=True)
    if row is None or not held.is_of(session_key, row[-1]):
        return None
    return _pulse(row)


def _pulse(row: tuple[Any, ...]) -> Pulse:
    last_event, open_count, versions, pumps, team, _password = row
    return Pulse(cursor=feed.Cursor(last_event, open_count, versions), pumps=pumps, team=team)


def _seal(session_key: str, person: int, until: int, password: str) -> str:
    return salted_hmac(
        "generations.pulse", f"{person}.{until}.{session_key}.{password}", algorithm="sha256"
    ).hexdigest()


def _first(connection: Any, known: dict[Any, Any], *, passing: bool) -> tuple[Any, ...] | None:
    """The statement's one row. PostgreSQL keeps its plan, which takes three times as long to make as to follow."""
    statement = _statement(connection.vendor, passing)
    known = known | {ANY_MOMENT: connection.ops.adapt_datetimefield_value(clock.now())}
    if settings.POLL_PREPARED and connection.vendor == "postgresql" and not _is_watched(connection):
        return _prepared(connection, statement, known)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.filled(known))
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _is_watched(connection: Any) -> bool:
    """Whether somebody counts or logs statements, which only Django's own cursor tells them of."""
    return bool(connection.execute_wrappers or connection.queries_logged)


def _prepared(connection: Any, statement: "_Statement", known: dict[Any, Any]) -> tuple[Any, ...] | None:
    """The row by libpq itself, whose answer is a few short words: a cursor's care for every kind of value costs more.

    What was prepared is kept beside the connection; a new connection to the server prepares anew.
    """
    from psycopg import errors, pq  # noqa: PLC0415  # only where PostgreSQL is

    connection.ensure_connection()
    with connection.wrap_database_errors:
        wire = connection.connection.pgconn
        if (wire, statement) not in (kept := getattr(connection, "poll_prepared", ())):
            made = wire.prepare(statement.name, statement.numbered)
            if made.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(made)
            connection.poll_prepared = (*(one for one in kept if one[0] is wire), (wire, statement))
        found = wire.exec_prepared(statement.name, [str(value).encode() for value in statement.filled(known)])
        if found.status != pq.ExecStatus.TUPLES_OK:
            raise errors.error_from_result(found)
    if not found.ntuples:
        return None
    *numbers, password = (found.get_value(0, column) for column in range(len(COLUMNS) + 1))
    return (*map(int, numbers), password.decode())


@dataclass(frozen=True, slots=True)
class _Statement:
    name: bytes
    sql: str
    blanks: tuple[Any, ...]
    """What stands for each value that is given with it, in their order."""
    numbered: bytes
    """The same statement with PostgreSQL's own names for these values."""

    def filled(self, known: dict[Any, Any]) -> list[Any]:
        return [known[blank] for blank in self.blanks]


@cache
def _statement(vendor: str, passing: bool) -> _Statement:
    """The statement for this kind of database."""
    asked: QuerySet[Any] = feed.standings(Person(pk=ANYBODY), moment=ANY_MOMENT)
    asked = _for_living_sessions(asked) if passing else asked.annotate(password=Value(""))
    rows: Any = asked.values_list(*COLUMNS, "password")[:1]
    sql, values = rows.query.sql_with_params()
    moment = connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(ANY_MOMENT)
    stand_ins = {ANYBODY: ANYBODY, ANY_SESSION: ANY_SESSION, moment: ANY_MOMENT}
    blanks = tuple(stand_ins[value] for value in values if value in stand_ins)
    written = _with_constants(sql, values, stand_ins)
    first, *others = written.split("%s")
    numbered = first + "".join(f"${number}{piece}" for number, piece in enumerate(others, 1))
    return _Statement(b"poll_by_pass" if passing else b"poll", written, blanks, numbered.encode())


def _with_constants(sql: str, values: Sequence[Any], blanks: Collection[Any]) -> str:
    """The statement with everything written into it that is the same each time, which is most of what is bound."""
    pieces = sql.split("%s")
    if len(pieces) != len(values) + 1 or "%%" in sql:
        raise ValueError(f"Not every % in this statement is a value's place: {sql}")
    written = ["%s" if value in blanks else _literal(value) for value in values]
    return "".join(piece + value for piece, value in zip(pieces, [*written, ""], strict=True))


def _literal(value: object) -> str:
    """A number or a word of our own, never anything a person typed."""
    if isinstance(value, int):
        return str(int(value))
    if not isinstance(value, str) or not PLAIN.fullmatch(value):
        raise ValueError(f"This is not written into a statement: {value!r}")
    return f"'{value}'"


def _for_living_sessions(asked: QuerySet[Member]) -> QuerySet[Any]:
    alive = Session.objects.filter(session_key=ANY_SESSION, expire_date__gt=ANY_MOMENT)
    return asked.filter(Exists(alive)).annotate(password=F("person__password"))
