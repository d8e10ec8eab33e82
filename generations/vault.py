"""Seals small secrets so that a stolen database holds none, and opens them again.

What is sealed is bound to its place: a sealed text moved into another row does not open there. Keys are handed in,
newest first; the newest seals, all of them open. This room neither stores keys nor looks for them.
"""

import hmac
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """This does not open: another key sealed it, it was sealed for another place, or it was changed."""


class Vault:
    """Seals with the first of ``keys``, opens with any. Raises ValueError when there is no usable key."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("A vault needs at least one key.")
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            # The message of the library could show parts of a key.
            raise ValueError("A sealing key is 32 bytes in URL-safe base64; one of these is not.") from None
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def seal(self, text: str, *, binding: str) -> str:
        """``text`` sealed for the place ``binding`` names, for example "credential:7:key"."""
        return self._newest.encrypt(json.dumps([binding, text]).encode("ascii")).decode("ascii")

    def open(self, token: str, *, binding: str) -> str:
        """What was sealed for this place. Raises Unreadable."""
        try:
            place, text = json.loads(self._all.decrypt(token.encode("ascii")))
        except (InvalidToken, ValueError, TypeError):
            raise Unreadable("This secret cannot be opened with the keys at hand.") from None
        if not hmac.compare_digest(str(place).encode(), binding.encode()):
            raise Unreadable("This secret was sealed for another place.")
        return str(text)

    def reseal(self, token: str, *, binding: str) -> str:
        """The same secret under the newest key. Raises Unreadable."""
        return self.seal(self.open(token, binding=binding), binding=binding)

    def is_current(self, token: str) -> bool:
        """Whether the newest key alone opens it, so that older keys are not needed for it."""
        try:
            self._newest.decrypt(token.encode("ascii"))
        except (InvalidToken, ValueError):
            return False
        return True


def new_key() -> str:
    """A fresh key to seal with."""
    return Fernet.generate_key().decode("ascii")
