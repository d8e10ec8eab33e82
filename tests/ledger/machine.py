"""The ledger against a model of itself: any order of grants, transfers, holds, payments, returns and repetitions.

Every play runs in a transaction that is rolled back.
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from generations import ledger
from generations.models import CreditAccount
from generations.services.auditing import audit
from tests.ledger import rows

MEMBERS = 2
BEGIN_WITH = 40
AMOUNTS = st.integers(min_value=1, max_value=60)
KEYS = st.integers(min_value=0, max_value=5)
WHO = st.integers(min_value=0, max_value=MEMBERS - 1)
EFFORT = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """Purses 0 and 1 belong to members, -1 is the pool; `keys` remembers what each key was used for."""

    waiting = Bundle("waiting")
    paid = Bundle("paid")
    returned = Bundle("returned")

    @initialize()
    def begin(self) -> None:
        self.stage = transaction.atomic()
        self.stage.__enter__()
        team = rows.found()
        self.members = [rows.join(team) for _ in range(MEMBERS)]
        self.accounts = [*(ledger.account_of(member) for member in self.members), ledger.pool_of(team)]
        for account in self.accounts:
            ledger.grant(account=account, amount=BEGIN_WITH, reason="play", key=rows.key(), actor="test")
        self.posted = [BEGIN_WITH] * (MEMBERS + 1)
        self.held = [0] * (MEMBERS + 1)
        self.prefix = rows.key()
        self.keys: dict[str, tuple[Any, ...]] = {}
        self.refunded: dict[Any, tuple[str, int]] = {}

    def once(self, name: str, number: int, facts: tuple[Any, ...], purse: int, amount: int) -> str | None:
        """What this key must end with: a repetition, a refusal, too few credits, or None for a new entry."""
        known = self.keys.get(f"{name}{number}")
        if known is not None:
            return "repeat" if known == facts else "KeyReused"
        if self.posted[purse] - self.held[purse] + amount < 0:
            return "NotEnoughCredits"
        self.keys[f"{name}{number}"] = facts
        return None

    def tell(self, call: Any, **facts: Any) -> str | None:
        """What the ledger made of it, in the words of `once`."""
        try:
            return "repeat" if call(actor="test", **facts).is_repeat else None
        except ledger.LedgerRefusal as refusal:
            return type(refusal).__name__

    @rule(number=KEYS, amount=AMOUNTS, purse=st.integers(min_value=-1, max_value=MEMBERS - 1))
    def grant(self, number: int, amount: int, purse: int) -> None:
        expected = self.once("grant", number, (purse, amount), purse, amount)
        key = f"{self.prefix}grant{number}"
        told = self.tell(ledger.grant, account=self.accounts[purse], amount=amount, reason="play", key=key)
        assert told == expected
        if told is None:
            self.posted[purse] += amount

    @rule(number=KEYS, amount=AMOUNTS.map(lambda amount: amount - 45), who=WHO)
    def adjust(self, number: int, amount: int, who: int) -> None:
        expected = "WrongAmount" if amount == 0 else self.once("adjust", number, (who, amount), who, amount)
        key = f"{self.prefix}adjust{number}"
        told = self.tell(ledger.adjust, account=self.accounts[who], amount=amount, reason="play", key=key)
        assert told == expected
        if told is None:
            self.posted[who] += amount

    @rule(number=KEYS, amount=AMOUNTS, who=WHO, back=st.booleans())
    def transfer(self, number: int, amount: int, who: int, back: bool) -> None:
        source, target = (who, -1) if back else (-1, who)
        expected = self.once("transfer", number, (source, target, amount), source, -amount)
        told = self.tell(
            ledger.transfer,
            source=self.accounts[source],
            target=self.accounts[target],
            amount=amount,
            reason="play",
            key=f"{self.prefix}transfer{number}",
        )
        assert told == expected
        if told is None:
            self.posted[source] -= amount
            self.posted[target] += amount

    @rule(target=waiting, who=WHO, price=st.integers(min_value=0, max_value=30))
    def order(self, who: int, price: int) -> Any:
        reach = self.posted[who] - self.held[who]
        if price > reach:
            with pytest.raises(ledger.NotEnoughCredits) as refused:
                rows.order(self.members[who], price)
            assert (refused.value.needed, refused.value.available) == (price, reach)
            return None
        [generation] = rows.order(self.members[who], price)
        self.held[who] += price
        again = self.tell(ledger.hold, account=self.accounts[who], generation=generation, amount=generation.price)
        assert again == "repeat"
        return who, generation

    @rule(target=paid, one=consumes(waiting), share=st.integers(min_value=0, max_value=4))
    def succeed(self, one: Any, share: int) -> Any:
        if one is None:
            return None
        who, generation = one
        price = generation.price * share // 4
        too_much = {"generation": generation, "amount": generation.price + 1}
        assert self.tell(ledger.settle, **too_much) == "WrongAmount"
        rows.succeed(generation, amount=price)
        self.held[who] -= generation.price
        self.posted[who] -= price
        return who, generation, price

    @rule(target=returned, one=consumes(waiting))
    def cancel(self, one: Any) -> Any:
        if one is not None:
            rows.cancel(one[1])
            self.held[one[0]] -= one[1].price
        return one

    @rule(one=paid)
    def pay_again(self, one: Any) -> None:
        if one is not None:
            assert self.tell(ledger.settle, generation=one[1], amount=one[2]) == "repeat"
            assert self.tell(ledger.release, generation=one[1], reason="canceled") == "AlreadyResolved"

    @rule(one=returned)
    def return_again(self, one: Any) -> None:
        if one is not None:
            assert self.tell(ledger.release, generation=one[1], reason="canceled") == "repeat"
            assert self.tell(ledger.settle, generation=one[1]) == "AlreadyResolved"
            facts = {"amount": 1, "reason": "play", "key": f"{self.prefix}never"}
            assert self.tell(ledger.refund, generation=one[1], **facts) == "NotRefundable"

    @rule(one=paid, amount=AMOUNTS.map(lambda amount: amount % 12 + 1), second=st.booleans())
    def refund(self, one: Any, amount: int, second: bool) -> None:
        if one is None:
            return
        who, generation, price = one
        key = f"{self.prefix}refund{generation.pk}{second}"
        before = self.refunded.get(generation.pk)
        expected = "WrongAmount" if amount > price else None
        if before is not None:
            expected = "repeat" if before == (key, amount) else "KeyReused" if before[0] == key else "NotRefundable"
        assert self.tell(ledger.refund, generation=generation, amount=amount, reason="play", key=key) == expected
        if expected is None:
            self.refunded[generation.pk] = key, amount
            self.posted[who] += amount

    @invariant()
    def balances_are_as_expected(self) -> None:
        if hasattr(self, "accounts"):
            found = CreditAccount.objects.in_bulk([account.pk for account in self.accounts])
            has = [(found[account.pk].posted, found[account.pk].held) for account in self.accounts]
            assert has == list(zip(self.posted, self.held, strict=True))

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        try:
            assert audit() == []
        finally:
            transaction.set_rollback(True)
            self.stage.__exit__(None, None, None)


def play() -> None:
    """Raises AssertionError, with the steps that led there, when ledger and model disagree."""
    run_state_machine_as_test(Machine, settings=EFFORT)
