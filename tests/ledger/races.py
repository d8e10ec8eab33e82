"""Races over one account: real processes, forked before the start, each with its own connection."""

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction

from generations import ledger
from generations.models import Generation, Member, Role, State, Team
from generations.services import auditing
from tests.ledger import rows

PROCESSES = 8


def last_credits() -> tuple[Callable[[int], list[str]], Callable[[], dict[str, Any]]]:
    """Eight buyers try four times each to spend an account that pays for ten."""
    member = rows.join(rows.found())
    rows.fund(member, 50)

    def buy(_: int) -> list[str]:
        seen = []
        for _ in range(4):
            try:
                rows.order(member, 5)
                seen.append("bought")
            except ledger.NotEnoughCredits as refusal:
                seen.append(f"refused {refusal.needed}")
        return seen

    return buy, lambda: {"balance": rows.balance(member)}


def double_release() -> tuple[Callable[[int], list[str]], Callable[[], dict[str, Any]]]:
    """Everybody cancels everything, and returns the credits whether they were first or not."""
    member = rows.join(rows.found())
    rows.fund(member, 40)
    ordered = rows.order(member, 5, 5, 5, 5, 5, 5, 5, 5)

    def stop(number: int) -> list[str]:
        seen = []
        for one in ordered[number:] + ordered[:number]:
            with transaction.atomic():
                generation = Generation.objects.get(pk=one.pk)
                first = generation.may_cancel and generation.move(State.CANCELED, actor="test")
                entry = ledger.release(generation=generation, actor="test", reason="canceled")
            seen.append(f"first {first}, repeat {entry.is_repeat}")
        return seen

    return stop, lambda: {"balance": rows.balance(member)}


def same_key() -> tuple[Callable[[int], list[str]], Callable[[], dict[str, Any]]]:
    """One grant, asked for by all at once, for a team that has no accounts yet."""
    team = Team.objects.create(name="raced")
    member = Member.objects.create(team=team, role=Role.CREATOR)

    def give(_: int) -> list[str]:
        facts: dict[str, Any] = {"amount": 100, "reason": "monthly", "actor": "test"}
        granted = ledger.grant(account=ledger.pool_of(team), key=f"month:{team.pk}", **facts)
        moved = ledger.transfer(
            source=ledger.pool_of(team), target=ledger.account_of(member), key=f"month:{team.pk}", **facts
        )
        return [f"repeat {granted.is_repeat}", f"repeat {moved.is_repeat}"]

    return give, lambda: {"pool": rows.now(ledger.pool_of(team)).posted, "balance": rows.balance(member)}


def one_key_for_two() -> tuple[Callable[[int], list[str]], Callable[[], dict[str, Any]]]:
    """The same key for two accounts: they hold different locks, so the unique key alone decides."""
    members = [rows.join(rows.found()) for _ in range(2)]
    shared = rows.key()

    def give(number: int) -> list[str]:
        account = ledger.account_of(members[number % 2])
        try:
            entry = ledger.grant(account=account, amount=7, reason="gift", key=shared, actor="test")
        except ledger.KeyReused:
            return [f"{number % 2} refused"]
        return [f"{number % 2} repeat {entry.is_repeat}"]

    return give, lambda: {"balances": [rows.balance(member) for member in members]}


def opposite_transfers() -> tuple[Callable[[int], list[str]], Callable[[], dict[str, Any]]]:
    """Half of them move credits one way, half the other way."""
    team = rows.found()
    left, right = rows.join(team), rows.join(team)
    accounts = [rows.fund(left, 500), rows.fund(right, 500)]

    def move(number: int) -> list[str]:
        source, target = accounts if number % 2 else accounts[::-1]
        for _ in range(6):
            ledger.transfer(source=source, target=target, amount=3, reason="swap", key=rows.key(), actor="test")
        return ["moved"]

    return move, lambda: {"balances": [rows.balance(left), rows.balance(right)]}


RACES = {race.__name__: race for race in (last_credits, double_release, same_key, one_key_for_two, opposite_transfers)}


def hold_race(name: str) -> dict[str, Any]:
    """What each process saw, the balances afterwards, and what the audit found."""
    run, outcome = RACES[name]()
    connections.close_all()  # a connection is never shared over a fork
    forks = multiprocessing.get_context("fork")
    start, answers = forks.Barrier(PROCESSES), forks.SimpleQueue()

    def race(number: int) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            seen = run(number)
        except Exception as error:  # noqa: BLE001  # whatever it was, the test wants to read it
            seen = [f"{type(error).__name__}: {error}"]
        connections.close_all()
        answers.put((os.getpid(), seen))

    runners = [forks.Process(target=race, args=(number,)) for number in range(PROCESSES)]
    for runner in runners:
        runner.start()
    seen = [answers.get() for _ in runners]
    for runner in runners:
        runner.join()
    return {
        "processes": len({pid for pid, _ in seen}),
        "seen": sorted(line for _, lines in seen for line in lines),
        **outcome(),
        "findings": [str(finding) for finding in auditing.audit()],
    }
