"""Where among a team's pictures a moment falls: their ids and their numbers in the index both grow with time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import Exists
from django.urls import reverse

from generations import search
from generations.models import Image, Member, Team
from generations.models.fields import first_id, moment_of
from generations.queries.months import Month

MONTHS_MAX = 240


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A month one may jump to."""

    month: Month
    url: str
    is_here: bool

    @property
    def short(self) -> str:
        return self.month.name[:3]


@dataclass(frozen=True, kw_only=True)
class Year:
    number: int
    stops: list[Stop]


def number_at(member: Member, moment: datetime) -> int:
    """The number in the search index of the team's first picture since that moment; a larger one than any has if none.

    Pictures stored by two processes in the same instant may be numbered the other way round.
    """
    since = Image.objects.filter(team=member.team_id, deleted_at=None, hidden_at=None, pk__gte=first_id(moment))
    first = since.order_by("pk").values_list("search_entry", flat=True).first()
    return search.NUMBER_MAX if first is None else first


def years_of(member: Member, fields: dict[str, list[str]], here: Month | None) -> list[Year]:
    """The months a member has pictures in, newest first; each leads to the wall there, of what else is asked for.

    An index says of each month whether there is one, in two statements however many pictures there are.
    """
    stops = [
        Stop(month=month, url=f"{reverse('library')}?{urlencode(fields | {'from': [str(month)]}, doseq=True)}",
             is_here=month == here)
        for month in months_of(member)
    ]  # fmt: skip
    return [Year(number=year, stops=list(some)) for year, some in groupby(stops, lambda stop: stop.month.year)]


def months_of(member: Member) -> Iterable[Month]:
    visible, zone = Image.objects.visible_to(member), member.team.time_zone
    keys = visible.values_list("pk", flat=True)
    newest, oldest = keys.order_by("-pk").first(), keys.order_by("pk").first()
    if newest is None or oldest is None:
        return []
    every = Month.of(moment_of(newest), zone).back_to(Month.of(moment_of(oldest), zone))[:MONTHS_MAX]
    has = {
        f"has_{number}": Exists(visible.filter(pk__gte=first_id(one.start(zone)), pk__lt=first_id(one.end(zone))))
        for number, one in enumerate(every)
    }
    told = Team.objects.filter(pk=member.team_id).annotate(**has).values_list(*has).get()
    return [month for month, is_one in zip(every, told, strict=True) if is_one]
