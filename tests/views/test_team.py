"""The pages of a team: seen by all of it, changed by who manages it, and silent about every other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Alert, Image, Invitation, Member, Reach, Role, Team, UpscaleRule
from generations.services import teams
from tests.conftest import Cast, join
from tests.making import finish_one, make_waiting

HTMX = {"HX-Request": "true"}
SignIn = Callable[[Member], Client]


@pytest.fixture
def ada(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ada)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def act(member: Member, name: str) -> str:
    return reverse(name, args=[member.pk])


class TestThePage:
    def test_shows_addresses_and_acts_to_managers_alone(self, cast: Cast, ada: Client, signed_in: SignIn) -> None:
        teams.invite(by=cast.ada, emails=["waiting@x.test"], role=Role.VIEWER)
        page = text(ada, "/team/")
        for word in ("ben@studio.test", "waiting@x.test", "Waiting to join", "Role of Ben"):
            assert word in page
        for member in (cast.ben, cast.vera):
            page = text(signed_in(member), "/team/")
            assert "Ben" in page
            for word in ("@x.test", "@studio.test", "Waiting to join", "Role of Ben", "Invite"):
                assert word not in page

    def test_says_nothing_of_another_team(self, ada: Client) -> None:
        assert "Mallory" not in text(ada, "/team/")

    def test_of_roles_says_which_is_yours(self, ada: Client, cast: Cast, signed_in: SignIn) -> None:
        assert "You are owner in North" in text(ada, "/team/roles/")
        assert "You are viewer in North" in text(signed_in(cast.vera), "/team/roles/")


class TestInviting:
    def test_shows_each_link_once_to_who_hands_it_over(self, ada: Client) -> None:
        words = {"emails": "a@x.test, b@x.test, ben@studio.test", "role": "creator"}
        page = ada.post("/team/invitations/", words).content.decode()
        links = [word for word in page.replace('"', " ").split() if "/invitations/" in word and "http" in word]
        assert len(set(links)) == 2
        assert "Is in the team already" in page
        assert not any(link in text(ada, "/team/") for link in links)

    def test_by_e_mail_names_who_is_in_the_team_already(self, cast: Cast, ada: Client, settings: Any) -> None:
        settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.test", "https://studio.test"
        for emails, words in (
            ("new@x.test, ben@studio.test", "Invited: new@x.test. In the team already: ben@studio.test."),
            ("ben@studio.test, vera@studio.test", "In the team already: ben@studio.test, vera@studio.test."),
        ):
            answer = ada.post("/team/invitations/", {"emails": emails, "role": "viewer"}, follow=True)
            assert words in answer.content.decode()

    def test_that_could_not_be_sent_says_so(self, cast: Cast, ada: Client) -> None:
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.VIEWER)
        assert "Could not be sent" not in text(ada, "/team/")
        Alert.objects.tell("mail", subject=Invitation.objects.get().alert, words="The server is down.")
        page = text(ada, "/team/")
        assert "Could not be sent" in page
        assert "hand it over yourself" in page

    def test_keeps_what_was_typed_when_it_is_refused(self, ada: Client) -> None:
        for headers in ({}, HTMX):
            answer = ada.post("/team/invitations/", {"emails": "nonsense", "role": "viewer"}, headers=headers)
            assert answer.status_code == 422
            assert "nonsense" in answer.content.decode()
        assert answer["HX-Retarget"] == "#dialog"

    @pytest.mark.parametrize("name", ["ben", "vera"])
    def test_is_for_managers(self, cast: Cast, signed_in: SignIn, name: str) -> None:
        client = signed_in(getattr(cast, name))
        assert client.get("/team/invitations/").status_code == 403
        assert client.post("/team/invitations/", {"emails": "a@x.test", "role": "viewer"}).status_code == 403
        assert not Invitation.objects.exists()

    def test_a_forged_role_invites_nobody(self, cast: Cast, signed_in: SignIn) -> None:
        ana = signed_in(join(cast.team, "Ana", Role.ADMIN, credits=0))
        assert ana.post("/team/invitations/", {"emails": "a@x.test", "role": "owner"}).status_code == 422
        assert not Invitation.objects.exists()

    def test_those_of_another_team_are_not_there(self, cast: Cast, ada: Client) -> None:
        teams.invite(by=cast.mallory, emails=["a@x.test"], role=Role.VIEWER)
        row = Invitation.objects.get()
        for name in ("invitation_renewal", "invitation_removal"):
            assert ada.post(reverse(name, args=[row.pk])).status_code == 404
        row.refresh_from_db()
        assert row.revoked_at is None

    def test_taking_back_closes_the_link(self, cast: Cast, ada: Client) -> None:
        path = teams.make_link(by=cast.ada, role=Role.VIEWER)
        ada.post(reverse("invitation_removal", args=[Invitation.objects.get().pk]))
        assert Client().get(path).status_code == 410


class TestRoles:
    def test_are_changed_by_the_page(self, cast: Cast, ada: Client) -> None:
        answer = ada.post(act(cast.ben, "member_role"), {"role": "admin"}, follow=True)
        assert "Ben is now admin." in answer.content.decode()
        assert Member.objects.get(pk=cast.ben.pk).role == Role.ADMIN

    def test_that_cannot_be_given_change_nothing_and_say_why(self, cast: Cast, ada: Client, signed_in: SignIn) -> None:
        answer = ada.post(act(cast.ada, "member_role"), {"role": "viewer"}, follow=True)
        assert "A team needs an owner" in answer.content.decode()
        ana = signed_in(join(cast.team, "Ana", Role.ADMIN, credits=0))
        answer = ana.post(act(cast.ben, "member_role"), {"role": "owner"}, follow=True)
        assert "Choose a role you may give" in answer.content.decode()
        roles = Member.objects.filter(pk__in=[cast.ada.pk, cast.ben.pk]).order_by("pk").values_list("role", flat=True)
        assert list(roles) == ["owner", "creator"]

    def test_across_teams_are_not_there(self, cast: Cast, ada: Client) -> None:
        assert ada.post(act(cast.mallory, "member_role"), {"role": "viewer"}).status_code == 404


class TestParting:
    def test_says_what_is_at_stake_and_hands_over(self, cast: Cast, ada: Client) -> None:
        finish_one(cast.ben).generation.share(private=True)
        make_waiting(cast.ben)
        sheet = text(ada, act(cast.ben, "member_removal"))
        for words in ("Remove Ben?", "1, 1 of them private", "1, will be cancelled", "Hand over to Vera"):
            assert words in sheet
        answer = ada.post(act(cast.ben, "member_removal"), {"heir": str(cast.vera.pk)}, follow=True)
        assert "Ben is no longer in the team." in answer.content.decode()
        assert Image.objects.visible_to(cast.vera).count() == 1

    def test_by_oneself_leads_out(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.ben)
        assert "Leave North?" in text(client, act(cast.ben, "member_removal"))
        assert client.post(act(cast.ben, "member_removal"), {"heir": ""}).status_code == 302
        assert client.get("/").headers["Location"] == "/login/?next=/"
        assert "You left North. Your account is still there" in text(client, "/login/")

    def test_says_that_an_heir_opens_what_was_private_unlogged(self, cast: Cast, ada: Client) -> None:
        assert "opens them without" not in text(ada, act(cast.ben, "member_removal"))
        finish_one(cast.ben).generation.share(private=True)
        sheet = text(ada, act(cast.ben, "member_removal"))
        assert "opens them without it being written down. Ben is told who that is, also where it is you." in sheet

    def test_of_others_is_not_there_for_who_does_not_manage(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.ben)
        for method in (client.get, client.post):
            assert method(act(cast.vera, "member_removal")).status_code == 404

    def test_of_the_last_owner_says_what_to_do(self, cast: Cast, ada: Client) -> None:
        answer = ada.post(act(cast.ada, "member_removal"), {"heir": ""})
        assert answer.status_code == 422
        assert "Make somebody else owner first" in answer.content.decode()

    def test_to_an_heir_of_another_team_is_refused(self, cast: Cast, ada: Client) -> None:
        assert ada.post(act(cast.ben, "member_removal"), {"heir": str(cast.mallory.pk)}).status_code == 422


def test_settings_are_kept_and_more_than_asked_is_ignored(cast: Cast, ada: Client) -> None:
    sheet = ada.get("/team/settings/")
    facts = {name: "everyone" for name in sheet.context["form"].fields if name.startswith("upscaling_")}
    facts |= {"name": "Norden", "time_zone": "UTC", "starting_credits": "5", "private_by_default": "on"}
    ada.post("/team/settings/", facts | {"upscaling_demo": "managers", "id": str(cast.mallory.team_id), "credits": "9"})

    team = Team.objects.get(pk=cast.team.pk)
    assert (team.name, team.starting_credits, team.private_by_default) == ("Norden", 5, True)
    assert UpscaleRule.objects.get(team=team, provider="demo").reach == Reach.MANAGERS
    assert Team.objects.get(pk=cast.mallory.team_id).name == "South"


class TestTheSwitch:
    @pytest.fixture
    def both(self, cast: Cast, signed_in: SignIn) -> Client:
        """Ben, who is in Mallory's team too, and was in it last."""
        assert cast.ben.person is not None
        south = Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.CREATOR)
        cast.ben.person.choose(south.team)
        return signed_in(cast.ben)

    @pytest.mark.parametrize("place", ["studio", "library", "credits", "team", "inbox", "account", "roles"])
    def test_keeps_the_place_and_shows_nothing_of_the_other(self, cast: Cast, both: Client, place: str) -> None:
        finish_one(cast.ada, "a northern lamp")
        finish_one(cast.mallory, "a southern lamp")
        make_waiting(cast.mallory, "a southern wait")
        path = reverse(place)
        assert "northern" not in text(both, path)
        answer = both.post(reverse("team_choice", args=[cast.team.pk]), {"place": place}, follow=True)

        assert answer.redirect_chain == [(path, 302)]
        page = answer.content.decode()
        assert "southern" not in page
        assert "Mallory" not in page

    @pytest.mark.parametrize(("place", "parent"), [("credentials", "team"), ("report", "credits")])
    def test_keeps_a_managers_place_for_managers(self, cast: Cast, signed_in: SignIn, place: str, parent: str) -> None:
        """Ada manages the north and creates in the south: there she comes to what the place belongs to."""
        assert cast.ada.person is not None
        south = Member.objects.create(team=cast.mallory.team, person=cast.ada.person, role=Role.CREATOR)
        client = signed_in(cast.ada)
        page = text(client, reverse(place))
        assert f'name="place" value="{place}"' in page
        for team, expected in ((south.team, parent), (cast.team, place)):
            answer = client.post(reverse("team_choice", args=[team.pk]), {"place": place}, follow=True)
            assert answer.redirect_chain == [(reverse(expected), 302)]
            assert answer.status_code == 200

    @pytest.mark.parametrize("place", ["https://evil.test", "//evil.test", "admin:index", "", "image"])
    def test_leads_nowhere_else(self, cast: Cast, both: Client, place: str) -> None:
        answer = both.post(reverse("team_choice", args=[cast.team.pk]), {"place": place})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")

    def test_to_a_team_that_is_not_ones_own_is_not_there(self, cast: Cast, ada: Client) -> None:
        assert ada.post(reverse("team_choice", args=[cast.mallory.team_id])).status_code == 404
        assert "North" in text(ada, "/team/")

    def test_is_offered_to_who_has_a_choice(self, cast: Cast, both: Client, ada: Client) -> None:
        assert "Switch team" in text(both, "/")
        assert "Switch team" not in text(ada, "/")


def test_a_name_over_two_lines_becomes_one(cast: Cast, ada: Client) -> None:
    sheet = ada.get("/team/settings/")
    facts = {name: "everyone" for name in sheet.context["form"].fields if name.startswith("upscaling_")}
    ada.post("/team/settings/", facts | {"name": " Nor\r\nden ", "time_zone": "UTC", "starting_credits": "5"})
    assert Team.objects.get(pk=cast.team.pk).name == "Nor den"
    answer = ada.post("/account/", {"name": "Ada\nL", "time_zone": "", "notify_by_mail": "on"})
    assert answer.status_code == 302
    assert Member.objects.get(pk=cast.ada.pk).called == "Ada L"
