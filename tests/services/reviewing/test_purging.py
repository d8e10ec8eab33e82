"""Removing a file for good takes two people."""

import pytest

from generations.models import Image
from generations.services import reviewing
from tests.making import finish
from tests.services.reviewing.bench import Bench, enlarge, told


class TestPurging:
    def test_is_asked_for_by_one_and_done_by_another(self, bench: Bench) -> None:
        case = bench.report()
        bench.hide(case)
        with pytest.raises(reviewing.PurgeRefused, match="Nobody has asked"):
            reviewing.purge(case=case, reviewer=bench.otto)
        reviewing.ask_purge(case=case, reviewer=bench.ada, words="it must go")
        with pytest.raises(reviewing.PurgeRefused, match="asked for already"):
            reviewing.ask_purge(case=case, reviewer=bench.otto)
        with pytest.raises(reviewing.PurgeRefused, match="asked for this yourself"):
            reviewing.purge(case=case, reviewer=bench.ada)
        reviewing.purge(case=case, reviewer=bench.otto)

        image = Image.objects.get(pk=bench.picture.pk)
        assert (image.sha256, image.renditions) == ("", [])
        assert image.deleted_at is not None
        assert "removed for good" in told(bench.cast.ben)[0].subject

    def test_cannot_be_undone(self, bench: Bench) -> None:
        case = bench.report()
        decision = bench.hide(case)
        reviewing.ask_purge(case=case, reviewer=bench.ada)
        reviewing.purge(case=case, reviewer=bench.mona)

        with pytest.raises(reviewing.NothingToReverse):
            reviewing.reverse(decision=decision, reviewer=bench.ada)
        with pytest.raises(reviewing.NotHidden):
            reviewing.ask_purge(case=case, reviewer=bench.ada)

    def test_removes_also_what_another_case_hid_first(self, bench: Bench) -> None:
        larger = finish(enlarge(bench.cast.ben, bench.picture))
        second = reviewing.open_case(image=larger, reviewer=bench.ada)
        bench.hide(bench.report())
        bench.hide(second)
        reviewing.ask_purge(case=second, reviewer=bench.ada)
        reviewing.purge(case=second, reviewer=bench.otto)
        assert Image.objects.get(pk=larger.pk).sha256 == ""
        assert Image.objects.get(pk=bench.picture.pk).sha256 != ""

    def test_of_what_moderators_hid_is_theirs(self, bench: Bench) -> None:
        case = bench.report()
        bench.hide(case, by=bench.mona)
        with pytest.raises(reviewing.NotTheirs, match="moderators hid this"):
            reviewing.ask_purge(case=case, reviewer=bench.ada)
        reviewing.ask_purge(case=case, reviewer=bench.mona)
        with pytest.raises(reviewing.NotTheirs):
            reviewing.purge(case=case, reviewer=bench.otto)
        reviewing.purge(case=case, reviewer=bench.milo)

    def test_is_for_what_is_hidden(self, bench: Bench) -> None:
        case = bench.report()
        with pytest.raises(reviewing.NotHidden):
            reviewing.ask_purge(case=case, reviewer=bench.ada)

    def test_is_no_longer_asked_for_once_the_picture_is_shown_again(self, bench: Bench) -> None:
        case = bench.report()
        decision = bench.hide(case)
        reviewing.ask_purge(case=case, reviewer=bench.ada)
        back = reviewing.reverse(decision=decision, reviewer=bench.ada)
        reviewing.reverse(decision=back, reviewer=bench.ada)
        with pytest.raises(reviewing.PurgeRefused, match="Nobody has asked"):
            reviewing.purge(case=case, reviewer=bench.otto)
