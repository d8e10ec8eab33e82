"""What vendors say left an account, beside what we know our work there cost: the bill, checked as far as it can be."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from generations import limits, providers
from generations.models import Attempt, BalanceReading, Credential, Team
from generations.models.generation.trail import TAKEN

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One key between its first and its last reading of the period, in the vendor's unit.

    Between two readings a balance that rose was topped up: by what it rose and what work cost meanwhile (`came_in`).
    `dearest` is the cost of one order that is known, and `unknown` how many orders there are whose cost is not.
    """

    key: str
    vendor: str
    unit: str
    first_at: datetime
    last_at: datetime
    first: Decimal
    last: Decimal
    came_in: Decimal
    cost: Decimal
    dearest: Decimal
    unknown: int
    is_shared: bool
    """Whether others had work done on the same account meanwhile, which a team is not told more of."""

    @property
    def went_out(self) -> Decimal:
        return self.first - self.last + self.came_in

    @property
    def unexplained(self) -> Decimal:
        """What left the account beyond the cost we know of; below zero the vendor took less."""
        return self.went_out - self.cost


def gaps_of(team: Team | None, *, since: datetime) -> list[Gap]:
    """Every key of the team, or with None of the installation, that was read twice or more since then."""
    keys = {one.pk: one for one in Credential.objects.filter(team=team)}
    readings: dict[int, list[BalanceReading]] = defaultdict(list)
    for reading in BalanceReading.objects.filter(credential__in=keys, at__gte=since).order_by("at", "pk"):
        readings[reading.credential_id].append(reading)
    found = [_gap(keys[pk], read) for pk, read in readings.items() if len(read) > 1]
    return sorted(found, key=lambda gap: (gap.vendor, gap.key))


def gap_of(key: Credential, *, since: datetime) -> Gap | None:
    """The same for one vendor's account with all the work on it, whosever it is: for the studio's own staff.

    None where it was read less than twice since then.
    """
    readings = list(BalanceReading.objects.filter(credential=key, at__gte=since).order_by("at", "pk"))
    return _gap(key, readings, whole=True) if len(readings) > 1 else None


def _gap(key: Credential, readings: Sequence[BalanceReading], *, whole: bool = False) -> Gap:
    first, last = readings[0], readings[-1]
    costs = [NOTHING] * len(readings)
    unknown = 0
    moments = [reading.at for reading in readings]
    dearest = NOTHING
    for at, cost in _work(key, first.at, last.at, whole=whole):
        if cost is None:
            unknown += 1
        else:
            costs[bisect_left(moments, at)] += cost
            dearest = max(dearest, cost)
    came_in = NOTHING
    for number, (before, after) in enumerate(pairwise(readings), start=1):
        if after.amount > before.amount:
            came_in += after.amount - before.amount + costs[number]
    vendor = providers.PROVIDERS.get(key.provider)
    return Gap(
        key=key.label,
        vendor=vendor.label if vendor else key.provider,
        unit=vendor.balance_unit if vendor else "",
        first_at=first.at,
        last_at=last.at,
        first=first.amount,
        last=last.amount,
        came_in=came_in,
        cost=sum(costs, NOTHING),
        dearest=dearest,
        unknown=unknown,
        is_shared=_is_shared(key, first.at, last.at),
    )


def _work(key: Credential, first: datetime, last: datetime, *, whole: bool) -> list[tuple[datetime, Decimal | None]]:
    """What was accepted between the two, on every row that shares the vendor's account with this key.

    For a key of a team, unless the `whole` is asked for, on the team's own rows alone: what others do is nothing it may
    read.
    """
    taken = _taken(key, first, last)
    if key.team_id is not None and not whole:
        taken = taken.filter(credential__team=key.team_id)
    return list(taken.values_list("started_at", Coalesce("vendor_cost", "generation__assumed_cost")))


def _is_shared(key: Credential, first: datetime, last: datetime) -> bool:
    if key.team_id is None:
        return False
    others = Q(credential__team=None) | ~Q(credential__team=key.team_id)
    return _taken(key, first, last).filter(others).exists()


def _taken(key: Credential, first: datetime, last: datetime) -> QuerySet[Attempt]:
    rows = limits.accounts_of([key])[key.pk]
    return Attempt.objects.filter(credential__in=rows, outcome__in=TAKEN, started_at__gt=first, started_at__lte=last)
