"""The inbox page: one's own lines, counted in the rail, read by a press."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Member, Notice, Role
from generations.services import notifying
from tests.conftest import Cast

WORD = notifying.Word(kind="test", subject="The lamp is <lit>", words="It shines.", path="/team/")


def test_lines_are_ones_own_and_are_marked_until_they_are_read(
    cast: Cast, signed_in: Callable[[Member], Client]
) -> None:
    for member in (cast.ben, cast.ada):
        assert member.person is not None
        notifying.tell(member.person, WORD)
    ben = signed_in(cast.ben)
    page = ben.get("/inbox/").content.decode()
    assert page.count("The lamp is &lt;lit&gt;") == 1
    assert '<a href="/team/">' in page
    assert "1 new" in page

    assert ben.get("/inbox/reading/").status_code == 405
    ben.post("/inbox/reading/")
    page = ben.get("/inbox/").content.decode()
    assert "1 new" not in page
    assert "Mark all as read" not in page
    assert Notice.objects.unread().get().person == cast.ada.person


def test_is_open_to_who_is_in_no_team(cast: Cast, signed_in: Callable[[Member], Client]) -> None:
    Member.objects.filter(pk=cast.ben.pk).update(left_at=cast.ben.joined_at)
    page = signed_in(cast.ben).get("/inbox/")
    assert page.status_code == 200
    assert "Nothing here yet" in page.content.decode()


class TestOfTwoTeams:
    """Ben is in Mallory's team, too, and was there last; what he is told of is in the northern one."""

    @pytest.fixture
    def notice(self, cast: Cast) -> Notice:
        assert cast.ben.person is not None
        south = Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.CREATOR)
        cast.ben.person.choose(south.team)
        return notifying.tell(cast.ben.person, WORD, team=cast.team)

    def test_a_line_leads_into_its_own_team_by_a_press(
        self, cast: Cast, notice: Notice, signed_in: Callable[[Member], Client]
    ) -> None:
        client, place = signed_in(cast.ben), reverse("notice", args=[notice.pk])
        page = client.get("/inbox/").content.decode()
        assert '<a href="/team/">The lamp' not in page
        assert f'action="{place}"' in page

        answer = client.post(place, follow=True)
        assert answer.redirect_chain == [("/team/", 302)]
        assert "North" in answer.content.decode()
        assert client.get(place).headers["Location"] == "/team/"
        assert f'action="{place}"' not in client.get("/inbox/").content.decode()

    def test_the_address_of_an_e_mail_asks_before_it_switches(
        self, cast: Cast, notice: Notice, signed_in: Callable[[Member], Client]
    ) -> None:
        client, place = signed_in(cast.ben), reverse("notice", args=[notice.pk])
        page = client.get(place).content.decode()
        assert "This is in North. You are in South now." in page
        assert "Go to North" in page
        assert "South" in client.get("/team/").content.decode()

    def test_a_team_that_is_left_is_not_gone_to(
        self, cast: Cast, notice: Notice, signed_in: Callable[[Member], Client]
    ) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(left_at=cast.ben.joined_at)
        answer = signed_in(cast.ben).post(reverse("notice", args=[notice.pk]), follow=True)
        assert answer.redirect_chain == [("/inbox/", 302)]
        assert "You are no longer in North" in answer.content.decode()

    def test_nobody_else_goes_by_it(self, cast: Cast, notice: Notice, signed_in: Callable[[Member], Client]) -> None:
        for member in (cast.ada, cast.mallory):
            client = signed_in(member)
            for method in (client.get, client.post):
                assert method(reverse("notice", args=[notice.pk])).status_code == 404

    @pytest.mark.parametrize("path", ["//evil.test/", "https://evil.test", "/\\evil.test", "javascript:alert(1)"])
    def test_it_leads_nowhere_outside(
        self, cast: Cast, notice: Notice, signed_in: Callable[[Member], Client], path: str
    ) -> None:
        Notice.objects.filter(pk=notice.pk).update(path=path)
        answer = signed_in(cast.ben).post(reverse("notice", args=[notice.pk]))
        assert answer.headers["Location"] == "/inbox/"
