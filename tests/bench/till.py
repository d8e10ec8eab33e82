"""The process of the benches about money: it fills accounts, orders from many processes, and reads pages by the clock.

The pages are read through Django's own client, so what is measured is the studio's work: no server, no socket.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import django

django.setup()

from django.db import connection, models  # noqa: E402  # everything below needs the loaded apps
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from generations import ledger  # noqa: E402
from generations.management import preparing  # noqa: E402
from generations.models import (  # noqa: E402
    Batch,
    CreditAccount,
    CreditEntry,
    CreditHold,
    Generation,
    Lease,
    Member,
    Role,
    clock,
    pump_lease,
)
from generations.models.credit import EntryKind  # noqa: E402
from generations.queries.months import Month  # noqa: E402
from generations.services import auditing  # noqa: E402
from generations.services.ordering import room  # noqa: E402
from tests.bench.wishes import hold_the_pump  # noqa: E402
from tests.faults import hands  # noqa: E402
from tests.faults.rivals import PRICE, compete, found, join, order  # noqa: E402
from tests.ledger import rows  # noqa: E402

FILE_LINES = 100_000
"""So much of the file is read: its pace is the same to its end."""
SECONDS_APART = 63
"""Between two pictures of the long account: half a million of them fill a year."""
Told = dict[str, Any]


# --- Submits ---


def submits(*, processes: int, each: int) -> Told:
    """So many processes place so many orders each for one member; how long each took, and all of it together."""
    Lease.objects.filter(name=pump_lease(0)).delete()
    hold_the_pump()
    setattr(room, "ORDERS_PER_MINUTE_MAX", sys.maxsize)  # noqa: B010  # a limit of people, not of machines
    member = join(found(), pictures=processes * each)

    def buy() -> list[str]:
        seen = []
        for _ in range(each):
            begun = time.perf_counter()
            order(member)
            seen.append(str(time.perf_counter() - begun))
        return seen

    begun = time.perf_counter()
    taken = [float(line) for lines in compete(*[buy] * processes) for line in lines]
    took = time.perf_counter() - begun
    findings = [str(finding) for finding in auditing.audit()]
    return {"took": took, "taken": taken, "balance": rows.balance(member), "price": PRICE, "findings": findings}


# --- A long statement ---


def fill(*, pictures: int) -> Told:
    """A member who has ordered and paid that many pictures in a year: two lines each, written at once."""
    preparing.collect_static_files()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    owner = rows.join(found(), Role.OWNER)
    rows.fund(owner, PRICE * (pictures + 1))
    [model] = rows.order(owner, PRICE)
    rows.succeed(model)
    hold = CreditHold.objects.get(generation=model)
    held, paid = CreditEntry.objects.filter(hold=hold).order_by("seq")
    account = rows.now(ledger.account_of(owner))
    begun, first = time.perf_counter(), clock.now() - timedelta(seconds=SECONDS_APART * (pictures + 1))
    with connection.cursor() as cursor:
        entries = CreditEntry._meta.db_table
        cursor.execute(f"UPDATE {entries} SET created_at = %s WHERE account_id = %s", [first, account.pk])
    shape = _Shape(account=account, hold=hold.pk)
    _clone(
        Batch, model.batch_id, pictures, {"id": shape.uuid, "request_key": "'bench ' || i", "created_at": shape.when}
    )
    moments = dict.fromkeys(("created_at", "changed_at", "next_at", "finished_at"), shape.when)
    _clone(Generation, model.pk, pictures, {"id": shape.uuid, "batch_id": shape.uuid, **moments})
    _clone(CreditHold, hold.pk, pictures, {"id": f"{hold.pk} + i", "generation_id": shape.uuid})
    for entry in (held, paid):
        _clone(CreditEntry, entry.pk, pictures, shape.entry(entry))
    with connection.cursor() as cursor:
        table = CreditAccount._meta.db_table
        cursor.execute(
            f"UPDATE {table} SET posted = posted - %s, seq = seq + %s WHERE id = %s",
            [PRICE * pictures, 2 * pictures, account.pk],
        )
        cursor.execute("ANALYZE")
    lines = CreditEntry.objects.filter(account=account).count()
    return {"member": owner.pk, "entries": lines, "seconds": time.perf_counter() - begun}


class _Shape:
    """How the columns of the i-th copy differ from the first picture's, in the words of this database."""

    def __init__(self, *, account: CreditAccount, hold: int) -> None:
        self.account, self.hold = account, hold
        begin = clock.now() - timedelta(seconds=1)
        if connection.vendor == "postgresql":
            self.uuid = "('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"
            self.when = (
                f"'{begin:%Y-%m-%d %H:%M:%S}+00'::timestamptz - (total - i) * interval '{SECONDS_APART} seconds'"
            )
        else:
            self.uuid = "printf('00000000000070008000%012x', i)"
            self.when = f"datetime('{begin:%Y-%m-%d %H:%M:%S}', '-' || ((total - i) * {SECONDS_APART}) || ' seconds')"

    def entry(self, first: CreditEntry) -> dict[str, str]:
        later = 0 if first.kind == EntryKind.HOLD else 1
        return {
            "seq": f"{self.account.seq - 1 + later} + 2 * i",
            "hold_id": f"{self.hold} + i",
            "posted_after": f"{self.account.posted + PRICE * (1 - later)} - {PRICE} * i",
            "idempotency_key": f"'bench {first.kind} ' || i",
            "created_at": self.when,
        }


