"""The rail asks nothing before it is shown, and shows each member their own credits."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve, reverse

from generations.models import Allowance, Member, Role, Theme
from generations.queries.rail import rail
from generations.services import notifying
from tests.conftest import Cast, join
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


class TestFewCreditsLeft:
    """Said with an icon and in words: the color only agrees."""

    def words(self, member: Member) -> str:
        shortage = rail(request_of(member))["rail"].shortage
        return shortage.words if shortage else ""

    @pytest.mark.parametrize(("left", "words"), [(41, ""), (40, "Low"), (1, "Low"), (0, "None left")])
    def test_are_a_fifth_of_the_monthly_allowance(self, cast: Cast, left: int, words: str) -> None:
        pia = join(cast.team, "Pia", Role.CREATOR, credits=left)
        Allowance.objects.create(member=pia, amount=200)

        assert self.words(pia) == words

    @pytest.mark.parametrize(("left", "words"), [(21, ""), (20, "Low"), (0, "None left")])
    def test_are_without_one_a_fifth_of_what_members_begin_with(self, cast: Cast, left: int, words: str) -> None:
        assert cast.team.starting_credits == 100
        assert self.words(join(cast.team, "Pia", Role.CREATOR, credits=left)) == words

    def test_are_no_news_to_who_only_looks(self, cast: Cast) -> None:
        assert self.words(join(cast.team, "Vic", Role.VIEWER, credits=0)) == ""

    def test_cost_no_query(self, cast: Cast, django_assert_num_queries: Any) -> None:
        pia = join(cast.team, "Pia", Role.CREATOR, credits=3)
        with django_assert_num_queries(3):
            self.words(cast.ben)
        with django_assert_num_queries(3):
            self.words(pia)

    @pytest.mark.parametrize(("left", "words", "icon"), [(3, "Low", "warning"), (0, "None left", "cancel")])
    def test_are_on_every_page(self, cast: Cast, signed_in: Any, left: int, words: str, icon: str) -> None:
        pia = join(cast.team, "Pia", Role.CREATOR, credits=left)
        page = signed_in(pia).get(reverse("library")).content.decode()
        pill = page.split('id="rail-credits"')[1].split("</a>")[0]

        assert f'#i-{icon}"/></svg>{words}</span>' in pill


def test_knows_where_the_page_stands(cast: Cast) -> None:
    image = "/images/0199a3b4-0000-7000-8000-000000000000/"
    places = {"/": "studio", "/library/": "library", "/credits/": "credits", image: "library"}
    for path, place in {**places, "/team/keys/": "team", "/team/roles/": "team", "/credits/report/": "credits"}.items():
        shown = rail(request_of(cast.ada, path))["rail"]
        assert [one.name.lower() for one in shown.places if one.is_current] == [place]


def test_shows_the_desk_to_staff_alone(cast: Cast) -> None:
    assert "Desk" not in [place.name for place in rail(request_of(cast.ada))["rail"].places]
    assert cast.ada.person is not None
    cast.ada.person.is_staff = True
    assert "Desk" in [place.name for place in rail(request_of(cast.ada))["rail"].places]


def test_counts_what_is_unread(cast: Cast) -> None:
    assert cast.ben.person
    notifying.tell(cast.ben.person, notifying.Word(kind="test", subject="Hello"))

    assert {place.name: place.count for place in rail(request_of(cast.ben))["rail"].places if place.count} == {
        "Inbox": 1
    }
    assert not any(place.count for place in rail(request_of(cast.ada))["rail"].places)


def test_offers_other_teams_to_who_has_some(cast: Cast) -> None:
    assert rail(request_of(cast.ben))["rail"].rooms == []
    Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.VIEWER)
    rooms = rail(request_of(cast.ben))["rail"].rooms

    assert [(room.name, room.is_current) for room in rooms] == [
        (cast.team.name, True),
        (cast.mallory.team.name, False),
    ]


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
