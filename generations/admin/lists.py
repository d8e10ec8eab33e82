"""What lists of a million rows need at the desk: pages that count no further than people turn them, and a calendar that
does not read every row to find out which months there are."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

from generations.queries.metrics import first_id

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:  # Django's own class takes no type
    Pages = Paginator

COUNTED_MAX = 10_000
"""A list longer than that is narrowed, not turned to its end; that many are said to be there."""
YEARS = range(1970, 9999)
"""Others a clock of ours, or Django's calendar, cannot reckon with."""
DAYS_MAX = {"year": timedelta(days=366), "month": timedelta(days=31), "day": timedelta(days=1)}
WRITTEN_WITHIN = timedelta(minutes=1)
Row = TypeVar("Row", bound=models.Model)


class Uncounted(Pages):
    """Counts a list up to COUNTED_MAX, and has no page beyond."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # of the admin, whose lists are querysets
        return int(rows.order_by()[:COUNTED_MAX].count())


class Calendar(models.QuerySet[Row]):
    """Answers what the admin's date hierarchy asks from both ends of an index with the moment in it.

    Every year, month or day between the first and the last line is offered, also one without lines.
    """

    def aggregate(self, *args: Any, **wanted: Any) -> dict[str, Any]:
        if wanted.keys() != {"first", "last"}:
            return super().aggregate(*args, **wanted)
        first, last = self._ends(wanted["first"].source_expressions[0].name)
        return {"first": first, "last": last}

    # Django's own gives a queryset of moments; all that anybody does with either is to go through it.
    def datetimes(  # type: ignore[override]
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: Any = None
    ) -> list[datetime]:
        first, last = self._ends(field_name)
        return list(_between(first, last, kind)) if first and last else []

    def _ends(self, field: str) -> tuple[datetime | None, datetime | None]:
        moments = self.values_list(field, flat=True)
        return moments.order_by(field).first(), moments.order_by(f"-{field}").first()


def _between(first: datetime, last: datetime, kind: str) -> Iterator[datetime]:
    """The beginnings of the years, months or days from one moment to another, in UTC as everything the desk shows."""
    start = _beginning(first, kind)
    while start <= last:
        yield start
        start = _beginning(start + DAYS_MAX[kind], kind)


def _beginning(moment: datetime, kind: str) -> datetime:
    """Of the year, month or day that this moment is in."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if kind == "day" else day.replace(day=1, month=1 if kind == "year" else day.month)


class ById(Calendar[Row]):
    """The same for rows whose primary key sorts by time."""

    @classmethod
    def over(cls, rows: models.QuerySet[Row]) -> "ById[Row]":
        """These and no others."""
        return cls(rows.model, query=rows.query.chain(), using=rows.db)

    def _ends(self, field: str) -> tuple[datetime | None, datetime | None]:
        moments = self.values_list(field, flat=True)
        return moments.order_by("pk").first(), moments.order_by("-pk").first()

    def within(self, period: tuple[datetime, datetime] | None) -> "ById[Row]":
        """Those made then, found by the key. A row is written a moment after the moment it bears."""
        if period is None:
            return self
        begin, end = period
        return self.filter(pk__gte=first_id(begin), pk__lt=first_id(end + WRITTEN_WITHIN))

    def newest(self, number: int) -> "ById[Row]":
        """No more than that many, before anything else narrows them."""
        floor = self.order_by("-pk").values_list("pk", flat=True)[number : number + 1].first()
        return self if floor is None else self.filter(pk__gt=floor)


def period_of(asked: Mapping[str, str], field: str) -> tuple[datetime, datetime] | None:
    """The year, month or day that the calendar's address names; None without one, or where it names no such day."""
    try:
        year = int(asked[f"{field}__year"])
        if year not in YEARS:
            return None
        month = int(asked[f"{field}__month"]) if f"{field}__month" in asked else None
        day = int(asked[f"{field}__day"]) if f"{field}__day" in asked else None
        begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
        kind = "day" if day and month else "month" if month else "year"
        return begin, _beginning(begin + DAYS_MAX[kind], kind)
    except (KeyError, ValueError, OverflowError):
        return None
