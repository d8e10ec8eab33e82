"""Why the ledger says no. Every refusal leaves the ledger as it was."""


class LedgerRefusal(Exception):
    """Nothing was written; the message says why."""


class NotEnoughCredits(LedgerRefusal):
    """Both numbers are whole credits: what was asked for, and what the account could have given."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"Not enough credits: {needed} needed, {available} available.")
        self.needed = needed
        self.available = available


class KeyReused(LedgerRefusal):
    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key!r} was used before, for something else.")
        self.key = key


class TooLong(LedgerRefusal):
    """A key, reason or actor that would not fit into its column."""


class WrongAmount(LedgerRefusal):
    """Not a whole number of credits in the range this change allows."""


class WrongAccount(LedgerRefusal):
    """The account is not the member's who ordered, or the other one is in another team."""


class AlreadyResolved(LedgerRefusal):
    """The hold was settled or released before, and not like this."""


class NotRefundable(LedgerRefusal):
    """Nothing was paid for this picture, or it was refunded already."""


class AccountMoved(RuntimeError):
    """Somebody wrote past our lock, halfway through a change: the whole transaction must be rolled back."""


class OutsideTransaction(RuntimeError):
    """A hold and the move of its generation belong into one transaction, and there was none."""
