"""What must be right before the studio runs; each check has an id and says what to do."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

SQLITE_FIXED = (3, 51, 3)


@register(Tags.compatibility)
def queue_settings(**_: Any) -> list[CheckMessage]:
    """A message must not be handed out again while its job may still be running or waiting."""
    cluster: dict[str, Any] = settings.Q_CLUSTER
    least = cluster["timeout"] * (1 + (cluster["queue_limit"] + cluster["bulk"]) / cluster["workers"])
    if cluster["retry"] > least:
        return []
    return [Error(f"The queue's retry of {cluster['retry']} s must exceed {least:.0f} s.", id="generations.E001")]


@register(Tags.compatibility)
def pump_shards(**_: Any) -> list[CheckMessage]:
    """Each pump holds a worker for as long as vendors have work; one more must be left to collect and to sweep."""
    if settings.WORKERS > settings.PUMP_SHARDS:
        return []
    said = f"{settings.PUMP_SHARDS} pumps would keep all of {settings.WORKERS} workers busy: no picture is collected."
    return [Error(said, hint="Set WORKERS higher than PUMP_SHARDS.", id="generations.E006")]


@register(Tags.caches)
def shared_cache(**_: Any) -> list[CheckMessage]:
    """Login limits count in the cache; memory of one process would let each process count alone."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend.rpartition(".")[2] not in {"LocMemCache", "DummyCache"}:
        return []
    return [Error("The cache is private to each process: login limits would not hold.", id="generations.E002")]


@register(Tags.security, deploy=True)
def field_keys(**_: Any) -> list[CheckMessage]:
    """Without a sealing key no vendor key can be stored or read."""
    if settings.FIELD_KEYS:
        return []
    hint = "Set FIELD_KEYS, or start the studio once with `manage.py studio`, which makes one."
    return [Error("There is no key to seal vendor keys with.", hint=hint, id="generations.E003")]


@register(Tags.security, deploy=True)
def secret_key(**_: Any) -> list[CheckMessage]:
    """A key made for one process would end every session at each restart."""
    if settings.SECRET_KEY_IS_KEPT:
        return []
    hint = "Set SECRET_KEY, or start the studio once with `manage.py studio`, which makes one."
    return [Error("There is no lasting SECRET_KEY.", hint=hint, id="generations.E004")]


@register(Tags.security, deploy=True)
def proxies(**_: Any) -> list[CheckMessage]:
    """The studio speaks plain HTTP itself: where people come by https, a proxy stands in front (S24)."""
    if not settings.PUBLIC_URL.startswith("https://") or settings.TRUSTED_PROXY_COUNT:
        return []
    return [
        checks.Warning(
            "PUBLIC_URL is https, so there is a proxy in front, but TRUSTED_PROXY_COUNT is 0.",
            hint="Set it to the number of proxies: else all people behind one share one login limit.",
            id="generations.W002",
        )
    ]


@register()
def mail(**_: Any) -> list[CheckMessage]:
    """An e-mail leads people to the studio, so it needs an address to name."""
    if not settings.EMAIL_URL or settings.PUBLIC_URL:
        return []
    hint = "Set PUBLIC_URL to the address people reach the studio at, or unset EMAIL_URL."
    said = "EMAIL_URL is set, but no e-mail is sent: there is no PUBLIC_URL to lead people to."
    return [checks.Warning(said, hint=hint, id="generations.W003")]


@register(Tags.security, deploy=True)
def faults(**_: Any) -> list[CheckMessage]:
    """The switch under which tests may kill the studio's own processes is no setting for people."""
    if not settings.DEBUG_FAULTS:
        return []
    return [Error("DEBUG_FAULTS is on: the studio may be broken on purpose.", hint="Unset it.", id="generations.E007")]


@register()
def picture_store(**_: Any) -> list[CheckMessage]:
    """A setting that names a store this version cannot use must not be passed over in silence."""
    if not settings.S3_BUCKET:
        return []
    hint = "Unset S3_BUCKET; pictures are kept in DATA_DIR/media, which several machines may share."
    return [Error("This version keeps pictures in folders, not in S3.", hint=hint, id="generations.E005")]


@register(Tags.database, deploy=True)
def sqlite_version(**_: Any) -> list[CheckMessage]:
    """Before 3.51.3 several processes writing at once could, rarely, damage the file (the WAL-reset fault)."""
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return []
    if sqlite3.sqlite_version_info >= SQLITE_FIXED:
        return []
    return [
        checks.Warning(
            f"SQLite {sqlite3.sqlite_version} has a rare fault with several writing processes, fixed in 3.51.3.",
            hint="Back up daily, or use PostgreSQL (DATABASE_URL) for a team that depends on it.",
            id="generations.W001",
        )
    ]
