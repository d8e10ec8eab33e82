"""Credits come in, are corrected and move; a key makes each of it happen once."""

from typing import Any

import pytest
from django.db import IntegrityError

from generations import ledger
from generations.models import CreditAccount, CreditEntry, Team
from generations.services.auditing import audit
from tests.ledger import rows

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {"reason": "for a test", "actor": "test"}


@pytest.fixture
def team() -> Team:
    return rows.found(100)


@pytest.fixture
def pool(team: Team) -> CreditAccount:
    return rows.now(ledger.pool_of(team))


def test_a_team_has_one_pool_and_a_member_one_account(team: Team) -> None:
    member = rows.join(team)

    assert ledger.pool_of(team) == ledger.pool_of(team)
    assert ledger.account_of(member) == ledger.account_of(member)
    assert ledger.account_of(member) != ledger.pool_of(team)
    assert ledger.account_of(member).team == team


class TestAGrant:
    def test_adds_to_the_account(self, pool: CreditAccount) -> None:
        entry = ledger.grant(account=pool, amount=7, key="a", **FACTS)

        assert rows.now(pool).posted == 107
        assert (entry.seq, entry.posted_after, entry.held_after, entry.is_repeat) == (2, 107, 0, False)
        assert audit() == []

    def test_with_the_same_key_happens_once(self, pool: CreditAccount) -> None:
        first = ledger.grant(account=pool, amount=7, key="a", **FACTS)
        again = ledger.grant(account=pool, amount=7, key="a", **FACTS)

        assert (again, again.is_repeat) == (first, True)
        assert rows.now(pool).posted == 107

    @pytest.mark.parametrize("changes", [{"amount": 8}, {"reason": "another"}], ids=["amount", "reason"])
    def test_with_a_key_used_for_something_else_is_refused(self, pool: CreditAccount, changes: dict[str, Any]) -> None:
        ledger.grant(account=pool, amount=7, key="a", **FACTS)

        facts: dict[str, Any] = {"amount": 7, "key": "a"} | FACTS | changes
        with pytest.raises(ledger.KeyReused, match="'a'"):
            ledger.grant(account=pool, **facts)
        assert rows.now(pool).posted == 107

    def test_with_a_key_of_another_kind_is_refused(self, pool: CreditAccount) -> None:
        ledger.grant(account=pool, amount=7, key="a", **FACTS)

        with pytest.raises(ledger.KeyReused):
            ledger.adjust(account=pool, amount=7, key="a", **FACTS)

    @pytest.mark.parametrize("amount", [0, -1, 2**62, True, 5.0, "5"])
    def test_of_anything_but_whole_credits_is_refused(self, pool: CreditAccount, amount: int) -> None:
        with pytest.raises(ledger.WrongAmount):
            ledger.grant(account=pool, amount=amount, key="a", **FACTS)

    def test_needs_a_reason(self, pool: CreditAccount) -> None:
        with pytest.raises(IntegrityError):
            ledger.grant(account=pool, amount=5, key="a", reason="", actor="test")

    @pytest.mark.parametrize("name", ["key", "reason", "actor"])
    def test_with_words_too_long_for_one_engine_is_refused_on_both(self, pool: CreditAccount, name: str) -> None:
        facts: dict[str, Any] = {"amount": 5, "key": "a"} | FACTS | {name: "x" * 201}
        with pytest.raises(ledger.TooLong):
            ledger.grant(account=pool, **facts)


class TestACorrection:
    def test_goes_both_ways(self, pool: CreditAccount) -> None:
        ledger.adjust(account=pool, amount=-30, key="a", **FACTS)
        ledger.adjust(account=pool, amount=5, key="b", **FACTS)

        assert rows.now(pool).posted == 75
        assert audit() == []

    def test_never_takes_what_is_held(self, team: Team) -> None:
        """F65."""
        member = rows.join(team)
        rows.fund(member, 20)
        rows.order(member, 15)

        with pytest.raises(ledger.NotEnoughCredits) as refused:
            ledger.adjust(account=ledger.account_of(member), amount=-6, key="a", **FACTS)

        assert (refused.value.needed, refused.value.available) == (6, 5)
        assert rows.balance(member) == (20, 15)

    def test_of_nothing_is_refused(self, pool: CreditAccount) -> None:
        with pytest.raises(ledger.WrongAmount):
            ledger.adjust(account=pool, amount=0, key="a", **FACTS)


