"""Before a restore: the keys must fit, and nothing that lives or is of worth may be overwritten."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet

from generations.models import Heartbeat, Lease
from generations.services import backups
from generations.services.backups import Backup, RestoreRefused
from tests.services.backups.conftest import Studio


class TestKeys:
    def test_that_are_the_same_are_no_word_worth(self, backup: Backup) -> None:
        assert backups.require_keys(backup) == []

    def test_of_which_none_opens_what_is_sealed_are_refused_in_words(self, backup: Backup, settings: Any) -> None:
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        with pytest.raises(
            RestoreRefused, match=r"vendors \(1\), opens with none .* another sealing key .* FIELD_KEYS"
        ) as refusal:
            backups.require_keys(backup)
        assert settings.FIELD_KEYS[0] not in str(refusal.value)

    def test_that_are_missing_are_refused_in_words(self, backup: Backup, settings: Any) -> None:
        settings.FIELD_KEYS = []
        with pytest.raises(RestoreRefused, match="no sealing key here"):
            backups.require_keys(backup)

    def test_may_be_newer_as_long_as_the_old_one_is_among_them(self, backup: Backup, settings: Any) -> None:
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
        assert backups.require_keys(backup) == []

    def test_that_sign_may_be_others_which_is_said(self, backup: Backup, settings: Any) -> None:
        settings.SECRET_KEY = "another key, as long as a key has to be for all the checks"
        assert "signs in again" in backups.require_keys(backup)[0]


class TestTheTarget:
    def test_with_data_is_refused_unless_it_may_be_replaced(
        self, studio: Studio, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(61)  # the last order has woken somebody
        with pytest.raises(RestoreRefused, match="--replace"):
            backups.require_free(replace=False)
        backups.require_free(replace=True)

    def test_that_is_empty_is_free(self, transactional_db: None) -> None:
        backups.require_free(replace=False)

    @pytest.mark.parametrize("sign", ["lease", "stamp"])
    def test_where_a_studio_runs_is_refused_in_any_case(self, studio: Studio, sign: str) -> None:
        if sign == "lease":
            Lease.objects.take("pump:0", seconds=10)
        else:
            Heartbeat.objects.stamp("worker:ab")
        with pytest.raises(RestoreRefused, match="is running"):
            backups.require_free(replace=True)
