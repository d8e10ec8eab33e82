"""The page behind an invitation: says what it is, spends it only by joining, and what became of it when it is over."""

from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import Invitation, Member, Person, Role
from generations.services import reviewing, teams
from tests.cases import make_moderator
from tests.conftest import Cast
from tests.services.teams.people import kinds

FORM = {"name": "Nia", "email": "nia@studio.test", "password": "nine lamps on a sill"}
WEEK = 7 * 24 * 3600
SignIn = Callable[[Member], Client]


@pytest.fixture
def path(cast: Cast) -> str:
    return teams.make_link(by=cast.ada, role=Role.CREATOR)


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


class TestANewcomer:
    def test_looks_as_often_as_they_like_and_joins_once(self, path: str) -> None:
        client = Client()
        for _ in range(3):
            page = read(client, path)
        assert "Join North" in page
        assert "Ada invites you to make pictures together, as creator." in page

        answer = client.post(path, FORM, follow=True)
        assert answer.redirect_chain == [("/", 302)]
        assert "Welcome to North" in answer.content.decode()
        assert "was used" in read(Client(), path, 410)
        assert Client().post(path, FORM | {"email": "other@studio.test"}).status_code == 410
        assert Person.objects.filter(email="other@studio.test").count() == 0

    def test_reads_why_a_password_will_not_do(self, path: str) -> None:
        answer = Client().post(path, FORM | {"password": "short"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "nia@studio.test" in page
        assert "short" not in page.replace("too short", "")
        assert "Join North" in read(Client(), path)

    def test_with_an_address_that_has_an_account_is_sent_to_sign_in(self, cast: Cast, path: str) -> None:
        answer = Client().post(path, FORM | {"email": "ben@studio.test"})
        assert answer.status_code == 422
        assert "Sign in first" in answer.content.decode()

    def test_cannot_choose_another_address_role_or_team(self, cast: Cast) -> None:
        [invited] = teams.invite(by=cast.ada, emails=["named@x.test"], role=Role.VIEWER)
        forged = {"email": "mine@x.test", "role": "owner", "team": str(cast.mallory.team_id), "is_staff": "on"}
        Client().post(invited.path, FORM | forged)
        person = Person.objects.get(email="named@x.test")
        assert [(one.team, one.role) for one in Member.objects.of(person)] == [(cast.team, "viewer")]
        assert not person.is_staff

    def test_is_led_back_here_by_the_login(self, cast: Cast, path: str) -> None:
        assert f"/login/?next={path}" in read(Client(), path)


class TestSomebodySignedIn:
    def test_joins_by_one_press(self, cast: Cast, path: str, signed_in: SignIn) -> None:
        client = signed_in(cast.mallory)
        page = read(client, path)
        assert "mallory@studio.test" in page
        assert "Password" not in page
        client.post(path)
        assert Member.objects.filter(team=cast.team, person=cast.mallory.person).exists()
        assert "North" in client.get("/team/").content.decode()

    def test_who_is_suspended_reads_so_and_joins_when_that_is_over(
        self, cast: Cast, path: str, signed_in: SignIn
    ) -> None:
        assert cast.mallory.person is not None
        made = reviewing.suspend_person(
            person=cast.mallory.person, by=make_moderator(), reason="Insulting pictures", until=None
        )
        client = signed_in(cast.mallory)
        page = read(client, path)
        for words in ("Your account is suspended", "Insulting pictures", "not used up"):
            assert words in page
        answer = client.post(path)
        assert answer.status_code == 403
        assert "not used up" in answer.content.decode()
        assert not Member.objects.filter(team=cast.team, person=cast.mallory.person).exists()

        reviewing.lift(suspension=made, by=make_moderator("Milo"))
        client.post(path)
        assert Member.objects.filter(team=cast.team, person=cast.mallory.person).exists()

    def test_who_is_in_the_team_spends_nothing(self, cast: Cast, path: str, signed_in: SignIn) -> None:
        answer = signed_in(cast.ben).post(path, follow=True)
        assert "You are in North already." in answer.content.decode()
        assert Invitation.objects.open().count() == 1

    def test_with_another_address_reads_whose_it_is_and_cannot_press(self, cast: Cast, signed_in: SignIn) -> None:
        [invited] = teams.invite(by=cast.ada, emails=["nia.lamp@x.test"], role=Role.VIEWER)
        client = signed_in(cast.mallory)
        for answer in (client.get(invited.path), client.post(invited.path)):
            page = answer.content.decode()
            assert "This invitation is for n…@x.test" in page
            assert "nia.lamp" not in page
            assert ">Join</button>" not in page
        assert answer.status_code == 403
        assert not Member.objects.filter(team=cast.team, person=cast.mallory.person).exists()


class TestALinkThatIsTriedAgainAndAgain:
    def test_answers_no_more_after_twenty_tries(self, path: str) -> None:
        """S19: it tells whether an address has an account, and stays unspent."""
        tries = [
            Client().post(path, FORM | {"email": "ben@studio.test"}, REMOTE_ADDR=f"192.0.2.{number}").status_code
            for number in range(21)
        ]
        assert tries == [422] * 20 + [429]
        assert "Join North" in read(Client(), path)


class TestTooLate:
    def test_a_new_one_can_be_asked_for_and_is_once(
        self, cast: Cast, path: str, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(WEEK + 1)
        client = Client()
        assert "Ask for a new one" in read(client, path, 410)
        assert client.post(path, FORM).status_code == 410
        for _ in range(2):
            answer = client.post(f"{path}question/")
            assert answer.headers["Location"] == path
        assert "was told that you would like a new one" in read(client, path, 410)
        assert kinds(cast.ada) == ["invitation_asked"]

    def test_a_good_or_closed_one_cannot_be_asked_for_anew(self, cast: Cast, path: str) -> None:
        Client().post(f"{path}question/")
        teams.take_back(by=cast.ada, invitation=Invitation.objects.get())
        Client().post(f"{path}question/")
        assert "was taken back" in read(Client(), path, 410)
        assert kinds(cast.ada) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_never_was_is_not_there(cast: Cast, method: str) -> None:
    for place in ("/invitations/guess/", "/invitations/guess/question/"):
        expected = 405 if (method, place[-9:]) == ("get", "question/") else 404
        assert getattr(Client(), method)(place).status_code == expected


def test_the_secret_is_kept_as_a_hash(path: str) -> None:
    token = path.rstrip("/").rpartition("/")[2]
    assert token not in str(Invitation.objects.values().get())
