"""What a rule did: whose order it found, and what became of that. The rule may be changed or gone since."""

import hashlib
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.generation import Generation
from generations.models.prompting.rule import MESSAGE_CHARACTERS_MAX, NAME_CHARACTERS_MAX, PromptRule, RuleAction
from generations.models.team import Member, Team


class HitQuerySet(models.QuerySet["RuleHit"]):
    def of(self, member: Member) -> Self:
        return self.filter(member=member)

    def since(self, moment: datetime) -> Self:
        return self.filter(last_at__gt=moment)

    def forget_words(self) -> int:
        """What was typed is gone for good; that a rule found something stays."""
        return self.exclude(prompt="").update(prompt="", prompt_print="")


class RuleHit(models.Model):
    """One prompt of one member, found by one version of a rule. The same prompt again is the same hit, once more.

    `rule_name` and `message` are as they were then. A warning is one only when the order went on all the same.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rule_hits")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="rule_hits")
    rule = models.ForeignKey(PromptRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="hits")
    rule_version = models.PositiveIntegerField()
    rule_name = models.CharField(max_length=NAME_CHARACTERS_MAX)
    message = models.CharField(max_length=MESSAGE_CHARACTERS_MAX)
    # Whether it was the installation's, which outlives the rule.
    is_for_everybody = models.BooleanField()
    action = models.CharField(max_length=5, choices=RuleAction)
    prompt = models.TextField(blank=True)
    prompt_print = models.CharField(max_length=64, blank=True)
    is_private = models.BooleanField(default=False)
    # Whose words these are, where a member asked again for what may be somebody else's.
    retry_of = models.ForeignKey(Generation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = HitQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(action__in=RuleAction.values), name="rule_hit_action_known"),
            models.UniqueConstraint(
                fields=["member", "rule", "rule_version", "action", "prompt_print"],
                condition=Q(rule__isnull=False) & ~Q(prompt_print=""),
                name="rule_hit_once",
            ),
        ]
        indexes: ClassVar = [
            # A member's own page; orders ask how many were stopped within a minute.
            models.Index(fields=["member", "last_at"], name="rule_hit_lately"),
            # The desk's list, newest first.
            models.Index(fields=["at"], name="rule_hit_when"),
            # And what it is narrowed to: by what happened, by whose rule, by a rule's name, to a team and a member.
            models.Index(fields=["action", "at"], name="rule_hit_action"),
            models.Index(fields=["is_for_everybody", "at"], name="rule_hit_whose"),
            models.Index(fields=["rule_name", "at"], name="rule_hit_rule"),
            models.Index(fields=["team", "at"], name="rule_hit_team"),
            models.Index(fields=["member", "at"], name="rule_hit_member"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.action}"

    @classmethod
    def note(
        cls, rule: PromptRule, *, member: Member, prompt: str, is_private: bool, retry_of: Generation | None
    ) -> "RuleHit":
        """That the rule found this prompt, now. Under the lock of the member's account."""
        moment = clock.now()
        same = cls.objects.filter(
            member=member,
            rule=rule,
            rule_version=rule.version,
            action=rule.action,
            prompt_print=print_of(prompt),
        )
        if same.update(times=F("times") + 1, last_at=moment, is_private=is_private):
            known: RuleHit = same.get()
            return known
        made: RuleHit = cls.objects.create(
            team=member.team,
            member=member,
            rule=rule,
            rule_version=rule.version,
            rule_name=rule.name,
            message=rule.message,
            is_for_everybody=rule.is_for_everybody,
            action=rule.action,
            prompt=prompt,
            prompt_print=print_of(prompt),
            is_private=is_private,
            retry_of=retry_of,
            at=moment,
            last_at=moment,
        )
        return made

    @property
    def may_appeal(self) -> bool:
        """Only what was blocked, while the words are kept that it is about."""
        return self.action == RuleAction.BLOCK and bool(self.prompt)


def print_of(prompt: str) -> str:
    """Tells one prompt from another."""
    return hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest()