def _clone(model: type[models.Model], pk: object, number: int, different: dict[str, str]) -> None:
    """So many copies of one row, each with these columns computed from its number `i` of `total`."""
    table, names = model._meta.db_table, [field.column or "" for field in model._meta.concrete_fields]
    if "id" not in different:
        names.remove("id")
    values = ", ".join(different.get(name, f'first."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    prepared = model._meta.pk.get_db_prep_value(pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) WITH RECURSIVE numbers (i, total) AS (SELECT 1, {number} UNION ALL "
            f"SELECT i + 1, total FROM numbers WHERE i < total) SELECT {values} FROM numbers, {table} AS first "
            "WHERE first.id = %s",
            [prepared],
        )


def read(*, member: int, times: int) -> dict[str, list[float]]:
    """Seconds for each look at each page, the pages by turns; and the beginning of the file, in lines a second."""
    row = Member.objects.select_related("person", "team").get(pk=member)
    assert row.person is not None
    client = Client()
    client.force_login(row.person)
    this = Month.of(clock.now(), row.team.time_zone)
    middle = this.back_to(Month(this.year - 1, this.number))[6]
    half = CreditEntry.objects.filter(account=ledger.account_of(row)).count() // 2
    pages: dict[str, dict[str, Any]] = {
        "first page": {},
        "page in the middle": {"before": half},
        "this month": {"month": str(this)},
        "a month half a year ago": {"month": str(middle)},
        "one kind": {"kind": "settle"},
        "a kind that is rare": {"kind": "grant"},
        "a month and a kind": {"month": str(middle), "kind": "settle"},
    }
    looks: dict[str, Callable[[], object]] = {name: partial(_page, client, asked) for name, asked in pages.items()}
    looks["print of a month"] = partial(_page, client, {"month": str(middle)}, address="statement_sheet")
    found: dict[str, list[float]] = {name: [] for name in looks}
    for look in looks.values():
        look()
    for _ in range(times):
        for name, look in looks.items():
            begun = time.perf_counter()
            look()
            found[name].append(time.perf_counter() - begun)
    begun, first, size, lines = time.perf_counter(), 0.0, 0, 0
    for piece in client.get(reverse("statement_file")):
        first = first or time.perf_counter() - begun
        size, lines = size + len(piece), lines + piece.count(b"\r\n")
        if lines >= FILE_LINES:
            break
    took = time.perf_counter() - begun
    return {**found, "file": [first, took, lines, size]}


def _page(client: Client, asked: dict[str, Any], address: str = "credits") -> None:
    answer = client.get(reverse(address), asked)
    assert answer.status_code == 200, answer.content[:2000]


if __name__ == "__main__":
    logging.getLogger("generations").setLevel(logging.WARNING)
    hands.serve(sys.modules[__name__])
