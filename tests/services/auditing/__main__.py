"""Plants each fault in turn in the database of the environment and prints, as JSON, which rules found it.

Every fault is undone before the next one: it is planted in a transaction that is rolled back, its files are put back.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from generations import ledger, storage  # noqa: E402
from generations.models import (  # noqa: E402
    Attempt,
    CallbackHint,
    CreditAccount,
    CreditEntry,
    CreditHold,
    Generation,
    GenerationEvent,
    Image,
    Outcome,
    State,
)
from generations.services import credentials  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from tests.ledger import rows  # noqa: E402
from tests.services.auditing.planted import attempt, generation, somebody, tamper, unguarded  # noqa: E402

LONG_AGO = timedelta(days=3)
KEY = "sk-canary-b3f177"


class _Undone(Exception):
    """Ends the transaction a fault was planted in."""


def account() -> CreditAccount:
    return CreditAccount.objects.get(pk=ledger.account_of(generation(State.SUCCEEDED).member).pk)


def entry(kind: str) -> CreditEntry:
    return CreditEntry.objects.filter(kind=kind).latest("pk")


def i1() -> None:
    tamper(CreditAccount, account().pk, posted=46)


def i2() -> None:
    tamper(CreditEntry, entry("release").pk, seq=entry("release").seq + 100)


def i3() -> None:
    with unguarded("credit_account_above_floor", table="generations_creditaccount"):
        tamper(CreditAccount, account().pk, posted=-11)


def i4() -> None:
    tamper(CreditAccount, account().pk, held=6)


def i5() -> None:
    tamper(Generation, generation(State.SUCCEEDED).pk, state=State.RECOVERED)


def i6() -> None:
    rows.write(generation(State.SUCCEEDED).member, [5])


def i7() -> None:
    hold = generation(State.CANCELED).hold
    tamper(CreditEntry, entry("release").pk, kind="settle", d_posted=-5)
    tamper(CreditHold, hold.pk, state="settled", settled=5)
    tamper(CreditAccount, account().pk, posted=40)


def i8() -> None:
    paid = generation(State.SUCCEEDED)
    ledger.refund(generation=paid, amount=5, reason="blurred", key=rows.key(), actor="test")
    tamper(CreditHold, paid.hold.pk, settled=4)


def i9() -> None:
    with unguarded("attempt_accepted_once"):
        for number in (1, 2):
            attempt(generation(State.SUCCEEDED), number, Outcome.ACCEPTED)


def i10() -> None:
    tamper(Image, Image.objects.get().pk, renditions=[{"width": 384}])


def i10_original() -> None:
    path = storage.original_path(Image.objects.get())
    path.write_bytes(path.read_bytes()[::-1])


def i11() -> None:
    tamper(Image, Image.objects.get().pk, generation=generation(State.CANCELED))


def i12() -> None:
    second = GenerationEvent.objects.get(generation=generation(State.SUCCEEDED), seq=3)
    tamper(GenerationEvent, second.pk, from_state=State.QUEUED)


def i13() -> None:
    tamper(Generation, generation(State.QUEUED).pk, deadline_at=timezone.now() - timedelta(minutes=6))


def i14() -> None:
    told = attempt(generation(State.SUCCEEDED), 1, Outcome.ACCEPTED)
    CallbackHint.objects.create(attempt=told, received_at=timezone.now() - LONG_AGO)


def i15() -> None:
    row = generation(State.SUCCEEDED)
    credentials.add(team=row.team, actor="test", provider="apikley", label="Key", key=KEY)
    tamper(Generation, row.pk, vendor_text=f"Bearer {KEY}", choices={"said": KEY})


def i16_index() -> None:
    with unguarded("credit_entry_one_refund"):
        pass


def i16_check() -> None:
    """SQLite keeps its checks in the text of the table, which has to be made anew to lose one."""
    if connection.vendor == "postgresql":
        with unguarded("price_not_negative", table="generations_price"):
            return
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'generations_price'")
        made = cursor.fetchone()[0].replace('"price_not_negative"', '"price_renamed"')
        cursor.execute("DROP TABLE generations_price")
        cursor.execute(made)


def i17() -> None:
    tamper(CreditAccount, account().pk, posted=1000)


def i18() -> None:
    row = generation(State.SUCCEEDED)
    tamper(Generation, row.pk, vendor_task_id="task", vendor_cost=3)
    tamper(Attempt, attempt(row, 1, Outcome.ACCEPTED).pk, vendor_cost=None)


def i19() -> None:
    tamper(CreditEntry, entry("transfer_in").pk, kind="grant", transfer=None)


FAULTS: dict[str, Callable[[], None]] = {
    name: value for name, value in globals().items() if name.startswith("i") and name[1:2].isdigit()
}


def plant(fault: Callable[[], None], picture: Path) -> list[str]:
    """The rules that find it."""
    content = picture.read_bytes()
    rules: set[str] = set()
    try:
        with transaction.atomic():
            fault()
            rules = {finding.rule for finding in audit()}
            raise _Undone
    except _Undone:
        picture.write_bytes(content)
    return sorted(rules)


def main() -> None:
    with transaction.atomic():
        somebody()
        connection.check_constraints()  # PostgreSQL drops nothing from a table with checks still to come
        picture = storage.original_path(Image.objects.get())
        found = {"nothing": plant(lambda: None, picture)}
        found |= {name: plant(fault, picture) for name, fault in FAULTS.items()}
        transaction.set_rollback(True)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
