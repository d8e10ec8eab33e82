"""Races for what is paid monthly, asked for, stopped by a brake, or returned: whole processes at the same moment.

Like `tests.faults.rivals`, whose start and hands these are; everything goes through the services that a request, the
sweep or a job calls.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import django

django.setup()

from django.db.models import Max, Sum  # noqa: E402  # everything below needs the loaded apps

from generations import ledger  # noqa: E402
from generations.models import (  # noqa: E402
    Allowance,
    Brake,
    CreditAccount,
    CreditAsk,
    CreditEntry,
    Generation,
    GenerationEvent,
    Lease,
    Member,
    Notice,
    Role,
    State,
    Team,
    clock,
)
from generations.models.allowance import Period  # noqa: E402
from generations.models.credit import RESOLUTIONS, EntryKind  # noqa: E402
from generations.queries.months import Month  # noqa: E402
from generations.services import allowing, asking, auditing, collecting, ordering, sweeping, teams  # noqa: E402
from tests.faults import hands  # noqa: E402
from tests.faults.rivals import PRICE, Run, Told, asked, compete, found, join, order, tally  # noqa: E402
from tests.ledger import rows  # noqa: E402
from tests.money.world import on_shelf  # noqa: E402

TABS = 8
NODES = 4
ROUNDS = 5
LINE = 8
"""Pictures in line in each round of a race about their end."""
ENDERS = ("cancel", "expire", "remove")
ENDED = (State.CANCELED, State.FAILED)
HEAD_START_SECONDS_MAX = 20.0
MONTHS_MISSED = 5
LOAD_SECONDS = 4.0
WORD = "for the race"


def books(team: Team) -> Told:
    """What is written about this team, and whether anybody was ever below zero."""
    entries = CreditEntry.objects.filter(account__team=team)
    ends = entries.filter(kind__in=RESOLUTIONS)
    ended = Generation.objects.filter(team=team, finished_at__isnull=False)
    lowest = [account.available for account in CreditAccount.objects.filter(team=team)]
    return {
        "lowest": min(lowest, default=0),
        "ends": ends.count(),
        "ended": ended.count(),
        "ended_twice": ends.count() - ends.values("hold").distinct().count(),
    }


def again(member: Member) -> Member:
    """As another request would find them."""
    return Member.objects.select_related("team", "person").get(pk=member.pk)


def refusing(run: Callable[[], object], *refusals: type[Exception]) -> str:
    """ "done", or which refusal it was."""
    try:
        run()
    except refusals as refusal:
        return type(refusal).__name__
    return "done"


# --- The end of a picture ---


def everybody_ends_it() -> Told:
    """A day is over for what waits: three tabs cancel it, two sweeps expire it, and its maker is taken out of the team
    while an admin still gives them credits. Once all begin together, and once each kind is the first to end something.
    """
    team = found()
    owner, admin = rows.join(team, Role.OWNER), rows.join(team, Role.ADMIN)
    ledger.grant(account=ledger.pool_of(team), amount=100, reason=WORD, key=rows.key(), actor="test")
    seen: Counter[str] = Counter()
    won, members = {}, []
    for first in ("", *ENDERS):
        members.append(join(team, pictures=LINE))
        order(members[-1], count=LINE)
        Generation.objects.filter(member=members[-1]).update(deadline_at=clock.now() - timedelta(seconds=1))
        seen.update(tally(compete(*_enders(members[-1], owner=owner, admin=admin, first=first))))
        ends = GenerationEvent.objects.filter(generation__member=members[-1], to_state__in=ENDED)
        won[first] = Counter(_kind_of(actor) for actor in ends.values_list("actor", flat=True))
    teams.return_credits()
    return {
        "seen": dict(seen),
        "won": {first: dict(kinds) for first, kinds in won.items()},
        "states": dict(Counter(Generation.objects.filter(team=team).values_list("state", flat=True))),
        "balances": [rows.balance(member) for member in members],
        "pool": rows.now(ledger.pool_of(team)).posted,
        **books(team),
    }


def _enders(member: Member, *, owner: Member, admin: Member, first: str) -> list[Run]:
    """Who ends what waits for this member. Where one kind is to be first, the others begin as soon as it has ended one
    picture, and find it in the middle of the rest."""
    waiting = Generation.objects.filter(member=member)

    def after(kind: str) -> None:
        latest = time.monotonic() + HEAD_START_SECONDS_MAX
        while first not in {"", kind} and not waiting.filter(state__in=ENDED).exists():
            assert time.monotonic() < latest, f"{first} has ended nothing"
            time.sleep(0.002)

    def cancel() -> list[str]:
        after("cancel")
        return [
            refusing(partial(ordering.cancel, generation=row, actor="tab"), ordering.TooLate)
            for row in waiting.order_by("pk")
        ]

    def expire() -> list[str]:
        after("expire")
        Lease.objects.all().delete()  # as if the other node's lease had just run out
        sweeping.sweep()
        return []

    def remove() -> list[str]:
        after("remove")
        teams.remove(by=again(owner), member=again(member), heir=None)
        return []

    def give() -> list[str]:
        after("give")
        facts: dict[str, Any] = {"by": again(admin), "member": member, "amount": 1, "reason": WORD}
        gifts = [partial(asking.give, **facts, key=rows.key()) for _ in range(10)]
        return [f"gave, {refusing(gift, asking.Gone)}" for gift in gifts]

    return [*[cancel] * 3, expire, expire, remove, give, give]


def _kind_of(actor: str) -> str:
    """Which of the rivals an end was written by."""
    return {"tab": "cancel", sweeping.ACTOR: "expire"}.get(actor, "remove")


def everybody_collects_it() -> Told:
    """Pictures lie on the shelf: four jobs finish them while two sweeps find their time is over."""
    member = join(found(), pictures=24)
    for _ in range(3):
        order(member, count=8)
    mine = Generation.objects.filter(member=member)
    for row in mine:
        _arrive(row)

    def collect() -> list[str]:
        for pk in mine.order_by("pk").values_list("pk", flat=True):
            collecting.collect(generation=str(pk))
        return []

    def give_up() -> list[str]:
        Lease.objects.all().delete()
        sweeping.sweep()
        return []

    compete(*[collect] * 4, give_up, give_up)
    states = Counter(mine.values_list("state", flat=True))
    return {"states": dict(states), "balance": rows.balance(member), **books(member.team)}


def _arrive(row: Generation) -> None:
    """Both of its pictures are here, and the hours in which it could be fetched are over."""
    for state in (State.SUBMITTING, State.RUNNING, State.FETCHING):
        assert row.move(state, actor="test")
    late = clock.now() - timedelta(seconds=1)
    Generation.objects.filter(pk=row.pk).update(
        arrived=on_shelf(2, of=2), result_urls=["demo:a", "demo:b"], deadline_at=late, next_at=late
    )


# --- A correction ---


def corrections_against_submits() -> Told:
    """Four tabs order what they can while four corrections take out the same credits."""
    member = join(found(), pictures=20)
    account = ledger.account_of(member)

    def correct() -> list[str]:
        facts: dict[str, Any] = {"account": account, "amount": -2 * PRICE, "reason": WORD, "actor": "staff"}
        adjust = [partial(ledger.adjust, **facts, key=rows.key()) for _ in range(6)]
        return [f"corrected, {refusing(run, ledger.NotEnoughCredits)}" for run in adjust]

    seen = tally(compete(*[partial(asked, member, times=6)] * 4, *[correct] * 4))
    one = partial(ledger.adjust, account=account, amount=-1, reason=WORD, key=rows.key(), actor="staff")
    last = refusing(one, ledger.NotEnoughCredits)
    return {"seen": seen, "balance": rows.balance(member), "last": last, **books(member.team)}


# --- The month ---


def one_month_on_many_nodes() -> Told:
    """Four nodes pay what is due, month after month, to members who spend meanwhile; one of them is given more."""
    team = found()
    owner = rows.join(team, Role.OWNER)
    ledger.grant(account=ledger.pool_of(team), amount=10_000, reason=WORD, key=rows.key(), actor="test")
    members = [join(team, pictures=20) for _ in range(6)]
    this_month = Month.of(clock.now(), team.time_zone)
    long_ago = Month.of(clock.now() - timedelta(days=MONTHS_MISSED * 31), team.time_zone)
    for member in members:
        Allowance.objects.create(member=member, amount=30, rollover=10_000, paid=str(long_ago))

    def pay() -> list[str]:
        return [f"paid {allowing.pay_due()}"]

    def spend(member: Member) -> list[str]:
        for row in rows.order(member, *[1] * 15):
            rows.succeed(row)
        return []

    def decide() -> list[str]:
        allowing.allow(by=again(owner), member=members[0], amount=40, rollover=10_000)
        return []

    seen = compete(*[pay] * NODES, *[partial(spend, member) for member in members], decide)
    trouble = [line for lines in seen for line in lines if not line.startswith("paid ")]
    got = CreditEntry.objects.filter(account__member__in=members, actor=allowing.ACTOR)
    by_member = got.values_list("account__member").annotate(sum=Sum("d_posted")).order_by("account__member")
    return {
        "trouble": trouble,
        "payments": got.count(),
        "sums": [total for _, total in by_member],
        "months": sorted(set(Allowance.objects.filter(member__in=members).values_list("paid", flat=True))),
        "due": len(this_month.back_to(long_ago.next())),
        "this_month": str(this_month),
        **books(team),
    }


# --- Asked for ---


def one_ask_many_answers() -> Told:
    """Two admins approve with different amounts and an owner declines, all at once; again and again."""
    team = found()
    ledger.grant(account=ledger.pool_of(team), amount=10_000, reason=WORD, key=rows.key(), actor="test")
    staff = [rows.join(team, role) for role in (Role.ADMIN, Role.ADMIN, Role.OWNER)]
    member = rows.join(team)
    seen, right = [], []
    for _ in range(ROUNDS):
        made = asking.ask(member=member, amount=50, reason=WORD)
        before = rows.balance(member)[0]

        def answer(number: int, made: CreditAsk = made) -> list[str]:
            by, ask = again(staff[number]), CreditAsk.objects.select_related("member__person").get(pk=made.pk)
            if number == 2:
                run = partial(asking.decline, by=by, ask=ask, words="no")
            else:
                run = partial(asking.approve, by=by, ask=ask, amount=40 + number)
            return [refusing(run, asking.CreditsRefused)]

        seen.append(sorted(tally(compete(*[partial(answer, number) for number in range(3)])).items()))
        made.refresh_from_db()
        entries = CreditEntry.objects.filter(idempotency_key__startswith=f"ask:{made.pk}:")
        right.append(
            rows.balance(member)[0] - before == made.given
            and [abs(entry.d_posted) for entry in entries] == [made.given] * (2 if made.given else 0)
            and {entry.actor for entry in entries} <= {f"member:{made.answered_by_id}"}
        )
    return {"seen": seen, "right": right, **books(team)}


def many_asks_one_pool() -> Told:
    """Six members asked for 10 each, six admins approve one each: the pool has 35."""
    team = found()
    ledger.grant(account=ledger.pool_of(team), amount=35, reason=WORD, key=rows.key(), actor="test")
    asks = [asking.ask(member=rows.join(team), amount=10, reason=WORD) for _ in range(6)]
    staff = [rows.join(team, Role.ADMIN) for _ in asks]

    def approve(number: int) -> list[str]:
        by = again(staff[number])
        ask = CreditAsk.objects.select_related("member__person").get(pk=asks[number].pk)
        told = refusing(partial(asking.approve, by=by, ask=ask, amount=10), asking.CreditsRefused)
        return [f"{told}, {ask.answer}"]

    seen = tally(compete(*[partial(approve, number) for number in range(6)]))
    answers = Counter(CreditAsk.objects.filter(team=team).values_list("answer", flat=True))
    return {"seen": seen, "answers": dict(answers), "pool": rows.now(ledger.pool_of(team)).posted, **books(team)}


# --- The brake ---


def brake_against_many_tabs() -> Told:
    """Eight tabs ask four times each; there is money for a hundred, and a brake at ten."""
    member = join(found(), pictures=100)
    Allowance.objects.create(member=member, amount=20 * PRICE, rollover=0, paid="9999-12")
    Brake.set_for(member, amount=10 * PRICE, period=Period.WEEK)
    seen = tally(compete(*[partial(asked, member, times=4)] * TABS))
    told = Notice.objects.told().filter(person=member.person).values_list("kind", flat=True)
    return {"seen": seen, "balance": rows.balance(member), "told": dict(Counter(told)), **books(member.team)}


def brake_against_whole_batches() -> Told:
    """The same for three at a time: a batch is placed whole or not at all."""
    member = join(found(), pictures=100)
    Brake.set_for(member, amount=10 * PRICE, period=Period.DAY)
    seen = tally(compete(*[partial(asked, member, times=2, count=3)] * TABS))
    return {"seen": seen, "balance": rows.balance(member), **books(member.team)}


# --- The audit ---


def audit_during_load() -> Told:
    """Three members order, cancel and are paid for what arrives, credits come and go, and two nodes prove it all."""
    team = found()
    ledger.grant(account=ledger.pool_of(team), amount=100_000, reason=WORD, key=rows.key(), actor="test")
    members = [join(team, pictures=500) for _ in range(3)]
    end = time.monotonic() + LOAD_SECONDS

    def work(member: Member) -> list[str]:
        placed = 0
        while time.monotonic() < end:
            made = rows.order(member, PRICE, PRICE, PRICE)
            rows.cancel(made[0])
            rows.succeed(made[1], amount=2)
            placed += 1
        return ["worked"] if placed else []

    def move() -> list[str]:
        pool = ledger.pool_of(team)
        while time.monotonic() < end:
            account = ledger.account_of(members[0])
            ledger.transfer(source=pool, target=account, amount=2, reason=WORD, key=rows.key(), actor="test")
            ledger.transfer(source=account, target=pool, amount=1, reason=WORD, key=rows.key(), actor="test")
        return ["moved"]

    def prove() -> list[str]:
        proofs, seen = 0, []
        while time.monotonic() < end or not proofs:
            seen += [f"found {finding}" for finding in auditing.audit()]
            proof = auditing.prove_books(team=team)
            seen += [f"{proof.faults} faults"] if proof.faults else []
            proofs += 1
        return [*seen, "proved"]

    seen = tally(compete(*[partial(work, member) for member in members], move, prove, prove))
    entries = CreditEntry.objects.filter(account__team=team)
    longest = entries.aggregate(most=Max("seq"))["most"]
    spent = entries.filter(kind=EntryKind.SETTLE).aggregate(sum=Sum("d_posted"))["sum"]
    return {"seen": seen, "longest": longest, "spent": spent, **books(team)}


def race(*, name: str) -> Told:
    """Hold the race of that name in a team of its own."""
    Lease.objects.all().delete()
    told: Any = globals()[name]()
    return {**told, "findings": [str(finding) for finding in auditing.audit()]}


if __name__ == "__main__":
    hands.serve(sys.modules[__name__])
