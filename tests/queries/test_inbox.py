"""An inbox: one's own lines, newest first, page by page."""

import pytest

from generations.models import Person
from generations.queries.inbox import PAGE, inbox_of
from generations.services import notifying
from tests.conftest import Cast


@pytest.fixture
def ben(cast: Cast) -> Person:
    assert cast.ben.person is not None
    return cast.ben.person


def tell(person: Person, number: int) -> None:
    for count in range(number):
        notifying.tell(person, notifying.Word(kind="test", subject=f"lamp {count}"))


def test_holds_the_newest_first_and_ones_own_alone(cast: Cast, ben: Person) -> None:
    tell(ben, 2)
    assert cast.ada.person is not None
    tell(cast.ada.person, 3)
    page = inbox_of(ben)
    assert ([one.subject for one in page.notices], page.unread, page.older) == (["lamp 1", "lamp 0"], 2, "")


def test_goes_on_with_the_older_ones(ben: Person) -> None:
    tell(ben, PAGE + 1)
    first = inbox_of(ben)
    rest = inbox_of(ben, before=first.older)
    assert (len(first.notices), len(rest.notices), rest.older) == (PAGE, 1, "")
    assert (rest.notices[0].subject, first.unread) == ("lamp 0", PAGE + 1)


@pytest.mark.parametrize("nonsense", ["x", "-1", "1e5", "٣", "9" * 30, " "])
def test_starts_anew_for_nonsense(ben: Person, nonsense: str) -> None:
    tell(ben, 1)
    assert len(inbox_of(ben, before=nonsense).notices) == 1


def test_ends_exactly_at_a_full_page(ben: Person) -> None:
    tell(ben, PAGE)
    assert inbox_of(ben).older == ""
