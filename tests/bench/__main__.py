"""The bench: how close the studio comes to what machine and vendor allow, as one table.

    .venv/bin/python -m tests.bench                             # everything, on SQLite and PostgreSQL: about 15 minutes
    .venv/bin/python -m tests.bench makespan --engine sqlite
    .venv/bin/python -m tests.bench seeing polling --engine postgresql

Benches: `makespan` (300 pictures, processor time, statements, memory), `budget` (the same pictures at a vendor that may
be read ten times a second), `seeing` (vendor done to the picture in an open page; needs Chromium), `polling` (a page
that asks while nothing changes), `submits` (orders against one hot account), `statement` (one of a million lines),
`desk` (the staff’s lists at a million rows), `library` (a team with a million pictures: 15 minutes more).
PostgreSQL is the server that `STUDIO_TEST_POSTGRES` names. Everything runs on this machine, in a temporary folder:
databases and files are gone afterwards.

How to read it. Ratio is measured over goal; the verdict says what the ratio should be. Lines without a goal explain
the others. Leave the machine alone meanwhile: the first line tells its load before, and the line "of the rest" how
many cores were taken by what is neither studio nor vendor. One run is one sample; with nothing else running, two runs
differ by some five percent, and rates more. Percentiles of a hundred samples rest on five of them.

What is not measured: a vendor far away (creates and looks are answered at once here), TLS, large pictures, many teams.
"""

import argparse
import importlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import django

from tests.bench.table import Figure, machine, table
from tests.engines import POSTGRES, Postgres, Sqlite, Template

BENCHES = ("makespan", "budget", "seeing", "polling", "submits", "statement", "desk", "library")
ENGINES: dict[str, type[Template]] = {"sqlite": Sqlite, "postgresql": Postgres}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help="which benches (default: all)")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = list(ENGINES) if options.engine == "both" else [options.engine]
    say(machine())
    say(", ".join([f"Django {django.__version__}", f"granian {metadata.version('granian')}", *map(version, engines)]))
    results: list[tuple[str, str, list[Figure]]] = []
    try:
        for engine in engines:
            results.extend(measure(engine, options.names or BENCHES))
    finally:  # what was measured before something broke is worth reading
        say(f"\n{table(results)}")


def version(engine: str) -> str:
    """Of the database that this bench meets."""
    if engine == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    import psycopg  # noqa: PLC0415  # not everyone who measures has it

    with psycopg.connect(POSTGRES) as server:
        return f"PostgreSQL {server.info.parameter_status('server_version')}"


def measure(engine: str, names: Sequence[str]) -> Iterator[tuple[str, str, list[Figure]]]:
    """Each of these benches on its own copy of one database."""
    with tempfile.TemporaryDirectory(prefix="bench-") as shared, ENGINES[engine](Path(shared)).template() as template:
        for name in names:
            begun = time.monotonic()
            figures = importlib.import_module(f"tests.bench.{name}").measure(template)
            say(f"{name} on {engine} took {time.monotonic() - begun:.0f} s")
            yield name, engine, figures


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
