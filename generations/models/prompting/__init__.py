"""Rules about the words of an order: what they look for, what they did, and what people asked about it."""

from generations.models.prompting.appeal import AppealState, RuleAppeal
from generations.models.prompting.held import HeldOrder, HeldState
from generations.models.prompting.hit import RuleHit
from generations.models.prompting.rule import PromptRule, RuleAction, RuleKind

__all__ = [
    "AppealState",
    "HeldOrder",
    "HeldState",
    "PromptRule",
    "RuleAction",
    "RuleAppeal",
    "RuleHit",
    "RuleKind",
]
