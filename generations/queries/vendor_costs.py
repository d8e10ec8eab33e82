"""What vendors took for the work they accepted, held against what people were charged for it (I18).

A team's owners and admins see it for their own keys, superusers for the installation's. An accepted attempt is one line
with its cost: as the vendor told it, else as the price book assumed, else unknown. None is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from generations import providers
from generations.models import OPEN, Attempt, CreditEntry, Reason, State, Team, clock
from generations.models.credit import EntryKind
from generations.models.generation.trail import TAKEN
from generations.queries.vendor_balances import Gap, gaps_of

WASTE_SHOWN = 50
WASTED = ~Q(generation__state__in=[*OPEN, State.SUCCEEDED])
"""The vendor took it, and nobody paid us for it."""
NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ModelCost:
    """All accepted work of one model. Amounts are in the vendor's unit; `charged` is credits, less what came back."""

    vendor: str
    model: str
    unit: str
    taken: int
    delivered: int
    open: int
    wasted: int
    unknown: int
    assumed: int
    cost: Decimal
    waste: Decimal
    charged: int

    @property
    def is_priced(self) -> bool:
        """Whether anything is known of its cost."""
        return self.unknown < self.taken


@dataclass(frozen=True, kw_only=True)
class Waste:
    """One piece of work the vendor took and nobody paid for."""

    at: datetime
    vendor: str
    model: str
    unit: str
    why: str
    cost: Decimal | None
    is_told: bool


@dataclass(frozen=True, kw_only=True)
class VendorCosts:
    """`gaps` are the keys whose vendors tell what is left."""

    period: int
    models: list[ModelCost]
    waste: list[Waste]
    gaps: list[Gap]

    @property
    def taken(self) -> int:
        return sum(one.taken for one in self.models)

    @property
    def wasted(self) -> int:
        return sum(one.wasted for one in self.models)

    @property
    def unknown(self) -> int:
        return sum(one.unknown for one in self.models)


def vendor_costs(team: Team | None, *, period: int) -> VendorCosts:
    """The last so many days of the team's own keys, or with None of the installation's."""
    since = clock.now() - timedelta(days=period)
    lines = _lines(team, since)
    return VendorCosts(
        period=period,
        models=_models(lines, _given_back(team, since)),
        waste=[_waste(one) for one in lines.filter(WASTED).order_by("-started_at", "-pk")[:WASTE_SHOWN]],
        gaps=gaps_of(team, since=since),
    )


def vendor_cost_rows(team: Team | None, *, period: int) -> Iterator[tuple[str | int, ...]]:
    """Every accepted attempt as a row of a sheet, with a head; times in UTC."""
    whose = "Member" if team else "Team"
    yield (
        "Accepted", "Vendor", "Model", "Key", whose, "Generation", "State", "Reason",
        "Cost", "Unit", "Cost is", "Charged", "Given back",
    )  # fmt: skip
    since = clock.now() - timedelta(days=period)
    refund = CreditEntry.objects.filter(kind=EntryKind.REFUND, hold__generation=OuterRef("generation"))
    rows = _lines(team, since).annotate(given_back=Subquery(refund.values("d_posted")[:1])).order_by("started_at", "pk")
    rows = rows.select_related("generation__member__person", "generation__member__team", "generation__hold")
    for row in rows.select_related("generation__team", "credential").iterator(chunk_size=500):
        work, sold = row.generation, _sold_as(row.generation.provider, row.generation.offer_key)
        hold, cost = getattr(work, "hold", None), _cost_of(row)
        yield (
            f"{row.started_at:%Y-%m-%dT%H:%M:%SZ}", sold.vendor, sold.model, row.credential.label,
            work.member.called if team else work.team.name, str(work.pk), work.get_state_display(),
            work.get_reason_display(), "" if cost is None else f"{cost.normalize():f}", sold.unit,
            "told" if row.vendor_cost is not None else "unknown" if cost is None else "assumed",
            (hold.settled or 0) if hold else 0, getattr(row, "given_back", None) or 0,
        )  # fmt: skip


