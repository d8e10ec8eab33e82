"""The database as one file, as of one moment and while others write; and the way back from such a file.

SQLite copies itself page by page. PostgreSQL has tools of its own for both ways, which must be installed here. Nothing
that was there before is thrown away: it gets another name, which is told.
"""

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from django.db import Error, connection, connections, transaction

from generations.services.backups.refusals import BackupFailed, RestoreRefused

FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database that is in use."""
TOOLS = "They come with PostgreSQL's client: apt install postgresql-client, in the server's version or a newer one."


class ToolFailed(Exception):
    """One of PostgreSQL's programs is not here, or ended with an error; the message says which and why."""


def write(folder: Path) -> Path:
    """Write the database into that folder, as the transaction around this sees it. Raises BackupFailed."""
    file = folder / FILES[connection.vendor]
    file.unlink(missing_ok=True)
    try:
        if connection.vendor == "sqlite":
            _write_sqlite(file)
        else:
            _write_postgresql(file)
    except (sqlite3.Error, ToolFailed) as problem:
        raise BackupFailed(f"The database could not be written to {file}. {problem}") from None
    return file


def _write_sqlite(file: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy, progress=_go_on)
        # In one file, so that nothing of it is left in another when that is copied away.
        copy.execute("PRAGMA journal_mode=DELETE")
        said = [row[0] for row in copy.execute("PRAGMA quick_check(3)")]
    if said != ["ok"]:
        raise BackupFailed(f"The database is damaged; SQLite says: {'; '.join(said)}")


def _go_on(status: int, remaining: int, total: int) -> None:
    """Where this very process writes, the copy would wait for itself for ever."""
    if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise sqlite3.OperationalError("This process is writing to it.")


def _write_postgresql(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot(), current_schema()")
        snapshot, schema = cursor.fetchone()
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}"]
    _run("pg_dump", [*options, f"--snapshot={snapshot}", f"--file={file}"])


def load(file: Path, *, mark: str) -> str:
    """Put that dump in the place of the database; says where what was there before is, "" when nothing was.

    Raises RestoreRefused; then everything is as it was.
    """
    return _load_sqlite(file, mark) if connection.vendor == "sqlite" else _load_postgresql(file, mark)


def sqlite_file_exists() -> bool:
    """Whether SQLite's database is there; to connect to it would make it."""
    name = str(connection.settings_dict["NAME"])
    return name.startswith("file:") or Path(name).exists()  # the first: an address of SQLite's own, such as memory


def _load_sqlite(file: Path, mark: str) -> str:
    target = Path(str(connection.settings_dict["NAME"]))
    fresh = target.with_name(f"{target.name}.restoring")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("rb") as source, fresh.open("wb") as copy:
            while chunk := source.read(1 << 20):
                copy.write(chunk)
            os.fsync(copy.fileno())
        connections.close_all()
        aside = ""
        if target.exists():
            aside = f"{target}.{mark}"
            for ending in ("", *COMPANIONS):
                if (part := Path(f"{target}{ending}")).exists():
                    part.rename(f"{aside}{ending}")
        fresh.rename(target)
    except OSError as problem:
        raise RestoreRefused(f"The database {target} cannot be written: {problem.strerror}.") from None
    return aside


def _load_postgresql(file: Path, mark: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = str(cursor.fetchone()[0])
    aside = mark.replace("-", "_")
    old, new = connection.ops.quote_name(schema), connection.ops.quote_name(aside)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER SCHEMA {old} RENAME TO {new}")
            cursor.execute(f"CREATE SCHEMA {old}")
    except Error as problem:
        raise RestoreRefused(f"The schema {schema} cannot be set aside: {problem}") from None
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", f"--schema={schema}"]
    try:
        _run("pg_restore", options, file=file)
    except ToolFailed as problem:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {old}")  # empty: what was loaded was loaded whole or not at all
            cursor.execute(f"ALTER SCHEMA {new} RENAME TO {old}")
        raise RestoreRefused(f"The database could not be restored. {problem}") from None
    connections.close_all()
    return f"schema {aside} of the same database"


def _run(tool: str, options: Sequence[str], *, file: Path | None = None) -> None:
    """Call it for our database; the password goes by the environment, where no list of processes shows it."""
    told, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, list(options))
    words = [tool, *told[1:-1], f"--dbname={told[-1]}", *([str(file)] if file else [])]
    try:
        done = subprocess.run(  # noqa: S603  # a fixed program, and options of ours
            words, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ToolFailed(f"{tool} is not installed on this machine. {TOOLS}") from None
    if done.returncode:
        said = " ".join(line.strip() for line in done.stderr.strip().splitlines()[-3:])
        hint = f" {TOOLS}" if "version mismatch" in said else ""
        raise ToolFailed(f"{tool} says: {said}{hint}")
