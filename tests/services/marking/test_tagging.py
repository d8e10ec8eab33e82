"""Tags are words of a team: one for all spellings, found by typing and by picking, and never seen past a picture."""

import pytest
from django.db import IntegrityError, transaction

from generations.models import Image, Tag, Tagging
from generations.queries.tags import labels_of, offered, tags_page
from generations.services import marking, teams
from generations.services.marking import tagging
from tests.conftest import Cast
from tests.making import finish_many, finish_one
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db


def names(image: Image) -> list[str]:
    return list(Tagging.objects.filter(image=image).order_by("pk").values_list("tag__name", flat=True))


def test_a_picture_is_found_by_a_tag_typed_or_picked(cast: Cast) -> None:
    lamp, _ = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a window")
    assert marking.tag(member=cast.ben, images=[lamp], names=["Autumn campaign, hallway"]) == [lamp.pk]
    tag = Tag.objects.get(folded="autumn campaign")

    assert found(cast.vera, "autu") == found(cast.vera, "hall camp") == found(cast.ada, tag=str(tag.pk)) == ["a lamp"]
    assert found(cast.mallory, "autumn") == []
    assert marking.untag(member=cast.ada, images=[lamp], names=["AUTUMN CAMPAIGN"]) == [lamp.pk]
    assert found(cast.vera, "autumn") == found(cast.vera, tag=str(tag.pk)) == []
    assert found(cast.vera, "hallway") == ["a lamp"]


def test_two_spellings_are_one_tag_as_it_was_typed_first(cast: Cast) -> None:
    lamp, window = finish_one(cast.ben), finish_one(cast.ben)
    marking.tag(member=cast.ben, images=[lamp], names=["Café  Noir"])

    assert marking.tag(member=cast.ada, images=[lamp, window], names=["cafe-noir", "CAFÉ NOIR"]) == [window.pk]
    assert names(lamp) == names(window) == ["Café Noir"]
    assert Tag.objects.get().uses == 2


def test_each_team_has_its_own(cast: Cast) -> None:
    marking.tag(member=cast.ben, images=[finish_one(cast.ben)], names=["lamps"])
    marking.tag(member=cast.mallory, images=[finish_one(cast.mallory)], names=["lamps"])

    assert Tag.objects.filter(folded="lamps").count() == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Type the name"), (" , ", "Type the name"), ("★", "no letter or digit"), ("x" * 41, "40 characters at most")],
)
def test_what_is_no_name_is_refused(cast: Cast, name: str, words: str) -> None:
    with pytest.raises(marking.WrongWords, match=words):
        marking.tag(member=cast.ben, images=[finish_one(cast.ben)], names=[name])
    assert not Tag.objects.exists()


@pytest.mark.parametrize("name", ["a\0b", "東京タワー", "ﷺ" * 40, "ß" * 40, "ーa\u202eb", "İ" * 40])
def test_whatever_has_a_letter_is_a_name(cast: Cast, name: str) -> None:
    lamp = finish_one(cast.ben)
    marking.tag(member=cast.ben, images=[lamp], names=[name])

    assert marking.untag(member=cast.ben, images=[lamp], names=[name]) == [lamp.pk]


def test_viewers_do_not_tag(cast: Cast) -> None:
    lamp = finish_one(cast.ben)
    for act in (marking.tag, marking.untag):
        with pytest.raises(marking.NotAllowed, match="Viewers only look"):
            act(member=cast.vera, images=[lamp], names=["lamps"])


def test_a_full_picture_stays_as_it_is_and_the_others_are_tagged(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "TAGS_PER_PICTURE_MAX", 2)
    full, other = finish_many(cast.ben, 2)
    marking.tag(member=cast.ben, images=[full], names=["brass", "hall"])

    assert marking.tag(member=cast.ben, images=[full, other], names=["oak"]) == [other.pk]
    assert marking.tag(member=cast.ben, images=[full], names=["Brass"]) == []
    with pytest.raises(marking.TooMany, match="2 tags at most"):
        marking.tag(member=cast.ben, images=[full], names=["oak"])
    assert names(full) == ["brass", "hall"]


def test_a_team_has_so_many_tags_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "TAGS_PER_TEAM_MAX", 1)
    lamp = finish_one(cast.ben)
    marking.tag(member=cast.ben, images=[lamp], names=["brass"])
    with pytest.raises(marking.TooMany, match="Your team has 1 tags"):
        marking.tag(member=cast.ben, images=[lamp], names=["oak"])


def test_tags_of_what_somebody_keeps_to_themselves_are_nobody_elses(cast: Cast) -> None:
    lamp = finish_one(cast.ben, "a lamp")
    marking.tag(member=cast.ben, images=[lamp], names=["Surprise party"])
    teams.choose_privacy(by=cast.ben, generation=lamp.generation, private=True)
    tag = Tag.objects.get()

    assert (offered(cast.ben, "sur"), labels_of(cast.ben, [str(tag.pk)])) == (
        ["Surprise party"],
        {str(tag.pk): tag.name},
    )
    for member in (cast.ada, cast.vera, cast.mallory):
        assert (offered(member, "sur"), labels_of(member, [str(tag.pk)]), tags_page(member).lines) == ([], {}, [])
        assert found(member, "surprise") == []


def test_names_are_completed_after_the_last_comma_most_used_first(cast: Cast) -> None:
    many = finish_many(cast.ben, 3)
    marking.tag(member=cast.ben, images=many[:1], names=["Halle"])
    marking.tag(member=cast.ben, images=many, names=["Hallway", "Oak"])

    assert offered(cast.vera, "HÁL") == ["Hallway", "Halle"]
    assert offered(cast.vera, "oak, hallw") == ["oak, Hallway"]
    assert offered(cast.vera, "oak,") == offered(cast.vera, "way") == offered(cast.vera, "\0") == []


def test_the_database_keeps_one_of_each(cast: Cast) -> None:
    marking.tag(member=cast.ben, images=[finish_one(cast.ben)], names=["lamps"])
    row = Tag.objects.get()
    for make in (
        lambda: Tag.objects.create(team=cast.team, name="Lamps", folded="lamps"),
        lambda: Tag.objects.create(team=cast.team, name="", folded="x"),
        lambda: Tagging.objects.create(tag=row, image=Image.objects.get(), member=cast.ada),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()
