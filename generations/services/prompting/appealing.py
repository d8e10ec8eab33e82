"""A member asks to have another look at a prompt that a rule blocked, and a reviewer answers.

Overturned, this very prompt passes that rule for this member from then on; the rule itself stays as it is.
"""

import logging

from django.db import IntegrityError, transaction

from generations.models import AppealState, AuditEntry, Member, Reviewer, RuleAppeal, RuleHit
from generations.models.prompting.reach import WAITING_MAX, level_of
from generations.services.ordering.calling import call_reviewers
from generations.services.prompting import telling
from generations.services.prompting.refusals import (
    AppealedAlready,
    DecidedAlready,
    NotAppealable,
    NotTheirs,
    TooManyAppeals,
    WordsMissing,
)

log = logging.getLogger(__name__)


def appeal(*, hit: RuleHit, member: Member, words: str) -> RuleAppeal:
    """Once for each prompt that was blocked.

    Raises NotTheirs, NotAppealable, WordsMissing, AppealedAlready, and TooManyAppeals while enough of theirs wait.
    """
    if hit.member_id != member.pk:
        raise NotTheirs
    if not hit.may_appeal:
        raise NotAppealable
    if not words.strip():
        raise WordsMissing("Write why this prompt is all right: a reviewer reads it.")
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)  # so that no two at once are one too many
        try:
            with transaction.atomic():
                made: RuleAppeal = RuleAppeal.objects.create(
                    hit=hit, team=hit.team, member=member, level=level_of(hit), said=words.strip()
                )
        except IntegrityError as error:
            raise AppealedAlready from error
        if RuleAppeal.objects.of(member).waiting().count() > WAITING_MAX:
            raise TooManyAppeals
        AuditEntry.note(
            "prompt_appealed", by=member, target=f"rule_hit:{hit.pk}", after={"rule": hit.rule_name, "appeal": made.pk}
        )
        call_reviewers(made, subject="Somebody appeals against a prompt rule")
    log.info("member %s appeals against hit %s", member.pk, hit.pk)
    return made


def answer(*, appeal: RuleAppeal, reviewer: Reviewer, overturns: bool, words: str = "") -> RuleAppeal:
    """Raises NotTheirs, DecidedAlready, and WordsMissing where the rule stands and nobody says why."""
    if not overturns and not words.strip():
        raise WordsMissing
    state = AppealState.OVERTURNED if overturns else AppealState.UPHELD
    with transaction.atomic():
        parts = ("team", "member__person", "hit", "decided_by")
        found = RuleAppeal.objects.within(reviewer).select_related(*parts).filter(pk=appeal.pk).first()
        if found is None:
            raise NotTheirs
        if not found.settle(state, by=reviewer, words=words.strip()):
            found.refresh_from_db()
            raise DecidedAlready(found.decided_by.called if found.decided_by else "")
        AuditEntry.note(
            f"appeal_{state.value}",
            by=reviewer.member,
            actor=reviewer.actor,
            person=reviewer.person,
            team=found.team,
            target=f"rule_hit:{found.hit_id}",
            after={"member": found.member_id, "rule": found.hit.rule_name, "words": found.words},
        )
        telling.tell_answered(found)
    log.info("appeal %s is %s by %s", found.pk, state.value, reviewer.actor)
    answered: RuleAppeal = found
    return answered
