"""What somebody wants made, as the services of ordering hand it to each other."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from generations.models import Generation, Image
from generations.providers.base import Offer
from generations.services.ordering.shown import Shown


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is ordered, `count` times. `seen` are the credits for one that the person read before they ordered.

    `agreed` names the warnings they read about the prompt; `was_reviewed` says that a reviewer let it through.
    """

    provider: str
    offer: Offer
    prompt: str
    choices: Mapping[str, str]
    shape: str
    count: int = 1
    source: Image | None = None
    retry_of: Generation | None = None
    private: bool = False
    seen: Shown | None = None
    agreed: str = ""
    was_reviewed: bool = False

    def print(self) -> str:
        """Tells one order from another that came with the same key."""
        facts = [
            self.provider,
            self.offer.key,
            self.prompt,
            dict(self.choices),
            self.shape,
            self.count,
            str(self.source.pk) if self.source else "",
            str(self.retry_of.pk) if self.retry_of else "",
            self.private,
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
