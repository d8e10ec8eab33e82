"""How an account stands: what this month cost, what is held, what is left, and for how long that may last."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum

from generations.models import CreditAccount, Member, clock
from generations.queries.months import Month
from generations.queries.statement import SPENDING

DAY = timedelta(days=1)
DAYS_TO_JUDGE_BY = 3
"""So many days of a month tell its pace; fewer would make one busy morning a forecast."""
FORECAST_DAYS_MAX = 365


@dataclass(frozen=True, kw_only=True)
class Balance:
    """`spent` is what was paid since the month began, less what was given back; `lasts_until` a day of the team's.

    That day is told where the month's pace says one, and is None where there is none to judge by.
    """

    available: int
    held: int
    posted: int
    spent: int
    month: Month
    lasts_until: date | None

    @property
    def bar_spent(self) -> int:
        """The first part of the month's bar. A month may also have given back more than it took."""
        return max(self.spent, 0)

    @property
    def bar_gone(self) -> int:
        """Where what is left begins."""
        return self.bar_spent + self.held

    @property
    def whole(self) -> int:
        """What the month had: the length of the bar."""
        return self.bar_gone + self.available


def balance_of(account: CreditAccount | None, viewer: Member) -> Balance:
    zone, moment = viewer.team.time_zone, clock.now()
    month = Month.of(moment, zone)
    paid = account.entries.filter(kind__in=SPENDING, created_at__gte=month.start(zone)) if account else None
    spent = -((paid.aggregate(total=Sum("d_posted"))["total"] or 0) if paid is not None else 0)
    available = account.available if account else 0
    return Balance(
        available=available,
        held=account.held if account else 0,
        posted=account.posted if account else 0,
        spent=spent,
        month=month,
        lasts_until=_lasts_until(available, spent, since=month.start(zone), moment=moment, zone=zone),
    )


def _lasts_until(available: int, spent: int, *, since: datetime, moment: datetime, zone: str) -> date | None:
    """The day on which the rest is used up, if every day costs what the days of this month cost so far."""
    days = (moment - since) / DAY
    if spent <= 0 or available <= 0 or days < DAYS_TO_JUDGE_BY:
        return None
    left = available / (spent / days)
    return (moment + timedelta(days=left)).astimezone(ZoneInfo(zone)).date() if left <= FORECAST_DAYS_MAX else None
