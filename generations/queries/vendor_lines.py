"""Each vendor's last 24 hours, for who runs the studio: its keys, how it did, what it took and what was charged."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse

from generations import providers
from generations.models import UPLOAD, Attempt, Credential, CredentialState, Generation, Health, State
from generations.models.generation.trail import TAKEN
from generations.providers.base import Provider
from generations.queries.credentials.cards import amount_of
from generations.queries.metrics import BY_VENDOR_AND_STATE, DAY, ENDED, LIFE_MAX, OUTCOMES, first_id

TAKES_MAX = 2_000
"""The newest so many pictures of a day tell how long a vendor takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A vendor's last 24 hours; `url` leads to all of them.

    `p50` and `p95` are from its acceptance to the picture on our shelf.

    `took` is what it says it took for what it accepted, in its own unit, and `charged` what people paid for the same.
    """

    vendor: str
    keys: str
    keys_url: str
    url: str
    done: int
    done_url: str
    failed: int
    failed_url: str
    rate: str
    p50: str
    p95: str
    took: str
    charged: str
    todo: str


def lines(moment: datetime) -> list[Line]:
    ended: dict[str, Counter[str]] = defaultdict(Counter)
    for provider, state, number in _lately(moment).values_list(*BY_VENDOR_AND_STATE).annotate(Count("pk")):
        outcome = next((name for name, states in OUTCOMES.items() if state in states), "")
        ended[provider][outcome] += number
    takes: dict[str, list[float]] = defaultdict(list)
    done = _lately(moment).filter(state=State.SUCCEEDED).order_by("-pk")
    for provider, begun, over in done.values_list("provider", "accepted_at", "finished_at")[:TAKES_MAX]:
        if begun and over:
            takes[provider].append((over - begun).total_seconds())
    sums = _sums(moment)
    keys: dict[str, list[Credential]] = defaultdict(list)
    for key in Credential.objects.filter(state__in=[CredentialState.ACTIVE, CredentialState.PAUSED]):
        keys[key.provider].append(key)
    return [
        _line(vendor, keys[vendor.key], ended[vendor.key], sorted(takes[vendor.key]), sums, moment)
        for vendor in providers.PROVIDERS.values()
    ]


def _sums(moment: datetime) -> dict[str, tuple[Decimal, int]]:
    """By vendor what it took, as far as it says so, and what was charged, for work sent within a day."""
    young = Attempt.objects.filter(generation__pk__gte=first_id(moment - DAY - LIFE_MAX), started_at__gt=moment - DAY)
    taken = young.filter(outcome__in=TAKEN).order_by()
    rows = taken.values_list("generation__provider").annotate(Sum("vendor_cost"), Sum("generation__hold__settled"))
    return {provider: (took or Decimal(0), charged or 0) for provider, took, charged in rows}


def _line(
    vendor: type[Provider],
    keys: Sequence[Credential],
    ended: Counter[str],
    takes: list[float],
    sums: Mapping[str, tuple[Decimal, int]],
    moment: datetime,
) -> Line:
    took, charged = sums.get(vendor.key, (Decimal(0), 0))
    done, failed = ended["success"], ended["failure"]
    active = [key for key in keys if key.state == CredentialState.ACTIVE]
    resting = [key for key in active if key.health(moment) is Health.OPEN]
    said = {"working": len(active) - len(resting), "resting": len(resting), "paused": len(keys) - len(active)}
    return Line(
        vendor=vendor.label,
        keys=", ".join(f"{number} {word}" for word, number in said.items() if number) or "none",
        keys_url=f"{reverse('admin:generations_credential_changelist')}?provider__exact={vendor.key}",
        url=generations_url(provider__exact=vendor.key, ended="day"),
        done=done,
        done_url=generations_url(provider__exact=vendor.key, ended="day", state__in=",".join(OUTCOMES["success"])),
        failed=failed,
        failed_url=generations_url(provider__exact=vendor.key, ended="day", state__in=",".join(OUTCOMES["failure"])),
        rate=f"{100 * done / (done + failed):.1f} %" if done + failed else "–",
        p50=_percentile(takes, 0.5),
        p95=_percentile(takes, 0.95),
        took=amount_of(took, vendor.balance_unit),
        charged=f"{charged:,} credits",
        todo=_todo_of(resting, len(active)),
    )


def _todo_of(resting: Sequence[Credential], active: int) -> str:
    """A key that rests heals by itself; when all do, nothing is made there until somebody looks."""
    if not resting or len(resting) < active:
        return ""
    because = resting[0].paused_because or "Its vendor gave trouble."
    return f"No key works. {because}"


def _percentile(takes: Sequence[float], part: float) -> str:
    if not takes:
        return "–"
    return f"{takes[min(len(takes) - 1, int(part * len(takes)))]:.1f} s"


def ended_lately(rows: QuerySet[Generation], moment: datetime) -> QuerySet[Generation]:
    """Those of them that ended within a day, among the few days of rows that can have."""
    young = rows.exclude(operation=UPLOAD).filter(pk__gte=first_id(moment - DAY - LIFE_MAX), state__in=ENDED)
    return young.filter(finished_at__gt=moment - DAY)


def _lately(moment: datetime) -> QuerySet[Generation]:
    return ended_lately(Generation.objects.all(), moment).order_by()


def generations_url(**lookups: str) -> str:
    """The desk's list, narrowed so."""
    found = "&".join(f"{name}={value}" for name, value in lookups.items())
    return f"{reverse('admin:generations_generation_changelist')}?{found}"
