"""What a monitor is told, as Prometheus reads it: a few numbers of the whole installation, never one of a team.

The format is written here and not by a library: there are a dozen lines of it, every number comes from the database at
the moment somebody asks, and a client library would keep a registry of its own in each web process.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Min, Q, Sum, Value
from django.db.models.functions import Coalesce

from generations import providers, storage
from generations.models import (
    OPEN,
    UPLOAD,
    Alert,
    AuditRun,
    CreditAccount,
    Doors,
    Generation,
    Heartbeat,
    ReviewCase,
    Shut,
    State,
    clock,
)
from generations.models.lease import BACKUP

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WORKER_SILENT_SECONDS_MAX = 150
LATELY = timedelta(hours=1)
DAY = timedelta(days=1)
LIFE_MAX = timedelta(days=3)
"""From the order to the end: a day in line, a day for a fetch our own disk holds up, and what a vendor takes."""
ENDED = tuple(state for state in State if state not in OPEN)
OUTCOMES: Mapping[str, tuple[State, ...]] = {
    "success": (State.SUCCEEDED, State.RECOVERED),
    "failure": (State.FAILED, State.LAPSED),
}
BY_VENDOR_AND_STATE = (Coalesce(F("provider"), Value("")), Coalesce(F("state"), Value("")))
"""What to group a short while by: named plainly, SQLite would walk through all time in the order of one of them."""
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauge:
    """One number, or one for each of its labels."""

    name: str
    help: str
    samples: Sequence[Sample]

    @classmethod
    def of(cls, name: str, help: str, value: float | bool) -> "Gauge":
        return cls(name=name, help=help, samples=[({}, float(value))])


def gauges() -> list[Gauge]:
    """Every number. Nine queries, none of which reads what ended long ago."""
    moment = clock.now()
    return [
        *_work(moment),
        *_ended(moment),
        Gauge.of("studio_credits_held", "Credits set aside for pictures under way.", _held()),
        Gauge.of("studio_workers_alive", "Clusters of workers that showed a sign of life lately.", _alive(moment)),
        *_audit(moment),
        *_backup(moment),
        Gauge.of("studio_alerts_open", "Alerts that are not over.", Alert.objects.filter(resolved_at=None).count()),
        Gauge.of("studio_reviews_open", "Pictures that wait for a moderator.", ReviewCase.objects.open().count()),
        *_doors(),
        Gauge.of("studio_storage_writable", "1 when pictures can be stored.", storage.is_writable()),
    ]


def _doors() -> list[Gauge]:
    """What staff closed: a monitor that sees it does not wake anybody."""
    doors = Doors.read()
    closed = {key: closure.kind for key, closure in doors.vendors.items()}
    return [
        Gauge(
            name="studio_vendor_closed",
            help="1 while staff closed the vendor, by how far.",
            samples=[
                ({"provider": key, "how": how.value}, closed.get(key) == how)
                for key in providers.PROVIDERS
                for how in (Shut.PAUSED, Shut.DRAINING)
            ],
        ),
        Gauge.of("studio_maintenance", "1 while the studio takes no new orders.", doors.studio is not None),
    ]


def text_of(gauges: Iterable[Gauge]) -> str:
    """The numbers in Prometheus's text format."""
    lines: list[str] = []
    for gauge in gauges:
        lines += [f"# HELP {gauge.name} {gauge.help}", f"# TYPE {gauge.name} gauge"]
        lines += [f"{gauge.name}{_labels(labels)} {value:.15g}" for labels, value in gauge.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    said = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{','.join(said)}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _work(moment: datetime) -> list[Gauge]:
    """What is open, exactly: the index by state knows it."""
    rows = Generation.objects.open().values_list("state").annotate(Count("pk"), Min("created_at")).order_by()
    found = {state: (number, since) for state, number, since in rows}
    since = found[State.QUEUED][1] if State.QUEUED in found else moment
    return [
        Gauge(
            name="studio_generations",
            help="Pictures under way, by state.",
            samples=[({"state": state.value}, found.get(state, (0, moment))[0]) for state in OPEN],
        ),
        Gauge.of("studio_oldest_waiting_seconds", "How long the oldest waiting picture waits.", _age(since, moment)),
    ]


def _ended(moment: datetime) -> list[Gauge]:
    """What ended within a day, found among the few days of rows that can have: the primary key sorts by time."""
    lately = Count("pk", filter=Q(finished_at__gt=moment - LATELY))
    young = Generation.objects.filter(pk__gte=first_id(moment - DAY - LIFE_MAX), finished_at__gt=moment - DAY)
    young = young.exclude(operation=UPLOAD)
    rows = young.values_list(*BY_VENDOR_AND_STATE).annotate(Count("pk"), lately=lately).order_by()
    day: dict[str, int] = dict.fromkeys(ENDED, 0)
    hour: dict[tuple[str, str], int] = {(key, outcome): 0 for key in providers.PROVIDERS for outcome in OUTCOMES}
    for provider, state, in_a_day, in_an_hour in rows:
        day[state] = day.get(state, 0) + in_a_day
        for outcome in (outcome for outcome, states in OUTCOMES.items() if state in states):
            hour[provider, outcome] = hour.get((provider, outcome), 0) + in_an_hour
    return [
        Gauge(
            name="studio_generations_ended_day",
            help="Pictures that ended within 24 hours, by state.",
            samples=[({"state": str(state)}, number) for state, number in day.items()],
        ),
        Gauge(
            name="studio_vendor_ended_hour",
            help="Pictures that ended within an hour, by vendor and outcome.",
            samples=[({"provider": key, "outcome": outcome}, number) for (key, outcome), number in hour.items()],
        ),
    ]


def first_id(moment: datetime) -> UUID:
    """Below every id that was made from then on: the milliseconds come first in it, see models/fields.py."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _held() -> int:
    return CreditAccount.objects.aggregate(held=Sum("held"))["held"] or 0


def _alive(moment: datetime) -> int:
    since = moment - timedelta(seconds=WORKER_SILENT_SECONDS_MAX)
    return Heartbeat.objects.of_workers().filter(at__gte=since).count()


def _audit(moment: datetime) -> list[Gauge]:
    """Nothing while none has ended yet."""
    last = AuditRun.objects.exclude(ended_at=None).order_by("-pk").first()
    if last is None or last.ended_at is None:
        return []
    return [
        Gauge.of("studio_audit_age_seconds", "Since the last nightly audit ended.", _age(last.ended_at, moment)),
        Gauge.of("studio_audit_clean", "1 when it found nothing.", last.is_clean),
    ]


def _backup(moment: datetime) -> list[Gauge]:
    """Nothing while there is none."""
    last = Heartbeat.objects.last(BACKUP)
    if last is None:
        return []
    return [Gauge.of("studio_backup_age_seconds", "Since the last backup was complete.", _age(last, moment))]


def _age(since: datetime, moment: datetime) -> float:
    return max((moment - since).total_seconds(), 0.0)
