"""A statement of a million lines: its pages, a month of it, its printed form and its file.

The account is that of a member who paid half a million pictures in a year, written by the database itself. Pages are
read through Django's client, template and middleware included, by turns; of the file, the first hundred thousand lines.
"""

import tempfile
from pathlib import Path

from tests.bench.table import Figure, spread
from tests.engines import Template
from tests.faults.hands import Hands

PICTURES = 500_000
LOOKS = 15
PAGE_SECONDS_MAX = 0.15


def measure(template: Template) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, template.engine(Path(folder)) as engine:
        hands = Hands({**engine.env, "ALLOWED_HOSTS": "testserver"}, module="tests.bench.till")
        try:
            filled = hands.ask("fill", pictures=PICTURES)
            told = hands.ask("read", member=filled["member"], times=LOOKS)
        finally:
            hands.close()
    first, took, lines, size = told.pop("file")
    figures = [Figure(name="lines on the account", measured=filled["entries"])]
    for name, looks in told.items():
        figures += spread(name, looks, goal=PAGE_SECONDS_MAX)
    return [
        *figures,
        Figure(name="file: until its first piece", measured=first, unit="s"),
        Figure(name="file: lines read", measured=lines),
        Figure(name="file: lines per second", measured=lines / took, unit="/s"),
        Figure(name="file: megabytes per second", measured=size / took / 1e6, unit="MB/s"),
    ]
