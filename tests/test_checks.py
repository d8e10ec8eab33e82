"""The checks at start notice what they are there for, and are silent when all is well."""

from typing import Any

import pytest

from generations import checks


def ids(found: list[Any]) -> list[str]:
    return [one.id for one in found]


def test_all_is_well_as_shipped() -> None:
    assert checks.pump_shards() == []
    assert checks.queue_settings() == checks.shared_cache() == checks.picture_store() == []
    assert checks.field_keys() == checks.secret_key() == checks.proxies() == []


def test_a_queue_that_hands_out_twice_is_noticed(settings: Any) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 120}
    assert ids(checks.queue_settings()) == ["generations.E001"]


@pytest.mark.parametrize(("workers", "found"), [(2, ["generations.E006"]), (3, [])])
def test_pumps_that_leave_no_worker_are_noticed(settings: Any, workers: int, found: list[str]) -> None:
    settings.WORKERS, settings.PUMP_SHARDS = workers, 2
    assert ids(checks.pump_shards()) == found


def test_a_cache_of_one_process_is_noticed(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert ids(checks.shared_cache()) == ["generations.E002"]


def test_missing_keys_are_noticed(settings: Any) -> None:
    settings.FIELD_KEYS, settings.SECRET_KEY_IS_KEPT = [], False
    assert ids(checks.field_keys()) == ["generations.E003"]
    assert ids(checks.secret_key()) == ["generations.E004"]


@pytest.mark.parametrize(
    ("url", "proxies", "found"),
    [
        ("https://studio.test", 0, ["generations.W002"]),
        ("https://studio.test", 1, []),
        ("http://10.0.0.7:8000", 0, []),
        ("", 0, []),
    ],
)
def test_https_without_a_proxy_is_noticed(settings: Any, url: str, proxies: int, found: list[str]) -> None:
    settings.PUBLIC_URL, settings.TRUSTED_PROXY_COUNT = url, proxies
    assert ids(checks.proxies()) == found


@pytest.mark.parametrize(
    ("way", "address", "found"),
    [("smtp://mail.test", "", ["generations.W003"]), ("smtp://mail.test", "https://studio.test", []), ("", "", [])],
)
def test_mail_that_leads_nowhere_is_noticed(settings: Any, way: str, address: str, found: list[str]) -> None:
    settings.EMAIL_URL, settings.PUBLIC_URL = way, address
    assert ids(checks.mail()) == found


def test_a_store_this_version_lacks_is_not_passed_over(settings: Any) -> None:
    settings.S3_BUCKET = "pictures"
    assert ids(checks.picture_store()) == ["generations.E005"]


@pytest.mark.parametrize(("version", "found"), [((3, 40, 1), ["generations.W001"]), ((3, 51, 3), [])])
def test_an_old_sqlite_is_named(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], found: list[str]) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", version)
    assert ids(checks.sqlite_version()) == found
