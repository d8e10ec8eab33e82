"""Notes: by creators, for everybody who sees the picture, changed by who wrote them, found by their words."""

import pytest

from generations.models import AuditEntry, Note, Person
from generations.services import marking
from generations.services.marking import noting
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db


def write(cast: Cast, text: str = "Warm, for the hallway") -> Note:
    made = marking.note(member=cast.ben, image=finish_one(cast.ben, "a lamp"), text=text)
    assert made is not None
    return made


def test_its_words_find_the_picture_until_they_change_or_go(cast: Cast) -> None:
    note = write(cast)
    assert found(cast.vera, "hallway warm") == ["a lamp"]
    assert marking.edit_note(member=cast.ben, note=note, text="For the attic")
    assert not marking.edit_note(member=cast.ben, note=note, text=" For the attic ")
    assert (found(cast.vera, "hallway"), found(cast.vera, "attic")) == ([], ["a lamp"])
    assert Note.objects.get().edited_at is not None

    assert marking.unnote(member=cast.ben, note=note)
    assert not marking.unnote(member=cast.ben, note=note)
    assert found(cast.vera, "attic") == []


def test_lines_stay_and_what_is_no_character_goes(cast: Cast) -> None:
    assert write(cast, "  one\r\ntwo \0\n\n").text == "one\ntwo"


@pytest.mark.parametrize(("text", "words"), [(" \0\n", "Write something"), ("x" * 1001, "this has 1,001")])
def test_what_says_nothing_or_too_much_is_refused(cast: Cast, text: str, words: str) -> None:
    with pytest.raises(marking.WrongWords, match=words):
        write(cast, text)


def test_others_do_not_change_it_and_who_manages_deletes_it(cast: Cast) -> None:
    note = write(cast)
    with pytest.raises(marking.NotAllowed, match="Only who wrote"):
        marking.edit_note(member=cast.ada, note=note, text="Mine")
    with pytest.raises(marking.NotAllowed, match="Only who wrote a note, or"):
        marking.unnote(member=cast.vera, note=note)
    with pytest.raises(marking.NotAllowed, match="Viewers only look"):
        marking.note(member=cast.vera, image=note.image, text="Mine")

    assert marking.unnote(member=cast.ada, note=note)


def test_nobody_writes_under_what_they_do_not_see(cast: Cast) -> None:
    lamp = finish_one(cast.ben)
    lamp.generation.share(private=True)

    assert [marking.note(member=one, image=lamp, text="Mine") for one in (cast.ada, cast.mallory)] == [None, None]


def test_a_picture_has_so_many_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "NOTES_PER_PICTURE_MAX", 1)
    note = write(cast)
    with pytest.raises(marking.TooMany, match="1 notes at most"):
        marking.note(member=cast.ada, image=note.image, text="A second one")


def test_what_staff_delete_is_written_down(cast: Cast) -> None:
    root = Person.objects.create_superuser("root@studio.test", "a lamp beside the window")
    note = write(cast)
    marking.unnote_at_desk(by=root, note=note)

    assert found(cast.vera, "hallway") == []
    assert AuditEntry.objects.filter(action="note_deleted", person=root, target=f"image:{note.image_id}").count() == 1
