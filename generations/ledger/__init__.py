"""The only writer of credits: every change is an appended entry and the account moved by it, in one transaction.

It refuses to spend below an account's floor, to resolve a hold twice and to move credits between teams. Everything has
a key: asking again with the same key and the same facts returns the first entry (marked `is_repeat`) and writes
nothing, with other facts it raises KeyReused. Locks are taken in one order: the generation (by the caller's own
update of it), then accounts by ascending id, then inserts. Objects passed in are not refreshed.
"""

from generations.ledger.entries import lock_for_all
from generations.ledger.funds import account_of, adjust, grant, pool_of, transfer, transfer_up_to
from generations.ledger.holds import hold, hold_all, refund, release, settle
from generations.ledger.refusals import (
    AccountMoved,
    AlreadyResolved,
    KeyReused,
    LedgerRefusal,
    NotEnoughCredits,
    NotRefundable,
    OutsideTransaction,
    TooLong,
    WrongAccount,
    WrongAmount,
)

__all__ = [
    "AccountMoved",
    "AlreadyResolved",
    "KeyReused",
    "LedgerRefusal",
    "NotEnoughCredits",
    "NotRefundable",
    "OutsideTransaction",
    "TooLong",
    "WrongAccount",
    "WrongAmount",
    "account_of",
    "adjust",
    "grant",
    "hold",
    "hold_all",
    "lock_for_all",
    "pool_of",
    "refund",
    "release",
    "settle",
    "transfer",
    "transfer_up_to",
]
