"""What each day cost: exact, in the team's own days, and the same in the drawing, the table and the file."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Generation, Member, Role, clock
from generations.queries.reports import STEPS, Report, report_for
from tests.conftest import Cast
from tests.ledger import rows
from tests.making import finish_one, set_price
from tests.services.boards.hanging import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return rows.join(rows.found(), Role.OWNER, name="Ada Byron")


@pytest.fixture
def ben(ada: Member) -> Member:
    member = rows.join(ada.team, name="Ben")
    rows.fund(member, 1000)
    return member


def report(member: Member, by: str = "member", period: int = 7) -> Report:
    return report_for(member.team, by=by, period=period)


def pay(member: Member, *prices: int) -> list[Generation]:
    made = rows.order(member, *prices)
    for generation in made:
        rows.succeed(generation)
    return made


class TestTheSums:
    def test_are_what_was_paid_by_each(self, ada: Member, ben: Member) -> None:
        rows.fund(ada, 100)
        pay(ada, 7)
        pay(ben, 5, 20)
        found = report(ada)

        assert (found.series, found.sums, found.total) == (["Ben", "Ada Byron"], [25, 7], 32)
        assert found.days[-1].parts == [25, 7]
        assert sum(day.total for day in found.days) == 32

    def test_leave_out_what_came_back(self, ben: Member) -> None:
        stopped, given_back = rows.order(ben, 5, 8)
        rows.cancel(stopped)
        rows.succeed(given_back)
        ledger.refund(generation=given_back, amount=3, reason="blurred", key="sorry", actor="test")
        rows.order(ben, 9)
        found = report(ben)

        assert (found.total, found.returned, found.pictures_returned, found.given_back) == (5, 5, 1, 3)

    def test_tell_vendors_and_models_by_their_names(self, ben: Member) -> None:
        first, second = pay(ben, 5, 6)
        Generation.objects.filter(pk=first.pk).update(provider="apikley", offer_key="grok-draw")
        Generation.objects.filter(pk=second.pk).update(provider="gone", offer_key="old-model")

        assert report(ben, "vendor").series == ["gone", "Apikley"]
        assert report(ben, "model").series == ["old-model", "Grok Imagine"]

    def test_count_a_picture_for_the_first_board_the_team_sees_it_on(self, cast: Cast) -> None:
        set_price("demo", "painter", 5)
        lamp, window, _ = (finish_one(cast.ben) for _ in range(3))
        begin(cast.ben, "Own", is_private=True, images=[lamp, window])
        begin(cast.ben, "Lamps", images=[lamp])
        begin(cast.ben, "All", images=[window, lamp])
        found = report(cast.ada, "board")

        assert (set(found.series), found.sums, found.total) == ({"Lamps", "All", "On no board"}, [5, 5, 5], 15)

    def test_tell_the_same_model_of_two_vendors_apart(self, ben: Member) -> None:
        first, second, third = pay(ben, 5, 6, 7)
        Generation.objects.filter(pk=first.pk).update(provider="apikley", offer_key="grok-draw")
        Generation.objects.filter(pk=second.pk).update(provider="apiinone", offer_key="grok-draw")
        Generation.objects.filter(pk=third.pk).update(provider="demo", offer_key="painter")

        assert report(ben, "model").series == ["Demo painter", "Grok Imagine, API in One", "Grok Imagine, Apikley"]

    def test_keep_who_got_more_back_than_they_paid(
        self, ada: Member, ben: Member, pass_time: Callable[[float], None]
    ) -> None:
        """What is given back belongs to the day it was given back on, whenever it was paid."""
        rows.fund(ada, 100)
        pass_time(3 * 24 * 3600)
        [early] = pay(ben, 8)
        pass_time(8 * 24 * 3600)
        ledger.refund(generation=early, amount=8, reason="blurred", key="sorry", actor="test")
        pass_time(24 * 3600)
        pay(ben, 5)
        pay(ada, 2)
        found = report(ada)

        assert (found.series, found.sums, found.total) == (["Ada Byron", "Ben"], [2, -3], -1)

    def test_put_the_small_ones_together(self, ada: Member) -> None:
        for price in (60, 50, 40, 30, 20, 10, 5):
            member = rows.join(ada.team, name=f"M{price}")
            rows.fund(member, 100)
            pay(member, price)
        found = report(ada)

        assert found.series == ["M60", "M50", "M40", "M30", "M20", "Others"]
        assert found.sums == [60, 50, 40, 30, 20, 15]

    def test_are_those_of_the_team_alone(self, ada: Member, ben: Member) -> None:
        stranger = rows.join(rows.found(), Role.OWNER, name="Mallory")
        rows.fund(stranger, 50)
        pay(stranger, 33)

        assert report(ada).total == 0

    def test_of_nothing_are_nothing(self, ada: Member) -> None:
        found = report(ada)

        assert (found.series, found.total, found.busiest, len(found.days)) == ([], 0, None, 7)


class TestTheDays:
    def test_end_at_midnight_of_the_team(self, ben: Member, pass_time: Callable[[float], None]) -> None:
        """What was paid at half past eleven in the evening in UTC belongs to the next day in Auckland."""
        now = clock.now()
        pass_time((now.replace(hour=23, minute=30) + timedelta(days=1) - now).total_seconds())
        pay(ben, 5)
        here = report(ben)
        ben.team.time_zone = "Pacific/Auckland"
        there = report(ben)

        assert here.days[-1].total == there.days[-1].total == 5
        assert there.days[-1].day == here.days[-1].day + timedelta(days=1)

    def test_from_before_the_period_do_not_count(self, ben: Member, pass_time: Callable[[float], None]) -> None:
        pay(ben, 5)
        pass_time(7 * 24 * 3600)

        assert report(ben).total == 0
        assert report(ben, period=30).total == 5

    def test_are_drawn_to_the_scale_beside_them(self, ben: Member) -> None:
        pay(ben, 100, 50)
        found = report(ben)
        [bar] = found.days[-1].bars

        assert found.scale == [150, 100, 50, 0]
        assert (bar.height, bar.y) == (100, 0)

    def test_have_pieces_one_step_apart_and_none_too_small_to_see(self, ada: Member, ben: Member) -> None:
        for price in (1, 299):
            member = rows.join(ada.team, name=f"M{price}")
            rows.fund(member, 1000)
            pay(member, price)
        first, second = report(ada).days[-1].bars
        step = 100 / STEPS

        assert [(bar.name, bar.sum) for bar in (first, second)] == [("M299", 299), ("M1", 1)]
        assert first.y + first.height == 100
        assert second.y + second.height == pytest.approx(first.y - step)
        assert second.height == pytest.approx(step)


class TestThePage:
    @pytest.mark.parametrize("by", ["member", "vendor", "model", "", "x"])
    def test_shows_drawing_and_table(
        self, ada: Member, ben: Member, by: str, signed_in: Callable[[Member], Client]
    ) -> None:
        pay(ben, 5)
        answer = signed_in(ada).get(reverse("report"), {"by": by, "days": "7"})

        assert answer.status_code == 200
        assert b'<rect data-series="1" fill="url(#hatching-1)"' in answer.content
        assert b"5 credits in 7 days" in answer.content

    def test_names_each_piece_and_draws_it_as_in_the_legend(
        self, ada: Member, signed_in: Callable[[Member], Client]
    ) -> None:
        """Colour alone tells nobody apart: each of the five, and the others, has a hatching of its own."""
        for price in (60, 50, 40, 30, 20, 10):
            member = rows.join(ada.team, name=f"M{price}")
            rows.fund(member, 100)
            pay(member, price)
        page = signed_in(ada).get(reverse("report"), {"by": "member", "days": "7"}).content.decode()
        hatchings = re.findall(r'<pattern id="hatching-\d" data-hatching="\d"(.*?)</pattern>', page)
        today = f"{clock.now():%-d %b}"

        for number, name in enumerate(["M60", "M50", "M40", "M30", "M20", "Others"], start=1):
            sum_of = name.removeprefix("M") if number < 6 else "10"
            assert f"<title>{today}, {name}: {sum_of} of 210</title>" in page
            assert re.search(rf"chart__swatch.*?url\(#hatching-{number}\).*?{name}</li>", page)
        assert len(hatchings) == len(set(hatchings)) == 6

    def test_is_the_same_as_the_file(self, ada: Member, ben: Member, signed_in: Callable[[Member], Client]) -> None:
        pay(ben, 5, 6)
        answer = signed_in(ada).get(reverse("report_file"), {"days": "30"})
        table = list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))

        assert len(table) == 30
        assert sum(int(row["Total"]) for row in table) == report(ada, period=30).total == 11

    @pytest.mark.parametrize("address", ["report", "report_file"])
    def test_is_for_those_who_manage(self, ben: Member, address: str, signed_in: Callable[[Member], Client]) -> None:
        assert signed_in(ben).get(reverse(address)).status_code == 403
