"""Invitations: each address once, for seven days, by nobody who may not, and taken back for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django_q.models import OrmQ

from generations.models import Alert, AuditEntry, Invitation, Member, Notice, Role, clock
from generations.services import teams
from generations.services.teams import inviting
from tests.conftest import Cast, join
from tests.engines import Engine
from tests.post import OPEN, SHUT
from tests.running import run_jobs
from tests.services.teams.people import kinds, link, newcomer, token_of

WEEK = 7 * 24 * 3600


@pytest.fixture
def ana(cast: Cast) -> Member:
    """An admin of Ada's team."""
    return join(cast.team, "Ana", Role.ADMIN, credits=0)


@pytest.fixture
def post(settings: Any) -> None:
    """The studio sends e-mail."""
    settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.test", "https://studio.test"


def outcomes(invited: list[teams.Invited]) -> dict[str, str]:
    return {one.email: one.outcome for one in invited}


class TestManyAtOnce:
    def test_each_address_is_invited_once_and_told_by_its_outcome(self, cast: Cast) -> None:
        teams.invite(by=cast.ada, emails=["old@x.test"], role=Role.VIEWER)
        invited = teams.invite(
            by=cast.ada,
            emails=["New@x.test", " new@X.test ", "old@x.test", "ben@studio.test", ""],
            role=Role.CREATOR,
        )

        assert outcomes(invited) == {"new@x.test": "sent", "old@x.test": "renewed", "ben@studio.test": "member"}
        assert [bool(one.path) for one in invited] == [True, True, False]
        waiting = Invitation.objects.waiting().order_by("email").values_list("email", "role")
        assert list(waiting) == [("new@x.test", "creator"), ("old@x.test", "creator")]

    def test_a_renewed_one_has_a_new_link_and_the_old_link_leads_nowhere(self, cast: Cast) -> None:
        [first] = teams.invite(by=cast.ada, emails=["old@x.test"], role=Role.VIEWER)
        [again] = teams.invite(by=cast.ada, emails=["old@x.test"], role=Role.VIEWER)

        assert teams.find(token=token_of(first.path)) is None
        assert teams.find(token=token_of(again.path)) is not None

    def test_somebody_of_another_team_is_no_member_here(self, cast: Cast) -> None:
        assert outcomes(teams.invite(by=cast.ada, emails=["mallory@studio.test"], role=Role.VIEWER)) == {
            "mallory@studio.test": "sent"
        }

    def test_more_than_fifty_are_none(self, cast: Cast) -> None:
        with pytest.raises(teams.TeamRefusal, match="At most 50"):
            teams.invite(by=cast.ada, emails=[f"p{number}@x.test" for number in range(51)], role=Role.VIEWER)
        assert Invitation.objects.count() == 0

    def test_a_team_has_so_many_waiting_and_no_more(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(inviting, "WAITING_MAX", 2)
        teams.invite(by=cast.ada, emails=["a@x.test", "b@x.test"], role=Role.VIEWER)
        with pytest.raises(teams.TeamRefusal, match="Take some back"):
            teams.make_link(by=cast.ada, role=Role.VIEWER)
        teams.take_back(by=cast.ada, invitation=Invitation.objects.get(email="a@x.test"))
        link(cast.ada)
        assert Invitation.objects.open().count() == 2

    def test_one_that_has_ended_takes_no_room(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[float], None]
    ) -> None:
        monkeypatch.setattr(inviting, "WAITING_MAX", 1)
        link(cast.ada)
        pass_time(WEEK + 1)
        link(cast.ada)
        assert Invitation.objects.waiting().count() == 2

    def test_an_owners_invitation_in_an_admins_batch_is_named_and_stops_no_other(self, cast: Cast, ana: Member) -> None:
        teams.invite(by=cast.ada, emails=["heir@x.test"], role=Role.OWNER)
        invited = teams.invite(by=ana, emails=["heir@x.test", "new@x.test"], role=Role.VIEWER)

        assert outcomes(invited) == {"heir@x.test": "owners", "new@x.test": "sent"}
        assert Invitation.objects.get(email="heir@x.test").role == "owner"

    def test_two_who_invite_one_address_at_once_both_have_a_link(self, engine: Engine) -> None:
        told = engine.ask("tests.services.teams", "invite_together")
        assert told == {"seen": ["renewed with a link", "sent with a link"], "waiting": 1}


