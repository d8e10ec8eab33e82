"""A key on its way in: looked at, sealed for its row, and, for our own use only, opened again."""

from django.views.decorators.debug import sensitive_variables

from generations import connections
from generations.models import Credential
from generations.vault import Unreadable

KEY_CHARACTERS_MAX = 500
SHOWN_FROM = 8
"""A key shorter than this would show too much of itself in its last four characters."""


class CredentialRefused(Exception):
    """What a person asked for makes no sense now; the message says why."""


class UnusableKey(CredentialRefused):
    """No vendor takes such a key."""


class CannotSeal(CredentialRefused):
    """There is nothing to seal a key with."""

    def __init__(self) -> None:
        super().__init__(
            "This studio has no key to seal secrets with. Nothing was stored; its operator sets FIELD_KEYS."
        )


@sensitive_variables("text")
def checked_key(text: str) -> str:
    """The key without blanks around it, if a request could carry it. Raises UnusableKey, which never quotes it."""
    key = text.strip()
    if not key:
        raise UnusableKey("The key is empty.")
    if len(key) > KEY_CHARACTERS_MAX:
        raise UnusableKey(f"The key has more than {KEY_CHARACTERS_MAX} characters.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UnusableKey("A key has no blanks, and only letters, digits and signs of a plain keyboard.")
    return key


@sensitive_variables("key", "webhook_key")
def seal(credential: Credential, key: str, webhook_key: str) -> None:
    try:
        vault = connections.vault()
    except ValueError:
        raise CannotSeal from None
    credential.keep_key(
        sealed_key=vault.seal(key, binding=connections.key_place(credential)) if key else "",
        sealed_webhook_key=(
            vault.seal(webhook_key, binding=connections.webhook_key_place(credential)) if webhook_key else ""
        ),
        key_print=connections.key_print(vault, credential.provider, key) if key else "",
        last_four=key[-4:] if len(key) >= SHOWN_FROM else "",
        hosts=connections.hosts_of(credential),
    )


@sensitive_variables()
def opened(credential: Credential) -> tuple[str, str] | None:
    """Its key and webhook key, or None when they cannot be used, or not at the address the vendor has now."""
    try:
        account = connections.account_of(credential)
    except Unreadable:
        return None
    return account.secret, account.webhook_secret


@sensitive_variables()
def webhook_key_of(credential: Credential) -> str:
    """Its webhook key, which no vendor is ever sent, even where the key itself cannot be used; "" if that fails."""
    try:
        vault = connections.vault()
        return vault.open(credential.sealed_webhook_key, binding=connections.webhook_key_place(credential))
    except (ValueError, Unreadable):
        return ""
