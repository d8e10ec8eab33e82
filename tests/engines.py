"""Both databases in one run: a migrated SQLite file or PostgreSQL database, for child processes with real settings.

Use the fixture `engine`: import it into a conftest and take it as an argument; the test then runs once per engine.
`STUDIO_TEST_POSTGRES` names a server (default: this machine's, user postgres) where databases may be made and dropped.
A database lives as long as the test session, so tests bring their own teams and leave the books clean.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet

from tests.late import Late

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("STUDIO_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
CHILD_SECONDS_MAX = 120


@dataclass(frozen=True)
class Engine:
    """A database ready for use, and the environment that makes a child process use it."""

    name: str
    env: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A child: `python <arguments>` in the checkout, its output piped."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        """What `python <arguments>` printed; a failing child fails the test with what it said."""
        child = self.start(*arguments)
        try:
            out, err = child.communicate(timeout=CHILD_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            child.kill()
            raise Late(f"{arguments} did not end in {CHILD_SECONDS_MAX} s: {child.communicate()[1]}") from None
        assert child.returncode == 0, f"{arguments} on {self.name}: {out}{err}"
        return out

    def ask(self, module: str, *arguments: str) -> Any:
        """The JSON that the last line of `python -m <module>` holds."""
        return json.loads(self.run("-m", module, *arguments).strip().splitlines()[-1])


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Template]":
    """A migrated database of each kind, to be copied."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    kind = Sqlite if request.param == "sqlite" else Postgres
    with kind(shared).template() as template:
        yield template


@pytest.fixture(scope="session")
def engine(template: "Template", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database of each kind, migrated."""
    with template.engine(tmp_path_factory.mktemp(f"engine-{template.kind}")) as engine:
        yield engine


def environment(folder: Path, address: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "imagine_site.settings",
        "DATABASE_URL": address,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "INSECURE_HTTP": "1",
        "PYTHONPATH": str(ROOT),
    }


class Template:
    """A migrated database that is only ever copied: made once for all workers of a run, removed by the last of them."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared

    @contextmanager
    def template(self) -> Iterator[Self]:
        with self._users() as users:
            if not users:
                self.make()
                engine = Engine(name="template", env=environment(self.shared, self.address))
                for command in ("migrate", "createcachetable"):
                    engine.run("-m", "django", command, "--verbosity=0")
            users.append(os.getpid())
        try:
            yield self
        finally:
            with self._users() as users:
                users.remove(os.getpid())
                if not users:
                    self.remove()

    @contextmanager
    def _users(self) -> Iterator[list[int]]:
        """Who uses the template now, to be changed by one process at a time."""
        with (self.shared / f"{type(self).__name__}.users").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            users = [int(line) for line in file]
            yield users
            file.truncate(0)
            file.writelines(f"{user}\n" for user in users)

    @contextmanager
    def engine(self, folder: Path) -> Iterator[Engine]:
        """A copy that works on `folder`, gone afterwards."""
        with self.copied(folder) as address:
            yield Engine(name=self.kind, env=environment(folder, address))

    kind: str
    address: str

    def make(self) -> None:
        raise NotImplementedError

    def remove(self) -> None:
        raise NotImplementedError

    def copied(self, folder: Path) -> AbstractContextManager[str]:
        """The address of a copy, gone afterwards."""
        raise NotImplementedError


class Sqlite(Template):
    kind = "sqlite"

    def __init__(self, shared: Path) -> None:
        super().__init__(shared)
        self.file = shared / "template.sqlite3"
        self.address = f"sqlite://{self.file}"

    def make(self) -> None:
        self.file.unlink(missing_ok=True)

    def remove(self) -> None:
        self.file.unlink()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        copy = folder / "engine.sqlite3"
        shutil.copy(self.file, copy)
        yield f"sqlite://{copy}"


class Postgres(Template):
    kind = "postgresql"

    def __init__(self, shared: Path) -> None:
        super().__init__(shared)
        self.name = f"studio_test_{hashlib.sha256(str(shared).encode()).hexdigest()[:12]}"
        self.address = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{self.name}"))

    def make(self) -> None:
        with _server() as server:
            server.execute(f"DROP DATABASE IF EXISTS {self.name}")
            server.execute(f"CREATE DATABASE {self.name}")

    def remove(self) -> None:
        with _server() as server:
            server.execute(f"DROP DATABASE {self.name}")

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        mark = secrets.token_hex(4)
        copy = f"{self.name}_{mark}"
        with self._users(), _server() as server:  # nobody else may be in a template while it is copied
            server.execute(f"CREATE DATABASE {copy} TEMPLATE {self.name}")
        try:
            yield f"{self.address}_{mark}"
        finally:
            with _server() as server:
                server.execute(f"DROP DATABASE {copy} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[Any]:
    """A connection that makes databases. Without one the test is skipped, on a build machine it fails."""
    try:
        import psycopg  # noqa: PLC0415  # not everyone who runs the tests has it

        connection = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except Exception as error:  # noqa: BLE001  # psycopg's own errors cannot be named where it is absent
        reason = f"No PostgreSQL for tests ({error}); set STUDIO_TEST_POSTGRES to a server that may be used."
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    with connection:
        yield connection
