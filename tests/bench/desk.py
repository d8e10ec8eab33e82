"""The staff's lists at a million rows: generations, pictures, lines of the ledger and of the audit log.

The rows are written by the database itself, and the lists read through Django's client, template and middleware
included, by turns. What a page costs is told beside the plain read of one row by its key, as often.
"""

import tempfile
from pathlib import Path

from tests.bench.table import Figure, percentile, spread
from tests.engines import Template
from tests.faults.hands import Hands

ROWS = 1_000_000
LOOKS = 11
PAGE_SECONDS_MAX = 0.3


def measure(template: Template) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, template.engine(Path(folder)) as engine:
        hands = Hands({**engine.env, "ALLOWED_HOSTS": "testserver"}, module="tests.bench.staff")
        try:
            filled = hands.ask("fill", number=ROWS)
            told = hands.ask("read", person=filled["person"], times=LOOKS)
        finally:
            hands.close()
    plain = percentile(sorted(told["plain"]), 0.95)
    figures = [Figure(name=f"rows of {name}", measured=number) for name, number in filled["rows"].items()]
    figures.append(Figure(name="one row by its key, p95", measured=plain, unit="s"))
    for name, (statements, looks) in told["lists"].items():
        figures.append(Figure(name=f"{name}: statements", measured=statements))
        figures += spread(name, looks, goal=PAGE_SECONDS_MAX)
        figures.append(
            Figure(name=f"{name}: p95 over the plain read", measured=percentile(sorted(looks), 0.95) / plain)
        )
    return figures
