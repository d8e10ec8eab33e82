"""A member's own pictures: taken in once, looked at by a job, kept like any other, and nobody's work."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django_q.models import OrmQ

from generations import ledger, pictures, storage, stripping
from generations.models import Generation, Image, Space, Team, Trouble, Upload, UploadState, clock
from generations.queries.feed import feed_for, standing
from generations.queries.library import wall_for
from generations.services import auditing, storing, sweeping, teams, uploading
from generations.services.uploading import MayNotUpload, Sent, TooManyWaiting, UploadRefused
from tests.conftest import Cast
from tests.making import finish_one
from tests.uploads import GPS_WORDS, bomb, bring, check, drawn, moving, send


def becomes(cast: Cast, folder: Path, body: bytes, *, name: str = "x.png") -> tuple[str, str]:
    row = check(send(cast.ben, folder, body, name=name)[0])
    return row.state, row.trouble


class TestAPictureSomebodyBrought:
    def test_is_in_the_library_and_free(self, cast: Cast, tmp_path: Path) -> None:
        before = ledger.account_of(cast.ben).posted
        image = bring(cast.ben, tmp_path, drawn("JPEG"), name="Old_harbor-at dawn (2).jpeg")
        made = image.generation
        assert (made.operation, made.provider, made.price, made.batch, made.charged) == ("upload", "", 0, None, 0)
        assert (image.title, image.format, image.widths, made.shape) == ("Old harbor at dawn 2", "JPEG", [300], "3:2")
        assert [hung.picture.id for hung in wall_for(cast.vera).images] == [image.pk]
        assert ledger.account_of(cast.ben).posted == before
        assert auditing.audit() == []

    def test_tells_nobody_where_it_was_taken(self, cast: Cast, tmp_path: Path) -> None:
        body = drawn("JPEG", turn=6)
        assert GPS_WORDS in body
        image = bring(cast.ben, tmp_path, body)
        assert GPS_WORDS not in storage.original_path(image).read_bytes()
        assert (image.width, image.height) == (200, 300)

    def test_leaves_nothing_where_it_arrived(self, cast: Cast, tmp_path: Path) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        assert storage.is_aside(work=row.pk, index=0)
        check(row)
        assert not storage.aside_path(work=row.pk, index=0).parent.exists()

    def test_is_no_run_of_the_feed(self, cast: Cast, tmp_path: Path) -> None:
        assert cast.ben.person is not None
        bring(cast.ben, tmp_path)
        now = standing(cast.ben.person)
        assert now is not None
        assert feed_for(now).runs == []

    def test_may_be_kept_to_oneself(self, cast: Cast, tmp_path: Path) -> None:
        path = tmp_path / "own"
        path.write_bytes(drawn())
        files = [Sent(name="own.png", path=path)]
        [row] = uploading.take_in(member=cast.ben, request_key="k", files=files, title="A  secret\nplan", private=True)
        image = check(row).image
        assert image is not None
        assert image.title == "A secret plan"
        assert not Image.objects.visible_to(cast.ada).exists()

    def test_goes_with_the_account_of_who_brought_it(self, cast: Cast, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path)
        waiting = send(cast.ben, tmp_path, drawn(color="red"), key="two")[0]
        teams.close(member=cast.ben, takes_down=True)
        image.refresh_from_db()
        assert (image.sha256, image.generation.prompt) == ("", "")
        assert check(waiting).trouble == Trouble.NOT_ALLOWED
        assert Space.objects.get(pk=cast.ben.pk).size_bytes == 0
        assert auditing.audit() == []


class TestWhatWasSentTwice:
    def test_by_the_same_form_is_taken_once(self, cast: Cast, tmp_path: Path) -> None:
        first = send(cast.ben, tmp_path, drawn(), drawn(color="red"))
        again = send(cast.ben, tmp_path, drawn(), drawn(color="red"))
        assert [row.pk for row in first] == [row.pk for row in again]
        assert OrmQ.objects.count() == 2
        for row in [*first, *again]:
            check(row)
        assert Image.objects.count() == 2

    def test_by_the_same_person_is_theirs_already(self, cast: Cast, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path, drawn("JPEG"))
        again = check(send(cast.ben, tmp_path, drawn("JPEG"), key="two")[0])
        assert (again.state, again.image, Image.objects.count()) == (UploadState.KNOWN, image, 1)

    def test_by_two_people_is_each_one_s_own(self, cast: Cast, tmp_path: Path) -> None:
        images = [bring(who, tmp_path, drawn(), key=str(who.pk)) for who in (cast.ben, cast.ada, cast.mallory)]
        assert len({image.sha256 for image in images}) == 1
        assert Image.objects.visible_to(cast.mallory).get() == images[2]
        assert auditing.audit() == []

    def test_after_a_moderator_took_it_down_is_turned_away(self, cast: Cast, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path)
        Image.objects.filter(pk=image.pk).update(hidden_at=clock.now())
        assert check(send(cast.ada, tmp_path, drawn(), key="two")[0]).trouble == Trouble.HIDDEN


class TestAFileThatIsNoPicture:
    @pytest.mark.parametrize(
        ("body", "trouble"),
        [
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Trouble.NO_PICTURE),
            (b"GIF89a" + bytes(99), Trouble.NO_PICTURE),
            (drawn("JPEG", size=(700, 500))[:-900], Trouble.NO_PICTURE),
            (b"", Trouble.NO_PICTURE),
            (bomb(), Trouble.TOO_LARGE),
            (moving(), Trouble.MOVES),
            (moving("PNG"), Trouble.MOVES),
        ],
        ids=["svg", "gif", "truncated", "empty", "bomb", "moving webp", "moving png"],
    )
    def test_is_turned_away_with_its_reason(self, cast: Cast, tmp_path: Path, body: bytes, trouble: Trouble) -> None:
        assert becomes(cast, tmp_path, body) == (UploadState.REFUSED, trouble)
        assert not Generation.objects.exists()
        assert not list((settings.MEDIA_ROOT / storage.INCOMING).glob("*"))

    def test_is_not_told_by_its_name(self, cast: Cast, tmp_path: Path) -> None:
        assert becomes(cast, tmp_path, drawn("WEBP"), name="../../etc/passwd") == (UploadState.STORED, "")
        assert Upload.objects.get().name == "passwd"

    def test_and_a_picture_at_once_loses_what_it_hid(self, cast: Cast, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path, drawn("PNG") + b"PK\x03\x04" + b"<script>")
        assert b"<script>" not in storage.original_path(image).read_bytes()

    def test_that_others_came_with_turns_none_of_them_away(self, cast: Cast, tmp_path: Path) -> None:
        rows = send(cast.ben, tmp_path, drawn(), b"nothing", drawn(color="red"))
        assert [check(row).state for row in rows] == ["stored", "refused", "stored"]


class TestWhoMayNot:
    def test_viewers_bring_nothing(self, cast: Cast, tmp_path: Path) -> None:
        with pytest.raises(MayNotUpload):
            send(cast.vera, tmp_path, drawn())

    def test_who_left_meanwhile_brought_nothing(self, cast: Cast, tmp_path: Path) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        teams.remove(member=cast.ben, by=cast.ada, heir=None)
        assert check(row).trouble == Trouble.NOT_ALLOWED

    def test_nobody_has_too_many_waiting(self, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploading, "WAITING_MAX", 2)
        send(cast.ben, tmp_path, drawn())
        with pytest.raises(TooManyWaiting):
            send(cast.ben, tmp_path, drawn(), drawn(), key="two")


class TestAWorkerThatDied:
    def test_before_it_began_is_asked_again_by_the_sweep(
        self, cast: Cast, tmp_path: Path, pass_time: Callable[[float], None]
    ) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        OrmQ.objects.all().delete()
        assert uploading.ask_again() == 0
        pass_time(61)
        assert sweeping.sweep()["uploads asked for"] == 1
        assert OrmQ.objects.count() >= 1
        assert check(row).state == UploadState.STORED

    def test_with_the_files_on_the_shelf_leaves_one_picture(
        self, cast: Cast, tmp_path: Path, pass_time: Callable[[float], None]
    ) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        assert row.take(token="dead", lease=uploading.LEASE)
        with storage.workspace() as folder:
            stripping.strip(storage.aside_path(work=row.pk, index=0), to=folder / "picture")
            storage.keep_picture(folder / "picture", pictures.process(folder / "picture", to_folder=folder))
        assert check(row).state == UploadState.WAITING  # its lease still runs
        pass_time(100)
        assert check(row).state == UploadState.STORED
        assert Image.objects.count() == 1
        assert auditing.audit() == []

    def test_three_times_is_not_sent_a_fourth(
        self, cast: Cast, tmp_path: Path, pass_time: Callable[[float], None]
    ) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        for number in range(3):
            row.refresh_from_db()
            assert row.take(token=str(number), lease=uploading.LEASE)
            pass_time(100)
        assert check(row).trouble == Trouble.CRASH
        assert not storage.is_aside(work=row.pk, index=0)

    def test_and_lost_the_file_says_so(self, cast: Cast, tmp_path: Path) -> None:
        row = send(cast.ben, tmp_path, drawn())[0]
        storage.forget_aside(work=row.pk)
        assert check(row).trouble == Trouble.LOST

    def test_a_day_later_nobody_knows_what_the_files_were_called(
        self, cast: Cast, tmp_path: Path, pass_time: Callable[[float], None]
    ) -> None:
        bring(cast.ben, tmp_path)
        pass_time(25 * 3600)
        assert (uploading.forget(), Upload.objects.count(), Image.objects.count()) == (1, 0, 1)


class TestStorage:
    def test_that_is_full_takes_nothing_in(self, cast: Cast, tmp_path: Path) -> None:
        finish_one(cast.ben)
        Team.objects.filter(pk=cast.team.pk).update(bytes_max=1000)
        with pytest.raises(UploadRefused, match="Your team’s storage is full"):
            send(cast.ada, tmp_path, drawn())

    def test_that_filled_up_meanwhile_keeps_only_what_has_room(self, cast: Cast, tmp_path: Path) -> None:
        one, two = (send(cast.ben, tmp_path, drawn(color=color), key=color)[0] for color in ("red", "blue"))
        image = check(one).image
        assert image is not None
        most = image.stored_bytes + 10
        storing.limit_member(by=cast.ada, member=cast.ben, bytes_max=most, pictures_max=None)
        assert check(two).trouble == Trouble.NO_SPACE

    def test_is_counted_with_every_smaller_copy(self, cast: Cast, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path, drawn(size=(2000, 900)))
        files = [storage.original_path(image), *(storage.rendition_path(image, width) for width in image.widths)]
        space = Space.objects.get(pk=cast.ben.pk)
        assert (space.size_bytes, space.pictures) == (sum(file.stat().st_size for file in files), 1)
