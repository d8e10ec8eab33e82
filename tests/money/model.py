"""What credits should do, in plain Python: no database, no Django, nothing of the studio's own code.

Whoever plays changes this and the studio in the same way, and then compares. A refusal is told by the name of the
studio's exception, a repetition as "repeat", and "" is a change that was made.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SPENDING = ("settle", "refund")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when the first price holds, wherever a clock may be set to."""


@dataclass
class Line:
    """A change of a purse, as a statement has it."""

    when: datetime
    kind: str
    posted: int = 0
    held: int = 0


@dataclass
class Purse:
    """What a member, or the pool, has: the sum of its lines."""

    floor: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def posted(self) -> int:
        return sum(line.posted for line in self.lines)

    @property
    def held(self) -> int:
        return sum(line.held for line in self.lines)

    @property
    def spendable(self) -> int:
        return max(0, self.posted - self.held - self.floor)

    def used_since(self, moment: datetime) -> int:
        """Paid since then, and set aside now."""
        return self.held - sum(line.posted for line in self.lines if line.kind in SPENDING and line.when >= moment)


@dataclass
class Allowance:
    amount: int
    rollover: int
    paid: str = ""


@dataclass
class Seat:
    """A member: their purse, and what was decided about it."""

    manages: bool = False
    is_gone: bool = False
    purse: Purse = field(default_factory=Purse)
    allowance: Allowance | None = None
    allowed: set[str] = field(default_factory=set)
    """The months whose allowance was moved, whatever became of the allowance."""
    brake: tuple[int, str] | None = None
    orders: dict[int, int] = field(default_factory=dict)
    """How many pictures were ordered with which key."""


@dataclass
class Work:
    """One generation: what it was sold for, and how many of the pictures it has named are here."""

    seat: int
    price: int
    end: str = ""
    named: int = 1
    here: int = 1
    paid: int = 0
    refund: tuple[int, int] | None = None


@dataclass
class Ask:
    seat: int
    amount: int
    is_open: bool = True


class Refused(Exception):
    """The studio must say no, by an exception of this name."""


