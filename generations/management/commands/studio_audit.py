"""`manage.py studio_audit`: checks the books and the shelf, changes nothing.

With --json it prints one object: {"clean": bool, "rules": ["I1", ...], "findings": [{"rule": "I1", "subject":
"account", "id": "7", "words": "..."}, ...], "cut": ["I2", ...]}; `cut` names rules with more findings than are listed.
"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generations.services.auditing import examine


class Command(BaseCommand):
    help = "Checks ledger, states, trails and files against the rules I1 to I20, and lists what breaks them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="exit code 1 when anything is found (0 without)")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        report = examine()
        if options["json"]:
            found = [asdict(finding) for finding in report.findings]
            answer = {"clean": report.is_clean, "rules": report.rules, "findings": found, "cut": report.cut}
            self.stdout.write(json.dumps(answer))
        else:
            for finding in report.findings:
                self.stdout.write(str(finding))
            for rule in report.cut:
                self.stdout.write(f"{rule}: more of the same is not listed.")
            self.stdout.write(f"{len(report.rules)} rules checked, {len(report.findings)} findings.")
        if options["strict"] and not report.is_clean:
            raise SystemExit(1)
