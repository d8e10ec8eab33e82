"""A member hears of half, four fifths and all of a limit, each once in its period."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import ledger
from generations.models import Allowance, Brake, CreditAccount, Notice, Role
from generations.models.allowance import Period
from generations.services import asking, housekeeping, notifying, pacing, teams
from tests.conftest import Cast
from tests.ledger import rows
from tests.making import make_waiting


@pytest.fixture
def told(cast: Cast) -> Callable[[], list[str]]:
    """What Ben reads, oldest first."""

    def subjects() -> list[str]:
        return list(
            Notice.objects.told().filter(person=cast.ben.person).order_by("pk").values_list("subject", flat=True)
        )

    return subjects


class TestTheMonthsCredits:
    @pytest.fixture(autouse=True)
    def twenty(self, cast: Cast) -> None:
        Allowance.objects.create(member=cast.ben, amount=20, rollover=1000, paid="9999-12")

    def test_are_told_of_at_half_at_four_fifths_and_at_all(self, cast: Cast, told: Callable[[], list[str]]) -> None:
        counts = []
        for _ in range(5):
            make_waiting(cast.ben)
            counts.append(len(told()))

        assert counts == [0, 1, 1, 2, 2]
        assert told() == [
            "You have used 50 percent of this month’s credits",
            "You have used 100 percent of this month’s credits",
        ]

    def test_are_one_message_for_an_order_that_jumps_over_two(self, cast: Cast, told: Callable[[], list[str]]) -> None:
        make_waiting(cast.ben, count=4)
        pacing.watch(cast.ben)

        assert told() == ["You have used 100 percent of this month’s credits"]

    def test_are_told_of_anew_next_month(
        self, cast: Cast, told: Callable[[], list[str]], pass_time: Callable[[float], None]
    ) -> None:
        make_waiting(cast.ben, count=4)
        pass_time(32 * 24 * 3600)
        pacing.watch(cast.ben)

        assert len(told()) == 2

    def test_of_one_are_told_to_nobody_else(self, cast: Cast) -> None:
        make_waiting(cast.ben, count=4)

        assert not Notice.objects.exclude(person=cast.ben.person).exists()

    def test_that_were_told_of_are_not_written_again(self, cast: Cast) -> None:
        make_waiting(cast.ben, count=4)
        with CaptureQueriesContext(connection) as queries:
            pacing.watch(cast.ben)

        assert not [query["sql"] for query in queries if "SELECT" not in query["sql"]]


def test_a_brake_is_told_of_in_the_same_way(cast: Cast, told: Callable[[], list[str]]) -> None:
    Brake.objects.create(member=cast.ben, amount=10, period=Period.WEEK)
    for _ in range(2):
        make_waiting(cast.ben)

    assert told() == ["You have used 50 percent of your own brake", "You have used 100 percent of your own brake"]


def test_somebody_without_limits_hears_nothing(cast: Cast, told: Callable[[], list[str]]) -> None:
    make_waiting(cast.ben, count=8)

    assert told() == []


def test_what_was_told_or_silenced_is_not_told_again(cast: Cast, told: Callable[[], list[str]]) -> None:
    assert cast.ben.person
    word = notifying.Word(kind="test", subject="Once")
    notifying.silence(cast.ben.person, key="b")

    assert [notifying.tell_once(cast.ben.person, word, key=key) for key in ("a", "a", "b")] == [True, False, False]
    assert told() == ["Once"]


class TestAPool:
    """It has 5,000 credits, of which 1,500 were moved to three members."""

    @pytest.fixture
    def pool(self, cast: Cast) -> CreditAccount:
        return ledger.pool_of(cast.team)

    @pytest.fixture
    def subjects(self, cast: Cast) -> Callable[[], list[str]]:
        """What the owner reads after a look at the pools, oldest first."""

        def look() -> list[str]:
            pacing.watch_pools()
            told = Notice.objects.told().filter(person=cast.ada.person, kind__startswith="pool_")
            return list(told.order_by("pk").values_list("subject", flat=True))

        return look

    def give(self, cast: Cast, amount: int) -> None:
        asking.give(by=cast.ada, member=cast.ben, amount=amount, reason="the fair", key=rows.key())

    def test_is_told_of_at_a_half_at_a_fifth_and_at_nothing(
        self, cast: Cast, subjects: Callable[[], list[str]]
    ) -> None:
        counts = []
        for amount in (999, 1, 1499, 1, 999, 1):
            self.give(cast, amount)
            counts.append(len(subjects()))

        assert counts == [0, 1, 1, 2, 2, 3]
        assert subjects() == [
            "The team’s pool has fallen to 50 percent",
            "The team’s pool has fallen to 20 percent",
            "The team’s pool is empty",
        ]
        words = Notice.objects.get(kind="pool_20").words
        assert words.startswith("1,000 of 5,000 credits are left of what it had in ")

    def test_is_one_message_where_it_falls_past_two_at_once(
        self, cast: Cast, subjects: Callable[[], list[str]]
    ) -> None:
        self.give(cast, 3400)

        assert subjects() == subjects() == ["The team’s pool has fallen to 2 percent"]

    def test_counts_what_was_added_and_what_came_back(
        self, cast: Cast, pool: CreditAccount, subjects: Callable[[], list[str]]
    ) -> None:
        self.give(cast, 1000)
        ledger.grant(account=pool, amount=500, reason="more", key="more", actor="test")
        ledger.adjust(account=pool, amount=-100, reason="less", key="less", actor="test")
        assert subjects() == []  # 2,900 of 5,400
        self.give(cast, 300)
        teams.remove(by=cast.ada, member=cast.vera, heir=None)
        assert subjects() == []  # 3,100 of 5,400
        self.give(cast, 400)

        assert subjects() == ["The team’s pool has fallen to 50 percent"]

    def test_is_told_of_anew_next_month_by_what_it_then_had(
        self, cast: Cast, subjects: Callable[[], list[str]], pass_time: Callable[[float], None]
    ) -> None:
        self.give(cast, 2500)
        assert len(subjects()) == 1
        pass_time(32 * 24 * 3600)
        assert len(subjects()) == 1  # 1,000 of 1,000
        self.give(cast, 500)

        assert len(subjects()) == 2

    def test_that_never_had_credits_is_not_told_of(self, cast: Cast, subjects: Callable[[], list[str]]) -> None:
        empty = rows.found()
        rows.join(empty, Role.OWNER)
        ledger.pool_of(empty)

        assert subjects() == []
        assert not Notice.objects.exists()

    def test_is_told_of_to_owners_alone_by_the_chores_of_every_hour(self, cast: Cast) -> None:
        self.give(cast, 3500)
        housekeeping.keep_house(Counter())

        assert [notice.person for notice in Notice.objects.filter(kind="pool_0")] == [cast.ada.person]
