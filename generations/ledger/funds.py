"""Credits come in, are corrected, and move between the accounts of one team."""

import uuid

from django.db import transaction

from generations.ledger.entries import (
    Line,
    append,
    append_once,
    check_amount,
    known_as,
    lock,
    repeated,
    whole,
    written_or_known,
)
from generations.ledger.refusals import WrongAccount, WrongAmount
from generations.models import CreditAccount, CreditEntry, Member, Team
from generations.models.credit import EntryKind


def pool_of(team: Team) -> CreditAccount:
    """The account new credits of the team come into; made when it is first asked for."""
    return CreditAccount.objects.get_or_create(team=team, member=None)[0]


def account_of(member: Member) -> CreditAccount:
    """The account this member spends from; made when it is first asked for."""
    return CreditAccount.objects.get_or_create(member=member, defaults={"team_id": member.team_id})[0]


def grant(*, account: CreditAccount, amount: int, reason: str, key: str, actor: str) -> CreditEntry:
    """Add `amount` (1 or more) credits. Raises WrongAmount, KeyReused."""
    check_amount(amount, least=1)
    line = Line(kind=EntryKind.GRANT, d_posted=amount, reason=reason, key=key)
    return append_once(account, line, actor=actor)


def adjust(*, account: CreditAccount, amount: int, reason: str, key: str, actor: str) -> CreditEntry:
    """Correct a balance by `amount` credits, either way. Raises WrongAmount (0), NotEnoughCredits, KeyReused."""
    if whole(amount) == 0:
        raise WrongAmount("A correction of 0 credits changes nothing.")
    line = Line(kind=EntryKind.ADJUST, d_posted=amount, reason=reason, key=key)
    return append_once(account, line, actor=actor)


def transfer(
    *, source: CreditAccount, target: CreditAccount, amount: int, reason: str, key: str, actor: str
) -> CreditEntry:
    """Move `amount` (1 or more) credits between two accounts of one team; returns the leg that leaves `source`.

    The legs have the keys `<key>:out` and `<key>:in`. Raises WrongAmount, WrongAccount, NotEnoughCredits, KeyReused.
    """
    check_amount(amount, least=1)
    if source.pk == target.pk or source.team_id != target.team_id:
        raise WrongAccount("Credits move between two accounts of one team.")
    both = uuid.uuid4()
    out = Line(kind=EntryKind.TRANSFER_OUT, d_posted=-amount, reason=reason, key=f"{key}:out", transfer=both)
    into = Line(kind=EntryKind.TRANSFER_IN, d_posted=amount, reason=reason, key=f"{key}:in", transfer=both)

    def known() -> CreditEntry | None:
        return known_as(target, into) and known_as(source, out)

    def write() -> CreditEntry:
        locked = lock(source, target)
        first = known()
        if first is None:
            [first] = append(locked[source.pk], [out], actor=actor)
            append(locked[target.pk], [into], actor=actor)
        return first

    return written_or_known(write, known)


def transfer_up_to(
    *, source: CreditAccount, target: CreditAccount, at_most: int, reason: str, key: str, actor: str
) -> CreditEntry | None:
    """Move `at_most` credits or whatever `source` can still give; None when that is nothing.

    The key alone tells a repetition: the first transfer is returned whatever it came to. Raises as `transfer` does.
    """
    check_amount(at_most, least=0)
    with transaction.atomic():
        giver = lock(source, target)[source.pk]
        first = CreditEntry.objects.filter(idempotency_key=f"{key}:out", account=source).first()
        if first is not None:
            return repeated(first)
        amount = min(at_most, giver.spendable)
        if amount == 0:
            return None
        return transfer(source=source, target=target, amount=amount, reason=reason, key=key, actor=actor)
