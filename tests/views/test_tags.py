"""The page of all tags, the names that fit what is typed, and what who manages the team does with one."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Member, Tag
from generations.services import marking
from tests.conftest import Cast
from tests.making import finish_one

pytestmark = pytest.mark.django_db

SignIn = Callable[[Member], Client]


@pytest.fixture
def tag(cast: Cast) -> Tag:
    marking.tag(member=cast.ben, images=[finish_one(cast.ben)], names=["Hallway"])
    made: Tag = Tag.objects.get()
    return made


def test_everybody_reads_the_list_and_managers_change_it(cast: Cast, signed_in: SignIn, tag: Tag) -> None:
    for member, may in ((cast.vera, False), (cast.ben, False), (cast.ada, True)):
        page = signed_in(member).get("/tags/").content.decode()
        assert f'href="/library/?tag={tag.pk}"' in page
        assert (reverse("tag", args=[tag.pk]) in page, "1 picture" in page) == (may, may)
    assert "No tags yet" in signed_in(cast.mallory).get("/tags/").content.decode()


def test_names_come_as_a_fragment(cast: Cast, signed_in: SignIn, tag: Tag) -> None:
    answer = signed_in(cast.vera).get("/tags/", {"name": "hal"}, headers={"HX-Request": "true"}).content.decode()
    assert answer.strip() == '<datalist id="tag-names"><option value="Hallway"></option></datalist>'
    answer = signed_in(cast.mallory).get("/tags/", {"name": "hal"}, headers={"HX-Request": "true"}).content.decode()
    assert "Hallway" not in answer


def test_a_tag_is_renamed_and_removed(cast: Cast, signed_in: SignIn, tag: Tag) -> None:
    client = signed_in(cast.ada)
    page = client.post(reverse("tag", args=[tag.pk]), {"name": "Attic"}, follow=True).content.decode()
    assert "Renamed to Attic." in page
    page = client.post(reverse("tag", args=[tag.pk]), {"name": "★"}, follow=True).content.decode()
    assert "no letter or digit" in page
    page = client.post(reverse("tag_removal", args=[tag.pk]), follow=True).content.decode()

    assert "No picture is tagged Attic any more." in page
    assert not Tag.objects.exists()


def test_two_become_one_by_name(cast: Cast, signed_in: SignIn, tag: Tag) -> None:
    marking.tag(member=cast.ben, images=[finish_one(cast.ben)], names=["Corridor"])
    page = signed_in(cast.ada).post(reverse("tag", args=[tag.pk]), {"name": "corridor"}, follow=True).content.decode()

    assert "Hallway and Corridor are one tag now, Corridor." in page