class TestWhoMay:
    def test_who_lost_the_role_since_the_page_was_made_does_nothing(self, cast: Cast, ana: Member) -> None:
        """The object still says what they were."""
        row = link(cast.ada)
        Member.objects.filter(pk=ana.pk).update(role=Role.CREATOR)
        for act in (
            lambda: teams.invite(by=ana, emails=["a@x.test"], role=Role.VIEWER),
            lambda: teams.make_link(by=ana, role=Role.VIEWER),
            lambda: teams.renew(by=ana, invitation=row),
            lambda: teams.take_back(by=ana, invitation=row),
        ):
            with pytest.raises(teams.NotAllowed):
                act()
        assert Invitation.objects.open().get() == row

    @pytest.mark.parametrize("name", ["ben", "vera"])
    def test_who_does_not_manage_invites_nobody(self, cast: Cast, name: str) -> None:
        with pytest.raises(teams.NotAllowed):
            teams.invite(by=getattr(cast, name), emails=["a@x.test"], role=Role.VIEWER)
        with pytest.raises(teams.NotAllowed):
            teams.make_link(by=getattr(cast, name), role=Role.VIEWER)
        assert Invitation.objects.count() == 0

    def test_an_admin_invites_admins_but_no_owner(self, ana: Member) -> None:
        assert teams.invite(by=ana, emails=["a@x.test"], role=Role.ADMIN)
        with pytest.raises(teams.NotAllowed, match="Only an owner"):
            teams.invite(by=ana, emails=["b@x.test"], role=Role.OWNER)

    def test_an_admin_touches_no_invitation_of_an_owner(self, cast: Cast, ana: Member) -> None:
        teams.invite(by=cast.ada, emails=["heir@x.test"], role=Role.OWNER)
        row = Invitation.objects.get()
        for touch in (
            lambda: teams.renew(by=ana, invitation=row),
            lambda: teams.take_back(by=ana, invitation=row),
        ):
            with pytest.raises(teams.NotAllowed):
                touch()
        row.refresh_from_db()
        assert (row.role, row.revoked_at) == ("owner", None)

    def test_each_deed_is_written_down(self, cast: Cast) -> None:
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.VIEWER)
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.CREATOR)
        row = Invitation.objects.get()
        teams.renew(by=cast.ada, invitation=row)
        teams.take_back(by=cast.ada, invitation=row)

        lines = AuditEntry.objects.filter(target=f"invitation:{row.pk}").order_by("pk")
        assert [(line.action, line.before.get("role"), line.after.get("role")) for line in lines] == [
            ("member_invited", None, "viewer"),
            ("invitation_renewed", "viewer", "creator"),
            ("invitation_renewed", None, None),
            ("invitation_revoked", None, None),
        ]
        assert {line.actor for line in lines} == {f"member:{cast.ada.pk}"}


