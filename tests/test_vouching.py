"""An invitation is worth no more than what whoever made it may still give."""

from collections.abc import Callable

import pytest

from generations.models import AuditEntry, Invitation, Member, Notice, Role
from generations.services import teams
from tests.conftest import Cast, join
from tests.making import finish_one
from tests.services.teams.people import link, newcomer


@pytest.fixture
def ana(cast: Cast) -> Member:
    return join(cast.team, "Ana", Role.ADMIN, credits=0)


def test_an_admin_who_was_removed_does_not_come_back_by_a_link_of_theirs(cast: Cast, ana: Member) -> None:
    row = link(ana, Role.ADMIN)
    teams.remove(by=cast.ada, member=ana, heir=None)

    assert ana.person is not None
    with pytest.raises(teams.InvitationGone):
        teams.join(invitation=row, person=ana.person)
    with pytest.raises(teams.InvitationGone):
        newcomer(row)
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert AuditEntry.objects.get(action="invitation_revoked").person == cast.ada.person


def test_a_demotion_takes_back_what_is_above_the_new_role(cast: Cast) -> None:
    olga = join(cast.team, "Olga", Role.OWNER, credits=0)
    high, low, others = link(olga, Role.OWNER), link(olga, Role.VIEWER), link(cast.ada, Role.OWNER)
    teams.change_role(by=cast.ada, member=olga, role=Role.ADMIN)
    assert set(Invitation.objects.open()) == {low, others}
    with pytest.raises(teams.InvitationGone):
        newcomer(high)

    teams.change_role(by=cast.ada, member=olga, role=Role.CREATOR)
    assert set(Invitation.objects.open()) == {others}


@pytest.mark.parametrize("facts", [{"role": Role.VIEWER}, {"person": None}], ids=str)
def test_nobody_joins_by_one_whose_maker_lost_the_power_unnoticed(
    cast: Cast, ana: Member, facts: dict[str, object]
) -> None:
    """As in the moment between the two, or where the row was written by hand."""
    row = link(ana)
    Member.objects.filter(pk=ana.pk).update(**facts)
    with pytest.raises(teams.InvitationGone):
        newcomer(row)


def test_whoever_sends_it_again_answers_for_it(cast: Cast, ana: Member, pass_time: Callable[[float], None]) -> None:
    row = link(ana)
    teams.renew(by=cast.ada, invitation=row)
    teams.remove(by=cast.ada, member=ana, heir=None)
    newcomer(row)


def test_who_is_removed_reads_who_has_the_pictures_and_the_log_how_many_are_private(cast: Cast) -> None:
    finish_one(cast.ben).generation.share(private=True)
    finish_one(cast.ben)
    teams.remove(by=cast.ada, member=cast.ben, heir=cast.ada)

    words = Notice.objects.get(person=cast.ben.person, kind="member_removed").words
    assert "Ada, who took you out, has what you made there, also what you kept private." in words
    assert AuditEntry.objects.get(action="member_removed").after["private pictures"] == 1
