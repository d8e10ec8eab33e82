"""Calendar months as a team counts them: in its own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from zoneinfo import ZoneInfo

YEARS = range(2000, 2101)
NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From 2026-11; None for anything else."""
        year, dash, number = text.partition("-")
        plain = text.isascii() and year.isdigit() and number.isdigit() and len(text) == len("2026-11")
        if not plain or not dash or int(year) not in YEARS or not 1 <= int(number) <= len(NAMES):
            return None
        return cls(int(year), int(number))

    @classmethod
    def of(cls, moment: datetime, zone: str) -> Self:
        local = moment.astimezone(ZoneInfo(zone))
        return cls(local.year, local.month)

    @property
    def label(self) -> str:
        return f"{NAMES[self.number - 1]} {self.year}"

    @property
    def name(self) -> str:
        return NAMES[self.number - 1]

    def start(self, zone: str) -> datetime:
        """The first moment, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def end(self, zone: str) -> datetime:
        """The first moment after it, in UTC."""
        return self.next().start(zone)

    def next(self) -> "Month":
        return Month(self.year + 1, 1) if self.number == len(NAMES) else Month(self.year, self.number + 1)

    def back_to(self, first: "Month") -> list["Month"]:
        """This month and those before it, newest first, to the first one."""
        found, month = [], first
        while month <= self:
            found.append(month)
            month = month.next()
        return found[::-1]
