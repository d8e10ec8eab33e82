"""The mark of a restore stays exactly as long as what is here may be half done."""

from pathlib import Path

import pytest

from generations.services import backups
from generations.services.backups import Backup, RestoreRefused, dumps


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What the next loads of a dump end with, the last first; each must find the mark."""
    ends: list[BaseException] = []

    def end(file: Path, *, mark: str) -> str:
        assert backups.unfinished()
        raise ends.pop()

    monkeypatch.setattr(dumps, "load", end)
    return ends


def test_there_is_none_where_nothing_was_restored() -> None:
    assert backups.unfinished() == ""


def test_it_goes_when_the_dump_was_refused_and_all_is_as_it_was(backup: Backup, load: list[BaseException]) -> None:
    load.append(RestoreRefused("no"))
    with pytest.raises(RestoreRefused):
        backups.put_back(backup)
    assert backups.unfinished() == ""


def test_it_stays_when_the_one_before_was_cut_short(backup: Backup, load: list[BaseException]) -> None:
    load += [RestoreRefused("no"), KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        backups.put_back(backup)
    with pytest.raises(RestoreRefused):
        backups.put_back(backup)
    assert "A restore was cut short" in backups.unfinished()


@pytest.mark.django_db
def test_it_goes_when_all_is_settled(backup: Backup, load: list[BaseException]) -> None:
    load.append(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        backups.put_back(backup)
    backups.wake(made_at="yesterday")
    assert backups.unfinished() == ""
