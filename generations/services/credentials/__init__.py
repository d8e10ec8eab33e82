"""Keys to vendors: kept, tested, replaced without a pause, retired, sealed anew. A key goes in and never comes out."""

from generations.services.credentials.arranging import move
from generations.services.credentials.keeping import (
    KeyGone,
    KeyUnusable,
    LabelTaken,
    SameKey,
    Stored,
    add,
    change,
    ensure,
    pause,
    readdress,
    remove,
    replace,
    resume,
)
from generations.services.credentials.proving import (
    ask_balances,
    ask_for_proof,
    ask_the_empty,
    prove,
    read_balance,
    try_again,
)
from generations.services.credentials.resealing import Seals, reseal, survey
from generations.services.credentials.retiring import retire_drained
from generations.services.credentials.sealing import CannotSeal, CredentialRefused, UnusableKey, checked_key
from generations.services.credentials.standing import standing_of, tests_of

__all__ = [
    "CannotSeal",
    "CredentialRefused",
    "KeyGone",
    "KeyUnusable",
    "LabelTaken",
    "SameKey",
    "Seals",
    "Stored",
    "UnusableKey",
    "add",
    "ask_balances",
    "ask_for_proof",
    "ask_the_empty",
    "change",
    "checked_key",
    "ensure",
    "move",
    "pause",
    "prove",
    "read_balance",
    "readdress",
    "remove",
    "replace",
    "reseal",
    "resume",
    "retire_drained",
    "standing_of",
    "survey",
    "tests_of",
    "try_again",
]
