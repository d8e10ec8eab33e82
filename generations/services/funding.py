"""Credits for people: added to a team's pool, moved on to a member, handed out on joining.

Every function here may be run twice with one key and has the effect of one run.
"""

import logging

from django.db import transaction

from generations import ledger
from generations.models import CreditAccount, CreditEntry, Member, Team

log = logging.getLogger(__name__)

STARTING_REASON = "Starting credits"
STARTING_ACTOR = "studio"


def grant_to_team(*, team: Team, amount: int, reason: str, key: str, actor: str) -> CreditEntry:
    """Add credits to the pool. `is_repeat` on the entry says that this key did so before.

    Raises `ledger.WrongAmount` and `ledger.KeyReused`.
    """
    pool = ledger.pool_of(team)
    entry = ledger.grant(account=pool, amount=amount, reason=reason, key=key, actor=actor)
    if entry.is_repeat and _moved_on(pool, key):
        raise ledger.KeyReused(key)
    log.info("team %s: %s credits granted to the pool by %s%s", team.pk, amount, actor, _again(entry))
    return entry


def grant_to_member(*, member: Member, amount: int, reason: str, key: str, actor: str) -> CreditEntry:
    """Add credits to the pool and move them to the member, both or neither; returns what left the pool.

    Raises as `grant_to_team` does.
    """
    pool = ledger.pool_of(member.team)
    account = ledger.account_of(member)
    with transaction.atomic():
        granted = ledger.grant(account=pool, amount=amount, reason=reason, key=key, actor=actor)
        if granted.is_repeat and not _moved_on(pool, key):
            raise ledger.KeyReused(key)  # that grant was meant to stay in the pool
        entry = ledger.transfer(source=pool, target=account, amount=amount, reason=reason, key=key, actor=actor)
    log.info("member %s: %s credits granted by %s%s", member.pk, amount, actor, _again(entry))
    return entry


def start_member(member: Member) -> int:
    """Move the team's starting credits to a new member as far as the pool reaches; returns how many they have got."""
    entry = ledger.transfer_up_to(
        source=ledger.pool_of(member.team),
        target=ledger.account_of(member),
        at_most=member.team.starting_credits,
        reason=STARTING_REASON,
        key=f"start:{member.pk}",
        actor=STARTING_ACTOR,
    )
    return -entry.d_posted if entry else 0


def _moved_on(pool: CreditAccount, key: str) -> bool:
    return CreditEntry.objects.filter(account=pool, idempotency_key=f"{key}:out").exists()


def _again(entry: CreditEntry) -> str:
    return " (known already)" if entry.is_repeat else ""
