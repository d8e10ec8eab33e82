"""Pictures that were reported, what was decided about them, and who may not act for a while."""

from generations.models.moderation.case import ImageReport, ReviewCase
from generations.models.moderation.choices import Action, CaseState, Concern, Level
from generations.models.moderation.decision import ReviewDecision
from generations.models.moderation.reviewer import Reviewer
from generations.models.moderation.suspension import Suspension

__all__ = [
    "Action",
    "CaseState",
    "Concern",
    "ImageReport",
    "Level",
    "ReviewCase",
    "ReviewDecision",
    "Reviewer",
    "Suspension",
]
