"""The secrets an embedded studio makes for itself on its first start, kept in files only their owner can read."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

SIGNING_KEY_FILE = "secret_key"
FIELD_KEYS_FILE = "field_keys"


def ensure(data_dir: Path) -> list[str]:
    """Make the data folder and whatever secret is missing in it; says what it made, a line each. Safe to run twice."""
    data_dir.mkdir(parents=True, exist_ok=True)
    made = []
    if "SECRET_KEY" not in os.environ and _write_once(data_dir / SIGNING_KEY_FILE, secrets.token_urlsafe(64)):
        made.append(f"made the signing key ({SIGNING_KEY_FILE})")
    if "FIELD_KEYS" not in os.environ and _write_once(data_dir / FIELD_KEYS_FILE, Fernet.generate_key().decode()):
        made.append(f"made the key that seals vendor keys ({FIELD_KEYS_FILE}); back it up with the database")
    return made


def seals(data_dir: Path) -> bool:
    """Whether there is a key to seal with, from the environment or in the folder."""
    return "FIELD_KEYS" in os.environ or (data_dir / FIELD_KEYS_FILE).exists()


def take_back(data_dir: Path) -> None:
    """Forget a sealing key that was made a moment ago and sealed nothing."""
    (data_dir / FIELD_KEYS_FILE).unlink(missing_ok=True)


def read(data_dir: Path, name: str) -> str:
    """The secret in that file, or an empty text when it was not made yet."""
    try:
        return (data_dir / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _write_once(path: Path, secret: str) -> bool:
    """Write a new file for its owner's eyes; False when it is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
    return True
