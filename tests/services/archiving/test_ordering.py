"""Ordering an archive: once, within its limits, of what one may see."""

from collections.abc import Callable

import pytest

from generations.models import Archive, Image, Suspension
from generations.services import archiving
from generations.services.archiving import ordering
from generations.services.archiving.refusals import AT_ONCE_MAX
from tests.archives import go_on, pack
from tests.conftest import Cast
from tests.making import finish_many, finish_one
from tests.running import run_jobs


def test_the_same_key_is_the_same_archive(cast: Cast) -> None:
    image = finish_one(cast.ben)
    rows = {archiving.order_archive(member=cast.vera, images=[image], request_key="once").pk for _ in range(2)}
    assert len(rows) == 1
    assert run_jobs().count("archive") == 2  # one slice, and the end


def test_without_a_key_the_same_pictures_are_the_same_archive_while_it_is_there(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    image, other = finish_one(cast.ben), finish_one(cast.ben)
    first = pack(cast.vera, [image])
    assert archiving.order_archive(member=cast.vera, images=[image]) == first
    assert archiving.order_archive(member=cast.ada, images=[image]) != first
    assert archiving.order_archive(member=cast.vera, images=[image, other]) != first
    pass_time(25 * 3600)
    assert archiving.order_archive(member=cast.vera, images=[image]) != first


def test_only_what_one_sees_is_in_it(cast: Cast) -> None:
    private, hidden, foreign = finish_one(cast.ben), finish_one(cast.ben), finish_one(cast.mallory)
    private.generation.share(private=True)
    Image.objects.filter(pk=hidden.pk).update(hidden_at=hidden.created_at)
    shown = finish_one(cast.ben)
    row = archiving.order_archive(member=cast.ada, images=[foreign, private, shown, hidden])
    assert [entry.image_id for entry in row.entries.all()] == [shown.pk]
    assert (row.asked, row.pictures) == (4, 1)


def test_it_keeps_the_order_and_takes_a_query_too(cast: Cast) -> None:
    images = finish_many(cast.ben, 3)[::-1]
    row = archiving.order_archive(member=cast.ben, images=images)
    assert [entry.image_id for entry in row.entries.order_by("place")] == [image.pk for image in images]
    other = archiving.order_archive(member=cast.ben, images=Image.objects.order_by("pk"))
    assert [entry.image_id for entry in other.entries.order_by("place")] == sorted(image.pk for image in images)


def test_nothing_is_refused(cast: Cast) -> None:
    foreign = finish_one(cast.mallory)
    for images in ([], [foreign]):
        with pytest.raises(archiving.NothingToPack):
            archiving.order_archive(member=cast.ben, images=images)


def test_too_many_pictures_and_too_many_bytes_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    images = finish_many(cast.ben, 3)
    with monkeypatch.context() as lower:
        lower.setattr(ordering, "PICTURES_MAX", 2)
        with pytest.raises(archiving.TooManyPictures):
            archiving.order_archive(member=cast.ben, images=images)
    with monkeypatch.context() as lower:
        lower.setattr(ordering, "BYTES_MAX", 10)
        with pytest.raises(archiving.TooManyBytes, match="one archive takes"):
            archiving.order_archive(member=cast.ben, images=images)
    assert not Archive.objects.exists()


def test_so_many_at_once_and_one_more_when_one_is_gone(cast: Cast) -> None:
    rows = [pack(cast.ben, [finish_one(cast.ben)]) for _ in range(AT_ONCE_MAX)]
    with pytest.raises(archiving.TooManyArchives):
        archiving.order_archive(member=cast.ben, images=[finish_one(cast.ben)])
    archiving.remove(archive=rows[0])
    assert go_on(archiving.order_archive(member=cast.ben, images=[finish_one(cast.ben)])).state == "ready"


def test_a_finished_one_is_not_packed_again(cast: Cast) -> None:
    row = pack(cast.ben, [finish_one(cast.ben)])
    with pytest.raises(archiving.NotOver):
        archiving.order_again(archive=row)


def test_who_is_suspended_gets_none(cast: Cast) -> None:
    row = archiving.order_archive(member=cast.ben, images=[finish_one(cast.ben)])
    Suspension.objects.create(person=cast.ben.person, reason="A test.")
    assert (go_on(row).state, row.reason) == ("failed", "not_allowed")
