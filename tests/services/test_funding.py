"""Credits reach the pool and its members, once per key, and new members get what the pool can give."""

from typing import Any

import pytest

from generations import ledger
from generations.models import CreditEntry, Team
from generations.services import funding
from generations.services.auditing import audit
from tests.ledger import rows

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {"amount": 30, "reason": "June", "key": "june", "actor": "test"}


@pytest.fixture
def team() -> Team:
    return rows.found()


def pool(team: Team) -> int:
    return rows.now(ledger.pool_of(team)).posted


def test_a_grant_to_the_team_stays_in_the_pool(team: Team) -> None:
    entry = funding.grant_to_team(team=team, **FACTS)
    again = funding.grant_to_team(team=team, **FACTS)

    assert (entry.is_repeat, again.is_repeat) == (False, True)
    assert pool(team) == 30
    assert audit() == []


def test_a_grant_to_a_member_passes_through_the_pool(team: Team) -> None:
    member = rows.join(team)

    entry = funding.grant_to_member(member=member, **FACTS)
    again = funding.grant_to_member(member=member, **FACTS)

    assert (entry.is_repeat, again.is_repeat) == (False, True)
    assert (pool(team), rows.balance(member)) == (0, (30, 0))
    assert [line.kind for line in CreditEntry.objects.order_by("pk")] == ["grant", "transfer_out", "transfer_in"]
    assert audit() == []


def test_a_key_of_the_pool_does_not_move_its_credits_to_a_member(team: Team) -> None:
    member = rows.join(team)
    funding.grant_to_team(team=team, **FACTS)

    with pytest.raises(ledger.KeyReused):
        funding.grant_to_member(member=member, **FACTS)
    assert (pool(team), rows.balance(member)) == (30, (0, 0))


def test_a_key_of_a_member_does_not_pass_for_a_grant_to_the_pool(team: Team) -> None:
    funding.grant_to_member(member=rows.join(team), **FACTS)

    with pytest.raises(ledger.KeyReused):
        funding.grant_to_team(team=team, **FACTS)


def test_a_key_of_one_member_does_not_serve_another(team: Team) -> None:
    funding.grant_to_member(member=rows.join(team), **FACTS)
    other = rows.join(team)

    with pytest.raises(ledger.KeyReused):
        funding.grant_to_member(member=other, **FACTS)
    assert rows.balance(other) == (0, 0)
    assert audit() == []


class TestANewMember:
    def test_starts_with_what_the_team_gives(self) -> None:
        team = rows.found(1000)
        team.starting_credits = 250
        team.save()
        member = rows.join(team)

        assert funding.start_member(member) == 250
        assert (pool(team), rows.balance(member)) == (750, (250, 0))

    def test_starts_with_what_is_left_in_the_pool(self) -> None:
        member = rows.join(rows.found(40))

        assert funding.start_member(member) == 40
        assert funding.start_member(rows.join(member.team)) == 0
        assert pool(member.team) == 0
        assert audit() == []

    def test_starts_once(self) -> None:
        member = rows.join(rows.found(1000))

        assert [funding.start_member(member) for _ in range(2)] == [100, 100]
        assert rows.balance(member) == (100, 0)

    def test_of_a_team_that_gives_nothing_starts_with_nothing(self) -> None:
        team = rows.found(1000)
        team.starting_credits = 0
        team.save()

        assert funding.start_member(rows.join(team)) == 0
