"""Boards are made, shared and deleted by whom they are; those of a leaver go where their private pictures go."""

import pytest

from generations.models import AuditEntry, Board, BoardEntry, Member, Role
from generations.models.board import NAME_CHARACTERS_MAX
from generations.services import boards, teams
from generations.services.boards import making
from tests.conftest import Cast, join
from tests.making import finish_many, finish_one
from tests.services.boards.hanging import begin, hung

pytestmark = pytest.mark.django_db


def names(member: Member) -> set[str]:
    return set(Board.objects.visible_to(member).values_list("name", flat=True))


class TestMaking:
    def test_shares_with_the_team_or_keeps_to_oneself(self, cast: Cast) -> None:
        begin(cast.ben, "For all")
        begin(cast.ben, "For Ben", is_private=True)
        begin(cast.vera, "For Vera", is_private=True)

        assert names(cast.ben) == {"For all", "For Ben"}
        assert names(cast.vera) == {"For all", "For Vera"}
        assert names(cast.ada) == {"For all"}
        assert names(cast.mallory) == set()

    def test_is_not_for_viewers_where_the_team_would_see_it(self, cast: Cast) -> None:
        with pytest.raises(boards.NotTheirs, match="Make it a private one"):
            begin(cast.vera)
        own = begin(cast.vera, is_private=True)
        with pytest.raises(boards.NotTheirs):
            boards.change(member=cast.vera, board=own, name="Mine", is_private=False)

    def test_takes_a_name_once_in_the_team_and_once_for_oneself(self, cast: Cast) -> None:
        begin(cast.ben, "Straße")
        for name in ("Straße", "STRASSE", "\uff33trasse"):
            with pytest.raises(boards.NameTaken, match=name):
                begin(cast.ada, name)
        for maker in (cast.ada, cast.ben):
            begin(maker, "Straße", is_private=True)
        begin(cast.mallory, "Straße")
        with pytest.raises(boards.NameTaken):
            begin(cast.ben, "strasse", is_private=True)

    def test_ends_where_nobody_would_find_one_any_more(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        for limit in ("SHARED_MAX", "PRIVATE_MAX"):
            monkeypatch.setattr(making, limit, 1)
        begin(cast.ben)
        begin(cast.ben, is_private=True)
        begin(cast.ada, is_private=True)
        with pytest.raises(boards.TooManyBoards, match="Your team has 1"):
            begin(cast.ada, "Another")
        with pytest.raises(boards.TooManyBoards, match="You have 1"):
            begin(cast.ada, "Another", is_private=True)

    def test_of_a_search_too_long_is_refused(self, cast: Cast) -> None:
        with pytest.raises(boards.TooLong):
            boards.make(member=cast.ben, name="Long", is_private=True, search="q=" + "x" * 4000)

    def test_of_a_search_within_a_private_board_stays_private(self, cast: Cast) -> None:
        own = begin(cast.ben, "Own", is_private=True)
        search = f"q=lamp&board={own.pk}"
        with pytest.raises(boards.NotTheirs, match="private board"):
            boards.make(member=cast.ben, name="Lamps", is_private=False, search=search)
        kept = boards.make(member=cast.ben, name="Lamps", is_private=True, search=search)
        with pytest.raises(boards.NotTheirs):
            boards.change(member=cast.ben, board=kept, name="Lamps", is_private=False)


class TestChanging:
    def test_is_for_the_maker_and_of_shared_ones_for_managers(self, cast: Cast) -> None:
        nina = join(cast.team, "Nina", Role.CREATOR, credits=0)
        shared, own = begin(cast.ben), begin(cast.ben, is_private=True)
        for who, board in ((nina, shared), (cast.vera, shared), (cast.mallory, shared), (cast.ada, own)):
            with pytest.raises(boards.BoardGone):
                boards.change(member=who, board=board, name="Other", is_private=board.is_private)
            with pytest.raises(boards.BoardGone):
                boards.delete(member=who, board=board)
        boards.change(member=cast.ada, board=shared, name="Vases", is_private=False)

        assert Board.objects.get(pk=shared.pk).name == "Vases"
        line = AuditEntry.objects.get(action="board_renamed")
        assert (line.before, line.after, line.person) == ({"name": "Ceramics"}, {"name": "Vases"}, cast.ada.person)

    def test_lets_nobody_but_the_maker_take_it_from_the_team(self, cast: Cast) -> None:
        shared = begin(cast.ben)
        with pytest.raises(boards.NotTheirs):
            boards.change(member=cast.ada, board=shared, name="Ceramics", is_private=True)
        boards.change(member=cast.ben, board=shared, name="Ceramics", is_private=True)

        assert names(cast.ada) == set()
        assert not AuditEntry.objects.filter(action__startswith="board").exists()


class TestDeleting:
    def test_deletes_no_picture_and_can_be_undone_for_a_month(self, cast: Cast, pass_time: object) -> None:
        images = finish_many(cast.ben, 2)
        board = begin(cast.ben, images=images)
        boards.delete(member=cast.ada, board=board)
        assert names(cast.ben) == set()
        assert [image.pk for image in images if image.deleted_at] == []
        boards.bring_back(member=cast.ben, board=board)
        assert (names(cast.vera), board.entries.count()) == ({"Ceramics"}, 2)

        boards.delete(member=cast.ben, board=board)
        pass_time(31 * 86400)  # type: ignore[operator]
        with pytest.raises(boards.BoardGone):
            boards.bring_back(member=cast.ben, board=board)
        assert [boards.prune() for _ in range(2)] == [1, 0]
        assert (Board.objects.exists(), BoardEntry.objects.exists()) == (False, False)

    def test_frees_its_name_so_that_it_waits_for_it_on_the_way_back(self, cast: Cast) -> None:
        first = begin(cast.ben)
        boards.delete(member=cast.ben, board=first)
        second = begin(cast.ada)
        with pytest.raises(boards.NameTaken):
            boards.bring_back(member=cast.ben, board=first)
        boards.change(member=cast.ada, board=second, name="Vases", is_private=False)
        boards.bring_back(member=cast.ben, board=first)

        assert names(cast.vera) == {"Ceramics", "Vases"}


class TestLeaving:
    def test_leaves_what_the_team_shares_and_private_ones_to_the_heir(self, cast: Cast) -> None:
        secret = finish_one(cast.ben, "a secret")
        secret.generation.share(private=True)
        begin(cast.ben, "For all")
        for name in ("Own", "x" * NAME_CHARACTERS_MAX):
            begin(cast.ben, name, is_private=True, images=[secret])
            begin(cast.ada, name, is_private=True)
        teams.leave(member=cast.ben, heir=cast.ada)

        assert names(cast.ada) == {"For all", "Own", "Own 2", "x" * 60, "x" * 58 + " 2"}
        assert hung(Board.objects.get(name="Own 2"), cast.ada) == ["a secret"]
        assert names(cast.vera) == {"For all"}

    def test_without_an_heir_takes_private_ones_along(self, cast: Cast) -> None:
        begin(cast.ben, "For all")
        gone = begin(cast.ben, "Gone", is_private=True)
        boards.delete(member=cast.ben, board=gone)
        begin(cast.ben, "Own", is_private=True, images=finish_many(cast.ben, 2))
        teams.remove(by=cast.ada, member=cast.ben, heir=None)

        assert list(Board.objects.values_list("name", flat=True)) == ["For all"]
        assert not BoardEntry.objects.exists()

    def test_of_the_last_one_takes_all_along(self, cast: Cast) -> None:
        begin(cast.mallory, "South")
        begin(cast.mallory, "Own", is_private=True)
        teams.close(member=cast.mallory)

        assert not Board.objects.exists()
