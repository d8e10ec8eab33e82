"""Proves that the books are right: the rules I1 to I14 and I19, read from the rows and the files, changing nothing.

It refuses to repair. Whoever finds something decides, with an entry of the ledger or a hand on the machine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from generations.services.auditing import money, work
from generations.services.auditing.findings import Finding

__all__ = ["FINDINGS_MAX", "Finding", "Report", "audit", "examine"]

FINDINGS_MAX = 100
"""Per rule: enough to see what happened, short enough to read."""

ROWS: dict[str, Callable[[str], Iterator[Finding]]] = {
    "I1": money.balances,
    "I2": money.chains,
    "I3": money.floors,
    "I4": money.holds,
    "I5": money.states,
    "I6": money.once,
    "I7": money.payments,
    "I8": money.refunds,
    "I9": work.tasks,
    "I11": work.images,
    "I12": work.trails,
    "I13": work.liveness,
    "I14": work.hints,
    "I19": money.transfers,
}
FILES: dict[str, Callable[[str], Iterator[Finding]]] = {"I10": work.files}


@dataclass(frozen=True)
class Report:
    """The rules that were checked, what they found, and the rules whose list was cut at FINDINGS_MAX."""

    rules: list[str]
    findings: list[Finding]
    cut: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.findings


def audit() -> list[Finding]:
    """Everything that is wrong; an empty list when the books are right. At most FINDINGS_MAX of one rule."""
    return examine().findings


def examine() -> Report:
    """Check every rule. The rows are read as of one moment, so work going on meanwhile is not mistaken for a fault."""
    findings: list[Finding] = []
    cut: list[str] = []
    with _one_moment():
        for rule, check in ROWS.items():
            _collect(rule, check, findings, cut)
    # Reading every file takes long, and a picture stored meanwhile has its file: no snapshot is needed.
    for rule, check in FILES.items():
        _collect(rule, check, findings, cut)
    return Report(rules=[*ROWS, *FILES], findings=findings, cut=cut)


def _collect(rule: str, check: Callable[[str], Iterator[Finding]], findings: list[Finding], cut: list[str]) -> None:
    found = list(islice(check(rule), FINDINGS_MAX + 1))
    if len(found) > FINDINGS_MAX:
        cut.append(rule)
    findings += found[:FINDINGS_MAX]


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees one state of the rows and keeps no writer waiting. Inside another one: that one."""
    if connection.in_atomic_block:
        yield
        return
    mode = getattr(connection, "transaction_mode", None)
    if mode is not None:  # SQLite: our transactions begin by locking out writers; this one only reads
        setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010  # only this engine has it
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        if mode is not None:
            setattr(connection, "transaction_mode", mode)  # noqa: B010
