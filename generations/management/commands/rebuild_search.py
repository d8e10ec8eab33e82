"""`manage.py rebuild_search`: writes the search index anew from the rows, while the studio runs. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand

from generations.services import indexing


class Command(BaseCommand):
    help = "Writes what pictures are found by anew. The studio may run meanwhile; whoever searches finds all the time."

    def handle(self, *args: Any, **options: Any) -> None:
        for done in indexing.rebuild():
            self.stdout.write(f"  {done:,} pictures")
            self.stdout.flush()
        self.stdout.write("The search index is as the rows are.")
