"""Rules about prompts: made and changed, appealed against, and what reviewers do with the orders they hold.

What a rule does to an order is in `ordering.screening`. Every act is one transaction with its line in the audit log and
what the people concerned are told.
"""

from generations.services.prompting.appealing import answer, appeal
from generations.services.prompting.holding import let_through, refuse, withdraw
from generations.services.prompting.refusals import (
    AppealedAlready,
    ChangedMeanwhile,
    DecidedAlready,
    NotAppealable,
    NotTheirs,
    PromptingRefused,
    RuleRefused,
    TooManyAppeals,
    TooManyRules,
    WordsMissing,
)
from generations.services.prompting.ruling import Author, change, make, remove

__all__ = [
    "AppealedAlready",
    "Author",
    "ChangedMeanwhile",
    "DecidedAlready",
    "NotAppealable",
    "NotTheirs",
    "PromptingRefused",
    "RuleRefused",
    "TooManyAppeals",
    "TooManyRules",
    "WordsMissing",
    "answer",
    "appeal",
    "change",
    "let_through",
    "make",
    "refuse",
    "remove",
    "withdraw",
]
