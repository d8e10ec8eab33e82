"""Each act of moderation is a line of the audit log, with the picture or the person it was about."""

from generations.models import Action, AuditEntry, ReviewCase, ReviewDecision, Reviewer
from generations.queries.privacy import target_of

WORDS = {
    Action.HIDE: "picture_hidden",
    Action.KEEP: "picture_kept",
    Action.ESCALATE: "case_escalated",
    Action.SUSPEND: "picture_hidden",
    Action.RESTORE: "picture_restored",
    Action.ASK_PURGE: "purge_asked",
    Action.PURGE: "picture_purged",
}


def note(decision: ReviewDecision, reviewer: Reviewer) -> None:
    """In the transaction of the decision."""
    case: ReviewCase = decision.case
    after = {"case": case.pk, "reason": decision.reason, "words": decision.words}
    if decision.reverses_id:
        after["reverses"] = decision.reverses_id
    AuditEntry.note(
        WORDS[Action(decision.action)],
        by=reviewer.member,
        actor=reviewer.actor,
        person=reviewer.person,
        team=case.team,
        target=target_of(case.image) if case.image else f"generation:{case.generation_id}",
        after=after,
    )
