"""A finished archive: for who ordered it, for a day, and only while they may see all that is in it."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generations.models import Archive, Image, Notice, Suspension, clock
from generations.services import archiving, closing, teams
from generations.services.archiving.places import path_of
from tests.archives import go_on, pack
from tests.cases import decide, report
from tests.conftest import Cast
from tests.making import finish_one

Forward = Callable[[float], None]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


@pytest.fixture
def row(cast: Cast, image: Image) -> Archive:
    """Vera's, of a picture of Ben's, and one more."""
    return pack(cast.vera, [image, finish_one(cast.ben)])


def files(settings: Any) -> list[Path]:
    return sorted(settings.ARCHIVE_DIR.iterdir())


def test_it_is_for_who_ordered_it(cast: Cast, row: Archive) -> None:
    assert archiving.file_of(cast.vera, row.pk) == (row, path_of(row.token))
    for other in (cast.ada, cast.ben, cast.mallory):
        assert archiving.file_of(other, row.pk) is None


def test_after_a_day_it_is_gone_and_can_be_packed_again(
    cast: Cast, row: Archive, settings: Any, pass_time: Forward
) -> None:
    pass_time(24 * 3600 - 60)
    assert archiving.file_of(cast.vera, row.pk) is not None
    pass_time(120)
    assert archiving.file_of(cast.vera, row.pk) is None
    assert (archiving.keep_house(), files(settings)) == (1, [])
    row.refresh_from_db()
    assert (row.state, row.reason) == ("expired", "time")
    archiving.order_again(archive=row)
    assert go_on(row).state == "ready"


def test_after_a_month_it_is_forgotten(cast: Cast, row: Archive, pass_time: Forward) -> None:
    pass_time(25 * 3600)
    archiving.keep_house()
    pass_time(31 * 24 * 3600)
    archiving.keep_house()
    assert not Archive.objects.exists()


def test_a_hidden_picture_takes_it_away_at_once(cast: Cast, row: Archive, image: Image, settings: Any) -> None:
    decide(report(cast.vera, image), cast.ada)
    row.refresh_from_db()
    assert (row.state, row.reason, files(settings)) == ("expired", "withdrawn", [])
    assert Notice.objects.filter(person=cast.vera.person, subject="Your archive was withdrawn").exists()
    archiving.order_again(archive=row)
    assert (go_on(row).packed, row.state) == (1, "ready")


@pytest.mark.parametrize("how", ["private", "deleted", "purged"])
def test_whatever_else_takes_a_picture_away_the_archive_is_served_no_more(
    cast: Cast, row: Archive, image: Image, settings: Any, how: str
) -> None:
    """At once, without anybody having to tell; the file goes with the next look of housekeeping."""
    mine = Image.objects.filter(pk=image.pk)
    if how == "private":
        image.generation.share(private=True)
    elif how == "deleted":
        mine.update(deleted_at=clock.now())
    else:
        mine.take_down()
    assert archiving.file_of(cast.vera, row.pk) is None
    assert (archiving.keep_house(), files(settings)) == (1, [])
    row.refresh_from_db()
    assert row.reason == "withdrawn"


def test_who_left_or_is_suspended_has_none(cast: Cast, row: Archive, image: Image, settings: Any) -> None:
    bens = pack(cast.ben, [image])
    teams.leave(member=cast.vera, heir=None)
    Suspension.objects.create(person=cast.ben.person, reason="A test.")
    cast.vera.refresh_from_db()
    assert archiving.file_of(cast.vera, row.pk) is None
    assert archiving.file_of(cast.ben, bens.pk) is None
    assert (archiving.keep_house(), files(settings)) == (2, [])


def test_whose_account_is_deleted_leaves_no_file(cast: Cast, row: Archive, settings: Any) -> None:
    assert cast.vera.person is not None
    closing.close(cast.vera.person)
    assert (Archive.objects.count(), files(settings)) == (0, [])


def test_one_whose_file_got_lost_can_be_packed_again(cast: Cast, row: Archive) -> None:
    path_of(row.token).unlink()
    assert archiving.file_of(cast.vera, row.pk) is None
    archiving.keep_house()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("expired", "lost")
    archiving.order_again(archive=row)
    assert go_on(row).state == "ready"


def test_a_picture_of_another_member_does_not_touch_it(cast: Cast, row: Archive) -> None:
    other = finish_one(cast.ben)
    decide(report(cast.vera, other), cast.ada)
    assert archiving.keep_house() == 0
    assert archiving.file_of(cast.vera, row.pk) is not None


def test_a_file_nobody_knows_goes_when_it_is_old(row: Archive, settings: Any) -> None:
    lost = settings.ARCHIVE_DIR / f"{'0' * 32}.zip"
    lost.write_bytes(b"")
    assert archiving.keep_house() == 0
    hours_ago = time.time() - 2 * 3600
    os.utime(lost, (hours_ago, hours_ago))
    assert archiving.keep_house() == 1
    assert files(settings) == [path_of(row.token)]