def costed(lines: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Each with its `cost`, or None where nobody knows it."""
    exact: DecimalField[Decimal, Decimal] = DecimalField(max_digits=20, decimal_places=4)
    return lines.annotate(cost=Coalesce("vendor_cost", "generation__assumed_cost", output_field=exact))


def _lines(team: Team | None, since: datetime) -> QuerySet[Attempt]:
    taken = Attempt.objects.filter(outcome__in=TAKEN, started_at__gte=since, credential__team=team)
    return costed(taken).select_related("generation")


def _models(lines: QuerySet[Attempt], given_back: dict[tuple[str, str], int]) -> list[ModelCost]:
    by = ("generation__provider", "generation__offer_key")
    rows = lines.order_by().values(*by).annotate(
        taken=Count("pk"),
        delivered=Count("pk", filter=Q(generation__state=State.SUCCEEDED)),
        open=Count("pk", filter=Q(generation__state__in=OPEN)),
        wasted=Count("pk", filter=WASTED),
        unknown=Count("pk", filter=Q(cost=None)),
        told=Count("vendor_cost"),
        sum=Sum("cost"),
        waste=Sum("cost", filter=WASTED),
        charged=Sum("generation__hold__settled"),
    )  # fmt: skip
    found = []
    for row in rows:
        key = (row[by[0]], row[by[1]])
        sold = _sold_as(*key)
        found.append(
            ModelCost(
                vendor=sold.vendor,
                model=sold.model,
                unit=sold.unit,
                taken=row["taken"],
                delivered=row["delivered"],
                open=row["open"],
                wasted=row["wasted"],
                unknown=row["unknown"],
                assumed=row["taken"] - row["told"] - row["unknown"],
                cost=row["sum"] or NOTHING,
                waste=row["waste"] or NOTHING,
                charged=(row["charged"] or 0) - given_back.get(key, 0),
            )
        )
    return sorted(found, key=lambda one: (one.vendor, one.model))


def _given_back(team: Team | None, since: datetime) -> dict[tuple[str, str], int]:
    """Refunds of that work, by vendor and model; each generation was accepted once (I9)."""
    of_work = CreditEntry.objects.filter(
        kind=EntryKind.REFUND,
        hold__generation__attempts__outcome__in=TAKEN,
        hold__generation__attempts__started_at__gte=since,
        hold__generation__attempts__credential__team=team,
    )
    by = (F("hold__generation__provider"), F("hold__generation__offer_key"))
    summed = of_work.order_by().values_list(*by).annotate(sum=Sum("d_posted"))
    return {(provider, offer): amount for provider, offer, amount in summed}


def _waste(row: Attempt) -> Waste:
    work = row.generation
    sold = _sold_as(work.provider, work.offer_key)
    return Waste(
        at=row.started_at,
        vendor=sold.vendor,
        model=sold.model,
        unit=sold.unit,
        why=_why(work.state, work.reason),
        cost=_cost_of(row),
        is_told=row.vendor_cost is not None,
    )


def _cost_of(row: Attempt) -> Decimal | None:
    cost: Decimal | None = row.cost  # type: ignore[attr-defined]  # as `costed` annotated it
    return cost


def _why(state: str, reason: str) -> str:
    if state == State.RECOVERED:
        return "Arrived after the credits went back: delivered free"
    label = Reason(reason).label if reason in Reason.values else State(state).label
    return f"{label}; still watched" if state == State.LAPSED else str(label)


@dataclass(frozen=True)
class _Sold:
    vendor: str
    model: str
    unit: str


def _sold_as(provider: str, offer: str) -> _Sold:
    """What people call it, also when it is no longer sold."""
    vendor = providers.PROVIDERS.get(provider)
    if vendor is None:
        return _Sold(provider, offer, "")
    label = next((one.label for one in vendor.offers if one.key == offer), offer)
    return _Sold(vendor.label, label, vendor.balance_unit)
