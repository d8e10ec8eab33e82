"""`manage.py benchmark_data`: a team with a million pictures without files, in a studio one throws away."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.services import benchmarking

NUMBER_MAX = 10_000_000


class Command(BaseCommand):
    help = (
        "Makes a team with so many generations and pictures, to measure with. Nobody paid for them and they have no "
        "files: studio_audit and library_check name every one. Use a studio you throw away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--number", type=int, default=1_000_000, help="how many (default: a million)")
        parser.add_argument("--team", help="the team's name (default: Benchmark of so many pictures)")
        parser.add_argument("--among-people", action="store_true", help="also where people work; it cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        number, begun = options["number"], time.monotonic()
        if not 1 <= number <= NUMBER_MAX:
            raise CommandError(f"The number is {number}: write one from 1 to {NUMBER_MAX:,}.")
        name = options["team"] or f"Benchmark of {number:,} pictures"
        try:
            members = benchmarking.seat(name=name, among_people=options["among_people"])
        except benchmarking.StudioInUse as refusal:
            raise CommandError(f"{refusal} --among-people does it all the same.") from refusal
        for what, done in benchmarking.fill(members=members, number=number):
            self.stdout.write(f"  {done:,} {what}, {time.monotonic() - begun:.0f} s")
            self.stdout.flush()
        self.stdout.write(
            f"Team #{members[0].team_id}, {name}: {len(members)} members, {number:,} pictures without files."
        )
        self.stdout.write(
            "Nobody paid for them: the books of this studio do not add up any more, as studio_audit says."
        )
