"""Has the database write a great many orders and pictures by itself: copies of a first one, but for what differs.

That is drawn from two decks, which lie in temporary tables meanwhile. Ids sort by time, as the studio's do.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

from django.db import connection, models

from generations.models import Batch, Generation, Image, Member, State, clock
from generations.pictures import RENDITION_WIDTHS
from generations.services.benchmarking import decks

SEED = 8
SPAN_MILLISECONDS = 913 * 24 * 3600 * 1000
"""Two and a half years."""
IN_BATCH = 4
ENLARGED_LATER = 40
"""So many pictures after the one it was made from comes an upscale."""
DECKS = (
    "CREATE TEMPORARY TABLE bench_orders (id bigint PRIMARY KEY, member_id bigint, is_private boolean, operation text,"
    " provider text, offer_key text, shape text, state text, width integer, height integer, tone text)",
    "CREATE TEMPORARY TABLE bench_prompts (id bigint PRIMARY KEY, prompt text)",
)
ROWS = """INSERT INTO {table} ({columns})
    WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM numbers WHERE i < {most}),
        batched (i, b) AS (SELECT i, {batch} FROM numbers)
    SELECT {values} FROM batched
    JOIN bench_orders AS dealt ON dealt.id = (b * 7919) % {orders}
    JOIN bench_prompts AS said ON said.id = (b * 5003) % {prompts}
    JOIN {table} AS first ON first.id = %s"""


def write(*, members: list[Member], number: int) -> None:
    """That many generations with a picture each, of these members' team. Call it in a transaction."""
    random = Random(SEED)  # noqa: S311  # the same pictures every time
    batch, row, image = firsts = _firsts(members[0])
    say = _Words(number, members[0].team_id)
    with connection.cursor() as cursor:
        for statement in DECKS:
            cursor.execute(statement)
        _insert(cursor, "bench_orders", decks.orders(members, random))
        _insert(cursor, "bench_prompts", decks.prompts(random))
        _copy(cursor, batch, say.batch(), most=-(-number // IN_BATCH), batch="i - 1")
        _copy(cursor, row, say.generation(), most=number, batch=f"(i - 1) / {IN_BATCH}")
        _copy(cursor, image, say.image(), most=number, batch=f"(i - 1) / {IN_BATCH}")
        cursor.execute("DROP TABLE bench_orders")
        cursor.execute("DROP TABLE bench_prompts")
    for first in reversed(firsts):
        first.delete()


def _firsts(owner: Member) -> tuple[Batch, Generation, Image]:
    """What is copied, and gone afterwards."""
    moment, team = clock.now(), owner.team
    batch = Batch.objects.create(team=team, member=owner, request_key="benchmark", request_print="benchmark")
    row = Generation.objects.create(
        team=team,
        member=owner,
        batch=batch,
        operation="draw",
        provider="demo",
        offer_key="painter",
        shape="1:1",
        price=0,
        state=State.SUCCEEDED,
        finished_at=moment,
        deadline_at=moment,
    )
    renditions = [{"width": width, "height": width, "size_bytes": width * 90} for width in RENDITION_WIDTHS]
    facts = {"sha256": "0" * 64, "format": "png", "width": 1, "height": 1, "size_bytes": 1, "tone": ""}
    return batch, row, Image.objects.create(team=team, generation=row, renditions=renditions, **facts)


def _insert(cursor: Any, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    every = list(rows)
    places = ", ".join(["%s"] * len(every[0]))
    cursor.executemany(f"INSERT INTO {table} VALUES ({places})", every)  # noqa: S608  # a table of our own


def _copy(cursor: Any, first: models.Model, different: dict[str, str], *, most: int, batch: str) -> None:
    names = [str(field.column) for field in first._meta.concrete_fields]
    statement = ROWS.format(
        table=first._meta.db_table,
        columns=", ".join(f'"{name}"' for name in names),
        values=", ".join(different.get(name, f'first."{name}"') for name in names),
        most=most,
        batch=batch,
        orders=decks.ORDERS,
        prompts=decks.PROMPTS,
    )
    # Nothing in it is a value's place but the last.
    cursor.execute(
        statement.replace("%", "%%").replace("%%s", "%s"), [first._meta.pk.get_db_prep_value(first.pk, connection)]
    )


class _Words:
    """How the columns of the i-th row, which is of the b-th batch, are written in this database's language."""

    def __init__(self, number: int, team: int) -> None:
        self.number, self.team = number, team
        self.is_sqlite = connection.vendor == "sqlite"
        self.begin = int(clock.now().timestamp() * 1000) - SPAN_MILLISECONDS
        self.batch_id = self._uuid(f"b * {IN_BATCH} + 1")

    def batch(self) -> dict[str, str]:
        keys = {"id": self.batch_id, "request_key": "'benchmark ' || i", "member_id": "dealt.member_id"}
        return keys | {"created_at": self._moment(f"b * {IN_BATCH} + 1")}

    def generation(self) -> dict[str, str]:
        dealt = ("member_id", "is_private", "operation", "provider", "offer_key", "shape", "state")
        facts = {name: f"dealt.{name}" for name in dealt}
        moments = dict.fromkeys(("created_at", "accepted_at"), self._moment(f"b * {IN_BATCH} + 1"))
        moments |= dict.fromkeys(("changed_at", "next_at", "finished_at", "deadline_at"), self._moment("i"))
        place = {"id": self._uuid("i"), "batch_id": self.batch_id, "position": f"i - 1 - b * {IN_BATCH}"}
        return {**facts, **moments, **place, "prompt": "said.prompt", "source_id": self._enlarged()}

    def image(self) -> dict[str, str]:
        size = {"width": "dealt.width", "height": "dealt.height", "tone": "dealt.tone"}
        removed = {
            "hidden_at": f"CASE WHEN i % 1000 = 7 THEN {self._moment('i')} END",
            "deleted_at": f"CASE WHEN i % 200 = 3 THEN {self._moment('i')} END",
        }
        keys = {"id": self._uuid("i"), "generation_id": self._uuid("i"), "parent_id": self._enlarged()}
        file = {"sha256": self._hash(), "size_bytes": "dealt.width * dealt.height"}
        return {**size, **removed, **keys, **file, "created_at": self._moment("i")}

    def _milliseconds(self, place: str) -> str:
        return f"({self.begin} + ({place}) * {SPAN_MILLISECONDS} / {self.number})"

    def _moment(self, place: str) -> str:
        seconds = f"{self._milliseconds(place)} / 1000"
        return f"datetime({seconds}, 'unixepoch')" if self.is_sqlite else f"to_timestamp({seconds})"

    def _uuid(self, place: str) -> str:
        """Version 7: when, whose, and which."""
        milliseconds, whose = self._milliseconds(place), f"70008{self.team % 4096:03x}"
        if self.is_sqlite:
            return f"printf('%012x{whose}%012x', {milliseconds}, {place})"
        head, tail = (f"lpad(to_hex({part}), 12, '0')" for part in (milliseconds, place))
        return f"({head} || '{whose}' || {tail})::uuid"

    def _enlarged(self) -> str:
        is_enlarged = f"dealt.operation = 'upscale' AND i > {ENLARGED_LATER}"
        return f"CASE WHEN {is_enlarged} THEN {self._uuid(f'i - {ENLARGED_LATER}')} END"

    def _hash(self) -> str:
        return "printf('%064x', i)" if self.is_sqlite else "lpad(to_hex(i), 64, '0')"
