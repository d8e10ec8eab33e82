"""Races for credits as people and their browsers hold them: whole processes order, cancel and die at the same moment.

`tests.faults.hands.Hands` asks this module for one race after another, and hears what everybody saw and what is written
afterwards. Everyone is forked before the start and has a connection of their own; all but the ledger's own transfer
goes through the services that a request calls.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count as count_from
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  # everything below needs the loaded apps
from django.db import connection, connections  # noqa: E402
from django.db.models import F, Min, QuerySet  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from generations import failpoints, ledger, providers, queue  # noqa: E402
from generations.models import (  # noqa: E402
    Batch,
    Credential,
    CreditEntry,
    CreditHold,
    Generation,
    GenerationEvent,
    Image,
    Lease,
    Member,
    Person,
    Price,
    Role,
    State,
    Team,
)
from generations.models.credit import EntryKind  # noqa: E402
from generations.providers.base import Accepted, Ready  # noqa: E402
from generations.providers.demo import Demo  # noqa: E402
from generations.queries.prices import price_of  # noqa: E402
from generations.services import auditing, collecting, ordering  # noqa: E402
from generations.services.pumping import verdicts  # noqa: E402
from generations.services.pumping.claims import Claim, claim  # noqa: E402
from generations.services.pumping.talk import Looked, Submitted  # noqa: E402
from tests.faults import hands  # noqa: E402
from tests.ledger import rows  # noqa: E402

Run = Callable[[], list[str]]
Told = dict[str, Any]

FORKS = multiprocessing.get_context("fork")
PAINTER = providers.offer("demo", "painter")
PRICE = PAINTER.credits
CLICKS = 20
TABS = 8
ROUNDS = 3
WAIT_SECONDS_MAX = 30
KILLED = "killed"
REFUSALS = (ordering.OrderRefused, ledger.NotEnoughCredits)


# --- The start ---


def compete(*runs: Run, meanwhile: Callable[[list[int]], None] = lambda _: None) -> list[list[str]]:
    """Let every run go at the same moment in a process of its own; what each saw, or that it was killed.

    The start is a pipe whose other end closes: whoever is killed holds no lock that the others wait for.
    """
    connections.close_all()  # a connection is never shared over a fork
    closed, gate = os.pipe()
    runners, ends = [], []
    for run in runs:
        end, answers = FORKS.Pipe(duplex=False)
        runner = FORKS.Process(target=_run, args=(run, answers, closed, gate))
        runner.start()
        answers.close()
        runners.append(runner)
        ends.append(end)
    for end in ends:
        end.recv()
    os.close(gate)
    meanwhile([runner.pid for runner in runners if runner.pid])
    seen = [_answer(end) for end in ends]
    for runner in runners:
        runner.join()
    os.close(closed)
    return seen


def _run(run: Run, answers: "Connection[Any, Any]", closed: int, gate: int) -> None:
    os.close(gate)
    connection.ensure_connection()
    answers.send("ready")
    os.read(closed, 1)
    try:
        seen = run()
    except Exception as error:  # noqa: BLE001  # whatever it was, the test wants to read it
        seen = [f"{type(error).__name__}: {error}"]
    connections.close_all()
    answers.send(seen)


def _answer(end: "Connection[Any, Any]") -> list[str]:
    try:
        seen: list[str] = end.recv()
    except (EOFError, OSError):
        return [KILLED]
    return seen


# --- Who takes part, and what they do ---


def found() -> Team:
    """A team with the demo vendor, whose offers have a price."""
    Price.seed()
    team = rows.found()
    Credential.objects.create(team=team, provider="demo", label="Demo")
    return team


def join(team: Team, *, pictures: int) -> Member:
    """A member who can pay for so many."""
    member = rows.join(team)
    rows.fund(member, pictures * PRICE)
    return member


def order(member: Member, *, key: str = "", prompt: str = "a lamp", count: int = 1) -> Batch:
    return ordering.order_drawing(
        member=member,
        provider="demo",
        offer=PAINTER,
        prompt=prompt,
        shape="1:1",
        count=count,
        request_key=key or rows.key(),
    )


def asked(member: Member, *, times: int = 1, count: int = 1) -> list[str]:
    """What that many orders in a row came to."""
    seen = []
    for _ in range(times):
        try:
            order(member, count=count)
        except REFUSALS as refusal:
            seen.append(type(refusal).__name__)
        else:
            seen.append("placed")
    return seen


def tally(seen: list[list[str]]) -> dict[str, int]:
    return dict(Counter(line for lines in seen for line in lines))


def books(*members: Member) -> Told:
    """What is written about these members."""
    entries = CreditEntry.objects.filter(account__member__in=members)
    return {
        "batches": Batch.objects.filter(member__in=members).count(),
        "generations": Generation.objects.filter(member__in=members).count(),
        "events": GenerationEvent.objects.filter(generation__member__in=members).count(),
        "holds": CreditHold.objects.filter(generation__member__in=members).count(),
        "held_once": entries.filter(kind=EntryKind.HOLD).count(),
        "available": [posted - held for posted, held in map(rows.balance, members)],
        "lowest": entries.aggregate(lowest=Min(F("posted_after") - F("held_after")))["lowest"],
        "messages": queue.waiting(),
    }


# --- One key (F1, F2) ---


def one_form() -> Told:
    """One form, sent by twenty at once; three forms after each other."""
    member, seen = join(found(), pictures=100), []
    for _ in range(ROUNDS):
        Lease.objects.all().delete()  # every order that was written would ask for the pump anew
        key = rows.key()
        seen.append(tally(compete(*[partial(_send, member, key)] * CLICKS)))
    return {"seen": [sorted(answers.values()) for answers in seen], **books(member)}


def _send(member: Member, key: str) -> list[str]:
    return [str(order(member, key=key, count=3).pk)]


def one_key_for_many_prompts() -> Told:
    """One key, used by twenty for different things; each sends its own twice."""
    member, seen = join(found(), pictures=100), []

    def send(key: str, number: int) -> list[str]:
        answers = []
        for _ in range(2):
            try:
                answers.append(f"{number} {order(member, key=key, prompt=f'picture {number}').pk}")
            except ordering.OrderRefused as refusal:
                answers.append(type(refusal).__name__)
        return answers

    for _ in range(ROUNDS):
        Lease.objects.all().delete()
        key = rows.key()
        answers = tally(compete(*[partial(send, key, number) for number in range(CLICKS)]))
        written = Generation.objects.get(batch__request_key=key)
        winner = f"{written.prompt.removeprefix('picture ')} {written.batch_id}"
        seen.append({answer.replace(winner, "winner"): number for answer, number in answers.items()})
    return {"seen": seen, **books(member)}


# --- The last credits (F3) ---


def last_credits() -> Told:
    """Eight tabs ask four times each; there is money for ten."""
    member = join(found(), pictures=10)
    return {"seen": tally(compete(*[partial(asked, member, times=4)] * TABS)), **books(member)}


def last_batches() -> Told:
    """Eight tabs ask for three pictures at a time, twice; ten can be paid for."""
    member = join(found(), pictures=10)
    return {"seen": tally(compete(*[partial(asked, member, times=2, count=3)] * TABS)), **books(member)}


def two_tabs() -> Told:
    """Two tabs and money for one, again and again."""
    team = found()
    members = [join(team, pictures=1) for _ in range(12)]
    seen = [sorted(tally(compete(*[partial(asked, member)] * 2)).items()) for member in members]
    return {"seen": seen, **books(*members)}


def many_members() -> Told:
    """Four members in two teams, each in two tabs that ask four times; each can pay for five."""
    members = [join(team, pictures=5) for team in (found(), found()) for _ in range(2)]
    seen = compete(*[partial(asked, member, times=4) for member in members for _ in range(2)])
    return {"seen": [tally(seen[tab : tab + 2]) for tab in range(0, TABS, 2)], **books(*members)}


def penniless() -> Told:
    """Eight tabs of somebody who never had an account."""
    person = Person.objects.create(email=f"{rows.key()}@studio.test")
    member = Member.objects.create(team=found(), role=Role.CREATOR, person=person)
    return {"seen": tally(compete(*[partial(asked, member, times=3)] * TABS)), **books(member)}


def against_cancels_and_transfers() -> Told:
    """Three tabs order, three cancel whatever waits, and two hands carry credits out of the account."""
    member = join(found(), pictures=20)
    pool, account = ledger.pool_of(member.team), ledger.account_of(member)
    order(member, count=8)

    def stop() -> list[str]:
        seen = []
        for _ in range(20):
            time.sleep(random.uniform(0, 0.01))
            for generation in Generation.objects.filter(member=member, state=State.QUEUED):
                try:
                    ordering.cancel(generation=generation, actor="test")
                except ordering.TooLate:
                    seen.append("TooLate")
                else:
                    seen.append("canceled")
        return seen

    def carry() -> list[str]:
        seen = []
        for _ in range(6):
            facts: dict[str, Any] = {"amount": 3, "reason": "needed elsewhere", "actor": "test"}
            try:
                ledger.transfer(source=account, target=pool, key=rows.key(), **facts)
            except ledger.NotEnoughCredits:
                seen.append("NotEnoughCredits")
            else:
                seen.append("carried")
        return seen

    seen = tally(compete(*[partial(asked, member, times=8, count=2)] * 3, *[stop] * 3, *[carry] * 2))
    states = Counter(Generation.objects.filter(member=member).values_list("state", flat=True))
    return {"seen": seen, "states": dict(states), "balance": rows.balance(member), **books(member)}


# --- The price (F4, F5) ---


def price_taken_away() -> Told:
    """Six tabs of three members order before the price goes, while it comes and goes, and after."""
    team = found()
    members = [join(team, pictures=60) for _ in range(3)]
    barrier = FORKS.Barrier(7)

    def buy(member: Member) -> list[str]:
        seen = asked(member)
        barrier.wait(WAIT_SECONDS_MAX)
        seen += asked(member, times=12, count=2)
        barrier.wait(WAIT_SECONDS_MAX)
        return seen + asked(member)

    def toggle() -> list[str]:
        barrier.wait(WAIT_SECONDS_MAX)
        for _ in range(30):
            _unprice()
            time.sleep(random.uniform(0, 0.01))
            Price.seed()
            time.sleep(random.uniform(0, 0.01))
        _unprice()
        barrier.wait(WAIT_SECONDS_MAX)
        return []

    seen = tally(compete(toggle, *[partial(buy, member) for member in members for _ in range(2)]))
    sold = Generation.objects.filter(member__in=members)
    return {"seen": seen, "prices": sorted(set(sold.values_list("price", flat=True))), **books(*members)}


def _unprice() -> None:
    QuerySet(Price).filter(provider="demo", offer_key=PAINTER.key).delete()


def price_changed() -> Told:
    """Three members order and two collectors bring pictures home, while the price rises credit by credit."""
    team = found()
    members = [join(team, pictures=200) for _ in range(3)]
    [credential] = Credential.objects.filter(team=team)
    waits = FORKS.Barrier(4)
    expected = 4 * len(members)
    tick = count_from()
    Demo.clock = staticmethod(lambda: time.time() + 100 * next(tick))  # type: ignore[method-assign]  # nobody waits

    def buy(member: Member) -> list[str]:
        seen = [_priced(member)]
        waits.wait(WAIT_SECONDS_MAX)
        seen += [_priced(member) for _ in range(2)]
        waits.wait(WAIT_SECONDS_MAX)
        return [*seen, _priced(member)]

    def raise_price() -> list[str]:
        waits.wait(WAIT_SECONDS_MAX)
        for price in range(PRICE + 1, PRICE + 10):
            Price.objects.create(provider="demo", offer_key=PAINTER.key, credits=price)
            time.sleep(random.uniform(0, 0.02))
        waits.wait(WAIT_SECONDS_MAX)
        return []

    def bring_home() -> list[str]:
        end = time.monotonic() + WAIT_SECONDS_MAX
        while Generation.objects.filter(team=team, finished_at__isnull=False).count() < expected:
            for one in claim(credentials=[credential], slots=2):
                _finish(one)
            if time.monotonic() > end:
                return ["not everything came home"]
        return []

    seen = tally(compete(raise_price, bring_home, bring_home, *[partial(buy, member) for member in members]))
    sold = Generation.objects.filter(team=team)
    return {"seen": seen, "sold": [_account_for(row) for row in sold.select_related("hold")], **books(*members)}


def _priced(member: Member) -> str:
    """Whether an order got a price that was asked while it was placed."""
    low = price_of(provider="demo", offer=PAINTER.key) or 0
    batch = order(member)
    high = price_of(provider="demo", offer=PAINTER.key) or 0
    price = batch.generations.get().price
    return "at its price" if low <= price <= high else f"at {price} between {low} and {high}"


def _finish(one: Claim) -> None:
    """Hand a claimed order to the demo vendor and collect what it painted, as pump and worker do."""
    provider = providers.get(one.line.provider)(account=one.line.account)
    accepted: Accepted = asyncio.run(provider.submit(one.order))
    verdicts.apply([Submitted(one.generation, one.attempt, one.token, accepted)])
    verdicts.apply([Looked(one.generation, Ready(urls=(f"demo:{accepted.task_id}",)))])
    collecting.collect(generation=str(one.generation))


def _account_for(row: Generation) -> list[Any]:
    """State, pictures, price, and what was held and paid for it."""
    paid = CreditEntry.objects.get(hold=row.hold, kind=EntryKind.SETTLE)
    pictures = Image.objects.filter(generation=row).count()
    return [row.state, pictures, row.price, row.hold.amount, row.hold.settled, -paid.d_posted, -paid.d_held]


# --- Death in the middle (F6) ---


class Death:
    """Kills the process in place of its n-th statement."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*statement)


