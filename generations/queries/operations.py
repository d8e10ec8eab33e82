"""The whole installation on one page, for who runs it: what waits, how vendors do, money, and what a person must do."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from django.urls import reverse

from generations import providers, storage
from generations.models import (
    Alert,
    Attempt,
    AuditRun,
    Credential,
    CredentialState,
    CreditAccount,
    Generation,
    Health,
    Heartbeat,
    HeldOrder,
    Image,
    ReviewCase,
    RuleAppeal,
    State,
    Tally,
    clock,
)
from generations.models.generation.trail import TAKEN
from generations.models.lease import BACKUP, BACKUP_AGE_MAX
from generations.models.tally import STORED_BYTES
from generations.providers.base import Provider
from generations.queries.credentials.cards import ago, amount_of
from generations.queries.doors import Door, doors
from generations.queries.image_page import file_size
from generations.queries.metrics import (
    BY_VENDOR_AND_STATE,
    DAY,
    ENDED,
    LIFE_MAX,
    OUTCOMES,
    WORKER_SILENT_SECONDS_MAX,
    first_id,
)

AT_WORK = (State.SUBMITTING, State.RUNNING, State.FETCHING)
TAKES_MAX = 2_000
"""The newest so many pictures of a day tell how long a vendor takes."""
AUDIT_AGE_MAX = timedelta(hours=36)
REPORT_AGE_MAX = timedelta(days=1)
FREE_LEAST = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One number. `url` leads to what it counts; `todo` says what a person must do now, and is else empty."""

    name: str
    value: str
    detail: str = ""
    url: str = ""
    todo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A vendor's last 24 hours. `p50` and `p95` are from its acceptance to the picture on our shelf.

    `took` is what it says it took for what it accepted, in its own unit, and `charged` what people paid for the same.
    """

    vendor: str
    keys: str
    keys_url: str
    done: int
    failed: int
    failed_url: str
    rate: str
    p50: str
    p95: str
    took: str
    charged: str
    todo: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """Everything on the page, in the order it is read."""

    work: list[Figure]
    money: list[Figure]
    studio: list[Figure]
    vendors: list[Line]
    doors: list[Door]

    @property
    def todos(self) -> list[Figure | Line]:
        """What a person must act on."""
        every: list[Figure | Line] = [*self.work, *self.money, *self.studio, *self.vendors]
        return [one for one in every if one.todo]


def board() -> Board:
    """A fixed number of queries; none reads what ended long ago."""
    moment = clock.now()
    last = Heartbeat.objects.last_of_workers()
    is_alive = last is not None and (moment - last).total_seconds() <= WORKER_SILENT_SECONDS_MAX
    return Board(
        work=[*_work(moment), _workers(last, moment, is_alive=is_alive)],
        money=_money(moment),
        studio=[_alerts(), *_asked(moment), *_storage(moment), _audit(moment), _backup(moment)],
        vendors=_vendors(moment),
        doors=doors(moment),
    )


def _work(moment: datetime) -> list[Figure]:
    rows = Generation.objects.open().values_list("state").annotate(Count("pk"), Min("created_at")).order_by()
    found = {state: (number, since) for state, number, since in rows}
    number, since = found.get(State.QUEUED, (0, moment))
    return [
        Figure(
            name="Waiting",
            value=f"{number:,}",
            detail=f"the oldest came {ago(since, moment)}" if number else "",
            url=_generations(state__exact=State.QUEUED),
        ),
        Figure(
            name="At work",
            value=f"{sum(found.get(state, (0, None))[0] for state in AT_WORK):,}",
            detail="being sent, made or fetched",
            url=_generations(state__in=",".join(AT_WORK)),
        ),
        Figure(
            name="In doubt",
            value=f"{found.get(State.IN_DOUBT, (0, None))[0]:,}",
            detail="the vendor may have them; they settle by themselves",
            url=_generations(state__exact=State.IN_DOUBT),
        ),
    ]


def _workers(last: datetime | None, moment: datetime, *, is_alive: bool) -> Figure:
    since = moment - timedelta(seconds=WORKER_SILENT_SECONDS_MAX)
    return Figure(
        name="Workers alive",
        value=str(Heartbeat.objects.of_workers().filter(at__gte=since).count()),
        detail=f"last sign of life {ago(last, moment)}" if last else "none was ever seen",
        todo="" if is_alive else "No picture is made. Start the worker: python3 manage.py run_worker",
    )


def _money(moment: datetime) -> list[Figure]:
    held = CreditAccount.objects.aggregate(held=Sum("held"))["held"] or 0
    paid = _ended_lately(moment).aggregate(paid=Sum("hold__settled"))["paid"] or 0
    return [
        Figure(
            name="Credits held",
            value=f"{held:,}",
            detail="for pictures under way",
            url=f"{reverse('admin:generations_creditaccount_changelist')}?held__gt=0",
        ),
        Figure(
            name="Credits paid",
            value=f"{paid:,}",
            detail="for pictures that ended within 24 hours",
            url=f"{reverse('admin:generations_creditentry_changelist')}?kind__exact=settle",
        ),
    ]


def _alerts() -> Figure:
    number = Alert.objects.filter(resolved_at=None).count()
    return Figure(
        name="Alerts",
        value=f"{number:,}",
        url=f"{reverse('admin:generations_alert_changelist')}?resolved_at__isnull=True",
        todo="Read what the studio could not settle by itself." if number else "",
    )


def _asked(moment: datetime) -> list[Figure]:
    """What people reported or were stopped at, and reviewers still have to decide."""
    held, appeals = (model.objects.waiting().filter(member__left_at=None) for model in (HeldOrder, RuleAppeal))
    return [
        _waiting("Reports waiting", ReviewCase.objects.open(), "opened_at", "review", moment),
        _waiting("Held prompts", held, "asked_at", "review_prompts", moment),
        _waiting("Appeals", appeals, "asked_at", "review_prompts", moment),
    ]


def _waiting(name: str, rows: QuerySet[Any], since: str, page: str, moment: datetime) -> Figure:
    told = rows.aggregate(number=Count("pk"), oldest=Min(since))
    is_late = told["number"] and moment - told["oldest"] > REPORT_AGE_MAX
    return Figure(
        name=name,
        value=f"{told['number']:,}",
        detail=f"the oldest came {ago(told['oldest'], moment)}" if told["number"] else "",
        url=reverse(page),
        todo="Somebody has waited for an answer for more than a day." if is_late else "",
    )


def _storage(moment: datetime) -> list[Figure]:
    stored = Tally.objects.read(STORED_BYTES)
    disk = shutil.disk_usage(settings.DATA_DIR)
    is_short = disk.free < FREE_LEAST * disk.total
    todo = "Make room: when it is full, finished pictures cannot be stored." if is_short else ""
    if not storage.is_writable():
        todo = "Pictures cannot be stored: look at the folder and its rights. They are fetched again until it works."
    return [
        Figure(
            name="Pictures stored",
            value=file_size(stored[0]) if stored else "not added up yet",
            detail=f"originals; added up {ago(stored[1], moment)}" if stored else "the worker does it every hour",
            url=reverse("admin:generations_image_changelist"),
        ),
        Figure(
            name="Free on the disk",
            value=file_size(disk.free),
            detail=f"of {file_size(disk.total)}",
            todo=todo,
        ),
    ]


def _audit(moment: datetime) -> Figure:
    """Nothing is wrong before the first night."""
    last = AuditRun.objects.exclude(ended_at=None).order_by("-pk").first()
    url = reverse("admin:generations_auditrun_changelist")
    if last is None or last.ended_at is None:
        return Figure(name="Last audit", value="none yet", detail="one runs every night", url=url)
    todo = ""
    if not last.is_clean:
        todo = "The books or the shelf do not add up: read its findings."
    elif moment - last.ended_at > AUDIT_AGE_MAX:
        todo = "The nightly audit did not run: look at the worker's log."
    return Figure(
        name="Last audit", value=ago(last.ended_at, moment), detail="" if todo else "clean", url=url, todo=todo
    )


def _backup(moment: datetime) -> Figure:
    last = Heartbeat.objects.last(BACKUP)
    if last is None:
        is_needed = Image.objects.exists()
        return Figure(
            name="Last backup",
            value="none yet",
            todo="Make one: python3 manage.py backup FOLDER" if is_needed else "",
        )
    is_old = moment - last > BACKUP_AGE_MAX
    todo = "Make one: python3 manage.py backup FOLDER" if is_old else ""
    return Figure(name="Last backup", value=ago(last, moment), todo=todo)


def _vendors(moment: datetime) -> list[Line]:
    ended: dict[str, Counter[str]] = defaultdict(Counter)
    for provider, state, number in _ended_lately(moment).values_list(*BY_VENDOR_AND_STATE).annotate(Count("pk")):
        outcome = next((name for name, states in OUTCOMES.items() if state in states), "")
        ended[provider][outcome] += number
    takes: dict[str, list[float]] = defaultdict(list)
    done = _ended_lately(moment).filter(state=State.SUCCEEDED).order_by("-pk")
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
        done=done,
        failed=failed,
        failed_url=_generations(provider__exact=vendor.key, state__exact=State.FAILED),
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


def _ended_lately(moment: datetime) -> QuerySet[Generation]:
    """What ended within a day, among the few days of rows that can have."""
    young = Generation.objects.filter(pk__gte=first_id(moment - DAY - LIFE_MAX), state__in=ENDED)
    return young.filter(finished_at__gt=moment - DAY).order_by()


def _generations(**lookups: str) -> str:
    found = "&".join(f"{name}={value}" for name, value in lookups.items())
    return f"{reverse('admin:generations_generation_changelist')}?{found}"
