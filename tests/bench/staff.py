"""The process of the bench about the desk: it writes a million rows of each long list, and reads the lists."""

import logging
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection, models  # noqa: E402  # everything below needs the loaded apps
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from generations import ledger  # noqa: E402
from generations.management import preparing  # noqa: E402
from generations.models import AuditEntry, Batch, CreditEntry, Generation, Image, Person, Role, clock  # noqa: E402
from tests.bench.till import _clone  # noqa: E402
from tests.desk import person_of, seated  # noqa: E402
from tests.faults import hands  # noqa: E402
from tests.faults.rivals import PRICE, found  # noqa: E402
from tests.ledger import rows  # noqa: E402

SECONDS_APART = 26
"""A million rows fill ten months."""
STATES = "CASE WHEN i / 1000 * 1000 = i THEN 'canceled' WHEN i / 20 * 20 = i THEN 'failed' ELSE 'succeeded' END"
BATCHES = 100
TASKS = "'task ' || i"
HALF_A_YEAR_AGO = {"created_at__year": "{year}", "created_at__month": "{month}"}
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "first page": ("", {}),
    "generations": ("generation", {}),
    "generations, page 150": ("generation", {"p": "150"}),
    "generations, failed": ("generation", {"state__exact": "failed"}),
    "generations, in doubt (none)": ("generation", {"state__exact": "in_doubt"}),
    "generations, a vendor without any": ("generation", {"provider__exact": "apixo"}),
    "generations, upscales (none)": ("generation", {"operation__exact": "upscale"}),
    "generations, a month half a year ago": (
        "generation",
        {"created_at__year": "{year}", "created_at__month": "{month}"},
    ),
    "generations, of a member": ("generation", {"q": "{email}"}),
    "generations, a task": ("generation", {"q": "no such task"}),
    "pictures": ("image", {}),
    "pictures, hidden (none)": ("image", {"standing": "hidden"}),
    "ledger": ("creditentry", {}),
    "ledger, a kind that is rare": ("creditentry", {"kind__exact": "refund"}),
    "ledger, a month half a year ago": ("creditentry", HALF_A_YEAR_AGO),
    "audit log": ("auditentry", {}),
}
Told = dict[str, Any]


def fill(*, number: int) -> Told:
    """So many generations with a picture each, lines of the ledger and lines of the audit log, over ten months."""
    preparing.collect_static_files()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    owner = rows.join(found(), Role.OWNER)
    rows.fund(owner, PRICE * 2)
    [work] = rows.order(owner, PRICE)
    rows.succeed(work)
    image = Image.objects.filter(generation=work).first() or Image.objects.create(
        team=work.team, generation=work, sha256="0" * 64, format="png", width=3, height=2, size_bytes=9, tone="#000"
    )
    line = AuditEntry.note("tested", by=owner, target="bench")
    entry = CreditEntry.objects.filter(account=ledger.account_of(owner), kind="settle").get()
    shape = _Shape(number)
    _clone(Batch, work.batch_id, BATCHES, {"id": shape.batch("i"), "request_key": "'bench ' || i"})
    place = {"batch_id": shape.batch(f"i - i / {BATCHES} * {BATCHES} + 1"), "position": f"i / {BATCHES}"}
    each = {"id": shape.uuid, **place, "state": STATES, "created_at": shape.when, "vendor_task_id": TASKS}
    _clone(Generation, work.pk, number, each)
    _clone(Image, image.pk, number, {"id": shape.uuid, "generation_id": shape.uuid, "created_at": shape.when})
    _clone(CreditEntry, entry.pk, number, shape.entry())
    _clone(AuditEntry, line.pk, number, {"at": shape.when})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    kinds: list[type[models.Model]] = [Generation, Image, CreditEntry, AuditEntry]
    counted = {str(kind._meta.verbose_name_plural): kind._default_manager.count() for kind in kinds}
    return {"person": person_of("superuser").pk, "rows": counted}


class _Shape:
    """How the columns of the i-th copy differ from the first row's, in the words of this database."""

    def __init__(self, number: int) -> None:
        now = int(clock.now().timestamp())
        seconds = f"({now} - ({number} - i) * {SECONDS_APART})"
        if connection.vendor == "postgresql":
            head, tail = f"lpad(to_hex({seconds}::bigint * 1000), 12, '0')", "lpad(to_hex(i), 12, '0')"
            self.uuid = f"({head} || '70008000' || {tail})::uuid"
            self.when = f"to_timestamp({seconds})"
        else:
            self.uuid = f"printf('%012x70008000%012x', {seconds} * 1000, i)"
            self.when = f"datetime({seconds}, 'unixepoch')"

    def batch(self, number: str) -> str:
        """The id of the batch with this number."""
        if connection.vendor == "postgresql":
            return f"('00000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"
        return f"printf('00000000000070008000%012x', {number})"

    def entry(self) -> dict[str, str]:
        alone = {"hold_id": "NULL", "d_held": "0", "d_posted": "1", "kind": "'grant'", "reason": "'bench'"}
        return {**alone, "seq": "i + 1000", "idempotency_key": "'bench ' || i", "created_at": self.when}


def read(*, person: int, times: int) -> Told:
    """Statements and seconds of each look at each list, by turns; and of reading one row by its key."""
    client = seated(Person.objects.get(pk=person))
    places = {name: _place(model, asked) for name, (model, asked) in LISTS.items()}
    counts = {}
    for name, (place, asked) in places.items():
        with CaptureQueriesContext(connection) as queries:
            _page(client, place, asked)
        counts[name] = len(queries)
    looks: dict[str, list[float]] = {name: [] for name in places}
    keys = list(Generation.objects.values_list("pk", flat=True)[:times])
    plain = [_timed(Generation.objects.get, pk=key) for key in keys]
    for _ in range(times):
        for name, (place, asked) in places.items():
            looks[name].append(_timed(_page, client, place, asked))
    return {"plain": plain, "lists": {name: (counts[name], looks[name]) for name in places}}


def _place(model: str, asked: dict[str, str]) -> tuple[str, dict[str, str]]:
    moment = clock.now()
    facts = {
        "year": str(moment.year if moment.month > 6 else moment.year - 1),
        "month": str((moment.month + 5) % 12 + 1),
        "email": Person.objects.filter(memberships__role=Role.OWNER).values_list("email", flat=True)[0],
    }
    address = f"admin:generations_{model}_changelist" if model else "admin:index"
    return reverse(address), {name: value.format(**facts) for name, value in asked.items()}


def _page(client: Client, place: str, asked: dict[str, str]) -> None:
    answer = client.get(place, asked)
    assert answer.status_code == 200, answer.content[:2000]


def _timed(act: Any, *given: Any, **named: Any) -> float:
    begun = time.perf_counter()
    act(*given, **named)
    return time.perf_counter() - begun


if __name__ == "__main__":
    logging.getLogger("generations").setLevel(logging.WARNING)
    hands.serve(sys.modules[__name__])
