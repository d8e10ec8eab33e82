"""`manage.py studio`: sets everything up and runs the whole studio until Ctrl-C."""

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from generations.management import launching, preparing, processes
from generations.services import backups, credentials, setup
from imagine_site import secrets

WORKER_SECONDS = 7.0  # for jobs under way; leases recover what does not end in time
STOP_SECONDS = 8.5
HOPELESS_DEATHS = 3  # of one part, before the first page was served
FAILED_TO_START = 5


class Command(BaseCommand):
    help = (
        "Sets the studio up and runs it: web server and worker, until Ctrl-C. Exit codes: 0 stopped as asked, "
        "2 wrong option or address, 3 data folder in use, 4 port taken, 5 a part does not start, 1 the rest."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # the base class declares it so

    def add_arguments(self, parser: CommandParser) -> None:
        launching.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        ground = launching.ground
        if ground is None:
            raise CommandError("Start the studio with: python3 manage.py studio")
        if reason := backups.unfinished():
            raise CommandError(reason)
        setup.folders()
        try:
            self._step("Database", preparing.bring_database_up())
        except OperationalError as problem:
            raise CommandError(f"The database cannot be used: {problem}") from None
        _require_the_sealing_key(ground, goes_on=bool(options["new_sealing_key"]))
        self._step("Static files", preparing.collect_static_files())
        stop = processes.StopRequests()
        crew = processes.Crew([_web(ground), _worker()])
        try:
            crew.tend()
            if not self._wait(ground, crew, stop):
                raise CommandError("The studio does not start; the lines above say why.", returncode=FAILED_TO_START)
            self._welcome(ground, stop)
            while not stop.came:
                self._tend(crew)
                time.sleep(processes.LOOK_SECONDS)
        finally:
            self._farewell(crew, stop)

    def _wait(self, ground: launching.Ground, crew: processes.Crew, stop: processes.StopRequests) -> bool:
        """Whether the site answered, or somebody asked to stop before it could."""

        def is_hopeless() -> bool:
            self._tend(crew)
            return stop.came or any(child.deaths >= HOPELESS_DEATHS for child in crew.children)

        answered = preparing.wait_for_answer(ground.address, ground.port, is_hopeless=is_hopeless)
        return answered or stop.came

    def _tend(self, crew: processes.Crew) -> None:
        for child, code in crew.tend():
            self.stderr.write(f"The {child.name} ended ({_ending(code)}); starting it again.")

    def _welcome(self, ground: launching.Ground, stop: processes.StopRequests) -> None:
        if stop.came:
            return
        self._step("Running", f"{ground.base_url}/")
        link = setup.new_setup_link(ground.base_url)
        if link:
            self._line("\nNobody owns this studio yet. Open this link to become its owner; it works once:")
            self._line(f"  {link}\n")
        self._line("Stop with Ctrl-C.")

    def _farewell(self, crew: processes.Crew, stop: processes.StopRequests) -> None:
        self._line("\nStopping. Work under way gets a few seconds; Ctrl-C again stops at once.")
        crew.stop(seconds=STOP_SECONDS, at_once=lambda: stop.insist)
        self._line("Stopped.")

    def _step(self, what: str, result: str) -> None:
        self._line(f"  {what:<13} {result}")

    def _line(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _require_the_sealing_key(ground: launching.Ground, *, goes_on: bool) -> None:
    """A lost key is said before anything is done with another one (F39). Raises CommandError.

    A key that is there and opens nothing refuses no start: only what needs it waits (F40).
    """
    if goes_on or not ground.is_sealed_anew:
        return
    lost = len(credentials.survey().unreadable)
    if lost:
        secrets.take_back(ground.data_dir)
        raise CommandError(
            f"FIELD_KEYS is missing, and stored keys to vendors ({lost}) are sealed with it. Put the file "
            f"{secrets.FIELD_KEYS_FILE} back into {ground.data_dir}, or set FIELD_KEYS. Without them: "
            "--new-sealing-key, and enter the vendors’ keys again."
        )


def _web(ground: launching.Ground) -> processes.Child:
    module = "generations.management.serving"
    return processes.Child(
        "web server", [sys.executable, "-m", module, ground.address, str(ground.port), settings.LOG_FORMAT]
    )


def _worker() -> processes.Child:
    manage = str(launching.ROOT / "manage.py")
    return processes.Child("worker", [sys.executable, manage, "run_worker", "--stop-seconds", str(WORKER_SECONDS)])


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
