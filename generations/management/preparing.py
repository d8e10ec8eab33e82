"""The steps between an empty data folder and a running studio: database, cache table, static files, first answer.

Every step is quick when there is nothing to do, and says in a few words what it did.
"""

import hashlib
import http.client
import ipaddress
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from generations.models import Price

STATIC_STAMP = "static.sha256"
ANSWER_SECONDS = 60.0
ASK_SECONDS = 0.1


def missing_migrations() -> int:
    """How many migrations the database still needs."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def bring_database_up() -> str:
    """Apply what is missing, make the cache's table, and give new offers a price."""
    missing = missing_migrations()
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    Price.seed()
    return f"{missing} migrations applied" if missing else "up to date"


def collect_static_files() -> str:
    """Copy the static files to where they are served from, unless none changed since the last time."""
    stamp = Path(settings.DATA_DIR) / STATIC_STAMP
    root = Path(settings.STATIC_ROOT)
    sources = _fingerprint()
    if root.is_dir() and stamp.is_file() and stamp.read_text() == sources:
        return "unchanged"
    stamp.unlink(missing_ok=True)  # a collection cut short is done again
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(sources)
    return "collected"


def _fingerprint() -> str:
    """Changes with any source file's name, size or time of change, and with the way files are stored."""
    lines = [repr(settings.STORAGES["staticfiles"]), str(settings.STATIC_ROOT)]
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            lines.append(f"{name} {facts.st_size} {facts.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def wait_for_answer(address: str, port: int, *, is_hopeless: Callable[[], bool]) -> bool:
    """Ask the site until it answers; False when `is_hopeless` says so, or after a minute."""
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end and not is_hopeless():
        if _answers(address, port):
            return True
        time.sleep(ASK_SECONDS)
    return False


def _answers(address: str, port: int) -> bool:
    host = next((name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", "."))), address)
    if ipaddress.ip_address(address).is_unspecified:  # listened on, but nothing one can ask
        address = "::1" if ":" in address else "127.0.0.1"
    site = http.client.HTTPConnection(address, port, timeout=5)
    try:
        site.request("GET", "/healthz", headers={"Host": host})
        return site.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        site.close()
