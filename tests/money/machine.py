"""Whatever a team does with its credits, in whatever order: the studio follows the model, and the books stay right.

Every play runs in a transaction that is rolled back, under a clock that only the play moves: on into other months, and
a little back, as a clock that is set right does. After each step the balances are those of the model and of the
entries, each picture that ended has one end in the books, and the audit finds nothing; at the end every statement that
can be downloaded adds up.
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest import mock
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from generations import ledger
from generations.models import Brake, CreditAccount, CreditAsk, Generation, State
from generations.models.allowance import Period
from generations.models.generation.states import OPEN
from generations.services import allowing, asking, funding, ordering, teams
from tests.money.model import BEGINNING, Books, Refused
from tests.money.world import ANSWERS, LOOKS, REFUSALS, Clock, World

SOAK = os.environ.get("STUDIO_SOAK") == "1"
EFFORT = settings(
    max_examples=400 if SOAK else 8,
    stateful_step_count=60 if SOAK else 25,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink] if SOAK else [Phase.generate],  # making a failure short takes many minutes
    suppress_health_check=list(HealthCheck),
)
SEED = int(os.environ.get("STUDIO_SEED") or (secrets.randbits(32) if SOAK else datetime.now(UTC).date().toordinal()))
"""The plays of one day are the same wherever they are played, and others than those of the day before."""
SEATS_MAX = 6
POOL = st.none()
ANY = st.integers(min_value=0, max_value=10_000)
"""Chooses one of however many there are."""
AMOUNTS = st.integers(min_value=1, max_value=60)
PRICES = st.integers(min_value=0, max_value=12)
KEYS = st.integers(min_value=0, max_value=4)
ZONES = st.sampled_from(["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"])
STARTS = st.sampled_from(["2031-03-09T06:59:00", "2031-10-26T00:30:00", "2031-12-31T12:00:00", "2032-02-29T20:00:00"])
LEAPS = st.sampled_from([1, 70, 700, 4000, 90_000, 8 * 86_400, 40 * 86_400])
WORD = "for the play"
FATES = ("whole", "whole", "in part", "failed", "silent")
ENDED = tuple(state for state in State if state not in OPEN)

Rule = TypeVar("Rule", bound=Callable[..., Any])


def given(*states: str) -> Callable[[Rule], Rule]:
    """The rule is played only while there is a picture in one of these states."""
    return precondition(lambda machine: any(state in states for state in machine.states.values()))


class Machine(RuleBasedStateMachine):
    """`world` is the studio, `books` what it should have written; every rule does a thing to both."""

    @initialize(zone=ZONES, start=STARTS, price=PRICES, pool=st.integers(min_value=20, max_value=400))
    def begin(self, zone: str, start: str, price: int, pool: int) -> None:
        self.clock = Clock(datetime.fromisoformat(f"{start}+00:00"))
        self.time = mock.patch.object(timezone, "now", self.clock)
        self.time.__enter__()
        self.stage = transaction.atomic()
        self.stage.__enter__()
        self.world = World(zone=zone, price=price)
        self.books = Books(ZoneInfo(zone), self.clock.moment, price=[(BEGINNING, price)])
        for number in range(len(self.world.seats)):
            self.books.join(0)
            self.books.seats[number].manages = number < 2
        self.states: dict[Any, str] = {}
        self.grant(0, pool, None)
        for seat in range(len(self.world.seats)):
            self.give(seat, pool // 5, 0, seat)
            self.order(seat, 0, 1 + seat)

    def play(self, should: Callable[[], Any], does: Callable[[], Any]) -> Any:
        """Do it in the model and in the studio: both make the change, both know it from before, or both refuse."""
        self.books.now = self.clock.moment
        expected: Any
        try:
            expected = should()
        except Refused as refused:
            expected = str(refused)
        try:
            with transaction.atomic():
                told = does()
        except REFUSALS as refusal:
            told = type(refusal).__name__
        except (allowing.NotManager, ordering.TooLate) as refusal:
            told = type(refusal).__name__
        if hasattr(told, "is_repeat"):
            told = "repeat" if told.is_repeat else ""
        assert (told or "") == (expected or ""), (told, expected)
        return told

    def present(self, number: int, *, least: int = 0) -> int:
        """One of the seats that are taken."""
        seats = [seat for seat, one in enumerate(self.books.seats) if not one.is_gone and seat >= least]
        return seats[number % len(seats)]

    def follow(self) -> None:
        """What ended since is an end in the model."""
        self.books.now = self.clock.moment
        self.states = self.world.states()
        for generation, state in self.states.items():
            if state not in OPEN and not self.books.work[generation].end:
                self.books.ended(generation, state)

    def one_in(self, number: int, *states: str) -> Any:
        """A picture in one of these states."""
        found = [generation for generation, state in self.states.items() if state in states]
        return found[number % len(found)]

    # --- Credits come in and move ---

    @rule(number=KEYS, amount=AMOUNTS, seat=POOL | ANY)
    def grant(self, number: int, amount: int, seat: int | None) -> None:
        if seat is not None:
            seat = self.present(seat)
        facts: dict[str, Any] = {"amount": amount, "reason": WORD, "key": f"play:{number}", "actor": "staff"}

        def does() -> Any:
            if seat is None:
                return funding.grant_to_team(team=self.world.team, **facts)
            return funding.grant_to_member(member=self.world.member(seat), **facts)

        self.play(lambda: self.books.grant(str(number), amount, seat), does)

    @rule(amount=AMOUNTS.map(lambda amount: amount - 40).filter(bool), seat=POOL | ANY)
    def adjust(self, amount: int, seat: int | None) -> None:
        seat = seat if seat is None else seat % len(self.world.seats)
        key = f"adjust:{self.clock()}"
        self.play(
            lambda: self.books.adjust(seat, amount),
            lambda: ledger.adjust(account=self.world.account(seat), amount=amount, reason=WORD, key=key, actor="staff"),
        )

    @rule(number=KEYS, amount=AMOUNTS, by=ANY, to=ANY)
    def give(self, number: int, amount: int, by: int, to: int) -> None:
        by, to = self.present(by), to % len(self.world.seats)
        self.play(
            lambda: self.books.give(f"give {number}", amount, by=by, to=to),
            lambda: asking.give(
                by=self.world.member(by), member=self.world.member(to), amount=amount, reason=WORD, key=str(number)
            ),
        )

    @rule(seat=ANY, amount=AMOUNTS)
    def ask(self, seat: int, amount: int) -> None:
        seat = self.present(seat)

        def does() -> None:
            asking.ask(member=self.world.member(seat), amount=amount, reason=WORD)

        self.play(lambda: self.books.ask(seat, amount), does)

    @precondition(lambda self: self.books.asks)
    @rule(number=ANY, amount=AMOUNTS | st.just(0), by=ANY)
    def answer(self, number: int, amount: int, by: int) -> None:
        number, by = number % len(self.books.asks), self.present(by)

        def does() -> None:
            asked = CreditAsk.objects.select_related("member__person").order_by("pk").filter(team=self.world.team)
            if amount:
                asking.approve(by=self.world.member(by), ask=asked[number], amount=amount)
            else:
                asking.decline(by=self.world.member(by), ask=asked[number], words="not now")

        self.play(lambda: self.books.answer(number, amount, by=by), does)

    @rule(seat=ANY, floor=st.integers(min_value=0, max_value=20))
    def let_below_zero(self, seat: int, floor: int) -> None:
        seat %= len(self.world.seats)
        if -floor <= self.books.seats[seat].purse.floor:
            self.books.seats[seat].purse.floor = -floor
            CreditAccount.objects.filter(pk=self.world.account(seat).pk).update(floor=-floor)

    # --- Who is there ---

    @precondition(lambda self: len(self.world.seats) < SEATS_MAX)
    @rule()
    def join(self) -> None:
        self.books.now = self.clock.moment
        self.world.join()
        self.books.join(self.world.team.starting_credits)

    @precondition(lambda self: sum(not seat.is_gone for seat in self.books.seats) > 2)
    @rule(seat=ANY)
    def leave(self, seat: int) -> None:
        seat = self.present(seat, least=1)
        teams.remove(by=self.world.member(0), member=self.world.member(seat), heir=None)
        self.follow()
        self.books.leave(seat)

    @precondition(lambda self: any(seat.is_gone for seat in self.books.seats))
    @rule()
    def return_what_came_free(self) -> None:
        self.books.now = self.clock.moment
        gone = [seat for seat, one in enumerate(self.books.seats) if one.is_gone]
        assert teams.return_credits() == sum(self.books.return_credits(seat) for seat in gone)

    # --- Months, limits and prices ---

    @rule(seat=ANY, amount=AMOUNTS | st.just(0), rollover=AMOUNTS | st.just(0), by=ANY)
    def allow(self, seat: int, amount: int, rollover: int, by: int) -> None:
        seat, by = self.present(seat), self.present(by)

        def should() -> None:
            if not self.books.seats[by].manages:
                raise Refused("NotManager")
            self.books.allow(seat, amount, rollover)

        def does() -> None:
            members = {"by": self.world.member(by), "member": self.world.member(seat)}
            allowing.allow(**members, amount=amount, rollover=rollover)

        self.play(should, does)

    @precondition(lambda self: any(seat.allowance for seat in self.books.seats))
    @rule()
    def pay_allowances(self) -> None:
        self.play(self.books.pay_allowances, allowing.pay_due)
        self.play(self.books.pay_allowances, allowing.pay_due)

    @rule(seat=ANY, amount=st.integers(min_value=0, max_value=80), period=st.sampled_from(Period.values))
    def brake(self, seat: int, amount: int, period: str) -> None:
        seat = self.present(seat)
        Brake.set_for(self.world.member(seat), amount=amount, period=period)
        self.books.seats[seat].brake = (amount, period) if amount else None

    @rule(price=PRICES)
    def change_price(self, price: int) -> None:
        if self.clock.moment + timedelta(microseconds=1) not in dict(self.books.price):
            self.books.price.append((self.world.set_price(price), price))

    @rule(seconds=LEAPS)
    def wait(self, seconds: int) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        self.world.sweep()
        self.world.sweep()
        self.follow()

    @rule(seconds=st.integers(min_value=1, max_value=3))
    def wait_for_midnight(self, seconds: int) -> None:
        """To a moment before the next month begins where the team is, or after it."""
        self.books.now = self.clock.moment
        local = self.books.local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
        then = (local + timedelta(days=32)).replace(day=1)
        self.clock.moment = then.astimezone(ZoneInfo("UTC")) - timedelta(seconds=2 - seconds, microseconds=500)
        self.world.sweep()
        self.follow()

    @rule(seconds=st.integers(min_value=1, max_value=3))
    def set_clock_back(self, seconds: int) -> None:
        self.clock.moment -= timedelta(seconds=seconds)

    # --- Pictures ---

    @rule(seat=ANY, key=st.integers(min_value=0, max_value=40), count=st.integers(min_value=1, max_value=8))
    def order(self, seat: int, key: int, count: int) -> None:
        seat = self.present(seat)

        def does() -> str:
            made = self.world.order(seat, key=key, count=count)
            return "repeat" if made[0] in self.states else ""

        if self.play(lambda: self.books.order(seat, key, count), does) == "":
            self.books.ordered(seat, key, [one for one in self.world.states() if one not in self.states])
            self.follow()

    @given(*State)
    @rule(number=ANY)
    def cancel(self, number: int) -> None:
        row = Generation.objects.get(pk=self.one_in(number, *State))
        should = "" if row.state == State.QUEUED else "TooLate"
        self.play(lambda: should, lambda: ordering.cancel(generation=row, actor="test"))
        self.follow()

    @given(State.QUEUED)
    @rule(answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=4))
    def send(self, answers: list[str]) -> None:
        self.world.send(answers)
        self.follow()

    @given(State.RUNNING, State.LAPSED)
    @rule(number=ANY, named=st.integers(min_value=1, max_value=6), how=st.sampled_from(sorted(LOOKS)))
    def look(self, number: int, named: int, how: str) -> None:
        self.world.look(self.one_in(number, State.RUNNING, State.LAPSED), LOOKS[how](named))
        self.follow()

    @given(State.FETCHING, State.LAPSED)
    @rule(number=ANY, here=st.integers(min_value=0, max_value=6))
    def bring(self, number: int, here: int) -> None:
        """So many of its pictures arrive; where some are missing, its time runs out without them."""
        generation = self.one_in(number, State.FETCHING, State.LAPSED)
        if named := len(Generation.objects.get(pk=generation).result_urls):
            work = self.books.work[generation]
            work.named, work.here = named, min(here, named)
            self.world.bring(generation, here=work.here)
            self.follow()

    @given(*OPEN)
    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=4), named=st.integers(min_value=1, max_value=6))
    def serve(self, fates: list[str], named: int) -> None:
        """The vendor takes what there is room for, and is done with all it has, one way or another."""
        self.world.send(["accepted"])
        running = [generation for generation, state in self.world.states().items() if state == State.RUNNING]
        for number, generation in enumerate(running):
            fate = fates[number % len(fates)]
            if fate != "silent":
                self.world.look(generation, LOOKS["failed" if fate == "failed" else "ready"](named))
            if fate in {"whole", "in part"}:
                work = self.books.work[generation]
                work.named, work.here = named, named if fate == "whole" else number % named
                self.world.bring(generation, here=work.here)
        self.follow()

    @given(State.LAPSED)
    @rule(named=st.integers(min_value=1, max_value=3))
    def bring_late(self, named: int) -> None:
        """What was given up arrives after all, and is free."""
        for generation, state in self.states.items():
            if state == State.LAPSED and Generation.objects.get(pk=generation).vendor_task_id:
                self.world.look(generation, LOOKS["ready"](named))
                self.world.bring(generation, here=named)
        self.follow()

    @given(*ENDED)
    @rule(number=ANY, amount=st.integers(min_value=1, max_value=12), key=KEYS)
    def refund(self, number: int, amount: int, key: int) -> None:
        row = Generation.objects.get(pk=self.one_in(number, *ENDED))
        facts: dict[str, Any] = {"amount": amount, "reason": WORD, "key": f"refund:{row.pk}:{key}", "actor": "staff"}
        self.play(lambda: self.books.refund(row.pk, amount, key), lambda: ledger.refund(generation=row, **facts))

    @given(*ENDED)
    @rule(number=ANY, pay=st.booleans())
    def end_again(self, number: int, pay: bool) -> None:
        """A second end is the first one again, or refused: never another line."""
        row = Generation.objects.get(pk=self.one_in(number, *ENDED))
        work = self.books.work[row.pk]
        should = "repeat" if pay == (work.end == "settle") else "AlreadyResolved"
        if pay:
            self.play(lambda: should, lambda: ledger.settle(generation=row, amount=work.paid, actor="test"))
        else:
            self.play(lambda: should, lambda: ledger.release(generation=row, actor="test", reason="canceled"))

    # --- What must be true ---

    @invariant()
    def the_books_are_right(self) -> None:
        if hasattr(self, "books"):
            purses = [self.books.pool, *(seat.purse for seat in self.books.seats)]
            found, expected = self.world.balances(), [(purse.posted, purse.held) for purse in purses]
            assert found == expected, (found, expected)
            self.world.check()

    def statements_add_up(self) -> None:
        """Everything ever written sums to what is there, and so does each month with what was there before it."""
        for seat in (None, *range(len(self.world.seats))):
            account = self.world.account(seat)
            lines = self.world.sheet(seat)
            assert sum(int(line["Change"]) for line in lines) == account.posted
            assert sum(int(line["Change of what is set aside"]) for line in lines) == account.held
            total = 0
            for month in self.world.months(seat):
                before, *rest = self.world.sheet(seat, month)
                assert (before["What"], int(before["Change"])) == ("Before", total), month
                total += sum(int(line["Change"]) for line in rest)
                assert int(rest[-1]["On account"]) == total
            assert total == account.posted

    def teardown(self) -> None:
        try:
            if hasattr(self, "books"):
                self.statements_add_up()
        finally:
            if hasattr(self, "stage"):
                transaction.set_rollback(True)
                self.stage.__exit__(None, None, None)
            if hasattr(self, "time"):
                self.time.__exit__(None, None, None)


def play() -> None:
    """Raises AssertionError, with the steps that led there, when studio and model disagree."""
    try:
        run_state_machine_as_test(seed(SEED)(Machine), settings=EFFORT)
    except BaseException as error:
        error.add_note(f"STUDIO_SEED={SEED} plays it again.")
        raise
