"""Credits of a picture are set aside, then paid or returned exactly once, and perhaps given back."""

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from generations import ledger
from generations.models import CreditEntry, CreditHold, Generation, Member, State
from generations.services.auditing import audit
from tests.ledger import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    member = rows.join(rows.found())
    rows.fund(member, 50)
    return member


class TestAHold:
    def test_sets_credits_aside(self, member: Member) -> None:
        rows.order(member, 5)

        account = ledger.account_of(member)
        assert (account.posted, account.held, account.available) == (50, 5, 45)
        assert audit() == []

    def test_of_a_batch_is_one_hold_and_one_entry_for_each(self, member: Member) -> None:
        ordered = rows.order(member, 5, 6, 0)

        entries = CreditEntry.objects.filter(kind="hold").order_by("seq")
        assert [entry.d_held for entry in entries] == [5, 6, 0]
        assert [entry.held_after for entry in entries] == [5, 11, 11]
        assert [entry.hold.generation for entry in entries if entry.hold] == ordered
        assert audit() == []

    def test_of_a_batch_takes_no_more_statements_than_of_one(
        self, member: Member, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        """Lock, look for the keys, write the holds, read the date of the line above, move the account, append."""
        account = ledger.account_of(member)
        asked = []
        for prices in ([5], [5] * 8):
            written = rows.write(member, prices)
            with django_assert_max_num_queries(6) as statements:
                ledger.hold_all(account=account, generations=written, actor="test")
            asked.append(len(statements))
        assert asked[0] == asked[1]

    def test_beyond_what_is_available_writes_nothing_and_says_how_much_was_needed(self, member: Member) -> None:
        with pytest.raises(ledger.NotEnoughCredits) as refused:
            rows.order(member, 20, 20, 20)

        assert (refused.value.needed, refused.value.available) == (60, 50)
        assert str(refused.value) == "Not enough credits: 60 needed, 50 available."
        assert not CreditHold.objects.exists()
        assert not Generation.objects.exists()

    def test_asked_for_again_is_the_first_one(self, member: Member) -> None:
        ordered = rows.order(member, 5, 6)
        account = ledger.account_of(member)

        again = ledger.hold_all(account=account, generations=ordered, actor="test")

        assert [(entry.d_held, entry.is_repeat) for entry in again] == [(5, True), (6, True)]
        assert rows.balance(member) == (50, 11)

    def test_asked_for_again_at_another_amount_is_refused(self, member: Member) -> None:
        [generation] = rows.order(member, 5)

        with pytest.raises(ledger.KeyReused):
            ledger.hold(account=ledger.account_of(member), generation=generation, amount=6, actor="test")

    def test_is_made_on_the_account_of_the_one_who_ordered(self, member: Member) -> None:
        [generation] = rows.write(member, [5])
        other = rows.join(member.team)
        rows.fund(other, 50)

        for account in (ledger.account_of(other), ledger.pool_of(member.team)):
            with pytest.raises(ledger.WrongAccount):
                ledger.hold(account=account, generation=generation, amount=5, actor="test")


@pytest.mark.django_db(transaction=True)
def test_holds_belong_into_the_transaction_of_their_generation(member: Member) -> None:
    [generation] = rows.order(member, 5)

    with pytest.raises(ledger.OutsideTransaction):
        ledger.hold_all(account=ledger.account_of(member), generations=[generation], actor="test")
    with pytest.raises(ledger.OutsideTransaction):
        ledger.settle(generation=generation, actor="test")
    with pytest.raises(ledger.OutsideTransaction):
        ledger.release(generation=generation, actor="test", reason="canceled")
    assert rows.balance(member) == (50, 5)


class TestASettlement:
    def test_pays_what_was_held(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        rows.succeed(generation)

        assert rows.balance(member) == (45, 0)
        assert audit() == []

    def test_of_a_part_frees_the_rest(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        rows.succeed(generation, amount=3)

        assert rows.balance(member) == (47, 0)
        assert audit() == []

    @pytest.mark.parametrize("amount", [-1, 6])
    def test_beyond_what_was_held_is_refused(self, member: Member, amount: int) -> None:
        [generation] = rows.order(member, 5)

        with pytest.raises(ledger.WrongAmount):
            ledger.settle(generation=generation, amount=amount, actor="test")
        assert rows.balance(member) == (50, 5)

    def test_asked_for_again_pays_nothing_more(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        rows.succeed(generation, amount=3)

        assert ledger.settle(generation=generation, amount=3, actor="test").is_repeat
        with pytest.raises(ledger.AlreadyResolved):
            ledger.settle(generation=generation, actor="test")
        with pytest.raises(ledger.AlreadyResolved):
            ledger.release(generation=generation, actor="test", reason="canceled")
        assert rows.balance(member) == (47, 0)

    def test_is_undone_with_its_transaction(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        with transaction.atomic():
            ledger.settle(generation=generation, actor="test")
            transaction.set_rollback(True)

        assert rows.balance(member) == (50, 5)
        assert CreditHold.objects.get().state == "open"
        assert audit() == []


class TestARelease:
    def test_returns_everything(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        rows.cancel(generation)

        assert rows.balance(member) == (50, 0)
        assert CreditEntry.objects.get(kind="release").reason == "canceled"
        assert audit() == []

    def test_asked_for_again_returns_nothing_more(self, member: Member) -> None:
        [generation] = rows.order(member, 5)
        rows.cancel(generation)

        assert ledger.release(generation=generation, actor="test", reason="canceled").is_repeat
        with pytest.raises(ledger.AlreadyResolved):
            ledger.settle(generation=generation, actor="test")
        assert rows.balance(member) == (50, 0)

    def test_of_a_free_picture_is_an_entry_like_any_other(self, member: Member) -> None:
        [generation] = rows.order(member, 0)
        rows.cancel(generation)

        assert audit() == []


class TestARefund:
    @pytest.fixture
    def paid(self, member: Member) -> Generation:
        [generation] = rows.order(member, 5)
        rows.succeed(generation)
        return generation

    def refund(self, generation: Generation, amount: int = 5, key: str = "sorry") -> CreditEntry:
        return ledger.refund(generation=generation, amount=amount, reason="blurred", key=key, actor="member:1")

    @pytest.mark.parametrize("amount", [1, 5])
    def test_gives_back_up_to_what_was_paid(self, member: Member, paid: Generation, amount: int) -> None:
        self.refund(paid, amount)

        assert rows.balance(member) == (45 + amount, 0)
        assert CreditHold.objects.get().state == "settled"
        assert paid.state == State.SUCCEEDED
        assert audit() == []

    def test_of_more_than_was_paid_is_refused(self, paid: Generation) -> None:
        with pytest.raises(ledger.WrongAmount):
            self.refund(paid, 6)

    def test_happens_once(self, member: Member, paid: Generation) -> None:
        self.refund(paid, 2)

        assert self.refund(paid, 2).is_repeat
        with pytest.raises(ledger.NotRefundable, match="already"):
            self.refund(paid, 2, key="again")
        with pytest.raises(ledger.KeyReused):
            self.refund(paid, 3)
        assert rows.balance(member) == (47, 0)

    def test_needs_something_that_was_paid(self, member: Member) -> None:
        waiting, canceled = rows.order(member, 5, 5)
        rows.cancel(canceled)

        for generation in (waiting, canceled):
            with pytest.raises(ledger.NotRefundable, match="Nothing was paid"):
                self.refund(generation)
