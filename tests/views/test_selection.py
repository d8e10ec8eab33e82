"""The bar under the wall, as forms: with script and without, once for each press."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import BulkAct, Image, Mark, Member, Tagging
from generations.services import acting, boards, marking
from tests.conftest import Cast
from tests.making import finish_one

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the bar."""
    bar = page[page.index('id="selection"') :]
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', bar)[1] for name in ("request_key", "asked", "upto")}  # type: ignore[index]


def in_trash() -> set[object]:
    return set(Image.objects.in_trash().values_list("pk", flat=True))


def test_without_script_pictures_are_ticked_deleted_and_brought_back(cast: Cast, signed_in: SignIn) -> None:
    first, second = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a lamp")
    client = signed_in(cast.ben)
    page = client.get("/library/", {"q": "lamp", "select": "1"}).content.decode()
    assert f'value="{first.pk}" form="selection"' in page
    answer = client.post(reverse("selection"), fields_of(page) | {"act": "trash", "image": [first.pk]})
    assert (answer.headers["Location"], in_trash()) == ("/library/?q=lamp", {first.pk})

    page = client.get(answer.headers["Location"]).content.decode()
    assert "1 picture is in the trash." in page
    undo = re.search(r'action="(/library/acts/[^"]+/undo/)"', page)
    assert undo
    for _ in range(2):
        page = client.post(undo[1], follow=True).content.decode()
    assert "1 picture is back." in page
    assert in_trash() == set()
    assert Image.objects.visible_to(cast.ben).filter(pk=second.pk).exists()


def test_a_double_click_is_one_act_and_takes_the_cards_away(cast: Cast, signed_in: SignIn) -> None:
    first, second = finish_one(cast.ben), finish_one(cast.ben)
    client = signed_in(cast.ben)
    body = fields_of(client.get("/library/").content.decode()) | {"act": "trash", "image": [str(first.pk)]}
    said = [client.post(reverse("selection"), body, headers=HTMX).content.decode() for _ in range(2)]
    for page in said:
        assert f'id="image-{first.pk}" hx-swap-oob="delete"' in page
    client.post(reverse("selection"), body | {"image": [str(second.pk)]}, headers=HTMX)

    assert in_trash() == {first.pk}


def test_all_that_match_without_the_unticked_and_the_new(cast: Cast, signed_in: SignIn) -> None:
    lamps = [finish_one(cast.ben, "a lamp") for _ in range(3)]
    finish_one(cast.ben, "a window")
    client = signed_in(cast.ben)
    body = fields_of(client.get("/library/", {"q": "lamp"}).content.decode())
    finish_one(cast.ben, "a lamp")
    client.post(reverse("selection"), body | {"act": "trash", "all": "1", "except": [str(lamps[1].pk)]})

    assert in_trash() == {lamps[0].pk, lamps[2].pk}


def test_another_teams_pictures_are_nothing(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.mallory)
    body = {"act": "trash", "request_key": "k", "upto": str(image.pk)}
    for more in ({"image": [str(image.pk)]}, {"all": "1"}, {"image": ["x"]}, {"all": "1", "upto": "x"}):
        page = client.post(reverse("selection"), body | more, follow=True).content.decode()
        assert "Choose some pictures first." in page

    assert in_trash() == set()


def test_who_only_looks_is_offered_what_is_their_own(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.vera)
    page = client.get("/library/", {"select": "1"}).content.decode()
    assert ('value="favor"' in page, 'value="trash"' in page, 'value="pick"' in page) == (True, False, False)
    client.post(reverse("selection"), {"act": "trash", "image": [image.pk], "request_key": "k"})

    assert in_trash() == set()


def test_much_work_has_a_card_that_tells_how_far_it_is(
    cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "AT_ONCE", 1)
    finish_one(cast.ben)
    finish_one(cast.ben)
    client = signed_in(cast.ben)
    body = fields_of(client.get("/library/").content.decode()) | {"act": "trash", "all": "1"}
    page = client.post(reverse("selection"), body, headers=HTMX).content.decode()
    assert "Deleting 2 pictures" in page
    place = re.search(r'hx-get="(/library/acts/[^"]+)"', page)
    assert place
    assert place[1] in client.get("/library/").content.decode()
    acting.go_on(act=place[1].split("/")[3])
    page = client.get(place[1]).content.decode()

    assert "2 pictures are in the trash." in page
    assert "hx-get" not in page
    assert "Undo" in page


def test_boards_stars_tags_and_archives_take_what_was_chosen(cast: Cast, signed_in: SignIn) -> None:
    first, second = finish_one(cast.ben), finish_one(cast.ben)
    board = boards.make(member=cast.ben, name="Lamps", is_private=False)
    marking.rate(member=cast.ben, images=[first], rating=2)
    client = signed_in(cast.ben)
    both = {"image": [str(first.pk), str(second.pk)]}
    for sent in ({"board": str(board.pk)}, {"rating": "4"}, {"act": "tag", "names": "warm"}):
        client.post(reverse("selection"), both | sent | {"request_key": uuid.uuid4().hex})
    assert board.entries.count() == Tagging.objects.filter(tag__name="warm").count() == 2
    assert set(Mark.objects.filter(member=cast.ben).values_list("rating", flat=True)) == {4}

    for row in BulkAct.objects.all():
        client.post(reverse("bulk_act_undo", args=[row.pk]))
    assert board.entries.count() == Tagging.objects.count() == 0
    assert list(Mark.objects.filter(member=cast.ben).values_list("image", "rating")) == [(first.pk, 2)]

    answer = client.post(reverse("selection"), both | {"act": "download", "request_key": "k"})
    assert answer.headers["Location"].startswith("/archives/")


@pytest.mark.parametrize(
    "sent", [{"board": "x"}, {"rating": "9" * 20}, {"rating": "9"}, {"act": "tag"}, {"act": "rate"}]
)
def test_what_no_button_sends_does_nothing(cast: Cast, signed_in: SignIn, sent: dict[str, str]) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.ben)
    body = {"image": [str(image.pk)], "request_key": "k"}
    assert client.post(reverse("selection"), body | sent, follow=True).status_code == 200

    assert not Mark.objects.exists()
    assert not Tagging.objects.exists()


def test_a_board_of_another_team_is_none(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    theirs = boards.make(member=cast.mallory, name="Theirs", is_private=False)
    body = {"image": [str(image.pk)], "request_key": "k", "board": str(theirs.pk)}
    page = signed_in(cast.ben).post(reverse("selection"), body, follow=True).content.decode()

    assert theirs.entries.count() == 0
    assert "not yours to fill" in page
