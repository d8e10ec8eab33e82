"""The studio as the machine plays with it: one team, moved by the services alone, and what the rows say of it.

The vendor is played by its answers, because what a vendor does over HTTP is proved elsewhere; time is a moment that
only the machine moves.
"""

import csv
import hashlib
import io
import itertools
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.test import Client
from django.urls import reverse

from generations import ledger, providers, storage
from generations.models import (
    Credential,
    CreditAccount,
    CreditEntry,
    CreditHold,
    Generation,
    Heartbeat,
    Member,
    Person,
    Price,
    Role,
    State,
    Team,
)
from generations.models.credit import RESOLUTIONS, EntryKind
from generations.models.generation.states import OPEN
from generations.providers.base import (
    Accepted,
    Busy,
    Failed,
    Fault,
    NotSent,
    Progress,
    Ready,
    Refused,
    SubmitError,
    Unknown,
)
from generations.services import asking, collecting, housekeeping, ordering, sweeping, teams
from generations.services.auditing import audit
from generations.services.collecting.bringing import Kept
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Looked, Submitted
from tests.ledger.rows import PICTURE
from tests.money.model import BEGINNING
from tests.services.teams.people import link

PAINTER = providers.offer("demo", "painter")
REFUSALS = (ledger.LedgerRefusal, ordering.OrderRefused, asking.CreditsRefused)
LIVENESS = {"I13", "I14"}
"""Whether work is late is no question of money, and the machine lets whole months pass in one step."""
TASKS = itertools.count()
ANSWERS: dict[str, Callable[[], Accepted | SubmitError]] = {
    "accepted": lambda: Accepted(task_id=f"task-{next(TASKS)}"),
    "unknown": Unknown,
    "refused": lambda: Refused(fault=Fault.CONTENT_POLICY),
    "busy": Busy,
    "not sent": NotSent,
}
LOOKS: dict[str, Callable[[int], Progress]] = {
    "ready": lambda named: Ready(urls=tuple(f"demo:{number}" for number in range(named))),
    "failed": lambda _: Failed(fault=Fault.VENDOR),
}


