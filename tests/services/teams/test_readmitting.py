"""A link to a new password made by an owner: for an account that is the team's alone, told, written down, good once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, Member, Notice, Person, Role
from generations.services import teams
from tests.conftest import PASSWORD, Cast, join
from tests.services.teams.people import link, newcomer

NEW = "three boats under one moon"
SignIn = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def person_of(member: Member) -> Person:
    assert member.person is not None
    member.person.refresh_from_db()
    return member.person


def make(cast: Cast) -> str:
    return teams.make_reset_link(by=cast.ada, member=cast.ben)


def use(path: str) -> bool:
    """Open the link and set the new password, as a browser does; whether it was still good."""
    client = Client()
    form = client.get(path, follow=True)
    if "password1" not in form.content.decode():
        return False
    answer = client.post(form.request["PATH_INFO"], {"password1": NEW})
    return answer.status_code == 302


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


class TestALink:
    def test_works_once_and_signs_out_everywhere(self, cast: Cast, signed_in: SignIn) -> None:
        client, path = signed_in(cast.ben), make(cast)
        assert client.get("/account/").status_code == 200
        assert use(path)
        assert person_of(cast.ben).check_password(NEW)
        assert client.get("/account/").status_code == 302
        assert not use(path)

    def test_is_told_and_written_down_without_its_secret(self, cast: Cast) -> None:
        path = make(cast)
        line = AuditEntry.objects.get(action="reset_link_made")
        assert (line.target, line.person) == (f"member:{cast.ben.pk}", cast.ada.person)
        notice = Notice.objects.get(person=cast.ben.person, kind="security")
        assert notice.subject == "Ada made you a link to a new password"
        secret = path.rstrip("/").rpartition("-")[2]
        assert secret not in f"{line.after}{line.before}{notice.words}{notice.path}"

    def test_is_void_once_its_person_signs_in(self, cast: Cast) -> None:
        path = make(cast)
        Client().post("/login/", {"login": "ben@studio.test", "password": PASSWORD})
        assert not use(path)

    def test_is_void_once_the_account_opens_another_team(self, cast: Cast) -> None:
        """Else an owner could come into a team that their former colleague joined after the link was made."""
        path = make(cast)
        teams.join(invitation=link(cast.mallory), person=person_of(cast.ben))
        assert not use(path)

    def test_is_void_once_its_person_was_removed(self, cast: Cast) -> None:
        path = make(cast)
        teams.remove(by=cast.ada, member=cast.ben, heir=None)
        assert not use(path)

    def test_is_void_once_its_person_runs_the_studio(self, cast: Cast) -> None:
        path = make(cast)
        Person.objects.filter(pk=person_of(cast.ben).pk).update(is_staff=True)
        assert not use(path)


class TestNone:
    @pytest.mark.parametrize("facts", [{"is_staff": True}, {"is_superuser": True}])
    def test_is_made_for_who_runs_the_studio(self, cast: Cast, facts: dict[str, bool]) -> None:
        Person.objects.filter(pk=person_of(cast.ben).pk).update(**facts)
        with pytest.raises(teams.NotOurs):
            make(cast)

    @pytest.mark.parametrize("active", [True, False])
    def test_is_made_for_who_is_in_another_team_too(self, cast: Cast, active: bool) -> None:
        newcomer(link(cast.ada), "Nia")
        Member.objects.create(team=cast.mallory.team, person=person_of(cast.ben), role=Role.VIEWER)
        with pytest.raises(teams.NotOurs) as refusal:
            make(cast)
        assert "South" not in str(refusal.value)

    def test_is_made_for_another_owner_or_for_oneself(self, cast: Cast) -> None:
        other = join(cast.team, "Olga", Role.OWNER, credits=0)
        for member in (other, cast.ada):
            with pytest.raises(teams.NotOurs):
                teams.make_reset_link(by=cast.ada, member=member)

    def test_is_made_for_who_signs_in_by_their_organization(self, cast: Cast) -> None:
        person = person_of(cast.ben)
        person.set_unusable_password()
        person.save()
        with pytest.raises(teams.NotOurs):
            make(cast)

    def test_is_made_across_teams_or_for_who_left(self, cast: Cast) -> None:
        with pytest.raises(teams.TeamRefusal, match="no longer in the team"):
            teams.make_reset_link(by=cast.mallory, member=cast.ben)
        teams.leave(member=cast.ben, heir=None)
        with pytest.raises(teams.TeamRefusal, match="no longer in the team"):
            make(cast)

    def test_is_made_by_who_is_no_owner_by_now(self, cast: Cast) -> None:
        join(cast.team, "Olga", Role.OWNER, credits=0)
        Member.objects.filter(pk=cast.ada.pk).update(role=Role.ADMIN)
        with pytest.raises(teams.NotAllowed):
            make(cast)

    def test_is_made_where_e_mail_brings_it(self, cast: Cast, settings: Any) -> None:
        settings.EMAIL_URL, settings.PUBLIC_URL = "console:", "http://testserver"
        with pytest.raises(teams.TeamRefusal, match="sends e-mail"):
            make(cast)
        assert not AuditEntry.objects.filter(action="reset_link_made").exists()


class TestThePage:
    def address(self, cast: Cast) -> str:
        return reverse("member_password", args=[cast.ben.pk])

    def test_says_what_it_does_and_shows_the_link_once(self, cast: Cast, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        assert "New password" in text(ada, "/team/")
        sheet = text(ada, self.address(cast))
        for words in ("A new password for Ben?", "once, within 24 hours", "reads in the inbox"):
            assert words in sheet
        answer = ada.post(self.address(cast)).content.decode()
        assert "http://testserver/login/new/" in answer
        assert "/login/new/" not in text(ada, "/team/")

    def test_asks_first_who_it_is(self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]) -> None:
        ada = signed_in(cast.ada)
        ada.get("/")
        pass_time(600)
        for answer in (ada.get(self.address(cast)), ada.post(self.address(cast))):
            assert answer.headers["Location"].startswith("/login/again/")
        assert not AuditEntry.objects.filter(action="reset_link_made").exists()

    def test_is_offered_to_nobody_else(self, cast: Cast, signed_in: SignIn, settings: Any) -> None:
        ana = signed_in(join(cast.team, "Ana", Role.ADMIN, credits=0))
        assert "New password" not in text(ana, "/team/")
        assert ana.post(self.address(cast)).status_code == 403
        settings.EMAIL_URL, settings.PUBLIC_URL = "console:", "http://testserver"
        assert "New password" not in text(signed_in(cast.ada), "/team/")

    def test_gives_its_reason_when_it_refuses(self, cast: Cast, signed_in: SignIn) -> None:
        Member.objects.create(team=cast.mallory.team, person=person_of(cast.ben), role=Role.VIEWER)
        answer = signed_in(cast.ada).post(self.address(cast))
        assert answer.status_code == 422
        assert "You cannot make a link for this account" in answer.content.decode()