class TestATransfer:
    def test_moves_credits_in_two_legs(self, team: Team, pool: CreditAccount) -> None:
        member = rows.join(team)

        out = ledger.transfer(source=pool, target=ledger.account_of(member), amount=40, key="a", **FACTS)

        into = CreditEntry.objects.get(idempotency_key="a:in")
        assert (out.idempotency_key, out.d_posted, into.d_posted) == ("a:out", -40, 40)
        assert out.transfer == into.transfer is not None
        assert (rows.now(pool).posted, rows.balance(member)) == (60, (40, 0))
        assert audit() == []

    def test_with_the_same_key_happens_once(self, team: Team, pool: CreditAccount) -> None:
        account = ledger.account_of(rows.join(team))
        first = ledger.transfer(source=pool, target=account, amount=40, key="a", **FACTS)
        again = ledger.transfer(source=pool, target=account, amount=40, key="a", **FACTS)

        assert (again, again.is_repeat) == (first, True)
        assert rows.now(pool).posted == 60

    def test_with_the_same_key_to_somebody_else_is_refused(self, team: Team, pool: CreditAccount) -> None:
        one, other = rows.join(team), rows.join(team)
        ledger.transfer(source=pool, target=ledger.account_of(one), amount=40, key="a", **FACTS)

        with pytest.raises(ledger.KeyReused):
            ledger.transfer(source=pool, target=ledger.account_of(other), amount=40, key="a", **FACTS)
        assert rows.balance(other) == (0, 0)

    def test_of_more_than_there_is_moves_nothing(self, team: Team, pool: CreditAccount) -> None:
        account = ledger.account_of(rows.join(team))

        with pytest.raises(ledger.NotEnoughCredits, match="101 needed, 100 available"):
            ledger.transfer(source=pool, target=account, amount=101, key="a", **FACTS)
        assert rows.now(pool).posted == 100
        assert not CreditEntry.objects.filter(account=account).exists()

    def test_never_leaves_the_team(self, pool: CreditAccount) -> None:
        elsewhere = ledger.pool_of(rows.found())

        for target in (elsewhere, pool):
            with pytest.raises(ledger.WrongAccount):
                ledger.transfer(source=pool, target=target, amount=1, key="a", **FACTS)


class TestATransferUpToALimit:
    def test_gives_what_is_asked_for_when_there_is_enough(self, team: Team, pool: CreditAccount) -> None:
        account = ledger.account_of(rows.join(team))

        entry = ledger.transfer_up_to(source=pool, target=account, at_most=60, key="a", **FACTS)

        assert entry is not None
        assert entry.d_posted == -60

    def test_gives_the_rest_when_there_is_less_and_then_nothing(self, team: Team, pool: CreditAccount) -> None:
        one, other = (ledger.account_of(rows.join(team)) for _ in range(2))

        ledger.transfer_up_to(source=pool, target=one, at_most=160, key="a", **FACTS)

        assert rows.now(one).posted == 100
        assert ledger.transfer_up_to(source=pool, target=other, at_most=160, key="b", **FACTS) is None
        assert audit() == []

    def test_with_the_same_key_returns_the_first_whatever_it_came_to(self, team: Team, pool: CreditAccount) -> None:
        account = ledger.account_of(rows.join(team))
        ledger.transfer_up_to(source=pool, target=account, at_most=160, key="a", **FACTS)
        ledger.grant(account=pool, amount=500, key="more", **FACTS)

        again = ledger.transfer_up_to(source=pool, target=account, at_most=160, key="a", **FACTS)

        assert again is not None
        assert (again.d_posted, again.is_repeat) == (-100, True)
        assert rows.now(account).posted == 100
