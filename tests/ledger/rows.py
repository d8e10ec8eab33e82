"""Teams, members and generations for tests of money, made through the ledger so that the books stay right."""

import hashlib
import itertools
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from generations import ledger, storage
from generations.models import Batch, CreditAccount, Generation, Image, Member, Person, Role, Space, State, Team, clock
from generations.models.generation import queue_deadline

ACTOR = "test"
PICTURE = b"the same few bytes behind every picture of these tests"
_numbers = itertools.count()


def key() -> str:
    return uuid.uuid4().hex


def join(team: Team, role: Role = Role.CREATOR, name: str = "") -> Member:
    """A new member of the team, with an empty account."""
    number = f"{next(_numbers)}-{key()[:8]}"
    member = Member.objects.create(
        team=team, role=role, person=Person.objects.create(email=f"{number}@studio.test", name=name)
    )
    ledger.account_of(member)
    return member


def found(pool: int = 0) -> Team:
    """A new team, with that many credits in its pool."""
    team = Team.objects.create(name=f"Team {key()[:8]}")
    if pool:
        ledger.grant(account=ledger.pool_of(team), amount=pool, reason="to begin with", key=key(), actor=ACTOR)
    return team


def fund(member: Member, amount: int) -> CreditAccount:
    """Credits for this member, through the pool; returns the account as it is now."""
    pool, account = ledger.pool_of(member.team), ledger.account_of(member)
    ledger.grant(account=pool, amount=amount, reason="for a test", key=key(), actor=ACTOR)
    ledger.transfer(source=pool, target=account, amount=amount, reason="for a test", key=key(), actor=ACTOR)
    return now(account)


def now(account: CreditAccount) -> CreditAccount:
    """The account as the database has it."""
    return CreditAccount.objects.get(pk=account.pk)


def balance(member: Member) -> tuple[int, int]:
    """Posted and held."""
    account = now(ledger.account_of(member))
    return account.posted, account.held


def order(member: Member, *prices: int) -> list[Generation]:
    """Queued generations at those prices, their credits held."""
    with transaction.atomic():
        rows = write(member, prices)
        ledger.hold_all(account=ledger.account_of(member), generations=rows, actor=ACTOR)
    return rows


def write(member: Member, prices: Sequence[int]) -> list[Generation]:
    """Queued generations without a hold."""
    moment = clock.now()
    batch = Batch.objects.create(team=member.team, member=member, request_key=key(), request_print="print")
    rows = [
        Generation(
            team=member.team,
            member=member,
            batch=batch,
            position=position,
            operation="draw",
            provider="demo",
            offer_key="painter",
            prompt="a red boat on a grey lake",
            shape="3:2",
            price=price,
            deadline_at=queue_deadline(moment),
        )
        for position, price in enumerate(prices)
    ]
    return Generation.start(rows, actor=ACTOR)


def cancel(generation: Generation) -> None:
    """To `canceled`, its credits back."""
    with transaction.atomic():
        assert generation.move(State.CANCELED, actor=ACTOR)
        ledger.release(generation=generation, actor=ACTOR, reason="canceled")


def succeed(generation: Generation, amount: int | None = None) -> Image:
    """To `succeeded`, with a picture on the shelf, paid in full or with `amount`."""
    for state in (State.SUBMITTING, State.RUNNING, State.FETCHING):
        with transaction.atomic():
            assert generation.move(state, actor=ACTOR)
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture"
        file.write_bytes(PICTURE)
        storage.keep(file, name=storage.original_name(sha256=sha256, format="PNG"))
    with transaction.atomic():
        assert generation.move(State.SUCCEEDED, actor=ACTOR)
        ledger.settle(generation=generation, amount=amount, actor=ACTOR)
        Space.objects.take(member=generation.member_id, sizes=[len(PICTURE)])
        made: Image = Image.objects.create(
            team=generation.team,
            generation=generation,
            sha256=sha256,
            format="PNG",
            width=3,
            height=2,
            size_bytes=len(PICTURE),
            tone="grey",
        )
        return made
