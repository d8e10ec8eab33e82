"""Joining: the link is spent with the account, once, and brings credits as far as the pool reaches."""

import pytest
from django.core.exceptions import ValidationError

from generations import ledger
from generations.models import AuditEntry, CreditAccount, Invitation, Member, Person, Role, Team
from generations.services import teams
from generations.services.auditing import audit
from tests.conftest import Cast
from tests.engines import Engine
from tests.services.teams.people import LONG_ENOUGH, kinds, link, newcomer, token_of


def credits_of(person: Person) -> int:
    account = CreditAccount.objects.filter(member__person=person).first()
    return account.available if account else 0


class TestANewAccount:
    def test_is_made_with_its_role_and_told_to_who_invited(self, cast: Cast) -> None:
        row = link(cast.ada, Role.ADMIN)
        person = newcomer(row)

        member = Member.objects.get(person=person)
        assert (member.team, member.role, person.team) == (cast.team, "admin", cast.team)
        row.refresh_from_db()
        assert (row.accepted_by, row.accepted_at is not None) == (member, True)
        assert kinds(cast.ada) == ["member_joined"]
        assert AuditEntry.objects.get(action="member_joined").after == {"role": "admin"}

    def test_is_for_the_address_the_invitation_names(self, cast: Cast) -> None:
        teams.invite(by=cast.ada, emails=["named@x.test"], role=Role.CREATOR)
        row = Invitation.objects.select_related("team", "invited_by__person").get()
        person = teams.join_as_new(invitation=row, email="other@x.test", name="N", password=LONG_ENOUGH)
        assert person.email == "named@x.test"

    def test_needs_a_password_worth_the_name(self, cast: Cast) -> None:
        row = link(cast.ada)
        for weak in ("short", "nia@studio.test", "password12345"):
            with pytest.raises(ValidationError):
                teams.join_as_new(invitation=row, email="nia@studio.test", name="Nia", password=weak)
        assert not Person.objects.filter(email="nia@studio.test").exists()
        newcomer(row)

    def test_is_refused_for_an_address_that_has_one_and_the_link_stays_good(self, cast: Cast) -> None:
        row = link(cast.ada)
        with pytest.raises(teams.AddressTaken, match="Sign in first"):
            teams.join_as_new(invitation=row, email="BEN@studio.test", name="Ben", password=LONG_ENOUGH)
        newcomer(row)

    def test_spends_the_link(self, cast: Cast) -> None:
        row = link(cast.ada)
        newcomer(row)
        with pytest.raises(teams.InvitationGone):
            newcomer(row, "Second")
        assert not Person.objects.filter(name="Second").exists()


class TestAnAccountThatIsThere:
    def test_joins_and_is_in_the_new_team_at_once(self, cast: Cast) -> None:
        assert cast.mallory.person is not None
        member = teams.join(invitation=link(cast.ada, Role.VIEWER), person=cast.mallory.person)

        assert (member.team, member.role) == (cast.team, "viewer")
        mine = [one.team.name for one in Member.objects.of(cast.mallory.person)]
        assert mine == ["North", "South"]

    def test_of_a_member_spends_nothing(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        row = link(cast.ada)
        with pytest.raises(teams.AlreadyMember):
            teams.join(invitation=row, person=cast.ben.person)
        newcomer(row)

    def test_comes_back_as_somebody_new(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        teams.remove(by=cast.ada, member=cast.ben, heir=None)
        again = teams.join(invitation=link(cast.ada, Role.VIEWER), person=cast.ben.person)
        assert (again.pk != cast.ben.pk, again.role) == (True, "viewer")

    def test_with_another_address_is_turned_away_and_told_whose_it_is(self, cast: Cast) -> None:
        assert cast.mallory.person is not None
        [invited] = teams.invite(by=cast.ada, emails=["nia.lamp@x.test"], role=Role.CREATOR)
        row = teams.find(token=token_of(invited.path))
        assert row is not None
        with pytest.raises(teams.NotForYou, match=r"n…@x\.test") as refused:
            teams.join(invitation=row, person=cast.mallory.person)
        assert "nia.lamp" not in str(refused.value)
        assert Invitation.objects.open().get() == row

        Person.objects.filter(pk=cast.mallory.person.pk).update(email="nia.lamp@x.test")
        teams.join(invitation=row, person=Person.objects.get(pk=cast.mallory.person.pk))


class TestCreditsToBeginWith:
    @pytest.mark.parametrize(("pool", "begins_with"), [(1000, 100), (30, 30), (0, 0)])
    def test_come_from_the_pool_as_far_as_it_reaches(self, cast: Cast, pool: int, begins_with: int) -> None:
        account = ledger.pool_of(cast.team)
        account.refresh_from_db()
        if account.available != pool:
            ledger.adjust(account=account, amount=pool - account.available, reason="test", key="drain", actor="test")
        person = newcomer(link(cast.ada))

        account.refresh_from_db()
        assert (credits_of(person), account.available) == (begins_with, pool - begins_with)
        assert audit() == []

    def test_are_as_many_as_the_team_decided(self, cast: Cast) -> None:
        Team.objects.filter(pk=cast.team.pk).update(starting_credits=7)
        assert credits_of(newcomer(link(cast.ada))) == 7

    def test_are_none_for_a_viewer(self, cast: Cast) -> None:
        assert credits_of(newcomer(link(cast.ada, Role.VIEWER))) == 0


def test_of_all_who_race_for_one_link_one_gets_in(engine: Engine) -> None:
    told = engine.ask("tests.services.teams", "one_link")
    assert told == {"seen": ["InvitationGone", "InvitationGone", "InvitationGone", "in"], "people": 1, "audit": 0}


def test_one_person_with_two_links_at_once_joins_once(engine: Engine) -> None:
    told = engine.ask("tests.services.teams", "two_links")
    assert told["seen"].count("in") == 1
    assert set(told["seen"]) == {"in", "AlreadyMember"}
    assert told["members"] == 1


def test_the_longest_names_may_come_and_go(engine: Engine) -> None:
    """What is told of them is cut: PostgreSQL refuses a line that is too long, and with it whoever joins."""
    assert engine.ask("tests.services.teams", "long_names") == {"told": [200, 200]}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "first"), [("   ", "x"), ("\n", "x"), ("Ada\nLovelace", "Ada"), ("", "x")])
def test_a_name_of_blanks_is_none(name: str, first: str) -> None:
    person = Person(email="x@studio.test", name=name)
    assert (person.first_name, person.initials[0]) == (first, first[0].upper())
    assert "\n" not in person.called
