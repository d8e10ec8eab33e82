"""Rows, their moves and their constraints: the truth everything else reads."""

from generations.models.credential import Credential, CredentialState
from generations.models.credit import CreditAccount, CreditEntry, CreditHold, Price
from generations.models.generation import (
    AT_VENDOR,
    LIVE,
    MOVES,
    OPEN,
    WITH_IMAGES,
    Attempt,
    Batch,
    CallbackHint,
    Generation,
    GenerationEvent,
    IllegalMove,
    Outcome,
    Reason,
    State,
    queue_deadline,
)
from generations.models.image import Image
from generations.models.lease import Heartbeat, Lease
from generations.models.person import Person, Theme
from generations.models.team import Member, Role, SetupLink, Team, hash_token

__all__ = [
    "AT_VENDOR",
    "LIVE",
    "MOVES",
    "OPEN",
    "WITH_IMAGES",
    "Attempt",
    "Batch",
    "CallbackHint",
    "Credential",
    "CredentialState",
    "CreditAccount",
    "CreditEntry",
    "CreditHold",
    "Generation",
    "GenerationEvent",
    "Heartbeat",
    "IllegalMove",
    "Image",
    "Lease",
    "Member",
    "Outcome",
    "Person",
    "Price",
    "Reason",
    "Role",
    "SetupLink",
    "State",
    "Team",
    "Theme",
    "hash_token",
    "queue_deadline",
]