def killed_at_each_statement() -> Told:
    """Somebody dies before the first statement of an order, before the second, and so on; each sends it again."""
    member = join(found(), pictures=200)
    fates: list[int] = []

    def die(number: int, key: str) -> list[str]:
        with connection.execute_wrapper(Death(number)):
            return _send(member, key)

    for number in count_from(1):
        key = rows.key()
        [[first]] = compete(partial(die, number, key))
        written = Batch.objects.filter(request_key=key).count()
        again = str(order(member, key=key, count=3).pk)
        if first != KILLED:
            return {"fates": fates, "last": [written, first == again], **books(member)}
        fates.append(written)
    raise AssertionError("an order has an end")


def killed_after_the_commit() -> Told:
    """Alone, and among five who send the same form."""
    member = join(found(), pictures=100)
    fates: list[list[Any]] = []

    def die(key: str) -> list[str]:
        trap = failpoints.Trap("after_order", 0, "kill")
        failpoints.arm([trap], folder=Path(settings.DATA_DIR) / "failpoints")
        return _send(member, key)

    for rivals in (0, 5):
        key = rows.key()
        [dead], *seen = compete(partial(die, key), *[partial(_send, member, key)] * rivals)
        [written] = Batch.objects.filter(request_key=key)
        answers = {str(written.pk), str(order(member, key=key, count=3).pk), *tally(seen)}
        fates.append([dead, len(answers)])
    return {"fates": fates, **books(member)}


