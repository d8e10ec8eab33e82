"""Pictures come on boards, off them and to other places by forms; with script the page hears what changed."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from generations.models import Board, Member
from generations.services.boards import filling
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.boards.hanging import begin, hung

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


def test_the_boards_of_a_picture_are_ticked_and_a_new_one_begun(cast: Cast, signed_in: SignIn) -> None:
    lamp = finish_one(cast.ben, "a lamp")
    one, other = begin(cast.ben, "One", images=[lamp]), begin(cast.ada, "Other")
    client, place = signed_in(cast.ben), f"/images/{lamp.pk}/boards/"
    sheet = client.get(place).content.decode()
    assert f'value="{one.pk}" autocomplete="off" checked' in sheet
    assert f'value="{other.pk}" autocomplete="off">' in sheet
    sent = {"shown": [one.pk, other.pk], "board": [other.pk], "name": "Third", "is_private": "on"}
    assert client.post(place, sent).headers["Location"] == f"/images/{lamp.pk}/"

    assert (hung(one, cast.ben), hung(other, cast.ben)) == ([], ["a lamp"])
    third = Board.objects.get(name="Third")
    assert (third.is_private, hung(third, cast.ben)) == (True, ["a lamp"])
    page = client.get(f"/images/{lamp.pk}/").content.decode()
    assert f'<a href="/boards/{other.pk}/">Other</a>' in page
    assert "Third" not in signed_in(cast.vera).get(f"/images/{lamp.pk}/").content.decode()


def test_with_script_the_panel_comes_back_and_a_refusal_stays_on_the_sheet(cast: Cast, signed_in: SignIn) -> None:
    lamp = finish_one(cast.ben)
    one = begin(cast.ben, "One")
    client, place = signed_in(cast.ben), f"/images/{lamp.pk}/boards/"
    answer = client.post(place, {"shown": one.pk, "board": one.pk}, headers=HTMX)
    assert 'id="image-boards"' in answer.content.decode()
    assert 'hx-swap-oob="true"' in answer.content.decode()
    refused = client.post(place, {"shown": one.pk, "board": one.pk, "name": "ONE"}, headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#dialog")
    assert "There is a board called “ONE” already" in refused.content.decode()


def test_nonsense_changes_nothing(cast: Cast, signed_in: SignIn) -> None:
    board = begin(cast.ben)
    client = signed_in(cast.ben)
    for nonsense in ("x", "-1", "9" * 30, "²", "\0", str(uuid4())):
        for name in ("order", "pictures"):
            facts = dict.fromkeys(("shown", "board", "image", "of", "step"), nonsense)
            assert client.post(f"/boards/{board.pk}/{name}/", facts).status_code in {302, 404}


def test_a_picture_of_others_alone_is_put_nowhere(cast: Cast, signed_in: SignIn) -> None:
    kept = finish_one(cast.ada)
    kept.generation.share(private=True)
    board = begin(cast.ben)
    client = signed_in(cast.ben)
    assert client.get(f"/images/{kept.pk}/boards/").status_code == 404
    client.post(f"/boards/{board.pk}/pictures/", {"image": kept.pk, "act": "put"})

    assert not board.entries.exists()


def test_a_picture_is_taken_off_and_put_back(cast: Cast, signed_in: SignIn) -> None:
    lamp, fox = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a fox")
    board = begin(cast.ben, images=[lamp, fox])
    client, place = signed_in(cast.ada), f"/boards/{board.pk}/pictures/"
    answer = client.post(place, {"image": fox.pk}, headers=HTMX).content.decode()
    assert 'id="board-count" role="status" hx-swap-oob="innerHTML">1 picture<' in answer
    assert hung(board, cast.ben) == ["a lamp"]
    assert client.post(place, {"image": fox.pk, "act": "put"}).headers["Location"] == f"/boards/{board.pk}/?arrange=1"
    assert hung(board, cast.ben) == ["a fox", "a lamp"]


def test_a_full_board_says_so_and_leaves_the_page_as_it_is(
    cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "ENTRIES_MAX", 0)
    lamp, board = finish_one(cast.ben), begin(cast.ben)
    sent = {"image": lamp.pk, "act": "put"}
    answer = signed_in(cast.ben).post(f"/boards/{board.pk}/pictures/", sent, headers=HTMX)

    assert answer.headers["HX-Reswap"] == "none"
    assert "at most" in answer.content.decode()


def test_a_picture_is_moved_and_the_page_hears_where_to(cast: Cast, signed_in: SignIn) -> None:
    lamp, fox = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a fox")
    board = begin(cast.ben, images=[lamp, fox])
    client, place = signed_in(cast.ben), f"/boards/{board.pk}/order/"
    answer = client.post(place, {"image": lamp.pk, "step": "earlier"}, headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"]) == {"studio:moved": {"image": str(lamp.pk), "before": str(fox.pk)}}
    assert "“a lamp” is now 1 of 2." in answer.content.decode()

    there = client.post(place, {"image": lamp.pk, "of": fox.pk}).headers["Location"]
    assert there == f"/boards/{board.pk}/?arrange=1#place-{lamp.pk}"
    assert hung(board, cast.ben) == ["a fox", "a lamp"]
    page = client.get(f"/boards/{board.pk}/?arrange=1").content.decode()
    assert f'data-arrange="{place}"' in page
    assert "data-arrange" not in signed_in(cast.vera).get(f"/boards/{board.pk}/?arrange=1").content.decode()
