"""A wall opens where its address says, in months a member has pictures in, and the dates one may pick move on."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from generations.models import Image, Member, Role, clock
from generations.models.fields import first_id, moment_of
from generations.queries import library
from generations.queries.dates import months_of, number_at, years_of
from generations.queries.library import Place, Wall, wall_for
from generations.queries.months import Month
from generations.queries.search import EVERYTHING, Wanted, counted
from generations.search import NUMBER_MAX
from generations.services import benchmarking
from tests.conftest import Cast

NUMBER = 300
SEARCHES = [EVERYTHING, Wanted(words="the"), Wanted(picked={"kind": ("draw", "upscale")})]


@pytest.fixture
def member(db: None) -> Member:
    """Somebody in a team with pictures of two and a half years."""
    members = benchmarking.seat(name="Years")
    for _ in benchmarking.fill(members=members, number=NUMBER):
        pass
    return Member.objects.select_related("team", "person").get(team=members[0].team, role=Role.VIEWER)


def shown(wall: Wall) -> list[Image]:
    return [Image.objects.get(pk=hung.picture.id) for hung in wall.images]


def follow(member: Member, wanted: Wanted, url: str | None) -> Wall:
    assert url is not None
    return wall_for(member, wanted, Place.read(QueryDict(urlsplit(url).query)))


@pytest.mark.parametrize("wanted", SEARCHES)
def test_a_jump_opens_the_wall_at_that_month_and_both_ways_lead_on(
    member: Member, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "PAGE", 5)
    every = [image.pk for image in shown_all(member, wanted)]
    month = Month.of(Image.objects.get(pk=every[len(every) // 2]).created_at, "UTC")
    wall = wall_for(member, wanted, Place.read(QueryDict(f"from={month}")))
    here = [hung.picture.id for hung in wall.images]

    assert Month.of(shown(wall)[0].created_at, "UTC") == month
    begin = every.index(here[0])
    assert here == every[begin : begin + 5]
    assert Month.of(Image.objects.get(pk=every[begin - 1]).created_at, "UTC") > month
    newer, older = follow(member, wanted, wall.newer_url), follow(member, wanted, wall.next_url)
    assert [hung.picture.id for hung in newer.images] == every[begin - 5 : begin]
    assert [hung.picture.id for hung in older.images] == every[begin + 5 : begin + 10]
    assert wall.count_text == ""


@pytest.mark.parametrize("wanted", SEARCHES)
def test_coming_back_stands_at_the_same_picture_with_some_above(member: Member, wanted: Wanted) -> None:
    every = [image.pk for image in shown_all(member, wanted)]
    wall = wall_for(member, wanted, Place(at=every[60]))

    assert [hung.picture.id for hung in wall.images] == every[60 - library.ABOVE : 60 + library.PAGE]
    assert wall.newer_url
    top = wall_for(member, wanted, Place(at=every[3]))
    assert [hung.picture.id for hung in top.images] == every[: 3 + library.PAGE]
    assert top.newer_url is None


def shown_all(member: Member, wanted: Wanted) -> list[Image]:
    """Every picture, page by page."""
    wall = wall_for(member, wanted)
    found = shown(wall)
    while wall.next_url:
        wall = follow(member, wanted, wall.next_url)
        found += shown(wall)
    return found


def test_before_the_first_picture_the_oldest_hang(member: Member) -> None:
    for wanted in SEARCHES:
        wall = wall_for(member, wanted, Place(month=Month(2001, 1)))
        assert shown(wall)[-1].pk == shown_all(member, wanted)[-1].pk


def test_months_are_those_with_pictures_and_lead_on_with_the_search(member: Member, cast: Cast) -> None:
    visible = Image.objects.visible_to(member)
    gap = Month.of(clock.now() - timedelta(days=200), "UTC")
    for image in visible.filter(pk__gte=first_id(gap.start("UTC")), pk__lt=first_id(gap.end("UTC"))):
        Image.objects.filter(pk=image.pk).update(deleted_at=clock.now())
    with CaptureQueriesContext(connection) as queries:
        months = list(months_of(member))

    assert len(queries) == 3
    assert months == sorted({Month.of(moment_of(image.pk), "UTC") for image in visible}, reverse=True)
    assert gap not in months
    years = years_of(member, {"q": ["fox"]}, months[1])
    assert [stop.month for year in years for stop in year.stops] == months
    assert parse_qs(urlsplit(years[0].stops[0].url).query) == {"q": ["fox"], "from": [str(months[0])]}
    assert [stop.month for year in years for stop in year.stops if stop.is_here] == [months[1]]
    assert years_of(cast.mallory, {}, None) == []


def test_the_dates_one_picks_are_days_of_the_team_and_counted(member: Member) -> None:
    member.team.time_zone = "Pacific/Auckland"
    today = datetime.now(ZoneInfo("Pacific/Auckland")).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {"30-days": today - timedelta(days=29), "year": today.replace(month=1, day=1)}
    numbers = {one.value: one.number for choice in counted(member, EVERYTHING) for one in choice.options}
    visible = Image.objects.visible_to(member)
    for name, begin in begins.items():
        expected = visible.filter(created_at__gte=begin.replace(microsecond=0) - timedelta(seconds=1)).count()
        wanted = Wanted(picked={"date": (name,)})
        assert len(shown_all(member, wanted)) == expected
        assert numbers[name] == str(expected)
    both = Wanted(picked={"date": ("today", "year"), "size": ("small",)})
    assert {image.extent for image in shown_all(member, both)} == {"small"}


def test_nothing_is_newer_than_tomorrow(member: Member, cast: Cast) -> None:
    assert number_at(member, clock.now() + timedelta(days=1)) == NUMBER_MAX
    assert number_at(cast.mallory, clock.now() - timedelta(days=999)) == NUMBER_MAX


def test_few_are_counted_as_many_are(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted in (EVERYTHING, Wanted(words="pho"), Wanted(words="photograph oil", picked={"size": ("small",)})):
        by_reading = counted(member, wanted)
        with monkeypatch.context() as patch:
            patch.setattr("generations.queries.search.READ_MAX", -1)
            assert counted(member, wanted) == by_reading
