"""The library of one team with a million pictures: its pages, what is searched for, every facet, and their numbers.

`manage.py benchmark_data` makes the team; the pages are read through Django's client, template and middleware included,
by turns. `BENCH_PICTURES` says how many pictures; with `BENCH_PLANS` set, the database's plans are printed, too.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.table import Figure, spread
from tests.engines import Template
from tests.faults.hands import Hands

PICTURES = int(os.environ.get("BENCH_PICTURES", "1000000"))
LOOKS = 21
PAGE_SECONDS_MAX = 0.1
COUNTS_SECONDS_MAX = 0.3


def measure(template: Template) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, template.engine(Path(folder)) as engine:
        hands = Hands({**engine.env, "ALLOWED_HOSTS": "testserver"}, module="tests.bench.looker")
        try:
            figures = [Figure(name=f"seconds until {PICTURES:,} are {what}", measured=took) for what, took in
                       hands.ask("fill", number=PICTURES).items()]  # fmt: skip
            looks = hands.ask("read", times=LOOKS)
            if os.environ.get("BENCH_PLANS"):
                sys.stdout.write(hands.ask("plans"))
        finally:
            hands.close()
    for name, (statements, seconds) in looks.items():
        goal = COUNTS_SECONDS_MAX if name.startswith("counts") else PAGE_SECONDS_MAX
        figures.append(Figure(name=f"{name}: statements", measured=statements))
        figures += spread(name, seconds, goal=goal)
    return figures
