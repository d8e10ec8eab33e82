"""Rules are made, changed and removed: a team's by who manages it, the installation's by the studio's moderators."""

import logging
from dataclasses import dataclass
from typing import Any, Self

from django.db import IntegrityError, transaction

from generations.models import AuditEntry, Member, Person, PromptRule, Team
from generations.models.prompting.rule import RULES_MAX
from generations.services.prompting.refusals import ChangedMeanwhile, NameTaken, NotTheirs, TooManyRules

log = logging.getLogger(__name__)

FIELDS = ("name", "kind", "words", "pattern", "action", "message", "is_on")


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who makes rules, and for whom: with a member for that team, without one for everybody."""

    person: Person
    member: Member | None = None

    @classmethod
    def of_member(cls, member: Member) -> Self:
        if member.person is None:
            raise NotTheirs
        return cls(person=member.person, member=member)

    @property
    def team(self) -> Team | None:
        return self.member.team if self.member else None

    @property
    def actor(self) -> str:
        return f"member:{self.member.pk}" if self.member else f"person:{self.person.pk}"

    def check(self) -> None:
        """Raises NotTheirs unless they may, as they stand now; with the lock of the team. In a transaction."""
        if self.member is None:
            if not Person.objects.get(pk=self.person.pk).may_moderate:
                raise NotTheirs("Only moderators of the studio make rules for everybody.")
            return
        Team.objects.select_for_update(no_key=True).get(pk=self.member.team_id)
        now = Member.objects.present().filter(pk=self.member.pk).first()
        if now is None or not now.may_manage:
            raise NotTheirs("Only owners and admins of the team make its rules.")


def make(*, by: Author, facts: dict[str, Any]) -> PromptRule:
    """Raises NotTheirs and RuleRefused; then nothing was written."""
    with transaction.atomic():
        by.check()
        mine = PromptRule.objects.filter(team=by.team)
        if mine.count() >= RULES_MAX:
            raise TooManyRules
        try:
            with transaction.atomic():
                rule: PromptRule = PromptRule.objects.create(team=by.team, created_by=by.person, **_kept(facts))
        except IntegrityError as error:
            raise NameTaken from error
        _note("prompt_rule_made", rule, by, after=_kept(facts))
    log.info("prompt rule %s is made by %s", rule.pk, by.actor)
    return rule


def change(rule: PromptRule, *, by: Author, facts: dict[str, Any]) -> None:
    """From the version `rule` has. What changed is in the audit log. Raises NotTheirs and RuleRefused."""
    with transaction.atomic():
        by.check()
        before = _fresh(rule, by)
        after = {name: value for name, value in _kept(facts).items() if value != getattr(before, name)}
        if before.version != rule.version:
            raise ChangedMeanwhile
        if not after:
            return
        try:
            with transaction.atomic():
                if not rule.change(after):
                    raise ChangedMeanwhile
        except IntegrityError as error:
            raise NameTaken from error
        _note("prompt_rule_changed", rule, by, before={name: getattr(before, name) for name in after}, after=after)
    log.info("prompt rule %s is changed by %s", rule.pk, by.actor)


def remove(rule: PromptRule, *, by: Author) -> None:
    """What it did stays written down. Raises NotTheirs and ChangedMeanwhile."""
    with transaction.atomic():
        by.check()
        before = _fresh(rule, by)
        _note("prompt_rule_removed", before, by, before={name: getattr(before, name) for name in FIELDS})
        before.remove()
    log.info("prompt rule %s is removed by %s", rule.pk, by.actor)


def _fresh(rule: PromptRule, by: Author) -> PromptRule:
    found: PromptRule | None = PromptRule.objects.filter(pk=rule.pk, team=by.team).first()
    if found is None:
        raise ChangedMeanwhile
    return found


def _kept(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in FIELDS}


def _note(action: str, rule: PromptRule, by: Author, **values: Any) -> None:
    target = f"prompt_rule:{rule.pk}"
    AuditEntry.note(action, by=by.member, actor=by.actor, person=by.person, team=by.team, target=target, **values)
