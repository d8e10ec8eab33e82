"""Small secrets: sealed for one place, opened by any of our keys, by nothing else."""

import math
import time

import pytest

from generations.vault import Unreadable, Vault, new_key, sealed_at

PLACE = "credential:7:key"


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.mark.parametrize("secret", ["sk-live-8812", "", "пароль 🔑", "line\nbreak", "a" * 5000])
def test_what_was_sealed_opens_again(vault: Vault, secret: str) -> None:
    assert vault.open(vault.seal(secret, binding=PLACE), binding=PLACE) == secret


def test_the_sealed_text_shows_neither_secret_nor_place(vault: Vault) -> None:
    sealed = vault.seal("sk-live-8812", binding=PLACE)
    assert "8812" not in sealed
    assert "credential" not in sealed
    assert sealed.isascii()


def test_a_sealed_text_says_when_it_was_sealed(vault: Vault) -> None:
    before = time.time()
    assert before <= sealed_at(vault.seal("sk-live-8812", binding=PLACE)) <= time.time() + 1


@pytest.mark.parametrize("token", ["", "broken", "gAAA", "!"])
def test_what_was_never_sealed_was_sealed_never(token: str) -> None:
    assert sealed_at(token) == math.inf


def test_two_seals_of_one_secret_differ(vault: Vault) -> None:
    assert vault.seal("same", binding=PLACE) != vault.seal("same", binding=PLACE)


def test_a_secret_pasted_into_another_row_does_not_open(vault: Vault) -> None:
    """S29"""
    sealed = vault.seal("sk-live-8812", binding=PLACE)
    with pytest.raises(Unreadable):
        vault.open(sealed, binding="credential:8:key")


def test_a_lost_key_makes_it_unreadable_and_names_nothing(vault: Vault) -> None:
    """S30"""
    with pytest.raises(Unreadable) as refusal:
        Vault([new_key()]).open(vault.seal("sk-live-8812", binding=PLACE), binding=PLACE)
    assert "8812" not in str(refusal.value)


@pytest.mark.parametrize("token", ["", "not sealed at all", "gAAAA", "schön", "\0"])
def test_anything_else_is_unreadable(vault: Vault, token: str) -> None:
    with pytest.raises(Unreadable):
        vault.open(token, binding=PLACE)
    assert not vault.is_current(token)


def test_a_changed_letter_is_noticed(vault: Vault) -> None:
    sealed = vault.seal("sk-live-8812", binding=PLACE)
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(Unreadable):
        vault.open(changed, binding=PLACE)


def test_rotation_opens_with_the_old_key_and_reseals_with_the_new() -> None:
    """S28"""
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal("sk-live-8812", binding=PLACE)
    both = Vault([new, old])
    assert both.open(sealed, binding=PLACE) == "sk-live-8812"
    assert not both.is_current(sealed)
    fresh = both.reseal(sealed, binding=PLACE)
    assert both.is_current(fresh)
    assert Vault([new]).open(fresh, binding=PLACE) == "sk-live-8812"


def test_resealing_does_not_move_a_secret_elsewhere(vault: Vault) -> None:
    sealed = vault.seal("sk-live-8812", binding=PLACE)
    with pytest.raises(Unreadable):
        vault.reseal(sealed, binding="credential:8:key")


@pytest.mark.parametrize("keys", [[], ["short"], [""], ["not base64 at all, but of forty-four letters!!"]])
def test_a_vault_without_a_usable_key_says_so_without_showing_it(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key") as refusal:
        Vault(keys)
    assert not any(key and key in str(refusal.value) for key in keys)


def test_a_print_tells_the_same_secret_from_another_and_nothing_else(vault: Vault) -> None:
    """Under one sealing key; another one, or another place, prints the same secret otherwise."""
    told = vault.print("sk-live-8812", binding="key of a vendor")
    assert told == vault.print("sk-live-8812", binding="key of a vendor")
    others = [
        vault.print("sk-live-8813", binding="key of a vendor"),
        vault.print("sk-live-8812", binding="key of another"),
        Vault([new_key()]).print("sk-live-8812", binding="key of a vendor"),
    ]
    assert told not in others
    assert "8812" not in told
