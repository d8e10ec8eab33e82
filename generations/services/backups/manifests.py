"""What a backup says of itself: when and of what it was made, how much is in it, and which keys belong to it."""

import hashlib
import json
import secrets
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

FILE = "manifest.json"
FORM = 1
"""Of this file and the folder it lies in; a newer one may mean something else."""
NAMES_MAX = 1000
CHUNK_BYTES = 1 << 20
APP = "generations"


@dataclass
class Named:
    """How many files, and the first of them by name."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMES_MAX:
            self.names.append(name)


@dataclass
class Keys:
    """By which the secrets of a studio are known again: salted prints, slow to make, from which no key follows."""

    salt: str
    signing: str
    sealing: list[str]
    secrets: int = 0
    """How many sealed secrets the database holds,"""
    unreadable: list[str] = field(default_factory=list)
    """and which of them could not be opened when the backup was made."""


@dataclass
class Manifest:
    """`rows` counts the rows of each table as of the moment of the dump."""

    form: int
    studio: str
    engine: str
    migration: str
    made_at: str
    rows: dict[str, int]
    database: str
    database_bytes: int
    database_sha256: str
    keys: Keys
    files: int = 0
    bytes: int = 0
    copied: int = 0
    """So many of the files were not in the backup before."""
    missing: Named = field(default_factory=Named)
    """Not on the shelf when the backup was made."""
    changed: Named = field(default_factory=Named)
    """On the shelf, with other bytes than their name says."""

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises OSError, or ValueError when this is no manifest we can read."""
        told: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise ValueError("it is of another form than this version of the studio makes")
        try:
            told["keys"] = Keys(**told["keys"])
            told["missing"], told["changed"] = Named(**told["missing"]), Named(**told["changed"])
            return cls(**told)
        except (TypeError, KeyError) as problem:
            raise ValueError(f"it lacks something: {problem}") from None


def studio_version() -> str:
    told = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(told["project"]["version"])


def last_migration() -> str:
    """The newest one of ours in the database; their names begin with a number."""
    applied = MigrationRecorder(connection).applied_migrations()
    return max((name for app, name in applied if app == APP), default="")


def count_rows() -> dict[str, int]:
    """How many rows every table of ours has."""
    return {model._meta.label_lower: model._default_manager.count() for model in apps.get_app_config(APP).get_models()}


def keys_now(*, salt: str = "") -> Keys:
    """The prints of the secrets this process was started with."""
    salt = salt or secrets.token_hex(16)
    return Keys(
        salt=salt,
        signing=_print(settings.SECRET_KEY, salt) if settings.SECRET_KEY_IS_KEPT else "",
        sealing=[_print(key, salt) for key in settings.FIELD_KEYS],
    )


def _print(secret: str, salt: str) -> str:
    """Slow on purpose: a signing key may be words somebody chose."""
    return hashlib.scrypt(secret.encode(), salt=salt.encode(), n=1 << 14, r=8, p=1, dklen=8).hex()


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
