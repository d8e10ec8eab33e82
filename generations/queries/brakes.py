"""How far a member is from the brake they set for themselves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum

from generations.models import Brake, CreditAccount, CreditEntry, Member, clock
from generations.models.allowance import Period
from generations.queries.statement import SPENDING


@dataclass(frozen=True, kw_only=True)
class BrakeState:
    """`used` counts what was paid in this period and what is set aside now; credits are whole."""

    amount: int
    period: str
    used: int
    ends_at: datetime

    @property
    def left(self) -> int:
        return max(0, self.amount - self.used)


def brake_of(member: Member) -> BrakeState | None:
    """None for a member without a brake."""
    brake = Brake.objects.filter(member=member).first()
    if brake is None:
        return None
    start, end = _bounds(Period(brake.period), member.team.time_zone)
    account = CreditAccount.objects.filter(member=member).first()
    paid = CreditEntry.objects.filter(account=account, kind__in=SPENDING, created_at__gte=start)
    spent = -(paid.aggregate(total=Sum("d_posted"))["total"] or 0) if account else 0
    return BrakeState(
        amount=brake.amount,
        period=brake.get_period_display(),
        used=spent + (account.held if account else 0),
        ends_at=end,
    )


def _bounds(period: Period, zone: str) -> tuple[datetime, datetime]:
    """The first moment of the day, week (from Monday) or month that is now, and the one after it, in the zone."""
    day = clock.now().astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period is Period.DAY:
        start, end = day, day + timedelta(days=1)
    elif period is Period.WEEK:
        start = day - timedelta(days=day.weekday())
        end = start + timedelta(days=7)
    else:
        start = day.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    return start.astimezone(UTC), end.astimezone(UTC)
