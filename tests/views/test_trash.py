"""The trash as pages: what each sees there, brings back and gets rid of, all by plain forms."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Image, Member
from generations.services import trashing
from tests.conftest import Cast
from tests.making import finish_one

SignIn = Callable[[Member], Client]


def undo_of(page: str) -> str:
    found = re.search(r'action="([^"]+)"[^>]*>(?:(?!</form>).)*>Undo<', page)
    assert found
    return found[1]


def test_a_picture_is_deleted_on_its_page_and_comes_back_by_undo(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben, "a lamp")
    client = signed_in(cast.ben)
    assert reverse("image_removal", args=[image.pk]) in client.get(reverse("image", args=[image.pk])).content.decode()
    page = client.post(reverse("image_removal", args=[image.pk]), follow=True).content.decode()
    assert "a lamp" not in page
    assert client.get(reverse("image", args=[image.pk])).status_code == 404

    page = client.post(undo_of(page), follow=True).content.decode()
    assert "The picture is back." in page
    assert 'alt="a lamp"' in page


def test_who_may_not_delete_finds_no_button_and_is_told(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.vera)
    assert (
        reverse("image_removal", args=[image.pk]) not in client.get(reverse("image", args=[image.pk])).content.decode()
    )

    page = client.post(reverse("image_removal", args=[image.pk]), follow=True).content.decode()
    assert trashing.NOT_YOURS in page
    assert not Image.objects.in_trash().exists()


def test_files_of_what_is_deleted_are_for_who_may_bring_it_back(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    trashing.trash(member=cast.ben, images=[image])
    small, large = reverse("image_file", args=[image.pk, 384]), reverse("image_original", args=[image.pk])
    for who, status in ((cast.ben, 200), (cast.ada, 200), (cast.vera, 404), (cast.mallory, 404)):
        answer = signed_in(who).get(small)
        answer.getvalue()
        assert answer.status_code == status
        assert signed_in(who).get(large).status_code == 404


def test_everybody_sees_what_they_may_bring_back(cast: Cast, signed_in: SignIn) -> None:
    mine, theirs, kept = (
        finish_one(who, words) for who, words in ((cast.ben, "mine"), (cast.ada, "theirs"), (cast.ben, "kept"))
    )
    kept.generation.share(private=True)
    trashing.trash(member=cast.ada, images=[mine, theirs])
    trashing.trash(member=cast.ben, images=[kept])
    pages = {
        who: signed_in(getattr(cast, who)).get("/trash/").content.decode() for who in ("ada", "ben", "vera", "mallory")
    }
    seen = {
        who: {words for words in ("mine", "theirs", "kept") if f'alt="{words}"' in page} for who, page in pages.items()
    }

    assert seen == {"ada": {"mine", "theirs"}, "ben": {"mine", "kept"}, "vera": set(), "mallory": set()}
    assert "30 days left" in pages["ben"]
    assert "Deleted by Ada, made by you" in pages["ben"]
    assert "Nothing in the trash" in pages["vera"]


def test_the_chosen_come_back(cast: Cast, signed_in: SignIn) -> None:
    first, second = finish_one(cast.ben), finish_one(cast.ben)
    trashing.trash(member=cast.ben, images=[first, second])
    client = signed_in(cast.ben)
    page = client.post(reverse("trash_restoration"), {"image": [first.pk, "nonsense"]}, follow=True).content.decode()
    assert "1 picture is back" in page
    assert list(Image.objects.in_trash().values_list("pk", flat=True)) == [second.pk]

    assert trashing.NOT_BACK not in page
    assert "Choose the pictures first." in client.post(reverse("trash_restoration"), follow=True).content.decode()


def test_nothing_goes_for_good_without_being_asked_twice(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    trashing.trash(member=cast.ben, images=[image])
    client = signed_in(cast.ben)
    asked = client.post(reverse("trash_removal"), {"image": [image.pk]}).content.decode()
    assert "Delete 1 picture for good?" in asked
    assert Image.objects.in_trash().exists()
    client.post(reverse("trash_removal"), {"image": [image.pk], "sure": "1"})

    assert not Image.objects.in_trash().exists()


def test_of_anothers_trash_nothing_is_touched(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    trashing.trash(member=cast.ben, images=[image])
    client = signed_in(cast.mallory)
    for name, more in (
        ("trash_restoration", {}),
        ("trash_removal", {"sure": "1"}),
        ("trash_removal", {"all": "1", "sure": "1"}),
    ):
        client.post(reverse(name), {"image": [image.pk], **more})
    for name in ("image_removal", "image_restoration"):
        assert client.post(reverse(name, args=[image.pk])).status_code == 404

    assert Image.objects.in_trash().get().pk == image.pk


def test_pages_follow_each_other_without_gap_or_double(
    cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.queries.trash.PAGE", 2)
    images = [finish_one(cast.ben) for _ in range(5)]
    trashing.trash(member=cast.ben, images=images[:3])
    trashing.trash(member=cast.ben, images=images[3:])
    client, place, seen = signed_in(cast.ben), "/trash/", []
    while place:
        page = client.get(place).content.decode()
        seen += re.findall(r'id="thrown-([^"]+)"', page)
        place = (re.findall(r'href="(/trash/\?before=[^"]+)"', page) or [""])[0].replace("&amp;", "&")

    assert sorted(seen) == sorted(str(image.pk) for image in images)
    assert len(seen) == 5


@pytest.mark.parametrize("before", ["x", "_", "2026-01-01_x", "2026-01-01T00:00:00", "9" * 50, "\0"])
def test_a_place_nobody_wrote_is_the_first_page(cast: Cast, signed_in: SignIn, before: str) -> None:
    assert signed_in(cast.ben).get("/trash/", {"before": before}).status_code == 200
