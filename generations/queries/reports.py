"""What a team's pictures cost: per day, by member, vendor, model or board, for who manages the team."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate

from generations import providers
from generations.models import Board, BoardEntry, CreditEntry, Member, Team, clock
from generations.models.credit import EntryKind
from generations.queries.statement import SPENDING

SERIES_MAX = 5
OTHERS = "Others"
PERIODS = (7, 30, 365)
KEYS = {
    "member": ("account__member",),
    "vendor": ("hold__generation__provider",),
    "model": ("hold__generation__provider", "hold__generation__offer_key"),
    "board": ("board",),
}
"""What may be told apart, and the fields that do it."""
NO_BOARD = "On no board"
SCALE_STEPS = (3, 6, 15, 30, 60, 150, 300)
STEPS = 200
"""The drawing's height in pixels, as the styles have it: pieces of a column end on whole ones, one apart."""
COLUMN = 0.7
"""The part of a day's place that its column fills."""


@dataclass(frozen=True)
class Bar:
    """One piece of a day's column, in percent of the drawing; `series` begins at 1, and `sum` is what it stands for."""

    series: int
    name: str
    sum: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Day:
    day: date
    total: int
    parts: list[int]
    bars: list[Bar]


@dataclass(frozen=True, kw_only=True)
class Report:
    """`series` names the parts of each day, dearest first. `returned` and `pictures_returned` are what failed."""

    by: str
    days: list[Day]
    series: list[str]
    sums: list[int]
    total: int
    scale: list[int]
    returned: int
    pictures_returned: int
    given_back: int

    @property
    def busiest(self) -> Day | None:
        return max(self.days, key=lambda day: day.total) if self.total else None

    @property
    def marks(self) -> list[date]:
        """Five days to write under the drawing, from the first to the last."""
        return [self.days[number * (len(self.days) - 1) // 4].day for number in range(5)]


def report_for(team: Team, *, by: str, period: int) -> Report:
    """The last `period` days, today included, in the team's time zone. `by` is one of KEYS."""
    zone = ZoneInfo(team.time_zone)
    today = clock.now().astimezone(zone).date()
    first = today - timedelta(days=period - 1)
    lines = _lines(team, first)
    spent = _spent(lines, by, zone)
    names = _names(team, by, _dearest(spent))
    series = [key for key, _ in _dearest(spent)[:SERIES_MAX]]
    days = [first + timedelta(days=number) for number in range(period)]
    parts = [_parts(spent[day], series) for day in days]
    most = max((sum(part) for part in parts), default=0)
    scale = _scale(most)
    released = lines.filter(kind=EntryKind.RELEASE).aggregate(sum=Sum("d_held"), number=Count("pk"))
    refunded = lines.filter(kind=EntryKind.REFUND).aggregate(sum=Sum("d_posted"))["sum"] or 0
    sums = [sum(column) for column in zip(*parts, strict=True)]
    labels = [names.get(key, "") for key in series] + [OTHERS]
    kept = [number for number, total in enumerate(sums) if number < len(series) or total]
    return Report(
        by=by,
        days=[
            Day(day, sum(part), [part[number] for number in kept], _bars(column, period, part, labels, scale))
            for column, (day, part) in enumerate(zip(days, parts, strict=True))
        ],
        series=[labels[number] for number in kept],
        sums=[sums[number] for number in kept],
        total=sum(sums),
        scale=[scale, scale * 2 // 3, scale // 3, 0],
        returned=-(released["sum"] or 0),
        pictures_returned=released["number"],
        given_back=refunded,
    )


def report_rows(report: Report) -> Iterator[tuple[str | int, ...]]:
    """The same as rows of a sheet, with a head."""
    yield ("Day", *report.series, "Total")
    for day in report.days:
        yield (day.day.isoformat(), *day.parts, day.total)


def _lines(team: Team, first: date) -> QuerySet[CreditEntry]:
    since = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(team.time_zone))
    return CreditEntry.objects.filter(
        account__team=team, account__member__isnull=False, created_at__gte=since
    ).order_by()


def _spent(lines: QuerySet[CreditEntry], by: str, zone: ZoneInfo) -> dict[date, Counter[tuple[object, ...]]]:
    """What was paid, less what was given back, by day and key."""
    fields = KEYS[by]
    summed = lines.filter(kind__in=SPENDING).annotate(day=TruncDate("created_at", tzinfo=zone))
    if by == "board":
        summed = summed.annotate(board=Subquery(_first_boards()))
    found: dict[date, Counter[tuple[object, ...]]] = defaultdict(Counter)
    for row in summed.values("day", *fields).annotate(sum=Sum("d_posted")):
        found[row["day"]][tuple(row[name] for name in fields)] -= row["sum"]
    return found


def _first_boards() -> QuerySet[BoardEntry, int]:
    """The board the team shares that its pictures were put on first: so each cost counts once."""
    shared = BoardEntry.objects.filter(board__is_private=False, board__deleted_at=None)
    entries = shared.filter(image__generation=OuterRef("hold__generation"), image__deleted_at=None)
    return entries.order_by("pk").values_list("board", flat=True)[:1]


def _dearest(spent: dict[date, Counter[tuple[object, ...]]]) -> list[tuple[tuple[object, ...], int]]:
    """All keys, also those that got more back than they paid: adding counters with `+` would lose them."""
    total: Counter[tuple[object, ...]] = Counter()
    for day in spent.values():
        total.update(day)
    return total.most_common()


def _parts(day: Counter[tuple[object, ...]], series: list[tuple[object, ...]]) -> list[int]:
    """What each of the series cost, and last all others together."""
    named = [day[key] for key in series]
    return [*named, sum(day.values()) - sum(named)]


def _names(team: Team, by: str, dearest: list[tuple[tuple[object, ...], int]]) -> dict[tuple[object, ...], str]:
    if by == "member":
        members = Member.objects.filter(team=team).select_related("person")
        return {(member.pk,): member.called for member in members}
    if by == "board":
        boards = Board.objects.filter(team=team, pk__in=[key[0] for key, _ in dearest if key[0]])
        return {(None,): NO_BOARD} | {(board.pk,): board.name for board in boards}
    called = {key: _sold_as(*[str(part) for part in key]) for key, _ in dearest}
    repeats = {name for name, times in Counter(called.values()).items() if times > 1}
    return {key: f"{name}, {_sold_as(str(key[0]))}" if name in repeats else name for key, name in called.items()}


def _sold_as(provider: str, offer: str = "") -> str:
    """What people call it, also when it is no longer sold."""
    try:
        return providers.offer(provider, offer).label if offer else providers.get(provider).label
    except (providers.UnknownProvider, providers.UnknownOffer):
        return offer or provider


def _scale(most: int) -> int:
    """The round figure at the top of the drawing, which three parts divide."""
    unit = 1
    while most > SCALE_STEPS[-1] * unit:
        unit *= 10
    return next(step * unit for step in SCALE_STEPS if step * unit >= most)


def _bars(column: int, days: int, parts: list[int], labels: list[str], scale: int) -> list[Bar]:
    """A day's column from the bottom up; every piece is seen, however small, and is one step from the one below."""
    bars: list[Bar] = []
    paid = level = 0
    for number, (part, name) in enumerate(zip(parts, labels, strict=True), start=1):
        if part <= 0:
            continue
        paid += part
        bottom = level + 1 if bars else 0
        level = max(bottom + 1, round(paid * STEPS / scale))
        bars.append(
            Bar(
                series=number,
                name=name,
                sum=part,
                x=round((column + (1 - COLUMN) / 2) * 100 / days, 3),
                y=(STEPS - level) * 100 / STEPS,
                width=round(COLUMN * 100 / days, 3),
                height=(level - bottom) * 100 / STEPS,
            )
        )
    return bars