@dataclass
class Books:
    """One team's."""

    zone: ZoneInfo
    now: datetime
    price: list[tuple[datetime, int]] = field(default_factory=list)
    pool: Purse = field(default_factory=Purse)
    seats: list[Seat] = field(default_factory=list)
    work: dict[Any, Work] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)
    keys: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    # --- Credits come in and move ---

    def once(self, key: str, *facts: Any) -> bool:
        """Whether this key was used for the same before; Refused when for something else."""
        if key in self.keys and self.keys[key] != facts:
            raise Refused("KeyReused")
        return key in self.keys

    def grant(self, key: str, amount: int, seat: int | None) -> str:
        if self.once(key, "grant", amount, seat):
            return "repeat"
        self.keys[key] = ("grant", amount, seat)
        self._write(self.pool, "grant", amount)
        if seat is not None:
            self._transfer(self.pool, self.seats[seat].purse, amount)
        return ""

    def adjust(self, seat: int | None, amount: int) -> str:
        purse = self.pool if seat is None else self.seats[seat].purse
        if -amount > purse.spendable:
            raise Refused("NotEnoughCredits")
        self._write(purse, "adjust", amount)
        return ""

    def give(self, key: str, amount: int, *, by: int, to: int) -> str:
        self._check(by, to)
        if self.once(key, "give", to, amount):
            return "repeat"
        self._from_pool(to, amount)
        self.keys[key] = ("give", to, amount)
        return ""

    def ask(self, seat: int, amount: int) -> str:
        if any(one.is_open for one in self.asks if one.seat == seat):
            raise Refused("AskedAlready")
        self.asks.append(Ask(seat, amount))
        return ""

    def answer(self, number: int, amount: int, *, by: int) -> str:
        """Approve with that amount; 0 declines."""
        ask = self.asks[number]
        self._check(by, ask.seat if amount else by)
        if not ask.is_open:
            raise Refused("AnsweredAlready")
        if amount:
            self._from_pool(ask.seat, amount)
        ask.is_open = False
        return ""

    def join(self, starting: int) -> None:
        self.seats.append(Seat())
        self._transfer(self.pool, self.seats[-1].purse, min(starting, self.pool.spendable))

    def leave(self, seat: int) -> None:
        """What still waits was cancelled before."""
        self.seats[seat].is_gone = True
        self.return_credits(seat)

    def return_credits(self, seat: int) -> bool:
        purse = self.seats[seat].purse
        amount = min(max(0, purse.posted), purse.spendable)
        self._transfer(purse, self.pool, amount)
        return amount > 0

    # --- Months ---

    def allow(self, seat: int, amount: int, rollover: int) -> None:
        known = self.seats[seat].allowance
        self.seats[seat].allowance = Allowance(amount, rollover, known.paid if known else "") if amount else None
        self._pay(self.seats[seat])

    def pay_allowances(self) -> int:
        return sum(self._pay(seat) for seat in self.seats if not seat.is_gone)

    def _pay(self, seat: Seat) -> bool:
        allowance, moved = seat.allowance, False
        if allowance is None:
            return False
        for month in self._due(allowance.paid):
            amount = min(allowance.amount, max(0, allowance.amount + allowance.rollover - seat.purse.posted))
            if amount and month not in seat.allowed:
                if amount > self.pool.spendable:
                    break
                self._transfer(self.pool, seat.purse, amount)
                seat.allowed.add(month)
                moved = True
            allowance.paid = month
        return moved

    def _due(self, paid: str) -> Iterator[str]:
        """The months after the last one paid, to this one; only this one where none was ever paid."""
        this = f"{self.local:%Y-%m}"
        if paid >= this:
            return
        year, number = map(int, paid.split("-")) if paid else (self.local.year, self.local.month - 1)
        while f"{year:04}-{number:02}" < this:
            year, number = (year + 1, 1) if number == 12 else (year, number + 1)
            yield f"{year:04}-{number:02}"

    # --- Pictures ---

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def price_now(self) -> int:
        return max((at, amount) for at, amount in self.price if at <= self.now)[1]

    def order(self, seat: int, key: int, count: int) -> str:
        """Whether it can be placed; `ordered` writes down what was."""
        member = self.seats[seat]
        if key in member.orders:
            if member.orders[key] != count:
                raise Refused("RequestKeyReused")
            return "repeat"
        needed = self.price_now * count
        if member.brake and needed > max(0, member.brake[0] - member.purse.used_since(self._begun(member.brake[1]))):
            raise Refused("BrakeReached")
        if needed > member.purse.spendable:
            raise Refused("NotEnoughCredits")
        return ""

    def ordered(self, seat: int, key: int, generations: list[Any]) -> None:
        self.seats[seat].orders[key] = len(generations)
        for generation in generations:
            self.work[generation] = Work(seat, self.price_now)
            self._write(self.seats[seat].purse, "hold", held=self.price_now)

    def _begun(self, period: str) -> datetime:
        """When the day, the week (from Monday) or the month began, where the team is."""
        back = {"day": 0, "week": self.local.weekday(), "month": self.local.day - 1}[period]
        day = (self.local - timedelta(days=back)).date()
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def ended(self, generation: Any, state: str) -> None:
        """A picture costs what arrived of it, in proportion and rounded down; any other end costs nothing."""
        work = self.work[generation]
        work.end = "settle" if state == "succeeded" else "release"
        if work.end == "settle":
            work.paid = work.price * work.here // work.named
        self._write(self.seats[work.seat].purse, work.end, -work.paid, -work.price)

    def refund(self, generation: Any, amount: int, key: int) -> str:
        work = self.work[generation]
        if work.refund == (amount, key):
            return "repeat"
        if work.refund and work.refund[1] == key:
            raise Refused("KeyReused")
        if work.end != "settle" or work.refund:
            raise Refused("NotRefundable")
        if amount > work.paid:
            raise Refused("WrongAmount")
        work.refund = amount, key
        self._write(self.seats[work.seat].purse, "refund", amount)
        return ""

    # --- How a line is written ---

    def _check(self, by: int, to: int) -> None:
        if not self.seats[by].manages:
            raise Refused("NotManager")
        if self.seats[to].is_gone:
            raise Refused("Gone")

    def _from_pool(self, to: int, amount: int) -> None:
        if amount > self.pool.spendable:
            raise Refused("PoolTooSmall")
        self._transfer(self.pool, self.seats[to].purse, amount)

    def _transfer(self, source: Purse, target: Purse, amount: int) -> None:
        if amount:
            self._write(source, "transfer_out", -amount)
            self._write(target, "transfer_in", amount)

    def _write(self, purse: Purse, kind: str, posted: int = 0, held: int = 0) -> None:
        purse.lines.append(Line(self.now, kind, posted, held))
