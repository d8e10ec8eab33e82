"""A generation: its states and moves, its batch, and the trail of what happened to it."""

from generations.models.generation.batch import Batch
from generations.models.generation.row import Generation, IllegalMove, queue_deadline
from generations.models.generation.states import ANEW, AT_VENDOR, LIVE, MOVES, OPEN, UPLOAD, WITH_IMAGES, Reason, State
from generations.models.generation.trail import Attempt, CallbackHint, GenerationEvent, Outcome

__all__ = [
    "ANEW",
    "AT_VENDOR",
    "LIVE",
    "MOVES",
    "OPEN",
    "UPLOAD",
    "WITH_IMAGES",
    "Attempt",
    "Batch",
    "CallbackHint",
    "Generation",
    "GenerationEvent",
    "IllegalMove",
    "Outcome",
    "Reason",
    "State",
    "queue_deadline",
]
