"""Reports: once from each, about others' pictures, and somebody hears of them."""

from collections.abc import Callable

import pytest

from generations.models import Action, AuditEntry, Image, ImageReport, Level, Member, Notice, ReviewCase, Role, clock
from generations.services import reviewing
from tests.conftest import Cast, join
from tests.engines import Engine
from tests.making import finish_one
from tests.services.reviewing.bench import Bench, told


class TestReporting:
    def test_opens_one_case_that_later_reports_join(self, bench: Bench) -> None:
        first = bench.report(bench.cast.vera, "hateful", "look at the flag")
        second = bench.report(bench.cast.ada, "violent")

        assert first.pk == second.pk
        assert [(one.member.called, one.reason, one.words) for one in first.reports.order_by("pk")] == [
            ("Vera", "hateful", "look at the flag"),
            ("Ada", "violent", ""),
        ]
        assert (first.team, first.level, first.image) == (bench.cast.team, Level.TEAM, bench.picture)

    def test_is_written_down_and_tells_those_who_decide_once(self, bench: Bench) -> None:
        bench.report(bench.cast.vera)
        bench.report(bench.cast.ada)

        assert [len(told(who, "picture_reported")) for who in (bench.cast.ada, bench.cast.ben)] == [1, 0]
        assert not Notice.objects.filter(person=bench.mona.person).exists()
        lines = AuditEntry.objects.filter(action="picture_reported", target=f"image:{bench.picture.pk}")
        assert lines.count() == 2

    def test_leaves_the_picture_where_it_is(self, bench: Bench) -> None:
        bench.report()

        assert Image.objects.visible_to(bench.cast.vera).filter(pk=bench.picture.pk).exists()

    def test_twice_by_the_same_person_is_refused(self, bench: Bench) -> None:
        case = bench.report()
        with pytest.raises(reviewing.ReportedAlready):
            bench.report(reason="sexual")
        bench.decide(case, Action.KEEP, reason="fine")
        with pytest.raises(reviewing.ReportedAlready):
            bench.report()

        assert ImageReport.objects.count() == 1

    def test_of_a_picture_that_was_kept_by_somebody_else_opens_a_case_anew(self, bench: Bench) -> None:
        case = bench.report()
        bench.decide(case, Action.KEEP, reason="fine")
        again = bench.report(join(bench.cast.team, "Nina", Role.CREATOR))

        assert again.pk != case.pk
        assert ReviewCase.objects.open().count() == 1

    def test_of_ones_own_picture_is_refused(self, bench: Bench) -> None:
        with pytest.raises(reviewing.OwnPicture):
            bench.report(bench.cast.ben)

    @pytest.mark.parametrize("who", ["mallory", "vera"])
    def test_of_what_one_does_not_see_is_refused(self, bench: Bench, who: str) -> None:
        member: Member = getattr(bench.cast, who)
        if who == "vera":
            Image.objects.update(deleted_at=clock.now())
        with pytest.raises(reviewing.PictureGone):
            bench.report(member)

        assert not ReviewCase.objects.exists()

    @pytest.mark.parametrize("reason", ["", "fine", "boring"])
    def test_needs_a_reason(self, bench: Bench, reason: str) -> None:
        with pytest.raises(reviewing.ReasonMissing):
            bench.report(reason=reason)

    def test_has_a_limit_within_an_hour(
        self, bench: Bench, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("generations.services.reviewing.reporting.REPORTS_PER_HOUR_MAX", 1)
        bench.report()
        other = finish_one(bench.cast.ben)
        with pytest.raises(reviewing.TooManyReports):
            reviewing.report(member=bench.cast.vera, image=other, reason="other")
        pass_time(3601)

        assert reviewing.report(member=bench.cast.vera, image=other, reason="other").is_open

    def test_of_a_picture_by_the_only_one_who_manages_goes_to_the_studio(self, cast: Cast) -> None:
        case = reviewing.report(member=cast.vera, image=finish_one(cast.ada), reason="other")

        assert case.level == Level.STAFF
        assert told(cast.ada, "picture_reported") == []


def test_reports_at_the_same_moment_are_one_case(engine: Engine) -> None:
    told = engine.ask("tests.services.reviewing", "report_together")

    assert told == {"seen": ["ReportedAlready", "done", "done"], "cases": 1, "reports": 2}
