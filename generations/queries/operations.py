"""The whole installation on one page, for who runs it: what waits, how vendors do, money, and what a person must do."""

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from django.urls import reverse

from generations import storage
from generations.models import (
    Alert,
    AuditRun,
    CreditAccount,
    Generation,
    Heartbeat,
    HeldOrder,
    Image,
    ReviewCase,
    RuleAppeal,
    State,
    Tally,
    clock,
)
from generations.models.lease import BACKUP, BACKUP_AGE_MAX
from generations.models.tally import STORED_BYTES
from generations.queries.credentials.cards import ago
from generations.queries.doors import Door, doors
from generations.queries.image_page import file_size
from generations.queries.metrics import OUTCOMES, WORKER_SILENT_SECONDS_MAX, first_id
from generations.queries.vendor_lines import Line, ended_lately, generations_url, lines

AT_WORK = (State.SUBMITTING, State.RUNNING, State.FETCHING)
AUDIT_AGE_MAX = timedelta(hours=36)
REPORT_AGE_MAX = timedelta(days=1)
FREE_LEAST = 0.05
WEEK = timedelta(days=7)
WITH_COPIES = 1.5
DAYS_LEFT_MAX = 3_650
"""What lasts longer than ten years is not reckoned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One number. `url` leads to what it counts; `todo` says what a person must do now, and is else empty."""

    name: str
    value: str
    detail: str = ""
    url: str = ""
    todo: str = ""


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


def board(*, may_review: bool) -> Board:
    """A fixed number of queries; none reads what ended long ago.

    Who may not review is told how much waits for it, and not called to it.
    """
    moment = clock.now()
    last = Heartbeat.objects.last_of_workers()
    is_alive = last is not None and (moment - last).total_seconds() <= WORKER_SILENT_SECONDS_MAX
    return Board(
        work=[*_work(moment), _workers(last, moment, is_alive=is_alive)],
        money=_money(moment),
        studio=[_alerts(), *_asked(moment, may_review=may_review), *_storage(moment), _audit(moment), _backup(moment)],
        vendors=lines(moment),
        doors=doors(moment),
    )


def _work(moment: datetime) -> list[Figure]:
    rows = Generation.objects.open().values_list("state").annotate(Count("pk"), Min("created_at")).order_by()
    found = {state: (number, since) for state, number, since in rows}
    number, since = found.get(State.QUEUED, (0, moment))
    running = [found[state] for state in AT_WORK if state in found]
    doubted, doubted_since = found.get(State.IN_DOUBT, (0, moment))
    return [
        Figure(
            name="Waiting",
            value=f"{number:,}",
            detail=f"the oldest came {ago(since, moment)}" if number else "",
            url=generations_url(state__exact=State.QUEUED),
        ),
        Figure(
            name="Running",
            value=f"{sum(number for number, _ in running):,}",
            detail=f"being sent, made or fetched; the oldest came {ago(min(since for _, since in running), moment)}"
            if running
            else "being sent, made or fetched",
            url=generations_url(state__in=",".join(AT_WORK)),
        ),
        Figure(
            name="In doubt",
            value=f"{doubted:,}",
            detail=f"the oldest came {ago(doubted_since, moment)}; they settle by themselves"
            if doubted
            else "the vendor may have them; they settle by themselves",
            url=generations_url(state__exact=State.IN_DOUBT),
        ),
    ]


def _workers(last: datetime | None, moment: datetime, *, is_alive: bool) -> Figure:
    since = moment - timedelta(seconds=WORKER_SILENT_SECONDS_MAX)
    return Figure(
        name="Workers alive",
        value=str(Heartbeat.objects.of_workers().filter(at__gte=since).count()),
        detail=f"last sign of life {ago(last, moment)}" if last else "none was ever seen",
        url=reverse("admin:generations_heartbeat_changelist"),
        todo="" if is_alive else "No picture is made. Start the worker: python3 manage.py run_worker",
    )


def _money(moment: datetime) -> list[Figure]:
    held = CreditAccount.objects.aggregate(held=Sum("held"))["held"] or 0
    paid = ended_lately(Generation.objects.all(), moment).aggregate(paid=Sum("hold__settled"))["paid"] or 0
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
            url=generations_url(ended="day", state__in=",".join(OUTCOMES["success"])),
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


def _asked(moment: datetime, *, may_review: bool) -> list[Figure]:
    """What people reported or were stopped at, and reviewers still have to decide."""
    held, appeals = (model.objects.waiting().filter(member__left_at=None) for model in (HeldOrder, RuleAppeal))
    figures = [
        _waiting("Reports waiting", ReviewCase.objects.open(), "opened_at", "review", moment),
        _waiting("Held prompts", held, "asked_at", "review_prompts", moment),
        _waiting("Appeals", appeals, "asked_at", "review_prompts", moment),
    ]
    return figures if may_review else [replace(one, url="", todo="") for one in figures]


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
            detail=f"of {file_size(disk.total)}{_days_left(disk.free, moment)}",
            url=reverse("admin:generations_image_changelist"),
            todo=todo,
        ),
    ]


def _days_left(free: int, moment: datetime) -> str:
    """How long the room lasts if every week brings what the last one did: originals, and half as much for copies."""
    week = Image.objects.filter(pk__gte=first_id(moment - WEEK)).order_by()
    brought = week.aggregate(size=Sum("size_bytes"))["size"] or 0
    days = int(free / (brought * WITH_COPIES / WEEK.days)) if brought else DAYS_LEFT_MAX
    return f"; at this week’s pace for {days:,} days" if days < DAYS_LEFT_MAX else ""


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
    last, signs = Heartbeat.objects.last(BACKUP), reverse("admin:generations_heartbeat_changelist")
    if last is None:
        is_needed = Image.objects.exists()
        return Figure(
            name="Last backup",
            value="none yet",
            url=signs,
            todo="Make one: python3 manage.py backup FOLDER" if is_needed else "",
        )
    is_old = moment - last > BACKUP_AGE_MAX
    todo = "Make one: python3 manage.py backup FOLDER" if is_old else ""
    return Figure(name="Last backup", value=ago(last, moment), url=signs, todo=todo)
