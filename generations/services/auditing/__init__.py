"""Proves that the books are right: the rules I1 to I20, read from the rows and the files, changing nothing.

It refuses to repair. Whoever finds something decides, with an entry of the ledger or a hand on the machine.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from generations.models import Image
from generations.services.auditing import money, schema, secrets, shelf, space, vendors, work
from generations.services.auditing.books import ask_to_prove, prove_books
from generations.services.auditing.findings import Finding
from generations.services.auditing.secrets import tables_with_words
from generations.services.auditing.snapshot import one_moment

__all__ = [
    "FINDINGS_MAX",
    "ROWS",
    "RULES",
    "Finding",
    "Report",
    "ask_to_prove",
    "audit",
    "examine",
    "examine_pictures",
    "examine_rows",
    "examine_words",
    "prove_books",
    "tables_with_words",
]

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
    "I16": schema.constraints,
    "I17": money.whole,
    "I18": vendors.costs,
    "I19": money.transfers,
    "I20": space.sums,
}
LONG: dict[str, Callable[[str], Iterator[Finding]]] = {"I10": shelf.files, "I15": secrets.plaintext}
"""Reading every file, and every word of every table, takes long; and what is written meanwhile is no fault in them."""
RULES = (*ROWS, *LONG)


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
    books = examine_rows()
    findings, cut = list(books.findings), list(books.cut)
    for rule, check in LONG.items():
        _collect(rule, check, findings, cut)
    return Report(rules=list(RULES), findings=findings, cut=cut)


def examine_rows(rules: Collection[str] = tuple(ROWS)) -> Report:
    """The rules that are about rows alone, or some of them, as of one moment."""
    findings: list[Finding] = []
    cut: list[str] = []
    with one_moment():
        for rule in rules:
            _collect(rule, ROWS[rule], findings, cut)
    return Report(rules=list(rules), findings=findings, cut=cut)


def examine_words(table: str) -> Report:
    """I15 for one table alone: every text column of it."""
    return _alone("I15", lambda rule: secrets.plaintext(rule, tables=[table]))


def examine_pictures(images: Iterable[Image]) -> Report:
    """I10 for these pictures alone."""
    return _alone("I10", lambda rule: shelf.of_images(rule, images))


def _alone(rule: str, check: Callable[[str], Iterator[Finding]]) -> Report:
    findings: list[Finding] = []
    cut: list[str] = []
    _collect(rule, check, findings, cut)
    return Report(rules=[rule], findings=findings, cut=cut)


def _collect(rule: str, check: Callable[[str], Iterator[Finding]], findings: list[Finding], cut: list[str]) -> None:
    found = list(islice(check(rule), FINDINGS_MAX + 1))
    if len(found) > FINDINGS_MAX:
        cut.append(rule)
    findings += found[:FINDINGS_MAX]
