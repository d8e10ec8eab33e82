"""The page of a team: what each reader may see of its people, and what they used this month."""

import pytest

from generations.models import Member, Role
from generations.queries.team import team_page
from generations.services import teams
from tests.conftest import Cast, join
from tests.making import fail_one, finish_one


def test_everyone_sees_people_and_managers_their_addresses_and_the_waiting(cast: Cast) -> None:
    teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.VIEWER)
    for member in (cast.ben, cast.vera):
        page = team_page(member)
        assert (page.count, page.waiting, page.may_manage) == ("3 people", [], False)
        assert {row.email for row in page.people} == {""}
        assert not any(row.may_change for row in page.people)

    page = team_page(cast.ada)
    assert [row.name for row in page.people] == ["Ada", "Ben", "Vera"]
    assert page.people[1].email == "ben@studio.test"
    [waiting] = page.waiting
    assert (waiting.name, waiting.role_label, waiting.invited_by) == ("a@x.test", "Viewer", "you")
    assert [row.may_change for row in page.people] == [False, True, True]


def test_nobody_of_another_team_and_nobody_who_left_is_in_it(cast: Cast) -> None:
    teams.leave(member=cast.vera, heir=None)
    assert [row.name for row in team_page(cast.ada).people] == ["Ada", "Ben"]
    assert [row.name for row in team_page(cast.mallory).people] == ["Mallory"]


def test_an_admin_changes_no_owner(cast: Cast) -> None:
    ana = join(cast.team, "Ana", Role.ADMIN, credits=0)
    teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.OWNER)
    page = team_page(ana)
    assert {row.name: row.may_change for row in page.people} == {"Ana": False, "Ada": False, "Ben": True, "Vera": True}
    assert [value for value, _ in page.roles] == ["admin", "creator", "viewer"]
    assert [waiting.may_change for waiting in page.waiting] == [False]


def test_what_was_paid_this_month_counts_and_what_came_back_does_not(cast: Cast) -> None:
    image = finish_one(cast.ben)
    fail_one(cast.ben)
    used = {row.name: row.used for row in team_page(cast.ada).people}
    assert used == {"Ada": 0, "Ben": image.generation.price, "Vera": 0}


def test_nobody_is_left_out_however_many_there_are(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads comes first, then by rank; the count is of all."""
    monkeypatch.setattr("generations.queries.team.PEOPLE_SHOWN", 2)
    otto = join(cast.team, "Otto", Role.ADMIN, credits=0)
    first = team_page(cast.ben)
    second = team_page(cast.ben, start=first.more)
    assert [[row.name for row in page.people] for page in (first, second)] == [["Ben", "Ada"], ["Otto", "Vera"]]
    assert (first.count, second.count, first.more, second.more) == ("4 people", "4 people", "2", "")
    for nonsense in ("x", "-1", "٣", "9" * 30):
        assert [row.name for row in team_page(otto, start=nonsense).people] == ["Otto", "Ada"]


def test_the_page_costs_the_same_for_many_people(cast: Cast, django_assert_max_num_queries: object) -> None:
    ada = Member.objects.select_related("team", "person").get(pk=cast.ada.pk)
    for number in range(12):
        join(cast.team, f"P{number}", Role.CREATOR, credits=0)
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # the fixture has no type
        assert team_page(ada).count == "15 people"
