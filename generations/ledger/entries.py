"""How a line of the ledger is written: lock, look for the key, append, move the account. For this package alone."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from generations.ledger.refusals import (
    AccountMoved,
    KeyReused,
    NotEnoughCredits,
    OutsideTransaction,
    TooLong,
    WrongAmount,
)
from generations.models import CreditAccount, CreditEntry, CreditHold, Generation, clock
from generations.models.credit import EntryKind

CHARACTERS_MAX = {"idempotency_key": 200, "reason": 200, "actor": 64}
SET_BACK_MAX = timedelta(minutes=5)
"""How far a clock that is set right, or another node's, may be behind the newest line and still not be believed. Clocks
of nodes differ by seconds. Beyond this the newest line was written under a wrong clock: it keeps its date, the next one
takes the true one, and at that place of the account the dates step back.
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry to be: all of it but its place in the account."""

    kind: EntryKind
    key: str
    d_posted: int = 0
    d_held: int = 0
    reason: str = ""
    hold: CreditHold | None = None
    transfer: uuid.UUID | None = None


def append_once(account: CreditAccount, line: Line, *, actor: str) -> CreditEntry:
    def known() -> CreditEntry | None:
        return known_as(account, line)

    def write() -> CreditEntry:
        locked = lock(account)[account.pk]
        return known() or append(locked, [line], actor=actor)[0]

    return written_or_known(write, known)


def written_or_known(write: Callable[[], CreditEntry], known: Callable[[], CreditEntry | None]) -> CreditEntry:
    """What `write` wrote or, when a rival on another account took the same key meanwhile, what `known` says of it."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        first = known()
        if first is None:
            raise
        return first


def known_as(account: CreditAccount, line: Line) -> CreditEntry | None:
    """The entry this key wrote before. Raises KeyReused when it says something else."""
    entry = CreditEntry.objects.filter(idempotency_key=line.key).first()
    if entry is None:
        return None
    wanted = (account.pk, line.kind, line.d_posted, line.d_held, line.reason, line.hold.pk if line.hold else None)
    if wanted != (entry.account_id, entry.kind, entry.d_posted, entry.d_held, entry.reason, entry.hold_id):
        raise KeyReused(line.key)
    return repeated(entry)


def repeated(entry: CreditEntry) -> CreditEntry:
    entry.is_repeat = True
    return entry


def append(account: CreditAccount, lines: Sequence[Line], *, actor: str) -> list[CreditEntry]:
    """Write these lines at the end of a locked account and move it by their sum."""
    check_reach(account, -min(0, sum(line.d_posted - line.d_held for line in lines)))
    posted, held, entries = account.posted, account.held, []
    moment = _date(account)
    for seq, line in enumerate(lines, start=account.seq + 1):
        check_texts(idempotency_key=line.key, reason=line.reason, actor=actor)
        posted, held = posted + line.d_posted, held + line.d_held
        entries.append(
            CreditEntry(
                account=account,
                seq=seq,
                kind=line.kind,
                hold=line.hold,
                transfer=line.transfer,
                d_posted=line.d_posted,
                d_held=line.d_held,
                posted_after=posted,
                held_after=held,
                floor=account.floor,
                idempotency_key=line.key,
                actor=actor,
                reason=line.reason,
                created_at=moment,
            )
        )
    if entries and not account.move(d_posted=posted - account.posted, d_held=held - account.held, entries=len(entries)):
        raise AccountMoved(f"Account {account.pk} moved meanwhile.")
    return CreditEntry.objects.bulk_create(entries)


def _date(account: CreditAccount) -> datetime:
    """Now, and not before the line above: a month begins with the balance the one before it ended with.

    A line from further ahead was written under a wrong clock, and nothing after it follows it there.
    """
    moment = clock.now()
    above = CreditEntry.objects.filter(account=account, seq=account.seq).values_list("created_at", flat=True).first()
    return above if above is not None and moment < above <= moment + SET_BACK_MAX else moment


def lock(*accounts: CreditAccount) -> dict[int, CreditAccount]:
    """The accounts as they are now, locked to the end of the transaction, always in the same order.

    The weaker lock leaves room for the key-share lock that every insert of a row pointing here takes.
    """
    rows = CreditAccount.objects.select_for_update(no_key=True).order_by("pk")
    return {row.pk: row for row in rows.filter(pk__in={account.pk for account in accounts})}


def lock_for_all(generations: Collection[uuid.UUID]) -> None:
    """Lock every account these are held on, in the order all locks are taken in, before one by one is written."""
    if generations:
        held = CreditHold.objects.filter(generation__in=generations).values("account")
        list(CreditAccount.objects.select_for_update(no_key=True).filter(pk__in=held).order_by("pk").values_list("pk"))


def lock_for(generation: Generation) -> CreditAccount:
    rows = CreditAccount.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(holds__generation=generation)


def check_reach(account: CreditAccount, needed: int) -> None:
    if needed > account.spendable:
        raise NotEnoughCredits(needed=needed, available=account.spendable)


def check_amount(amount: int, *, least: int) -> None:
    if whole(amount) < least:
        raise WrongAmount(f"{amount} credits are too few: the least is {least}.")


def check_texts(**texts: str) -> None:
    """SQLite would keep a text of any length where PostgreSQL stops: they are told apart here, for both."""
    for name, text in texts.items():
        if len(text) > CHARACTERS_MAX[name]:
            raise TooLong(f"The {name.replace('_', ' ')} has more than {CHARACTERS_MAX[name]} characters.")


def whole(amount: object) -> int:
    """The amount, if it is a whole number the columns have room for. True, 5.0 and "5" are not."""
    if not isinstance(amount, int) or isinstance(amount, bool) or abs(amount) >= 2**62:
        raise WrongAmount(f"{amount!r} is not a whole number of credits.")
    return amount


def expect_transaction() -> None:
    if not connection.in_atomic_block:
        raise OutsideTransaction("Hold, settle and release inside the transaction of the generation's move.")
