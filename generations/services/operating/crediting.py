"""An operator adds credits, corrects a balance, or gives back what a picture cost: with a reason, and once per key."""

import logging

from django.db import transaction

from generations import ledger
from generations.models import CreditAccount, CreditEntry, Generation, Member, Person, Team
from generations.services import funding
from generations.services.operating.witness import expect_operator, note, target_of

log = logging.getLogger(__name__)

REASON_CHARACTERS_MAX = 150


def grant(*, team: Team, member: Member | None, amount: int, reason: str, key: str, by: Person) -> CreditEntry:
    """Into the team's pool or, through it, to one of its members. Raises NotOperator, and as `funding` does."""
    actor = expect_operator(by)
    with transaction.atomic():
        if member is None:
            entry = funding.grant_to_team(team=team, amount=amount, reason=reason, key=key, actor=actor)
        else:
            entry = funding.grant_to_member(member=member, amount=amount, reason=reason, key=key, actor=actor)
        _note("credits_granted", entry, by=by, team=team, amount=amount, about=_account(entry.account, member))
    return entry


def adjust(*, account: CreditAccount, amount: int, reason: str, key: str, by: Person) -> CreditEntry:
    """Up or down, never below the floor. Raises NotOperator, `ledger.WrongAmount`, NotEnoughCredits, KeyReused."""
    actor = expect_operator(by)
    with transaction.atomic():
        entry = ledger.adjust(account=account, amount=amount, reason=reason, key=key, actor=actor)
        about = _account(account, account.member)
        _note("credits_adjusted", entry, by=by, team=account.team, amount=amount, about=about)
    return entry


def refund(*, generation: Generation, amount: int, reason: str, key: str, by: Person) -> CreditEntry:
    """Once per picture, at most what was paid. Raises NotOperator, `ledger.WrongAmount`, NotRefundable, KeyReused."""
    actor = expect_operator(by)
    with transaction.atomic():
        entry = ledger.refund(generation=generation, amount=amount, reason=reason, key=key, actor=actor)
        about = target_of(generation)
        _note("credits_refunded", entry, by=by, team=generation.team, amount=amount, about=about)
    return entry


def _account(account: CreditAccount, member: Member | None) -> str:
    return f"member:{member.pk}" if member else f"account:{account.pk}"


def _note(action: str, entry: CreditEntry, *, by: Person, team: Team, amount: int, about: str) -> None:
    """What was written before with this key was written down then."""
    if entry.is_repeat:
        return
    note(action, by=by, team=team, target=about, after={"credits": amount, "reason": entry.reason, "entry": entry.pk})
    log.info("%s: %s credits, %s, by person %s", action, amount, about, by.pk)
