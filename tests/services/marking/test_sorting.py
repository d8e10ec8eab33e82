"""Who manages a team keeps its tags in order; pictures and their tags follow."""

import pytest

from generations.models import AuditEntry, SearchEntry, Tag, Tagging
from generations.services import indexing, marking
from tests.conftest import Cast
from tests.making import finish_many
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db


def tagged(cast: Cast, *names: str) -> list[Tag]:
    """Each has a picture of its own, and all are on one more."""
    *images, last = finish_many(cast.ben, len(names) + 1)
    for image, name in zip(images, names, strict=True):
        marking.tag(member=cast.ben, images=[image, last], names=[name])
    return [Tag.objects.get(name=name) for name in names]


def numbers(cast: Cast, tag: Tag) -> int:
    return len(found(cast.vera, tag=str(tag.pk)))


def test_a_new_name_is_what_pictures_are_found_by(cast: Cast) -> None:
    [tag] = tagged(cast, "Lmaps")
    kept = marking.rename_tag(by=cast.ada, tag=tag, name="Lamps")

    assert (kept.pk, kept.name) == (tag.pk, "Lamps")
    assert (len(found(cast.vera, "lmaps")), len(found(cast.vera, "lamps")), numbers(cast, tag)) == (0, 2, 2)
    assert marking.rename_tag(by=cast.ada, tag=kept, name="LAMPS").name == "LAMPS"
    line = AuditEntry.objects.filter(action="tag_renamed").earliest("pk")
    assert (line.before, line.after) == ({"name": "Lmaps"}, {"name": "Lamps"})


def test_the_name_of_another_makes_one_of_both(cast: Cast) -> None:
    lamps, lights = tagged(cast, "lamps", "lights")
    kept = marking.rename_tag(by=cast.ada, tag=lights, name="Lamps")

    assert kept.pk == Tag.objects.get().pk == lamps.pk
    assert numbers(cast, lamps) == Tagging.objects.count() == Tag.objects.get().uses == 3
    assert found(cast.vera, "lights") == []
    with pytest.raises(marking.WrongWords, match="is gone"):
        marking.merge_tag(by=cast.ada, tag=lights, into=lamps)


def test_taken_off_every_picture_it_is_gone(cast: Cast) -> None:
    [lamps] = tagged(cast, "lamps")
    assert marking.remove_tag(by=cast.ada, tag=lamps)
    assert not marking.remove_tag(by=cast.ada, tag=lamps)

    assert (found(cast.vera, "lamps"), Tagging.objects.count()) == ([], 0)


def test_only_who_manages_does_it(cast: Cast) -> None:
    [lamps] = tagged(cast, "lamps")
    for member in (cast.ben, cast.vera):
        with pytest.raises(marking.NotAllowed, match="owners and admins"):
            marking.rename_tag(by=member, tag=lamps, name="x")
        with pytest.raises(marking.NotAllowed):
            marking.remove_tag(by=member, tag=lamps)
    with pytest.raises(marking.WrongWords, match="is gone"):
        marking.rename_tag(by=cast.mallory, tag=lamps, name="Mine")
    with pytest.raises(marking.WrongWords, match="comma"):
        marking.rename_tag(by=cast.ada, tag=lamps, name="lamps, lights")


def test_of_many_pictures_the_newest_follow_at_once_and_the_rest_by_housekeeping(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SOON_MAX", 1)
    images = finish_many(cast.ben, 3)
    marking.tag(member=cast.ben, images=images, names=["lamps"])
    marking.rename_tag(by=cast.ada, tag=Tag.objects.get(), name="lanterns")
    assert (len(found(cast.vera, "lanterns")), SearchEntry.objects.filter(is_written=False).count()) == (1, 2)

    assert indexing.index_missed() == 2
    assert (len(found(cast.vera, "lanterns")), found(cast.vera, "lamps")) == (3, [])
