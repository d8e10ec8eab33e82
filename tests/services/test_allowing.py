"""Allowances come once a month, catch up after a rest, and never fill an account beyond what it may hold."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Allowance, CreditEntry, Member, Notice, Team, clock
from generations.queries.months import Month
from generations.services import allowing, auditing, housekeeping
from tests.conftest import Cast
from tests.running import run_jobs

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def books_add_up(db: None) -> Iterator[None]:
    yield
    assert auditing.audit() == []


@pytest.fixture
def to(pass_time: Callable[[float], None]) -> Callable[[int], None]:
    """Go on to the fifth day, at noon, so many months from now."""

    def go(months: int) -> None:
        month = Month.of(clock.now(), "UTC")
        for _ in range(months):
            month = month.next()
        pass_time((datetime(month.year, month.number, 5, 12, tzinfo=UTC) - clock.now()).total_seconds())

    return go


def posted(member: Member) -> int:
    return ledger.account_of(member).posted


def allow(cast: Cast, amount: int = 100, rollover: int = 1_000_000) -> int:
    """Ben's allowance; returns what he had before."""
    before = posted(cast.ben)
    allowing.allow(by=cast.ada, member=cast.ben, amount=amount, rollover=rollover)
    return before


class TestAnAllowance:
    def test_begins_with_the_month_it_is_given_in(self, cast: Cast) -> None:
        before = allow(cast)

        assert posted(cast.ben) == before + 100
        assert CreditEntry.objects.filter(actor="allowance", reason__startswith="Allowance for ").count() == 2

    def test_comes_once_a_month_however_often_it_is_asked_for(self, cast: Cast, to: Callable[[int], None]) -> None:
        before = allow(cast)
        to(1)
        assert [allowing.pay_due() for _ in range(3)] == [1, 0, 0]

        assert posted(cast.ben) == before + 200

    def test_is_paid_by_the_house_by_itself(self, cast: Cast, to: Callable[[int], None]) -> None:
        before = allow(cast)
        to(1)
        done: dict[str, int] = {}
        housekeeping.keep_house(done)  # type: ignore[arg-type]  # a plain dict counts as well

        assert (done["allowances paid"], posted(cast.ben)) == (1, before + 200)

    def test_catches_up_with_the_months_a_studio_was_off(self, cast: Cast, to: Callable[[int], None]) -> None:
        before = allow(cast)
        to(3)
        allowing.pay_due()
        reasons = CreditEntry.objects.filter(actor="allowance", d_posted__gt=0).values_list("reason", flat=True)

        assert posted(cast.ben) == before + 400
        assert len(set(reasons)) == 4

    def test_fills_no_further_than_one_month_and_what_may_be_carried_over(
        self, cast: Cast, to: Callable[[int], None]
    ) -> None:
        """Ben has 500 already: at most 100 and 450 are 550."""
        allow(cast, amount=100, rollover=450)
        assert posted(cast.ben) == 550
        to(1)
        allowing.pay_due()

        assert posted(cast.ben) == 550

    def test_begins_in_the_teams_own_time_zone(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        """At noon of the last day of a month in UTC the next one has begun in Kiritimati."""
        Team.objects.filter(pk=cast.team.pk).update(time_zone="Pacific/Kiritimati")
        Allowance.objects.create(member=cast.ben, amount=10, rollover=1000, paid=str(Month.of(clock.now(), "UTC")))
        end = Month.of(clock.now(), "UTC").end("UTC")
        pass_time((end - clock.now()).total_seconds() - 12 * 3600)
        before = posted(cast.ben)
        allowing.pay_due()

        assert posted(cast.ben) == before + 10

    def test_that_the_pool_cannot_pay_waits_and_tells_the_owners_once(
        self, cast: Cast, to: Callable[[int], None]
    ) -> None:
        pool = ledger.pool_of(cast.team)
        before = allow(cast, amount=10)
        to(1)
        rest = ledger.pool_of(cast.team).available
        ledger.adjust(account=pool, amount=-rest, reason="empty", key="empty", actor="test")
        for _ in range(2):
            assert allowing.pay_due() == 0
        assert Notice.objects.filter(person=cast.ada.person, subject__contains="cannot pay").count() == 1
        ledger.grant(account=pool, amount=10, reason="more", key="more", actor="test")
        allowing.pay_due()

        assert posted(cast.ben) == before + 20

    @pytest.mark.parametrize("seconds", [60, -1], ids=["in pieces", "in jobs"])
    def test_waits_for_none_that_cannot_be_paid(
        self, cast: Cast, to: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, seconds: int
    ) -> None:
        """North's pool is empty; South comes after it, and gets its own however few are paid at once."""
        monkeypatch.setattr(allowing, "AT_ONCE", 1)
        monkeypatch.setattr(allowing, "STEP_SECONDS", seconds)
        now = str(Month.of(clock.now(), "UTC"))
        for member in (cast.ben, cast.vera, cast.ada):
            Allowance.objects.create(member=member, amount=10_000_000, rollover=0, paid=now)
        last = Allowance.objects.create(member=cast.mallory, amount=7, rollover=1_000_000, paid=now)
        to(1)
        pool = ledger.pool_of(cast.mallory.team)
        ledger.grant(account=pool, amount=7, reason="more", key="more", actor="test")
        before = posted(cast.mallory)
        assert last == Allowance.objects.order_by("pk").last()
        allowing.pay_due()
        run_jobs()

        assert posted(cast.mallory) == before + 7

    def test_says_from_when_on_it_counts(
        self, cast: Cast, signed_in: Callable[[Member], Client], to: Callable[[int], None]
    ) -> None:
        """What this month was paid already, or was paid before it was ended, counts from the next one."""

        def sent(amount: int) -> str:
            sheet = ada.get(address).content.decode()
            ada.post(address, {"amount": amount, "rollover": 0})
            return f"{sheet} {ada.get(reverse('team')).content.decode()}"

        to(0)
        ada, address = signed_in(cast.ada), reverse("member_allowance", args=[cast.ben.pk])
        month = Month.of(clock.now(), cast.team.time_zone)
        first = sent(600)
        assert first.count("beginning with this month") == 2
        assert f"gets 700 credits a month, from 1 {month.next().name}." in sent(700)
        sent(0)
        again = sent(800)
        assert f"time zone, from 1 {month.next().name}." in again
        assert f"gets 800 credits a month, from 1 {month.next().name}." in again

    def test_of_nothing_ends_it(self, cast: Cast, to: Callable[[int], None]) -> None:
        before = allow(cast)
        allowing.allow(by=cast.ada, member=cast.ben, amount=0, rollover=0)
        to(1)

        assert (allowing.pay_due(), posted(cast.ben)) == (0, before + 100)

    def test_given_twice_in_a_month_is_paid_once(self, cast: Cast) -> None:
        before = allow(cast)
        allow(cast, amount=0)
        allow(cast, amount=300)

        assert posted(cast.ben) == before + 100

    def test_is_for_managers_of_that_team_to_give(self, cast: Cast) -> None:
        for by in (cast.ben, cast.mallory):
            with pytest.raises(allowing.NotManager):
                allowing.allow(by=by, member=cast.ben, amount=5, rollover=0)

    def test_ends_with_the_membership(self, cast: Cast, to: Callable[[int], None]) -> None:
        before = allow(cast)
        Member.objects.filter(pk=cast.ben.pk).update(left_at=clock.now())
        to(1)

        assert (allowing.pay_due(), posted(cast.ben)) == (0, before + 100)
