"""Typed readers of the environment: absent gives the default, malformed stops the start and names the variable."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
DATABASE_ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


def text(name: str, default: str = "") -> str:
    """The variable without surrounding white space; an empty one counts as absent."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """A yes or no."""
    word = text(name).lower()
    if not word:
        return default
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is {word!r}: write 1 for yes or 0 for no.")


def whole(name: str, default: int, *, at_least: int = 0) -> int:
    """A whole number, not below `at_least`."""
    word = text(name)
    if not word:
        return default
    try:
        number = int(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {word!r}: write a whole number.") from None
    if number < at_least:
        raise ImproperlyConfigured(f"{name} is {number}: the least is {at_least}.")
    return number


def words(name: str) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def address(name: str, default: str = "") -> str:
    """An http or https address without user, query or fragment, and without its last slash."""
    word = text(name, default)
    if not word:
        return ""
    parts = urlsplit(word)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ImproperlyConfigured(f"{name} is {word!r}: write an address such as https://studio.example.org.")
    return word.rstrip("/")


def folder(name: str, default: Path) -> Path:
    """A folder, made absolute; it need not exist yet."""
    return Path(text(name, str(default))).expanduser().absolute()


def database(name: str, default: Path) -> dict[str, object]:
    """Django's description of the database in a `postgresql://user:password@host:port/name` address.

    Absent means the SQLite file `default`. `sqlite:///absolute/path` names another file.
    """
    word = text(name)
    if not word:
        return {"ENGINE": DATABASE_ENGINES["sqlite"], "NAME": str(default)}
    parts = urlsplit(word)
    engine = DATABASE_ENGINES.get(parts.scheme)
    if engine is None or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    if engine == DATABASE_ENGINES["sqlite"]:
        return {"ENGINE": engine, "NAME": parts.path}
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is not a number.") from None
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
