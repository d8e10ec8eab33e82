"""A case is one reviewer's for some minutes."""

from collections.abc import Callable

import pytest

from generations.models import Action
from generations.services import reviewing
from tests.services.reviewing.bench import Bench, reviewer


class TestAClaim:
    def test_keeps_others_from_deciding_and_names_who_has_it(self, bench: Bench) -> None:
        case = reviewing.claim(case=bench.report(), reviewer=bench.ada)

        assert case.holder == bench.ada.person
        assert case.is_held_by_other(bench.otto.person)
        for refused in (
            lambda: reviewing.claim(case=case, reviewer=bench.otto),
            lambda: bench.decide(case, Action.KEEP, bench.otto, reason="fine"),
        ):
            with pytest.raises(reviewing.ClaimedBySomebody, match="Ada is looking at this one"):
                refused()

    def test_lasts_some_minutes_and_longer_when_taken_again(
        self, bench: Bench, pass_time: Callable[[float], None]
    ) -> None:
        case = bench.report()
        for _ in range(2):
            reviewing.claim(case=case, reviewer=bench.ada)
            pass_time(reviewing.CLAIM.total_seconds() - 1)
        with pytest.raises(reviewing.ClaimedBySomebody):
            reviewing.claim(case=case, reviewer=bench.otto)
        pass_time(2)

        assert reviewing.claim(case=case, reviewer=bench.otto).holder == bench.otto.person

    def test_is_let_go_by_who_has_it_alone(self, bench: Bench) -> None:
        case = reviewing.claim(case=bench.report(), reviewer=bench.ada)
        reviewing.let_go(case=case, reviewer=bench.otto)
        case.refresh_from_db()
        assert case.holder == bench.ada.person
        reviewing.let_go(case=case, reviewer=bench.ada)
        case.refresh_from_db()

        assert case.holder is None

    def test_of_a_case_that_was_decided_names_who_did(self, bench: Bench) -> None:
        case = bench.report()
        bench.hide(case)
        with pytest.raises(reviewing.DecidedMeanwhile, match="Ada decided this meanwhile"):
            reviewing.claim(case=case, reviewer=bench.otto)

    def test_of_another_teams_case_or_of_ones_own_picture_is_refused(self, bench: Bench) -> None:
        case = bench.report()
        with pytest.raises(reviewing.NotTheirs):
            reviewing.claim(case=case, reviewer=reviewer(bench.cast.mallory))
        bench.cast.ben.role = "admin"
        bench.cast.ben.save()
        with pytest.raises(reviewing.NotTheirs):
            reviewing.claim(case=case, reviewer=reviewer(bench.cast.ben))
