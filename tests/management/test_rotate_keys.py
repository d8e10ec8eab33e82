"""`rotate_keys` says what is sealed with what, and ends with 0 only when the older keys may go (S28)."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from generations.models import Credential
from tests.conftest import Cast
from tests.keys import KEY, OTHER_KEY, add, keyed, opened

__all__ = ["keyed"]


@pytest.fixture
def rotated(cast: Cast, keyed: object, settings: Any) -> list[Credential]:
    """Two keys under a sealing key that is the older one now."""
    both = [add(cast.team), add(cast.mallory.team, key=OTHER_KEY)]
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    return both


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_check_says_that_the_older_key_must_stay(rotated: list[Credential]) -> None:
    with pytest.raises(CommandError, match="The older keys must stay: run rotate_keys without --check"):
        run("--check")


def test_a_run_lets_the_older_key_go(rotated: list[Credential], settings: Any) -> None:
    assert "With the newest key: 2 secrets. With an older one: 0 secrets." in run()
    assert "No secret needs the older key: it may go." in run("--check")
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert [opened(one) for one in rotated] == [KEY, OTHER_KEY]
    assert "may go" not in run("--check")


def test_what_nothing_opens_is_named_and_ends_with_two(rotated: list[Credential]) -> None:
    Credential.objects.filter(pk=rotated[0].pk).update(sealed_key="broken")
    out = StringIO()
    with pytest.raises(CommandError, match="1 secret cannot be opened") as refusal:
        call_command("rotate_keys", stdout=out, stderr=out)

    assert refusal.value.returncode == 2
    assert f"credential:{rotated[0].pk}:key: no key of FIELD_KEYS opens this" in out.getvalue()


def test_without_sealing_keys_it_says_which_setting(db: None, settings: Any) -> None:
    settings.FIELD_KEYS = []
    with pytest.raises(CommandError, match="FIELD_KEYS is missing"):
        run()