def killed_at_random() -> Told:
    """Six send the same form, three or all of them die somewhere on the way; then it is sent again. Twelve forms."""
    member, answers, deaths = join(found(), pictures=100), [], 0

    def kill(victims: int, pids: list[int]) -> None:
        time.sleep(random.uniform(0, 0.03))
        for pid in pids[:victims]:
            time.sleep(random.uniform(0, 0.01))
            os.kill(pid, signal.SIGKILL)  # not waited for yet, so the number is still theirs

    for victims in (3, 6) * 6:
        key = rows.key()
        seen = tally(compete(*[partial(_send, member, key)] * 6, meanwhile=partial(kill, victims)))
        deaths += seen.pop(KILLED, 0)
        answers.append(len({*seen, str(order(member, key=key, count=3).pk)}))
    return {"answers": answers, "deaths": deaths, **books(member)}


# --- The limits ---


def too_many_orders_in_a_minute() -> Told:
    """Twenty rivals place four different orders each; sixty may pass."""
    member = join(found(), pictures=100)
    return {"seen": tally(compete(*[partial(asked, member, times=4)] * CLICKS)), **books(member)}


def too_many_open() -> Told:
    """Twenty rivals order three pictures each where sixteen more may be under way."""
    member = join(found(), pictures=1000)
    rows.order(member, *[PRICE] * (ordering.OPEN_MAX - 16))
    return {"seen": tally(compete(*[partial(asked, member, count=3)] * CLICKS)), **books(member)}


def race(*, name: str) -> Told:
    """Hold the race of that name among people of its own, where no price, message or lease is left of another."""
    QuerySet(Price).delete()
    OrmQ.objects.all().delete()
    Lease.objects.all().delete()
    told: Told = globals()[name]()
    return {**told, "findings": [str(finding) for finding in auditing.audit()]}


if __name__ == "__main__":
    hands.serve(sys.modules[__name__])
