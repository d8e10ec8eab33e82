"""`manage.py tick`: one pass over the rows that are due, as the worker makes every ten seconds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations import nudge
from generations.services import backups, sweeping


class Command(BaseCommand):
    help = "Makes one pass over the rows that are due and wakes the pump if it has work. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := backups.unfinished():
            raise CommandError(reason)
        counts = sweeping.sweep()
        counts["kicked"] = counts.get("kicked", 0) + nudge.kick()
        happened = [f"{number} {what}" for what, number in sorted(counts.items()) if number]
        self.stdout.write(", ".join(happened) or "nothing was due")
