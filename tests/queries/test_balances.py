"""What the page of credits says above its lines."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from generations import ledger
from generations.models import Member, Role, clock
from generations.queries.balances import balance_of
from generations.queries.statement import account_for
from tests.ledger import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return rows.join(rows.found(), Role.OWNER, name="Ada Byron")


@pytest.fixture
def ben(ada: Member) -> Member:
    return rows.join(ada.team, name="Ben")


class TestTheFigures:
    def test_are_what_is_there_what_is_held_and_what_is_free(self, ben: Member) -> None:
        rows.fund(ben, 50)
        rows.order(ben, 5, 5)
        balance = balance_of(account_for(ben), ben)

        assert (balance.posted, balance.held, balance.available) == (50, 10, 40)

    def test_tell_what_this_month_cost(self, ben: Member) -> None:
        rows.fund(ben, 50)
        paid, given_back = rows.order(ben, 5, 4)
        rows.succeed(paid)
        rows.succeed(given_back)
        ledger.refund(generation=given_back, amount=4, reason="blurred", key="sorry", actor="test")

        assert balance_of(account_for(ben), ben).spent == 5

    def test_of_a_member_without_account_are_zero(self, ada: Member) -> None:
        newcomer = Member.objects.create(team=ada.team, role=Role.VIEWER)
        balance = balance_of(account_for(newcomer), newcomer)

        assert (balance.posted, balance.held, balance.available, balance.spent) == (0, 0, 0, 0)


class TestThePace:
    """Of November, in a team that counts by Berlin; ten credits were paid on the second."""

    @pytest.fixture
    def at(self, ben: Member, pass_time: Callable[[float], None]) -> Callable[[datetime], date | None]:
        """Moves the clock on to that moment and says how long the credits last."""
        ben.team.time_zone = "Europe/Berlin"
        ben.team.save()

        def move(moment: datetime) -> date | None:
            pass_time((moment - clock.now()).total_seconds())
            return balance_of(account_for(ben), ben).lasts_until

        begun = clock.now()
        self.year = begun.year + 1
        move(datetime(self.year, 11, 2, 12, tzinfo=UTC))
        rows.fund(ben, 40)
        rows.succeed(rows.order(ben, 10)[0])
        return move

    def test_is_not_judged_by_a_morning(self, at: Callable[[datetime], date | None]) -> None:
        assert at(datetime(self.year, 11, 3, 12, tzinfo=UTC)) is None

    def test_says_the_day_on_which_the_rest_is_used_up(self, at: Callable[[datetime], date | None]) -> None:
        """Two a day in five days, and thirty are left."""
        assert at(datetime(self.year, 11, 5, 23, tzinfo=UTC)) == date(self.year, 11, 21)

    def test_is_unknown_in_a_month_that_cost_nothing(self, at: Callable[[datetime], date | None]) -> None:
        assert at(datetime(self.year, 12, 9, tzinfo=UTC)) is None

    def test_does_not_see_further_than_a_year(self, ben: Member, at: Callable[[datetime], date | None]) -> None:
        rows.fund(ben, 5000)
        assert at(datetime(self.year, 11, 20, tzinfo=UTC)) is None


def test_the_bar_is_as_long_as_what_the_month_had(ben: Member) -> None:
    rows.fund(ben, 50)
    paid, _ = rows.order(ben, 5, 4)
    rows.succeed(paid)
    balance = balance_of(account_for(ben), ben)

    assert (balance.spent, balance.held, balance.available) == (5, 4, 41)
    assert (balance.bar_spent, balance.bar_gone, balance.whole) == (5, 9, 50)


def test_a_month_that_gave_back_more_than_it_took_has_no_negative_bar(
    ben: Member, pass_time: Callable[[float], None]
) -> None:
    rows.fund(ben, 50)
    (paid,) = rows.order(ben, 5)
    rows.succeed(paid)
    pass_time(32 * 24 * 3600)
    ledger.refund(generation=paid, amount=5, reason="blurred", key="sorry", actor="test")
    balance = balance_of(account_for(ben), ben)

    assert (balance.spent, balance.bar_spent, balance.whole) == (-5, 0, 50)
