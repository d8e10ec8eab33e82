"""A rule about prompts: what it looks for, what happens then, and what the person reads about it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.prompting import matching
from generations.models.team import Team

RULES_MAX = 50
"""Of one team, and of the installation: each is tried on every order."""
NAME_CHARACTERS_MAX = 60
MESSAGE_CHARACTERS_MAX = 300
WORDS_CHARACTERS_MAX = matching.LINES_MAX * (matching.LINE_CHARACTERS_MAX + 2)


class RuleKind(models.TextChoices):
    WORDS = "words", "Words"
    PATTERN = "pattern", "Pattern"


class RuleAction(models.TextChoices):
    """What happens to an order whose prompt it finds. The later one is the stricter."""

    WARN = "warn", "Warn"
    HOLD = "hold", "Hold for review"
    BLOCK = "block", "Block"


STRICTNESS = {action: place for place, action in enumerate(RuleAction.values)}


class PromptRuleQuerySet(models.QuerySet["PromptRule"]):
    def of_installation(self) -> Self:
        return self.filter(team=None)

    def reaching(self, team: Team) -> Self:
        """Those every order of that team is tried on: its own and the installation's."""
        return self.filter(Q(team=None) | Q(team=team), is_on=True)


class PromptRule(models.Model):
    """Without a team it is the installation's, and reaches everybody. The version counts its changes."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="prompt_rules")
    name = models.CharField(max_length=NAME_CHARACTERS_MAX, help_text="People read it when the rule stops an order.")
    kind = models.CharField(max_length=7, choices=RuleKind, default=RuleKind.WORDS)
    words = models.TextField(blank=True, max_length=WORDS_CHARACTERS_MAX)
    pattern = models.CharField(blank=True, max_length=matching.PATTERN_CHARACTERS_MAX)
    action = models.CharField(max_length=5, choices=RuleAction, default=RuleAction.WARN)
    message = models.CharField(max_length=MESSAGE_CHARACTERS_MAX)
    is_on = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = PromptRuleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values), name="prompt_rule_kind_known"),
            models.CheckConstraint(condition=Q(action__in=RuleAction.values), name="prompt_rule_action_known"),
            # It looks for words or for a pattern, and for something.
            models.CheckConstraint(
                condition=(Q(kind="words", pattern="") & ~Q(words="")) | (Q(kind="pattern", words="") & ~Q(pattern="")),
                name="prompt_rule_looks_for_one",
            ),
            # Who reads a name knows which one it is.
            models.UniqueConstraint(fields=["team", "name"], name="prompt_rule_name_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(team=None), name="prompt_rule_name_once_for_all"),
        ]

    def __str__(self) -> str:
        return self.name

    # --- Mutators ---

    def change(self, facts: dict[str, Any]) -> bool:
        """Be otherwise from the version this object knows; False when somebody else changed it first, or removed it."""
        same = type(self).objects.filter(pk=self.pk, version=self.version)
        if not same.update(**facts, version=F("version") + 1, changed_at=clock.now()):
            return False
        self.refresh_from_db()
        return True

    def remove(self) -> bool:
        """What it did stays, under its name; False when it was gone already."""
        return bool(type(self).objects.filter(pk=self.pk).delete()[0])

    # --- Questions ---

    def finds(self, prompt: str | matching.Folded) -> bool:
        """Whether it is about this prompt."""
        if self.kind == RuleKind.WORDS:
            return matching.has_words(self.words, prompt)
        return matching.fits(self.pattern, prompt)

    @property
    def strictness(self) -> int:
        return STRICTNESS[self.action]

    @property
    def is_for_everybody(self) -> bool:
        return self.team_id is None
