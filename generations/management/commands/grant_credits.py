"""`manage.py grant_credits`: adds credits to a team's pool or, through the pool, to one of its members.

Safe to run twice: the same words on the same day (UTC) are the same grant. `--key` says otherwise which grant it is.
"""

import hashlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import ledger
from generations.management.teams import team_called
from generations.models import Member, Team, clock
from generations.services import funding

ACTOR = "command"
AMOUNT_MAX = 1_000_000_000
KEY_CHARACTERS_MAX = 190  # leaves room for what a transfer appends


class Command(BaseCommand):
    help = "Adds credits to a team's pool; with --to, to a member. The same words twice on one day grant once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", required=True, help="the team's name, or #<number> where several have that name")
        parser.add_argument("--to", metavar="EMAIL", help="the member who gets the credits")
        parser.add_argument("--amount", required=True, type=int, help="whole credits, 1 or more")
        parser.add_argument("--reason", required=True, help="what they are for; people read it in their statement")
        parser.add_argument(
            "--key", help="names this grant; without it the same words on the same day (UTC) are the same grant"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team = team_called(options["team"])
        member = _member(team, options["to"]) if options["to"] else None
        amount, reason, key = _checked(options["amount"], options["reason"], options["key"])
        key = key or _key_of_today(team, member, amount, reason)
        try:
            if member is None:
                entry = funding.grant_to_team(team=team, amount=amount, reason=reason, key=key, actor=ACTOR)
            else:
                entry = funding.grant_to_member(member=member, amount=amount, reason=reason, key=key, actor=ACTOR)
        except ledger.KeyReused as error:
            raise CommandError(f"{error} Nothing was written.") from error
        whom = f"{options['to']} in {team.name}" if member else f"the pool of {team.name}"
        if entry.is_repeat:
            self.stdout.write(f"The key {key} was used before: {whom} has these {amount} credits already.")
            self.stdout.write("Another --key grants them again.")
        else:
            self.stdout.write(f"{amount} credits for {whom}. Key: {key}")


def _member(team: Team, email: str) -> Member:
    member = Member.objects.present().filter(team=team, person__email__iexact=email.strip()).first()
    if member is None:
        raise CommandError(f"{team.name} has no member with the address {email!r}.")
    return member


def _key_of_today(team: Team, member: Member | None, amount: int, reason: str) -> str:
    """The key of a grant that was given none: its own words, and the day."""
    words = f"{team.pk}:{member.pk if member else 'pool'}:{amount}:{reason}"
    return f"command:{clock.now():%Y-%m-%d}:{hashlib.sha256(words.encode()).hexdigest()[:32]}"


def _checked(amount: int, reason: str, key: str | None) -> tuple[int, str, str]:
    if not 1 <= amount <= AMOUNT_MAX:
        raise CommandError(f"The amount is {amount}: write whole credits from 1 to {AMOUNT_MAX}.")
    if not reason.strip():
        raise CommandError("The reason is empty: write what the credits are for.")
    if len(reason) > 200:
        raise CommandError("The reason has more than 200 characters.")
    if key is not None and not 0 < len(key.strip()) <= KEY_CHARACTERS_MAX:
        raise CommandError(f"The key must have 1 to {KEY_CHARACTERS_MAX} characters.")
    return amount, reason.strip(), (key or "").strip()
