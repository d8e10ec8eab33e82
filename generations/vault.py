"""Seals small secrets so that a stolen database holds none, and opens them again.

What is sealed is bound to its place: a sealed text moved into another row does not open there. Keys are handed in,
newest first; the newest seals, all of them open. This room neither stores keys nor looks for them.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

TIME_ENDS = 9
"""Bytes of a sealed text: one for the version of its form, eight for the time."""


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
        self._print_key = hashlib.sha256(b"print:" + str(keys[0]).encode("ascii")).digest()
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

    def print(self, text: str, *, binding: str) -> str:
        """Tells two secrets apart, or one from itself, to who cannot open either: equal only where both are equal.

        It is made with the newest key, whose own print it begins with.
        """
        named = hmac.new(self._print_key, b"", hashlib.sha256).hexdigest()[:8]
        told = json.dumps([binding, text]).encode("ascii")
        return f"{named}:{hmac.new(self._print_key, told, hashlib.sha256).hexdigest()}"


def sealed_at(token: str) -> float:
    """When this was sealed, last, in Unix seconds, rounded up: it says so in the open, which only its opening proves.

    One that does not say was never sealed, as far as anybody can tell.
    """
    try:
        raw = base64.urlsafe_b64decode(token)
    except ValueError:
        return math.inf
    return float(int.from_bytes(raw[1:TIME_ENDS], "big") + 1) if len(raw) > TIME_ENDS else math.inf


def new_key() -> str:
    """A fresh key to seal with."""
    return Fernet.generate_key().decode("ascii")
