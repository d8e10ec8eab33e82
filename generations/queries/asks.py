"""What an answer to a question for credits would do, before it is given."""

from dataclasses import dataclass

from generations.models import CreditAccount, CreditAsk, Member
from generations.queries.allowances import Fill, fill_of


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Whole credits now, and once so many are moved from the pool to the member; `fill` is what may become of them."""

    amount: int
    pool: int
    has: int
    fill: Fill | None

    @property
    def pool_after(self) -> int:
        return self.pool - self.amount

    @property
    def has_after(self) -> int:
        return self.has + self.amount


def effect_of(ask: CreditAsk, *, amount: int | None) -> Effect:
    """Of giving that amount; without one, of giving what was asked for."""
    accounts = {one.member_id: one.available for one in CreditAccount.objects.filter(team=ask.team_id)}
    return Effect(
        amount=ask.amount if amount is None else amount,
        pool=accounts.get(None, 0),
        has=accounts.get(ask.member_id, 0),
        fill=fill_of(ask.member),
    )


def open_ask_of(member: Member) -> CreditAsk | None:
    """What this member asked for and nobody has answered yet."""
    found: CreditAsk | None = CreditAsk.objects.open().filter(member=member).first()
    return found
