"""Wrong money, written past the ledger, and the name of the constraint with which the database must refuse it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from generations import ledger
from generations.models import CreditAccount, CreditEntry, CreditHold, Price
from tests.ledger import rows

ATTEMPTS: dict[str, tuple[str, Callable[["Stage"], object]]] = {}


class Stage:
    """A member with 20 credits, one open hold of 5 and one settled hold of 5."""

    def __init__(self) -> None:
        self.member = rows.join(rows.found())
        rows.fund(self.member, 25)
        open_one, paid = rows.order(self.member, 5, 5)
        rows.succeed(paid)
        self.unheld = rows.write(self.member, [5])[0]
        self.account = rows.now(ledger.account_of(self.member))
        self.open, self.paid = open_one.hold, paid.hold
        self.paid.refresh_from_db()

    def entry(self, kind: str, d_posted: int = 0, d_held: int = 0, **changes: Any) -> object:
        """An entry as the ledger would write it next, but for the changes."""
        facts = {
            "account": self.account,
            "seq": self.account.seq + 1,
            "posted_after": self.account.posted + d_posted,
            "held_after": self.account.held + d_held,
            "idempotency_key": uuid.uuid4().hex,
            "actor": "test",
            "reason": "because",
        }
        line = CreditEntry(kind=kind, d_posted=d_posted, d_held=d_held, **(facts | changes))
        return CreditEntry.objects.bulk_create([line])

    def held(self, **facts: Any) -> object:
        return CreditHold.objects.bulk_create(
            [CreditHold(**({"account": self.account, "generation": self.unheld, "amount": 1} | facts))]
        )

    def moved(self, **balance: int) -> object:
        return CreditAccount.objects.filter(pk=self.account.pk).rewrite(**balance)


def attempt(constraint: str) -> Callable[[Callable[[Stage], object]], Callable[[Stage], object]]:
    def keep(function: Callable[[Stage], object]) -> Callable[[Stage], object]:
        ATTEMPTS[function.__name__] = constraint, function
        return function

    return keep


KIND = "credit_entry_kind_fits"


@attempt(KIND)
def an_unknown_kind(stage: Stage) -> object:
    return stage.entry("gift", 5)


@attempt(KIND)
def a_grant_of_nothing(stage: Stage) -> object:
    return stage.entry("grant", 0)


@attempt(KIND)
def a_grant_without_reason(stage: Stage) -> object:
    return stage.entry("grant", 5, reason="")


@attempt(KIND)
def a_grant_that_also_holds(stage: Stage) -> object:
    return stage.entry("grant", 5, 1)


@attempt(KIND)
def a_correction_of_nothing(stage: Stage) -> object:
    return stage.entry("adjust", 0)


@attempt(KIND)
def a_hold_without_hold(stage: Stage) -> object:
    return stage.entry("hold", 0, 5)


@attempt(KIND)
def a_hold_that_spends(stage: Stage) -> object:
    return stage.entry("hold", -5, 5, hold=stage.open)


@attempt(KIND)
def a_settlement_of_more_than_was_held(stage: Stage) -> object:
    return stage.entry("settle", -6, -5, hold=stage.open)


@attempt(KIND)
def a_settlement_that_adds(stage: Stage) -> object:
    return stage.entry("settle", 5, -5, hold=stage.open)


@attempt(KIND)
def a_release_that_spends(stage: Stage) -> object:
    return stage.entry("release", -5, -5, hold=stage.open)


@attempt(KIND)
def a_refund_without_reason(stage: Stage) -> object:
    return stage.entry("refund", 5, hold=stage.paid, reason="")


@attempt(KIND)
def a_refund_of_nothing(stage: Stage) -> object:
    return stage.entry("refund", 0, hold=stage.paid)


@attempt(KIND)
def a_transfer_without_its_id(stage: Stage) -> object:
    return stage.entry("transfer_out", -5)


@attempt(KIND)
def a_transfer_out_that_adds(stage: Stage) -> object:
    return stage.entry("transfer_out", 5, transfer=uuid.uuid4())


@attempt(KIND)
def a_grant_with_a_transfer_id(stage: Stage) -> object:
    return stage.entry("grant", 5, transfer=uuid.uuid4())


@attempt("credit_entry_above_floor")
def an_entry_below_the_floor(stage: Stage) -> object:
    return stage.entry("adjust", -16)


@attempt("credit_entry_above_floor")
def an_entry_that_holds_less_than_nothing(stage: Stage) -> object:
    return stage.entry("release", 0, -6, hold=stage.open)


@attempt("credit_entry_chain_starts")
def a_first_entry_from_nowhere(stage: Stage) -> object:
    return stage.entry("grant", 5, seq=1)


@attempt("credit_entry_has_key_and_actor")
def an_entry_by_nobody(stage: Stage) -> object:
    return stage.entry("grant", 5, actor="")


@attempt("unique")
def the_same_key_twice(stage: Stage) -> object:
    return stage.entry("grant", 5, idempotency_key=f"hold:{stage.open.generation_id}")


@attempt("unique")
def the_same_place_twice(stage: Stage) -> object:
    return stage.entry("grant", 5, seq=stage.account.seq)


@attempt("unique")
def a_second_hold_entry(stage: Stage) -> object:
    return stage.entry("hold", 0, 5, hold=stage.open)


@attempt("unique")
def a_second_resolution(stage: Stage) -> object:
    return stage.entry("release", 0, -5, hold=stage.paid)


@attempt("unique")
def a_second_refund(stage: Stage) -> object:
    stage.entry("refund", 1, hold=stage.paid)
    return stage.entry("refund", 1, hold=stage.paid, seq=stage.account.seq + 2, posted_after=21)


@attempt("unique")
def two_legs_the_same_way(stage: Stage) -> object:
    both = uuid.uuid4()
    stage.entry("transfer_in", 5, transfer=both)
    return stage.entry("transfer_in", 5, transfer=both, seq=stage.account.seq + 2, posted_after=30)


@attempt("credit_hold_not_negative")
def a_hold_below_nothing(stage: Stage) -> object:
    return stage.held(amount=-1)


@attempt("credit_hold_state_fits")
def a_hold_settled_above_its_amount(stage: Stage) -> object:
    return stage.held(state="settled", settled=2)


@attempt("credit_hold_state_fits")
def a_hold_settled_without_saying_how_much(stage: Stage) -> object:
    return stage.held(state="settled")


@attempt("credit_hold_state_fits")
def a_hold_released_without_saying_that_nothing_was_paid(stage: Stage) -> object:
    return stage.held(state="released")


@attempt("credit_hold_state_fits")
def a_hold_released_and_paid(stage: Stage) -> object:
    return stage.held(state="released", settled=1)


@attempt("credit_hold_state_fits")
def an_open_hold_with_a_result(stage: Stage) -> object:
    return stage.held(settled=0)


@attempt("unique")
def a_second_hold_for_a_generation(stage: Stage) -> object:
    return stage.held(generation=stage.open.generation)


@attempt("credit_account_above_floor")
def an_account_below_its_floor(stage: Stage) -> object:
    return stage.moved(posted=4)


@attempt("credit_account_held_not_negative")
def an_account_that_holds_less_than_nothing(stage: Stage) -> object:
    return stage.moved(held=-1)


@attempt("credit_account_floor_below_zero")
def a_floor_above_zero(stage: Stage) -> object:
    return stage.moved(floor=1)


@attempt("credit_account_starts_empty")
def a_balance_without_entries(stage: Stage) -> object:
    return stage.moved(seq=0)


@attempt("unique")
def a_second_pool(stage: Stage) -> object:
    accounts = type(stage.account).objects
    accounts.create(team=stage.member.team)
    return accounts.create(team=stage.member.team)


@attempt("unique")
def a_second_account_for_a_member(stage: Stage) -> object:
    return type(stage.account).objects.create(team=stage.member.team, member=stage.member)


@attempt("price_not_negative")
def a_price_below_nothing(_: Stage) -> object:
    return Price.objects.create(provider="demo", offer_key="painter", credits=-1)


def ending(name: str) -> str:
    """How the database answered: the constraint it named, "unique", or what it wrote. Leaves nothing behind."""
    constraint, write = ATTEMPTS[name]
    with transaction.atomic():
        stage = Stage()
        try:
            with transaction.atomic():
                answer = f"wrote {write(stage)}"
        except IntegrityError as error:
            said = str(error)
            known = "unique" if "unique" in said.lower() else constraint
            answer = known if known in said.lower() else said
        transaction.set_rollback(True)
    return answer
