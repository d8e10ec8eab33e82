"""Who gets how much each month, how much of it is used, and when the next is paid: for the page of credits."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum

from generations.models import Allowance, CreditAccount, CreditEntry, Member, Team, clock
from generations.queries.months import Month
from generations.queries.statement import SPENDING

FULL, NEARLY = 100, 80
"""Percent of a month's credits at which the page says so in color, too."""


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """`used` counts what was paid this month and what is set aside now; `most` is what an account is filled up to."""

    member: int
    name: str
    amount: int
    rollover: int
    used: int
    posted: int

    @property
    def next(self) -> int:
        """What would be paid if the account stayed as it is: no more than fills it up."""
        return min(self.amount, max(0, self.most - self.posted))

    @property
    def most(self) -> int:
        return self.amount + self.rollover

    @property
    def percent(self) -> int:
        return self.used * 100 // self.amount

    @property
    def mood(self) -> str:
        if self.percent >= FULL:
            return "danger"
        return "caution" if self.percent >= NEARLY else ""

    @property
    def shown(self) -> int:
        """As far as the gauge goes."""
        return min(self.used, self.amount)


@dataclass(frozen=True, kw_only=True)
class Reset:
    """When the next month's credits are paid, as the team's clocks will show it."""

    day: str
    zone: str


def monthly_of(member: Member) -> Monthly | None:
    """None for a member who gets nothing each month."""
    return next(iter(_monthly(member.team, Allowance.objects.filter(member=member))), None)


def monthly_in(team: Team) -> list[Monthly]:
    """Everybody in the team who gets credits each month, nearest to the end of them first."""
    rows = Allowance.objects.filter(member__team=team, member__left_at=None)
    return sorted(_monthly(team, rows), key=lambda one: (-one.percent, one.name))


def next_reset(team: Team) -> Reset:
    """The first moment of the next month."""
    month = Month.of(clock.now(), team.time_zone).next()
    local = month.start(team.time_zone).astimezone(ZoneInfo(team.time_zone))
    return Reset(day=f"{local:%-d %B %Y, %H:%M}", zone=team.time_zone)


@dataclass(frozen=True, kw_only=True)
class Fill:
    """On that day the next month's credits fill an account up to `most`, with whatever is on it by then."""

    day: str
    zone: str
    most: int


def fill_of(member: Member) -> Fill | None:
    """None for a member who gets nothing each month."""
    allowance = Allowance.objects.filter(member=member).first()
    if allowance is None:
        return None
    reset = next_reset(member.team)
    return Fill(day=reset.day, zone=reset.zone, most=allowance.most)


def _monthly(team: Team, rows: QuerySet[Allowance]) -> list[Monthly]:
    found = list(rows.select_related("member__person"))
    members = [one.member_id for one in found]
    used = _used(members, since=Month.of(clock.now(), team.time_zone).start(team.time_zone))
    return [
        Monthly(
            member=one.member_id,
            name=one.member.called,
            amount=one.amount,
            rollover=one.rollover,
            used=used.get(one.member_id, (0, 0))[0],
            posted=used.get(one.member_id, (0, 0))[1],
        )
        for one in found
    ]


def _used(members: list[int], *, since: datetime) -> dict[int, tuple[int, int]]:
    """For each of them what is used, and what is on their account."""
    accounts = list(CreditAccount.objects.filter(member__in=members))
    entries = CreditEntry.objects.filter(account__in=accounts, kind__in=SPENDING, created_at__gte=since)
    paid = dict(entries.order_by().values_list("account").annotate(total=Sum("d_posted")))
    return {one.member_id: (one.held - (paid.get(one.pk) or 0), one.posted) for one in accounts if one.member_id}
