"""The rail asks nothing before it is shown, and shows each member their own credits."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve

from generations.models import Member, Theme
from generations.queries.rail import rail
from tests.conftest import Cast
from tests.making import make_waiting


def request_of(member: Member | None, path: str = "/") -> Any:
    request: Any = RequestFactory().get(path)
    request.user = member.person if member else AnonymousUser()
    request.member = member
    request.resolver_match = resolve(path)
    return request


def test_asks_nothing_until_it_is_written(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        rail(request_of(cast.ada))


def test_shows_what_is_left_and_what_is_held(cast: Cast) -> None:
    make_waiting(cast.ada, count=3)
    shown = rail(request_of(cast.ada))["rail"]
    assert (shown.available, shown.held) == (485, 15)
    assert shown.team_name == "North"


def test_knows_where_the_page_stands(cast: Cast) -> None:
    image = "/images/0199a3b4-0000-7000-8000-000000000000/"
    for path, place in {"/": "studio", "/library/": "library", "/credits/": "credits", image: "library"}.items():
        shown = rail(request_of(cast.ada, path))["rail"]
        assert [one.name.lower() for one in shown.places if one.is_current] == [place]


def test_shows_the_desk_to_staff_alone(cast: Cast) -> None:
    assert "Desk" not in [place.name for place in rail(request_of(cast.ada))["rail"].places]
    assert cast.ada.person is not None
    cast.ada.person.is_staff = True
    assert "Desk" in [place.name for place in rail(request_of(cast.ada))["rail"].places]


def test_is_nothing_before_sign_in(cast: Cast) -> None:
    context = rail(request_of(None, "/login/"))
    assert not context["rail"]
    assert str(context["theme"]) == "auto"


def test_is_empty_for_someone_without_a_team(cast: Cast) -> None:
    request = request_of(cast.ada)
    request.member = None
    shown = rail(request)["rail"]
    assert (shown.available, shown.held, shown.team_name) == (0, 0, "")


def test_brings_the_theme_of_the_person(cast: Cast) -> None:
    assert cast.ada.person is not None
    cast.ada.person.theme = Theme.DARK
    assert str(rail(request_of(cast.ada))["theme"]) == "dark"
