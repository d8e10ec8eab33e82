"""Rows, their moves and their constraints: the truth everything else reads."""

from generations.models.alert import Alert
from generations.models.allowance import Allowance, Brake
from generations.models.archive import Archive, ArchiveEntry, ArchiveReason, ArchiveState
from generations.models.ask import Answer, CreditAsk
from generations.models.audit import AuditEntry
from generations.models.balance import BalanceReading
from generations.models.board import Board, BoardEntry
from generations.models.bulk import BulkAct
from generations.models.closure import Banner, Closure, Doors, Mood, Shut
from generations.models.credential import Credential, CredentialState, Health
from generations.models.credit import CreditAccount, CreditEntry, CreditHold
from generations.models.export import Export
from generations.models.generation import (
    ANEW,
    AT_VENDOR,
    LIVE,
    MOVES,
    OPEN,
    UPLOAD,
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
from generations.models.invitation import Invitation
from generations.models.lease import Heartbeat, Lease, pump_lease, worker_stamp
from generations.models.mark import RATING_MAX, Mark
from generations.models.moderation import (
    Action,
    CaseState,
    Concern,
    ImageReport,
    Level,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    Suspension,
)
from generations.models.note import NOTE_CHARACTERS_MAX, Note
from generations.models.notice import Notice
from generations.models.person import DeskRole, Person, Theme
from generations.models.price import Price
from generations.models.prompting import (
    AppealState,
    HeldOrder,
    HeldState,
    PromptRule,
    RuleAction,
    RuleAppeal,
    RuleHit,
    RuleKind,
)
from generations.models.proof import AuditRun, BookProof
from generations.models.retention import Retention
from generations.models.rule import Reach, UpscaleRule
from generations.models.sale import OfferSwitch, Sales
from generations.models.search_entry import SearchEntry
from generations.models.space import Space
from generations.models.tag import FOLDED_CHARACTERS_MAX, TAG_CHARACTERS_MAX, Tag, Tagging
from generations.models.tally import Tally
from generations.models.team import Member, Role, SetupLink, Team, hash_token
from generations.models.upload import Trouble, Upload, UploadState

__all__ = [
    "ANEW",
    "AT_VENDOR",
    "FOLDED_CHARACTERS_MAX",
    "LIVE",
    "MOVES",
    "NOTE_CHARACTERS_MAX",
    "OPEN",
    "RATING_MAX",
    "TAG_CHARACTERS_MAX",
    "UPLOAD",
    "WITH_IMAGES",
    "Action",
    "Alert",
    "Allowance",
    "Answer",
    "AppealState",
    "Archive",
    "ArchiveEntry",
    "ArchiveReason",
    "ArchiveState",
    "Attempt",
    "AuditEntry",
    "AuditRun",
    "BalanceReading",
    "Banner",
    "Batch",
    "Board",
    "BoardEntry",
    "BookProof",
    "Brake",
    "BulkAct",
    "CallbackHint",
    "CaseState",
    "Closure",
    "Concern",
    "Credential",
    "CredentialState",
    "CreditAccount",
    "CreditAsk",
    "CreditEntry",
    "CreditHold",
    "DeskRole",
    "Doors",
    "Export",
    "Generation",
    "GenerationEvent",
    "Health",
    "Heartbeat",
    "HeldOrder",
    "HeldState",
    "IllegalMove",
    "Image",
    "ImageReport",
    "Invitation",
    "Lease",
    "Level",
    "Mark",
    "Member",
    "Mood",
    "Note",
    "Notice",
    "OfferSwitch",
    "Outcome",
    "Person",
    "Price",
    "PromptRule",
    "Reach",
    "Reason",
    "Retention",
    "ReviewCase",
    "ReviewDecision",
    "Reviewer",
    "Role",
    "RuleAction",
    "RuleAppeal",
    "RuleHit",
    "RuleKind",
    "Sales",
    "SearchEntry",
    "SetupLink",
    "Shut",
    "Space",
    "State",
    "Suspension",
    "Tag",
    "Tagging",
    "Tally",
    "Team",
    "Theme",
    "Trouble",
    "Upload",
    "UploadState",
    "UpscaleRule",
    "hash_token",
    "pump_lease",
    "queue_deadline",
    "worker_stamp",
]
