"""Moderators of the studio rename a board of a team, or take it away; nobody else does, and nobody a private one."""

import pytest

from generations.models import AuditEntry, Board, Notice, Person
from generations.services import boards
from tests.conftest import Cast
from tests.services.boards.hanging import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(cast: Cast) -> Person:
    made: Person = Person.objects.create_user("mo@studio.test", None, is_staff=True, desk_role="moderator")
    return made


def test_a_board_is_taken_away_for_good_and_its_maker_is_told(cast: Cast, staff: Person) -> None:
    shared = begin(cast.ben, "Something foul")
    boards.take_away(by=staff, board=shared)

    assert not Board.objects.exists()
    assert "Something foul" in Notice.objects.get(person=cast.ben.person, kind="board_removed").subject
    line = AuditEntry.objects.get(action="board_removed")
    assert (line.team, line.person, line.before) == (cast.team, staff, {"name": "Something foul"})


def test_a_board_is_called_otherwise(cast: Cast, staff: Person) -> None:
    shared = begin(cast.ben, "Something foul")
    begin(cast.ada, "Taken")
    with pytest.raises(boards.NameTaken):
        boards.correct(by=staff, board=shared, name="Taken")
    for _ in range(2):
        boards.correct(by=staff, board=shared, name="Something")

    assert Board.objects.get(pk=shared.pk).name == "Something"
    assert Notice.objects.filter(person=cast.ben.person).count() == 1
    assert AuditEntry.objects.get(action="board_renamed").after == {"name": "Something"}


def test_nobody_else_does_and_nobody_a_private_one(cast: Cast, staff: Person) -> None:
    shared, own = begin(cast.ben), begin(cast.ben, is_private=True)
    assert cast.ada.person is not None
    with pytest.raises(boards.NotTheirs):
        boards.take_away(by=cast.ada.person, board=shared)
    with pytest.raises(boards.NotTheirs):
        boards.correct(by=cast.ada.person, board=shared, name="Other")
    with pytest.raises(boards.BoardGone):
        boards.take_away(by=staff, board=own)

    assert Board.objects.count() == 2
