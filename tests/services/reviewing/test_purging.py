"""Removing a file for good takes two people."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from generations import storage
from generations.models import Export, Image, ReviewCase
from generations.services import exporting, reviewing
from tests.cases import report
from tests.making import finish, finish_one
from tests.services.reviewing.bench import Bench, enlarge, told


def files_of(image: Image) -> list[Path]:
    """What lies on the shelf of it."""
    return sorted(settings.MEDIA_ROOT.glob(f"*/*/{image.sha256}*"))


def age(seconds: float) -> None:
    """So much time passes for every file on the shelf."""
    then = time.time() - seconds
    for file in settings.MEDIA_ROOT.rglob("*"):
        os.utime(file, (then, then))


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


class TestTheFiles:
    def purge(self, bench: Bench, case: ReviewCase) -> None:
        reviewing.ask_purge(case=case, reviewer=bench.ada)
        reviewing.purge(case=case, reviewer=bench.otto)

    @pytest.fixture
    def hidden(self, bench: Bench) -> ReviewCase:
        """About a picture that is no news any more, of which a vendor was once given a copy."""
        copy = settings.MEDIA_ROOT / storage.copy_name(sha256=bench.picture.sha256, bytes_max=20_000)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(b"smaller")
        age(storage.FRESH_SECONDS + 1)
        case = bench.report()
        bench.hide(case)
        return case

    def test_leave_the_disk_at_once_with_every_copy(self, bench: Bench, hidden: ReviewCase) -> None:
        other = finish_one(bench.cast.ben, "a chair")
        age(storage.FRESH_SECONDS + 1)
        assert len(files_of(bench.picture)) == 1 + len(bench.picture.widths) + 1
        self.purge(bench, hidden)

        assert files_of(bench.picture) == []
        assert len(files_of(other)) == 1 + len(other.widths)

    def test_stay_while_another_row_has_the_same_bytes(self, bench: Bench, hidden: ReviewCase) -> None:
        other = finish_one(bench.cast.ada)
        Image.objects.filter(pk=other.pk).update(sha256=bench.picture.sha256)
        before = files_of(bench.picture)
        self.purge(bench, hidden)

        assert files_of(bench.picture) == before

    def test_stored_a_moment_ago_are_left_to_the_sweep(self, bench: Bench, hidden: ReviewCase) -> None:
        for file in files_of(bench.picture):
            os.utime(file)
        self.purge(bench, hidden)
        assert files_of(bench.picture) != []

        age(storage.COPY_AGE_SECONDS + 1)
        storage.sweep()
        assert files_of(bench.picture) == []

    def test_that_the_disk_keeps_are_swept(self, bench: Bench, hidden: ReviewCase) -> None:
        """Once more for what it failed for; twice is as good as once."""
        self.purge(bench, hidden)
        assert storage.discard([bench.picture.sha256, ""]) == 0

    def test_in_a_file_with_ones_own_data_go_when_it_is_hidden(self, bench: Bench) -> None:
        for member in (bench.cast.ben, bench.cast.ada):
            assert member.person is not None
            exporting.go_on(export=exporting.ask(member.person).token)
        case = bench.report()
        ada, ben = bench.cast.ada.person, bench.cast.ben.person
        assert ada is not None
        assert ben is not None
        assert exporting.file_of(ben) is not None
        bench.hide(case)

        assert exporting.file_of(ben) is None
        assert exporting.file_of(ada) is not None
        assert len(list(settings.EXPORT_DIR.glob("*"))) == 1
        [word, *_] = told(bench.cast.ben, "export")
        assert (word.subject, word.path) == ("The file with your data was withdrawn", reverse("account_export"))
        exporting.go_on(export=exporting.ask(ben).token)
        assert exporting.file_of(ben) is not None

    def test_in_one_that_is_being_put_together_go_and_it_begins_anew(self, bench: Bench) -> None:
        assert bench.cast.ben.person is not None
        row = exporting.ask(bench.cast.ben.person)
        part = settings.EXPORT_DIR / f"{row.token}.part"
        part.write_bytes(b"the first slice")
        bench.hide(bench.report())

        again = Export.objects.get(person=bench.cast.ben.person)
        assert again.token != row.token
        assert not part.exists()
        exporting.go_on(export=row.token)
        exporting.go_on(export=again.token)
        assert exporting.file_of(bench.cast.ben.person) is not None

    def test_put_together_before_it_was_made_stay(self, bench: Bench) -> None:
        assert bench.cast.ben.person is not None
        exporting.go_on(export=exporting.ask(bench.cast.ben.person).token)
        later = finish_one(bench.cast.ben, "a chair")
        bench.hide(report(bench.cast.vera, later))

        assert exporting.file_of(bench.cast.ben.person) is not None
