"""`manage.py run_worker`: runs the background queue and the tick until asked to stop."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from generations import queue
from generations.management import clustering, preparing, supervising
from generations.services import backups

STOP_SECONDS = 55.0  # who stops us may expect the end within a minute


class Command(BaseCommand):
    help = "Runs the jobs of the queue and a pass over due rows every ten seconds. Stops in order on Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []  # noqa: RUF012  # the base class declares it so

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stop-seconds",
            type=float,
            default=STOP_SECONDS,
            help="how long jobs under way may go on once asked to stop (default: %(default)g)",
        )
        parser.add_argument("--cluster", action="store_true", help="the inner process, started by the outer one")

    def handle(self, *args: Any, stop_seconds: float, cluster: bool, **options: Any) -> None:
        if cluster:
            clustering.run(stop_seconds=stop_seconds)
        _require_a_studio()
        queue.keep_schedule()
        code = supervising.run(stop_seconds=stop_seconds)
        if code:
            raise CommandError("The cluster does not stay alive; the lines above say why.", returncode=code)


def _require_a_studio() -> None:
    """The worker joins a studio that is set up; it does not set one up. Raises CommandError."""
    if reason := backups.unfinished():
        raise CommandError(reason)
    try:
        missing = preparing.missing_migrations()
    except OperationalError as problem:
        raise CommandError(f"The database cannot be used: {problem}") from None
    if missing:
        raise CommandError(f"The database still needs {missing} migrations. Run first: python3 manage.py migrate")
    if not settings.SECRET_KEY_IS_KEPT:  # each process would sign with a key of its own, and drop the others' messages
        raise CommandError("There is no SECRET_KEY. Set it, or start the studio once: python3 manage.py studio")
