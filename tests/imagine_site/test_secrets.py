"""Secrets the embedded studio makes for itself: once, and for its owner's eyes."""

from pathlib import Path

import pytest

from imagine_site import secrets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("FIELD_KEYS", raising=False)
    return tmp_path / "data"


def test_are_made_once_and_said_so(folder: Path) -> None:
    assert len(secrets.ensure(folder)) == 2
    made = secrets.read(folder, secrets.SIGNING_KEY_FILE)
    assert secrets.ensure(folder) == []
    assert secrets.read(folder, secrets.SIGNING_KEY_FILE) == made
    assert len(made) >= 50


def test_can_be_read_by_their_owner_alone(folder: Path) -> None:
    secrets.ensure(folder)
    for name in (secrets.SIGNING_KEY_FILE, secrets.FIELD_KEYS_FILE):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_are_not_made_where_the_environment_has_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.setenv("FIELD_KEYS", "given")
    assert secrets.ensure(folder) == []
    assert secrets.read(folder, secrets.SIGNING_KEY_FILE) == ""
