"""Boards over HTTP: every step works as a plain form, and is nobody's who may not take it."""

from collections.abc import Callable

from django.test import Client

from generations.models import Board, Member
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.boards.hanging import begin

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


def test_a_board_is_begun_and_named_in_words_when_it_cannot_be(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.ben)
    answer = client.post("/boards/new/", {"name": " Ceramics \n of  May "})
    board = Board.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/boards/{board.pk}/")
    assert (board.name, board.is_private, board.search) == ("Ceramics of May", False, "")

    again = client.post("/boards/new/", {"name": "ceramics of may"})
    assert again.status_code == 422
    assert "There is a board called “ceramics of may” already" in again.content.decode()
    assert "Give the board a name." in client.post("/boards/new/", {}).content.decode()


def test_a_viewer_begins_private_ones_whatever_is_sent(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.vera)
    assert "only you see it" in client.get("/boards/new/").content.decode()
    client.post("/boards/new/", {"name": "Mine"})

    assert Board.objects.get().is_private


def test_a_search_is_kept_as_a_live_board(cast: Cast, signed_in: SignIn) -> None:
    finish_one(cast.ben, "a red lamp")
    client = signed_in(cast.ben)
    library = client.get("/library/", {"q": "lamp", "shape": "3:2"}).content.decode()
    assert 'id="facet-save" href="/boards/new/?q=lamp&amp;shape=3%3A2"' in library
    page = client.get("/boards/new/", {"q": "lamp", "shape": "3:2", "vendor": "nobody"}).content.decode()
    assert "A live board for “lamp”, shape: 3:2." in page
    assert 'name="search" value="q=lamp&amp;shape=3%3A2"' in page

    client.post("/boards/new/", {"name": "Lamps", "search": "shape=3:2&q=lamp&vendor=nobody&next=//evil.test"})
    board = Board.objects.get()
    assert board.search == "q=lamp&shape=3%3A2"
    page = signed_in(cast.vera).get(f"/boards/{board.pk}/?arrange=1").content.decode()
    assert 'alt="a red lamp"' in page
    assert "shows what matches now" in page
    assert "data-arrange" not in page
    assert "“lamp”, shape: 3:2" in client.get("/boards/").content.decode()


def test_a_private_board_is_not_there_for_anybody_else(cast: Cast, signed_in: SignIn) -> None:
    board = begin(cast.ben, "Hush", is_private=True, images=[finish_one(cast.ben)])
    image = board.entries.get().image_id
    for who in (cast.ada, cast.vera, cast.mallory):
        client = signed_in(who)
        for name in ("", "details/", "removal/"):
            assert client.get(f"/boards/{board.pk}/{name}").status_code == 404
        for name in ("details/", "removal/", "order/", "pictures/", "return/"):
            facts = {"name": "Mine", "image": str(image), "step": "last"}
            assert client.post(f"/boards/{board.pk}/{name}", facts).status_code == 404
        places = ("/boards/", "/library/", f"/library/?board={board.pk}")
        assert "Hush" not in "".join(client.get(place).content.decode() for place in places)

    assert board.entries.count() == 1


def test_a_board_is_renamed_shared_deleted_and_brought_back(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.ben)
    board = begin(cast.ben, is_private=True)
    place = f"/boards/{board.pk}/"
    answer = client.post(f"{place}details/", {"name": "Vases"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == place
    assert "Your team sees this board" in signed_in(cast.vera).get(place).content.decode()
    # A manager renames it; whose it is stays with its maker.
    signed_in(cast.ada).post(f"{place}details/", {"name": "Pots", "is_private": "on"})
    assert list(Board.objects.values_list("name", "is_private")) == [("Pots", False)]

    shelf = client.post(f"{place}removal/", follow=True).content.decode()
    assert "“Pots” is deleted" in shelf
    assert client.get(place).status_code == 404
    assert "Bring back" in shelf
    assert "Bring back" not in signed_in(cast.vera).get("/boards/").content.decode()
    assert client.post(f"{place}return/").headers["Location"] == place
    assert client.get(place).status_code == 200


def test_the_list_of_boards_answers_whatever_page_is_asked_for(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.vera)
    assert "No boards yet" in client.get("/boards/").content.decode()
    for begin_at in ("x", "-1", "9" * 30, "1.5", "²", "7"):
        assert client.get("/boards/", {"from": begin_at}).status_code == 200
