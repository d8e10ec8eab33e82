"""A month's file adds up although the clock was set back while the month ended."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import CreditEntry, Member, clock
from generations.queries import edges
from generations.queries.months import Month
from generations.queries.statement import Asked, account_for, statement_of
from generations.queries.statement_sheet import sheet_of
from tests.conftest import Cast

Wait = Callable[[float], None]


def adjust(member: Member, amount: int) -> CreditEntry:
    account = ledger.account_of(member)
    return ledger.adjust(account=account, amount=amount, reason="moved", key=f"at:{clock.now()}", actor="test")


def sums(desk: Client, month: Month) -> tuple[int, int]:
    """What a month's file begins with, and what all of it comes to."""
    text = b"".join(desk.get(reverse("statement_file"), {"month": str(month)})).decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    return int(lines[0]["Change"]), sum(int(line["Change"]) for line in lines)


@pytest.fixture
def midnight(cast: Cast, pass_time: Wait) -> Month:
    """The month that ends in a second."""
    month = Month.of(clock.now(), cast.team.time_zone)
    pass_time((month.end(cast.team.time_zone) - clock.now()).total_seconds() - 20)
    return month


def test_a_month_begins_where_the_last_one_ended(
    cast: Cast, midnight: Month, pass_time: Wait, signed_in: Callable[[Member], Client]
) -> None:
    """Two nodes differ by a minute: the one that is ahead writes first."""
    pass_time(60)
    adjust(cast.ben, 7)
    pass_time(-60)
    adjust(cast.ben, 5)
    desk = signed_in(cast.ben)
    totals = [sums(desk, month) for month in (midnight, midnight.next())]

    assert totals == [(0, 500), (500, 512)]


def test_a_line_is_not_dated_before_the_one_above_it(cast: Cast, pass_time: Wait) -> None:
    pass_time(240)
    ahead = adjust(cast.ben, 7)
    pass_time(-240)

    assert adjust(cast.ben, 5).created_at == ahead.created_at
    pass_time(241)
    assert adjust(cast.ben, 5).created_at > ahead.created_at


@pytest.mark.parametrize("seconds", [600, 3600, 400 * 86_400], ids=["minutes", "an hour", "a year"])
def test_a_clock_that_was_far_ahead_is_forgotten(cast: Cast, pass_time: Wait, seconds: int) -> None:
    """Else every later line would be dated there, and a brake would count it for ever."""
    pass_time(seconds)
    ahead = adjust(cast.ben, 7)
    pass_time(-seconds)

    assert ahead.created_at - adjust(cast.ben, 5).created_at > timedelta(seconds=0.9 * seconds)


def test_months_add_up_although_a_clock_was_a_month_ahead(
    cast: Cast, pass_time: Wait, signed_in: Callable[[Member], Client]
) -> None:
    """Ahead, back, ahead again and back from there: each line counts in the month it is dated in, and in no other."""
    zone = cast.team.time_zone
    first = Month.of(clock.now(), zone)
    for days, amount in ((35, 50), (-33, -30), (70, 7), (-40, -3), (65, 1)):
        pass_time(days * 86_400)
        adjust(cast.ben, amount)
    months = Month.of(clock.now(), zone).next().next().back_to(first)
    account, desk = account_for(cast.ben), signed_in(cast.ben)
    assert account

    total = 0
    for month in months[::-1]:
        dated = CreditEntry.objects.filter(created_at__gte=month.start(zone), created_at__lt=month.end(zone))
        opening = total
        total += sum(dated.filter(account=account).values_list("d_posted", flat=True))
        page = statement_of(account, Asked(month=month), viewer=cast.ben)
        sheet = sheet_of(account, Asked(month=month), viewer=cast.ben, kinds={})
        assert sums(desk, month) == (opening, total), month
        assert (page.opening, page.closing) == (sheet.opening, sheet.closing) == (opening, total), month
    assert total == account.posted == 525


@pytest.mark.parametrize("noted_after", [1, 3, 5000])
def test_a_month_of_a_long_account_adds_only_what_is_newer(
    cast: Cast, pass_time: Wait, monkeypatch: pytest.MonkeyPatch, noted_after: int
) -> None:
    """Whatever was noted, and wherever the clock dates the lines that follow."""
    monkeypatch.setattr(edges, "NOTED_AFTER", noted_after)
    zone, account = cast.team.time_zone, ledger.account_of(cast.ben)
    month = Month.of(clock.now(), zone)
    this = next_one = 0
    for days, amount in ((0, 3), (35, 50), (-35, 7), (0, 2), (35, 1), (-35, 4)):
        pass_time(days * 86_400)
        line = adjust(cast.ben, amount)
        if line.created_at < month.end(zone):
            this += amount
        elif line.created_at < month.next().end(zone):
            next_one += amount
        assert edges.edges_of(account, month, zone) == (0, 500 + this)
        assert edges.edges_of(account, month.next(), zone) == (500 + this, 500 + this + next_one)


def test_a_note_of_another_history_is_none(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when an older copy of the database was put back."""
    monkeypatch.setattr(edges, "NOTED_AFTER", 1)
    zone, account = cast.team.time_zone, ledger.account_of(cast.ben)
    month, adjusted = Month.of(clock.now(), zone), adjust(cast.ben, 3)
    name = f"edges:{account.pk}:{month.start(zone):%Y%m%d%H%M}:{month.end(zone):%Y%m%d%H%M}"
    for seq, date in ((adjusted.seq, clock.now()), (adjusted.seq + 9, adjusted.created_at)):
        cache.set(name, (seq, date, 77, 99))
        assert edges.edges_of(account, month, zone) == (0, 503)
    cache.set(name, (adjusted.seq, adjusted.created_at, 77, 99))
    assert edges.edges_of(account, month, zone) == (77, 99)
