"""What vendors say before it is written down: without what opens something, ours or theirs (S32).

A vendor may answer with the key it was asked with, or with a header of our own request. The addresses of results stay
as they are, for pictures are fetched there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from generations.providers.base import Account, Failed, Ready, Refused
from generations.providers.errors import ProviderError
from imagine_site.logs import MASK, masked

Said = TypeVar("Said")
SECRET_CHARACTERS_MIN = 8
"""What is shorter is a word like any other, and no vendor's key."""


def without_keys(said: Said, account: Account) -> Said:
    """What was said to this account, without its keys."""
    keys = [key for key in (account.secret, account.webhook_secret) if len(key) >= SECRET_CHARACTERS_MIN]

    def blot(text: str) -> str:
        for key in keys:
            text = text.replace(key, MASK)
        return text

    return reworded(said, blot)


def safe(text: str) -> str:
    """Masked as a line of the log is, and without what is not text to every database: NUL and halves of characters."""
    return masked(text.replace("\0", "").encode("utf-8", "replace").decode())


def reworded(said: Said, tidy: Callable[[str], str]) -> Said:
    """The same, each of its words tidied; an exception is tidied in place."""
    if isinstance(said, Failed):
        return replace(said, vendor_code=tidy(said.vendor_code), vendor_text=tidy(said.vendor_text))
    if isinstance(said, Ready):
        return replace(said, vendor_text=tidy(said.vendor_text))
    if isinstance(said, Exception):
        said.args = tuple(tidy(one) if isinstance(one, str) else one for one in said.args)
    if isinstance(said, ProviderError):
        said.detail = tidy(said.detail)
    if isinstance(said, Refused):
        said.vendor_code, said.vendor_text = tidy(said.vendor_code), tidy(said.vendor_text)
    return said
