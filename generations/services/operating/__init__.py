"""The studio's operators put right what does not settle by itself: work that stands still, and credits.

Each is written down in the audit log with who did it. Nothing here knows a way past the moves and the ledger that
everybody else goes through.
"""

from generations.services.operating.crediting import REASON_CHARACTERS_MAX, adjust, grant, refund
from generations.services.operating.refusals import (
    BeingFetched,
    BeingSent,
    EndedBefore,
    MovedMeanwhile,
    NotAgain,
    NothingToAsk,
    NothingToDo,
    NotOperator,
    OperatingRefused,
    ShelfSilent,
)
from generations.services.operating.repeating import retry
from generations.services.operating.seeing import look_again
from generations.services.operating.stopping import stop

__all__ = [
    "REASON_CHARACTERS_MAX",
    "BeingFetched",
    "BeingSent",
    "EndedBefore",
    "MovedMeanwhile",
    "NotAgain",
    "NotOperator",
    "NothingToAsk",
    "NothingToDo",
    "OperatingRefused",
    "ShelfSilent",
    "adjust",
    "grant",
    "look_again",
    "refund",
    "retry",
    "stop",
]
