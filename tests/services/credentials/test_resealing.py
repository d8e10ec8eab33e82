"""The sealing key can be changed under running keys, and a run that was cut short harms nothing (S28, F40)."""

from typing import Any

import pytest
from cryptography.fernet import Fernet

from generations import connections, limits
from generations.models import Credential
from generations.services import credentials
from generations.vault import Vault
from tests.conftest import Cast
from tests.keys import KEY, OTHER_KEY, WEBHOOK_KEY, add, keyed, now

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")


@pytest.fixture
def three(cast: Cast) -> list[Credential]:
    """Three secrets in two rows, under the first sealing key."""
    return [add(cast.team, webhook_key=WEBHOOK_KEY), add(cast.mallory.team, key=OTHER_KEY)]


@pytest.fixture
def newer(three: list[Credential], settings: Any) -> str:
    """A newer sealing key, put first."""
    key = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [key, *settings.FIELD_KEYS]
    return key


def secrets(three: list[Credential]) -> list[str]:
    accounts = [connections.account_of(now(one)) for one in three]
    return [accounts[0].secret, accounts[0].webhook_secret, accounts[1].secret]


def test_a_new_key_in_front_changes_nothing_by_itself(three: list[Credential], newer: str) -> None:
    assert secrets(three) == [KEY, WEBHOOK_KEY, OTHER_KEY]
    assert credentials.survey() == credentials.Seals(current=0, older=3)


def test_everything_is_sealed_anew_and_the_old_key_may_go(three: list[Credential], newer: str, settings: Any) -> None:
    assert credentials.reseal() == credentials.Seals(current=3, older=0)
    settings.FIELD_KEYS = [newer]
    assert secrets(three) == [KEY, WEBHOOK_KEY, OTHER_KEY]
    sealed = now(three[0]).sealed_key
    credentials.reseal()
    assert now(three[0]).sealed_key == sealed


def test_a_run_cut_short_is_gone_on_with(
    three: list[Credential], newer: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reseal = Vault.reseal
    done: list[str] = []

    def interrupted(vault: Vault, token: str, *, binding: str) -> str:
        if done:
            raise KeyboardInterrupt
        done.append(binding)
        return reseal(vault, token, binding=binding)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "reseal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            credentials.reseal()

    assert credentials.survey() == credentials.Seals(current=1, older=2)
    assert secrets(three) == [KEY, WEBHOOK_KEY, OTHER_KEY]
    assert credentials.reseal().older == 0
    settings.FIELD_KEYS = [newer]
    assert secrets(three) == [KEY, WEBHOOK_KEY, OTHER_KEY]


def test_a_key_stored_meanwhile_is_not_overwritten(
    three: list[Credential], newer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reseal = Vault.reseal

    def slowly(vault: Vault, token: str, *, binding: str) -> str:
        Credential.objects.filter(pk=three[1].pk).update(sealed_key="stored meanwhile")
        return reseal(vault, token, binding=binding)

    monkeypatch.setattr(Vault, "reseal", slowly)
    credentials.reseal()
    assert now(three[1]).sealed_key == "stored meanwhile"


def test_what_nothing_opens_is_named_by_its_place(three: list[Credential], newer: str, settings: Any) -> None:
    """F40, the second half: the old key went too early."""
    settings.FIELD_KEYS = [newer]
    found = credentials.reseal()
    assert (found.current, found.older) == (0, 0)
    assert f"credential:{three[0].pk}:webhook" in found.unreadable
    assert len(found.unreadable) == 3


def test_a_secret_in_the_wrong_row_counts_as_unreadable(three: list[Credential]) -> None:
    Credential.objects.filter(pk=three[1].pk).update(sealed_key=now(three[0]).sealed_key)
    assert credentials.survey() == credentials.Seals(current=2, unreadable=[f"credential:{three[1].pk}:key"])


@pytest.mark.parametrize("keys", [[], ["malformed"]])
def test_without_a_usable_sealing_key_it_does_not_begin(cast: Cast, settings: Any, keys: list[str]) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(ValueError, match="key"):
        credentials.survey()


def test_what_tells_equal_keys_is_told_anew(cast: Cast, three: list[Credential], newer: str, settings: Any) -> None:
    """One key stored before and after the change of sealing keys is known as one again."""
    later = add(None, key=KEY)
    assert now(three[0]).key_print != later.key_print
    credentials.reseal()
    assert now(three[0]).key_print == now(later).key_print != now(three[1]).key_print
    assert limits.account_numbers([three[0], later]) == {three[0].pk: three[0].pk, later.pk: three[0].pk}


def test_a_key_stored_before_prints_were_kept_gets_one_when_it_is_opened(three: list[Credential]) -> None:
    known = now(three[0]).key_print
    Credential.objects.update(key_print="")
    connections.account_of(now(three[0]))
    assert now(three[0]).key_print == known != ""
