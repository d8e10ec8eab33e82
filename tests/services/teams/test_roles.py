"""Roles: nobody gives what is above their own, and a team keeps an owner whatever happens at once."""

from datetime import timedelta

import pytest

from generations.models import AuditEntry, Member, Role, Suspension, clock
from generations.services import reviewing, teams
from tests.cases import make_moderator
from tests.conftest import Cast, join
from tests.engines import Engine
from tests.services.teams.people import kinds


def role_of(member: Member) -> str:
    role: str = Member.objects.values_list("role", flat=True).get(pk=member.pk)
    return role


class TestAChange:
    def test_is_written_down_and_told(self, cast: Cast) -> None:
        teams.change_role(by=cast.ada, member=cast.ben, role=Role.ADMIN)

        assert (role_of(cast.ben), kinds(cast.ben)) == ("admin", ["role_changed"])
        line = AuditEntry.objects.get(action="role_changed")
        assert (line.before, line.after, line.person) == ({"role": "creator"}, {"role": "admin"}, cast.ada.person)

    def test_to_the_same_is_none(self, cast: Cast) -> None:
        teams.change_role(by=cast.ada, member=cast.ben, role=Role.CREATOR)
        assert (kinds(cast.ben), AuditEntry.objects.count()) == ([], 0)

    @pytest.mark.parametrize("name", ["ben", "vera"])
    def test_is_refused_to_who_does_not_manage(self, cast: Cast, name: str) -> None:
        with pytest.raises(teams.NotAllowed):
            teams.change_role(by=getattr(cast, name), member=cast.vera, role=Role.ADMIN)
        assert role_of(cast.vera) == "viewer"

    def test_is_refused_across_teams(self, cast: Cast) -> None:
        with pytest.raises(teams.TeamRefusal):
            teams.change_role(by=cast.mallory, member=cast.ben, role=Role.VIEWER)
        assert role_of(cast.ben) == "creator"

    def test_is_refused_for_who_has_left(self, cast: Cast) -> None:
        teams.leave(member=cast.ben, heir=None)
        with pytest.raises(teams.TeamRefusal, match="no longer"):
            teams.change_role(by=cast.ada, member=cast.ben, role=Role.ADMIN)

    def test_counts_the_role_the_actor_has_by_now(self, cast: Cast) -> None:
        """Whoever was demoted a moment ago acts no more, though their page still thinks so."""
        ana = join(cast.team, "Ana", Role.ADMIN, credits=0)
        teams.change_role(by=cast.ada, member=Member.objects.get(pk=ana.pk), role=Role.VIEWER)
        with pytest.raises(teams.NotAllowed):
            teams.change_role(by=ana, member=cast.ben, role=Role.ADMIN)
        with pytest.raises(teams.NotAllowed):
            teams.remove(by=ana, member=cast.ben, heir=None)

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
    def test_gives_who_is_suspended_nothing_to_manage(self, cast: Cast, role: Role) -> None:
        assert cast.ben.person is not None
        until = clock.now() + timedelta(days=3)
        made = reviewing.suspend_person(
            person=cast.ben.person, by=make_moderator(), reason="Insulting pictures", until=until
        )
        with pytest.raises(teams.TeamRefusal, match=f"Ben is suspended until {until:%-d %B %Y}") as refusal:
            teams.change_role(by=cast.ada, member=cast.ben, role=role)
        assert "Insulting" not in str(refusal.value)
        assert role_of(cast.ben) == "creator"
        teams.change_role(by=cast.ada, member=cast.ben, role=Role.VIEWER)

        Suspension.objects.filter(pk=made.pk).update(until=clock.now())
        teams.change_role(by=cast.ada, member=cast.ben, role=role)
        assert role_of(cast.ben) == role


class TestAnAdmin:
    def test_gives_every_role_but_the_highest(self, cast: Cast) -> None:
        ana = join(cast.team, "Ana", Role.ADMIN, credits=0)
        for role in (Role.VIEWER, Role.CREATOR, Role.ADMIN):
            teams.change_role(by=ana, member=cast.ben, role=role)
            assert role_of(cast.ben) == role
        with pytest.raises(teams.NotAllowed, match="Only an owner"):
            teams.change_role(by=ana, member=cast.ben, role=Role.OWNER)
        with pytest.raises(teams.NotAllowed, match="Only an owner"):
            teams.change_role(by=ana, member=cast.ada, role=Role.VIEWER)


class TestTheLastOwner:
    def test_stays_owner(self, cast: Cast) -> None:
        with pytest.raises(teams.LastOwner):
            teams.change_role(by=cast.ada, member=cast.ada, role=Role.ADMIN)
        teams.change_role(by=cast.ada, member=cast.ben, role=Role.OWNER)
        teams.change_role(by=cast.ada, member=cast.ada, role=Role.ADMIN)
        assert (role_of(cast.ada), role_of(cast.ben)) == ("admin", "owner")


@pytest.mark.parametrize("race", ["demote_each_other", "leave_together", "remove_each_other"])
def test_two_owners_at_once_leave_one(engine: Engine, race: str) -> None:
    told = engine.ask("tests.services.teams", race)
    assert told["owners"] == 1
    assert told["seen"].count("done") == 1, told
