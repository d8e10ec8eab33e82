"""Members report pictures; moderators look at them, hide them, keep them or undo that; some may not act for a while.

Whatever is decided is written in one transaction: the case and its log, the pictures that disappear or come back, the
work and the credits that end with them, the audit log, and what everybody concerned is told.
"""

from generations.services.reviewing.deciding import decide, may_reverse, reverse
from generations.services.reviewing.holding import CLAIM, claim, let_go
from generations.services.reviewing.opening import open_case, open_on
from generations.services.reviewing.purging import ask_purge, purge
from generations.services.reviewing.refusals import (
    ClaimedBySomebody,
    DecidedMeanwhile,
    NotHidden,
    NothingToHide,
    NothingToReverse,
    NotModerator,
    NotSuspendable,
    NotTheirs,
    OwnPicture,
    OwnSuspension,
    PictureGone,
    PurgeRefused,
    ReasonMissing,
    ReportedAlready,
    ReportRefused,
    ReviewRefused,
    SuspendedAlready,
    SuspensionRefused,
    TooManyReports,
)
from generations.services.reviewing.reporting import REPORTS_PER_HOUR_MAX, report
from generations.services.reviewing.suspending import lift, suspend_person, suspend_team

__all__ = [
    "CLAIM",
    "REPORTS_PER_HOUR_MAX",
    "ClaimedBySomebody",
    "DecidedMeanwhile",
    "NotHidden",
    "NotModerator",
    "NotSuspendable",
    "NotTheirs",
    "NothingToHide",
    "NothingToReverse",
    "OwnPicture",
    "OwnSuspension",
    "PictureGone",
    "PurgeRefused",
    "ReasonMissing",
    "ReportRefused",
    "ReportedAlready",
    "ReviewRefused",
    "SuspendedAlready",
    "SuspensionRefused",
    "TooManyReports",
    "ask_purge",
    "claim",
    "decide",
    "let_go",
    "lift",
    "may_reverse",
    "open_case",
    "open_on",
    "purge",
    "report",
    "reverse",
    "suspend_person",
    "suspend_team",
]
