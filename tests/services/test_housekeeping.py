"""Staff hear of finished pictures that are not saved, while there is still time."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import ledger, storage
from generations.models import Alert, Allowance, Generation, Heartbeat, State, Team, clock
from generations.queries.months import Month
from generations.services import housekeeping, sweeping
from tests.conftest import Cast
from tests.making import hand_over, make_waiting


def open_kinds() -> set[str]:
    return set(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))


def test_a_chore_that_fails_leaves_the_others_to_be_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The shelf cannot be read, which nobody can do to a test: the chores after it are done all the same."""

    def fails() -> int:
        raise OSError("the shelf is gone")

    monkeypatch.setattr(storage, "sweep", fails)
    done: Counter[str] = Counter()
    housekeeping.keep_house(done)

    assert "files removed" not in done
    assert {"work taken down", "allowances paid", "devices forgotten"} <= set(done)
    assert "the chore 'files removed' failed" in caplog.text


def test_an_unsaved_picture_is_told_after_an_hour_and_again_before_its_link_ends(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    row = hand_over(make_waiting(cast.ben))
    Generation.objects.filter(pk=row.pk).update(state=State.FETCHING, accepted_at=clock.now())
    assert (housekeeping.watch_links(), open_kinds()) == (0, set())

    pass_time(3601)
    assert (housekeeping.watch_links(), open_kinds()) == (1, {"unsaved"})
    assert housekeeping.watch_links() == 0

    pass_time(19 * 3600)
    assert (housekeeping.watch_links(), open_kinds()) == (1, {"unsaved", "link_ends"})

    Generation.objects.filter(pk=row.pk).update(state=State.RUNNING)
    housekeeping.watch_links()
    assert open_kinds() == set()


class TestAMonthThatBegins:
    @pytest.fixture(autouse=True)
    def eve(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        """A second before the month begins where the team is; the chores of the hour were done just now."""
        Team.objects.filter(pk=cast.team.pk).update(time_zone="Asia/Kathmandu")
        Allowance.objects.create(member=cast.ben, amount=600, paid=str(Month.of(clock.now(), "Asia/Kathmandu")))
        begins = Month.of(clock.now(), "Asia/Kathmandu").next().start("Asia/Kathmandu")
        pass_time((begins - clock.now()).total_seconds() - 1)
        Heartbeat.objects.stamp("housekeeping")

    def test_is_paid_by_the_first_sweep_in_it(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        sweeping.sweep()
        assert ledger.account_of(cast.ben).posted == 500
        pass_time(2)
        sweeping.sweep()

        assert ledger.account_of(cast.ben).posted == 600

    def test_is_looked_for_once_and_again_where_another_begins(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(2)
        Allowance.objects.create(member=cast.mallory, amount=700, paid=str(Month.of(clock.now(), "UTC")))
        for seconds, posted in ((0, 500), (3600 * 5, 500), (3600, 700)):
            pass_time(seconds)
            Heartbeat.objects.stamp("housekeeping")
            sweeping.sweep()
            assert ledger.account_of(cast.mallory).posted == posted
        assert ledger.account_of(cast.ben).posted == 600

    def test_asks_nothing_in_the_middle_of_a_month(self, pass_time: Callable[[float], None]) -> None:
        pass_time(5 * 24 * 3600)
        with CaptureQueriesContext(connection) as queries:
            housekeeping.pay_on_time(Counter())

        assert len(queries) == 0
