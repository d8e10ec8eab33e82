"""Who goes takes hearts and stars along; picks, tags and notes stay with the team, without a name if need be."""

import pytest

from generations.models import Image, Mark, Note, Tag, Tagging
from generations.queries.marks import marks_of
from generations.services import closing, marking, teams, trashing
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db


def say(cast: Cast, owner: object = None) -> Image:
    """Ben says everything one can say about a picture."""
    lamp = finish_one(owner or cast.ada, "a lamp")  # type: ignore[arg-type]
    marking.favor(member=cast.ben, images=[lamp], is_favorite=True)
    marking.rate(member=cast.ben, images=[lamp], rating=4)
    marking.pick(member=cast.ben, images=[lamp], is_picked=True)
    marking.tag(member=cast.ben, images=[lamp], names=["brass"])
    marking.note(member=cast.ben, image=lamp, text="For the hallway")
    return lamp


def test_who_leaves_takes_hearts_and_stars_along(cast: Cast) -> None:
    lamp = say(cast)
    teams.leave(member=cast.ben, heir=None)

    assert not Mark.objects.exists()
    assert (found(cast.vera, "brass hallway"), found(cast.vera, pick="yes")) == (["a lamp"], ["a lamp"])
    lamp.refresh_from_db()
    assert [one.by for one in marks_of(lamp, viewer=cast.ada).notes] == ["Ben"]


def test_a_deleted_account_leaves_words_without_a_name(cast: Cast) -> None:
    lamp = say(cast)
    assert cast.ben.person is not None
    closing.close(cast.ben.person)
    lamp.refresh_from_db()
    marks = marks_of(lamp, viewer=cast.ada)

    assert [(one.by, one.text) for one in marks.notes] == [("Former member", "For the hallway")]
    assert (marks.picked_by, [one.name for one in marks.tags]) == ("Former member", ["brass"])
    assert not Mark.objects.exists()


def test_the_trash_keeps_what_was_said_and_its_end_does_not(cast: Cast) -> None:
    lamp = say(cast, cast.ben)
    trashing.trash(member=cast.ben, images=[lamp])
    assert found(cast.vera, "brass") == []
    trashing.restore(member=cast.ben, images=[lamp])
    assert (found(cast.vera, "brass hallway", pick="yes"), found(cast.ben, favorite="yes")) == (["a lamp"], ["a lamp"])

    trashing.trash(member=cast.ben, images=[lamp])
    trashing.purge(member=cast.ben, images=[lamp])
    lamp.refresh_from_db()
    assert (lamp.sha256, lamp.picked_at, Tag.objects.get().uses) == ("", None, 0)
    assert not Mark.objects.exists()
    assert not Note.objects.exists()


def test_with_what_was_made_go_the_words_that_were_typed(cast: Cast) -> None:
    others, own = say(cast), say(cast, cast.ben)
    marking.note(member=cast.ada, image=own, text="Lovely")
    marking.favor(member=cast.ada, images=[own], is_favorite=True)
    assert cast.ben.person is not None
    closing.close(cast.ben.person, fates={cast.team.pk: closing.Fate(takes_down=True)})

    assert not Note.objects.exists()
    assert not Mark.objects.exists()
    assert list(Tagging.objects.values_list("image", flat=True)) == [others.pk]
    assert Tag.objects.get().uses == 1
    assert (found(cast.vera, "hallway"), found(cast.vera, "brass")) == ([], ["a lamp"])