class TestTheEnd:
    def test_comes_after_seven_days(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = link(cast.ada)
        pass_time(WEEK - 60)
        newcomer(row, "Early")
        late = link(cast.ada)
        pass_time(WEEK + 60)

        with pytest.raises(teams.InvitationGone):
            newcomer(late)
        assert late.has_ended()

    def test_is_seven_days_later_after_a_renewal(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = link(cast.ada)
        pass_time(WEEK + 60)
        invited = teams.renew(by=cast.ada, invitation=row)
        row.refresh_from_db()

        assert timedelta(days=6) < row.ends_at - clock.now() <= timedelta(days=7)
        found = teams.find(token=token_of(invited.path))
        assert found is not None
        newcomer(found)

    def test_comes_at_once_when_it_is_taken_back(self, cast: Cast) -> None:
        row = link(cast.ada)
        teams.take_back(by=cast.ada, invitation=row)
        with pytest.raises(teams.InvitationGone):
            newcomer(row)
        for again in (teams.take_back, teams.renew):
            with pytest.raises(teams.InvitationGone):
                again(by=cast.ada, invitation=row)


class TestSomebodyTooLate:
    def test_has_the_one_who_invited_told_once(
        self, cast: Cast, ana: Member, pass_time: Callable[[float], None]
    ) -> None:
        row = link(ana)
        teams.ask_again(invitation=row)
        assert kinds(ana) == []

        pass_time(WEEK + 1)
        teams.ask_again(invitation=row)
        teams.ask_again(invitation=row)
        assert (kinds(ana), kinds(cast.ada)) == (["invitation_asked"], [])

    def test_has_the_owners_told_when_that_one_is_gone(
        self, cast: Cast, ana: Member, pass_time: Callable[[float], None]
    ) -> None:
        row = link(ana)
        pass_time(WEEK + 1)
        teams.leave(member=ana, heir=None)
        Notice.objects.all().delete()
        row.refresh_from_db()
        teams.ask_again(invitation=row)
        assert kinds(cast.ada) == ["invitation_asked"]

    def test_can_ask_anew_after_the_next_link_ended_too(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = link(cast.ada)
        for _ in range(2):
            pass_time(WEEK + 1)
            teams.ask_again(invitation=row)
            teams.renew(by=cast.ada, invitation=row)
        assert kinds(cast.ada) == ["invitation_asked"] * 2


@pytest.mark.usefixtures("post")
class TestByMail:
    def test_the_link_is_in_the_mail_and_nowhere_else(self, cast: Cast) -> None:
        [invited] = teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.CREATOR)
        assert invited.path == ""
        assert run_jobs() == ["invitation"]

        [sent] = mail.outbox
        assert (sent.to, sent.subject) == (["a@x.test"], "Ada invites you to North")
        [address] = [word for word in sent.body.split() if word.startswith("https://studio.test/invitations/")]
        found = teams.find(token=token_of(address))
        assert found is not None
        assert found.email == "a@x.test"

    def test_one_taken_back_before_it_left_is_not_sent(self, cast: Cast) -> None:
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.CREATOR)
        teams.take_back(by=cast.ada, invitation=Invitation.objects.get())
        run_jobs()
        assert mail.outbox == []

    def test_that_fails_is_tried_again_and_then_handed_over(self, cast: Cast, settings: Any) -> None:
        """Who invited reads it in the inbox and on the team page, staff in the alerts."""
        settings.EMAIL_BACKEND = SHUT
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.CREATOR)
        ran = run_jobs()
        row = Invitation.objects.get()
        assert (ran.count("invitation"), row.is_unsent()) == (5, True)
        assert Notice.objects.get(person=cast.ada.person).subject == "The invitation to a@x.test could not be sent"
        assert Alert.objects.filter(subject=f"invitation:{row.pk}", resolved_at=None).exists()

        invited = teams.renew(by=cast.ada, invitation=row)
        assert teams.find(token=token_of(invited.path)) == row
        assert not row.is_unsent()
        settings.EMAIL_BACKEND = OPEN
        assert teams.renew(by=cast.ada, invitation=row).path == ""

    def test_a_later_try_does_not_close_the_link_that_was_made_meanwhile(self, cast: Cast, settings: Any) -> None:
        teams.invite(by=cast.ada, emails=["a@x.test"], role=Role.CREATOR)
        row = Invitation.objects.get()
        settings.EMAIL_BACKEND = SHUT
        OrmQ.objects.all().delete()
        teams.mail(invitation=str(row.pk))
        settings.EMAIL_BACKEND = OPEN
        teams.renew(by=cast.ada, invitation=row)
        run_jobs()
        assert len(mail.outbox) == 1
