"""Credits of one generation: set aside, then paid or returned once, and perhaps given back later."""

import uuid
from collections.abc import Iterable, Sequence

from generations.ledger.entries import (
    Line,
    append,
    check_amount,
    check_reach,
    check_texts,
    expect_transaction,
    known_as,
    lock,
    lock_for,
    repeated,
    whole,
    written_or_known,
)
from generations.ledger.refusals import (
    AccountMoved,
    AlreadyResolved,
    KeyReused,
    NotRefundable,
    WrongAccount,
    WrongAmount,
)
from generations.models import CreditAccount, CreditEntry, CreditHold, Generation
from generations.models.credit import RESOLUTIONS, EntryKind, HoldState


def hold(*, account: CreditAccount, generation: Generation, amount: int, actor: str) -> CreditEntry:
    """Set `amount` (0 or more) credits aside for this generation (H1). Raises as `hold_all` does."""
    return _hold(account, [(generation, amount)], actor)[0]


def hold_all(*, account: CreditAccount, generations: Iterable[Generation], actor: str) -> list[CreditEntry]:
    """Set the price of each generation aside (H1), all or none; the entries come in the same order.

    Call it in the transaction that writes the generations. Raises NotEnoughCredits with the sum that was needed,
    WrongAccount unless `account` is that of the member who ordered, KeyReused when one is held at another amount.
    """
    return _hold(account, [(generation, generation.price) for generation in generations], actor)


def settle(*, generation: Generation, amount: int | None = None, actor: str) -> CreditEntry:
    """Pay for a stored picture (H2): all that is held, or `amount` of it; the rest is free again.

    Call it in the transaction that moves the generation. Raises WrongAmount, AlreadyResolved.
    """
    return _resolve(generation, EntryKind.SETTLE, amount=amount, actor=actor, reason="")


def release(*, generation: Generation, actor: str, reason: str) -> CreditEntry:
    """Give back what is held for a generation that ended without a picture (H3).

    Call it in the transaction that moves the generation. Raises AlreadyResolved when it was paid for.
    """
    return _resolve(generation, EntryKind.RELEASE, amount=0, actor=actor, reason=reason)


def refund(*, generation: Generation, amount: int, reason: str, key: str, actor: str) -> CreditEntry:
    """Give back 1 credit up to all that was paid, once per picture. Raises WrongAmount, NotRefundable, KeyReused."""
    check_amount(amount, least=1)

    def line() -> Line:
        of = CreditHold.objects.get(generation=generation)
        return Line(kind=EntryKind.REFUND, d_posted=amount, reason=reason, key=key, hold=of)

    def write() -> CreditEntry:
        account = lock_for(generation)
        wanted = line()
        known = known_as(account, wanted)
        if known is not None:
            return known
        _check_refund(wanted)
        return append(account, [wanted], actor=actor)[0]

    def known() -> CreditEntry | None:
        wanted = line()
        return known_as(wanted.hold.account, wanted) if wanted.hold else None

    return written_or_known(write, known)


def _check_refund(line: Line) -> None:
    if line.hold is None or line.hold.state != HoldState.SETTLED:
        raise NotRefundable("Nothing was paid for this picture.")
    if CreditEntry.objects.filter(hold=line.hold, kind=EntryKind.REFUND).exists():
        raise NotRefundable("This picture was refunded already.")
    if line.d_posted > (line.hold.settled or 0):
        raise WrongAmount(f"{line.hold.settled} credits were paid; {line.d_posted} cannot be given back.")


def _hold(account: CreditAccount, wanted: Sequence[tuple[Generation, int]], actor: str) -> list[CreditEntry]:
    expect_transaction()
    for generation, amount in wanted:
        check_amount(amount, least=0)
        if account.member_id is None or generation.member_id != account.member_id:
            raise WrongAccount("Credits are held on the account of the member who ordered.")
    locked = lock(account)[account.pk]
    known = _held_before(account, wanted)
    fresh = [(generation, amount) for generation, amount in wanted if generation.pk not in known]
    check_reach(locked, sum(amount for _, amount in fresh))
    check_texts(actor=actor)
    rows = [CreditHold(account=locked, generation=generation, amount=amount) for generation, amount in fresh]
    lines = [
        Line(kind=EntryKind.HOLD, d_held=row.amount, key=f"hold:{row.generation_id}", hold=row)
        for row in CreditHold.objects.bulk_create(rows)
    ]
    written = append(locked, lines, actor=actor)
    known |= {row.generation_id: entry for row, entry in zip(rows, written, strict=True)}
    return [known[generation.pk] for generation, _ in wanted]


def _held_before(account: CreditAccount, wanted: Sequence[tuple[Generation, int]]) -> dict[uuid.UUID, CreditEntry]:
    """The hold entries of those that are held already, on this account and at this amount."""
    amounts = {generation.pk: amount for generation, amount in wanted}
    entries = CreditEntry.objects.filter(hold__generation__in=amounts, kind=EntryKind.HOLD).select_related("hold")
    known = {}
    for entry in entries:
        if entry.hold is None or entry.account_id != account.pk or entry.d_held != amounts[entry.hold.generation_id]:
            raise KeyReused(entry.idempotency_key)
        known[entry.hold.generation_id] = repeated(entry)
    return known


def _resolve(generation: Generation, kind: EntryKind, *, amount: int | None, actor: str, reason: str) -> CreditEntry:
    expect_transaction()
    account = lock_for(generation)
    held = CreditHold.objects.get(generation=generation)
    paid = held.amount if amount is None else whole(amount)
    if not 0 <= paid <= held.amount:
        raise WrongAmount(f"{held.amount} credits are held; {paid} cannot be paid from them.")
    state = HoldState.SETTLED if kind == EntryKind.SETTLE else HoldState.RELEASED
    if held.state != HoldState.OPEN:
        if (held.state, held.settled) != (state, paid):
            raise AlreadyResolved(f"The credits of {generation.pk} were {held.state} before.")
        return repeated(CreditEntry.objects.get(hold=held, kind__in=RESOLUTIONS))
    check_texts(actor=actor, reason=reason)
    if not held.resolve(state, settled=paid):
        raise AccountMoved(f"The hold of {generation.pk} was resolved meanwhile.")
    key = f"{kind}:{generation.pk}"
    line = Line(kind=kind, d_posted=-paid, d_held=-held.amount, reason=reason, key=key, hold=held)
    return append(account, [line], actor=actor)[0]
