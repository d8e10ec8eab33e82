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

POSTGRES_PATIENCE = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How long a server that is gone without a word may keep us waiting: in seconds, the last in milliseconds."""

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


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


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    word = text(name, default).lower()
    if word not in choices:
        raise ImproperlyConfigured(f"{name} is {word!r}: write {' or '.join(choices)}.")
    return word


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
    wrong = parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or bool(parts.query)
    try:
        wrong = wrong or parts.port == 0
    except ValueError:  # not a number
        wrong = True
    if wrong:
        raise ImproperlyConfigured(f"{name} is {word!r}: write an address such as https://studio.example.org.")
    return word.rstrip("/")


def mail(name: str) -> dict[str, object]:
    """Django's settings for the mail server in an address; without one whatever would be sent is dropped.

    `smtp://user:password@host:25`, `smtp+tls://` (STARTTLS, 587) and `smtps://` (TLS from the first byte, 465),
    `console:` (printed, for trying out) and `file:///folder` (one file per message, for tests).
    """
    word = text(name)
    parts = urlsplit(word)
    wrong = ImproperlyConfigured(f"{name} must look like smtp+tls://user:password@host:587, smtps://…, or console:")
    if not word:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme not in MAIL_PORTS or not parts.hostname:
        raise wrong
    try:
        port = parts.port or MAIL_PORTS[parts.scheme]
    except ValueError:
        raise wrong from None
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def folder(name: str, default: Path) -> Path:
    """A folder, made absolute; it need not exist yet."""
    return Path(text(name, str(default))).expanduser().absolute()


def database(name: str, default: Path) -> dict[str, object]:
    """Django's description of the database in a `postgresql://user:password@host:port/name` address.

    Absent means the SQLite file `default`. `sqlite:///absolute/path` names another file. What the query of the address
    says goes before what we would choose.
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
        "OPTIONS": {**POSTGRES_PATIENCE, **dict(parse_qsl(parts.query))},
    }