class Clock:
    """Stands still but for a microsecond at each look, so that a play is the same every time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment


class World:
    """Seat 0 owns the team, seat 1 is an admin, those after them create."""

    def __init__(self, *, zone: str, price: int) -> None:
        self.team = Team.objects.create(name="Played", time_zone=zone, starting_credits=30)
        self.key = Credential.objects.create(team=self.team, provider="demo", label="Demo")
        self.pool = ledger.pool_of(self.team)
        self.seats = [self._seat(role) for role in (Role.OWNER, Role.ADMIN, Role.CREATOR, Role.CREATOR)]
        Price.objects.create(provider="demo", offer_key=PAINTER.key, credits=price, starts_at=BEGINNING)

    def _seat(self, role: Role) -> int:
        person = Person.objects.create_user(f"{uuid.uuid4().hex[:12]}@studio.test", None)
        member = Member.objects.create(team=self.team, person=person, role=role)
        ledger.account_of(member)
        return int(member.pk)

    def member(self, seat: int) -> Member:
        """As a request would find them."""
        return Member.objects.select_related("team", "person").get(pk=self.seats[seat])

    def account(self, seat: int | None) -> CreditAccount:
        return ledger.pool_of(self.team) if seat is None else ledger.account_of(self.member(seat))

    def set_price(self, amount: int) -> datetime:
        row = Price.objects.create(provider="demo", offer_key=PAINTER.key, credits=amount)
        return row.starts_at

    def order(self, seat: int, *, key: int, count: int) -> list[uuid.UUID]:
        batch = ordering.order_drawing(
            member=self.member(seat),
            provider="demo",
            offer=PAINTER,
            prompt="=a lamp, “lit”",
            shape="1:1",
            count=count,
            request_key=f"key {key}",
        )
        return list(batch.generations.values_list("pk", flat=True))

    def join(self) -> None:
        person = Person.objects.create_user(f"{uuid.uuid4().hex[:12]}@studio.test", None)
        self.seats.append(teams.join(invitation=link(self.member(0)), person=person).pk)

    # --- Work ---

    def states(self) -> dict[uuid.UUID, str]:
        return dict(Generation.objects.filter(team=self.team).order_by("pk").values_list("pk", "state"))

    def send(self, answers: list[str]) -> None:
        """Claim what the key has places for, and hear these answers to it."""
        for number, one in enumerate(claim(credentials=[self.key], slots=4)):
            answer = ANSWERS[answers[number % len(answers)]]()
            assert verdicts.apply([Submitted(one.generation, one.attempt, one.token, answer)]) == []

    def look(self, generation: uuid.UUID, progress: Progress) -> None:
        assert verdicts.apply([Looked(generation, progress)]) == []

    def bring(self, generation: uuid.UUID, *, here: int) -> None:
        """So many of its pictures are on the shelf, as a job that died would leave them; another job goes on there."""
        row = Generation.objects.get(pk=generation)
        named = len(row.result_urls)
        Generation.objects.filter(pk=row.pk).update(arrived=on_shelf(here, of=named))
        if here == named:
            collecting.collect(generation=str(row.pk))

    def sweep(self) -> None:
        """All that is due, but for the house, whose work has rules of its own here."""
        Heartbeat.objects.stamp("housekeeping")
        Heartbeat.objects.stamp(housekeeping.MONTHS)
        sweeping.sweep()

    # --- What is written ---

    def balances(self) -> list[tuple[int, int]]:
        """Of the pool and of every seat: posted and held."""
        rows = {row.pk: (row.posted, row.held) for row in CreditAccount.objects.filter(team=self.team)}
        return [rows[self.pool.pk], *(rows[self.account(seat).pk] for seat in range(len(self.seats)))]

    def check(self) -> None:
        """What must be true after every step, whatever it was."""
        sums = CreditEntry.objects.order_by().values("account").annotate(Sum("d_posted"), Sum("d_held"))
        added = {row["account"]: (row["d_posted__sum"], row["d_held__sum"]) for row in sums}
        for account in CreditAccount.objects.filter(team=self.team):
            assert (account.posted, account.held) == added.get(account.pk, (0, 0)), account
            assert account.available >= account.floor, account
            assert account.available >= 0 or account.floor < 0, account
        ends = Count("entries", filter=Q(entries__kind__in=RESOLUTIONS))
        holds = CreditHold.objects.filter(generation__team=self.team).annotate(ends=ends)
        found = Counter((state in OPEN, ends) for state, ends in holds.values_list("generation__state", "ends"))
        assert set(found) <= {(True, 0), (False, 1)}, "a picture has one end in the books, and none before its own"
        assert found.total() == Generation.objects.filter(team=self.team).count()
        free = CreditEntry.objects.filter(hold__generation__state=State.RECOVERED, kind=EntryKind.SETTLE)
        assert not free.exists(), "what arrives late is free"
        wrong = [str(finding) for finding in audit() if finding.rule not in LIVENESS]
        assert not wrong, wrong

    def sheet(self, seat: int | None, month: str = "") -> list[dict[str, str]]:
        """The lines of the file that is downloaded from the page of the statement."""
        whose = "pool" if seat is None else str(self.seats[seat])
        owner, desk = self.member(0).person, Client()
        assert owner is not None
        desk.force_login(owner)  # for each file: the play lets months pass
        answer = desk.get(reverse("statement_file"), {"whose": whose, "month": month})
        assert answer.status_code == 200
        text = b"".join(answer).decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def months(self, seat: int | None) -> list[str]:
        """Every month this account has lines in, where the team is."""
        zone = ZoneInfo(self.team.time_zone)
        moments = self.account(seat).entries.values_list("created_at", flat=True)
        return sorted({f"{moment.astimezone(zone):%Y-%m}" for moment in moments})


def on_shelf(here: int, *, of: int) -> list[dict[str, Any]]:
    """What a generation's row notes of the first so many of its pictures once their files are on the shelf."""
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    name = storage.original_name(sha256=sha256, format="PNG")
    if not storage.hold(name):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "picture"
            file.write_bytes(PICTURE)
            storage.keep(file, name=name)
    facts: dict[str, Any] = {"sha256": sha256, "format": "PNG", "width": 3, "height": 2, "size_bytes": len(PICTURE)}
    return [asdict(Kept(index=index, of=of, tone="grey", renditions=[], **facts)) for index in range(here)]
