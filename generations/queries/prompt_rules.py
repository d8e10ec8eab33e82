"""Which rules find a prompt, which of them a person was let past, and what a rule would have found lately.

One question for the rules of an order, and a second one only where some find it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from generations.models import (
    AppealState,
    Generation,
    HeldOrder,
    HeldState,
    Member,
    PromptRule,
    RuleAction,
    RuleAppeal,
    RuleHit,
    Team,
    clock,
)
from generations.models.prompting.hit import print_of
from generations.models.prompting.matching import Folded
from generations.models.prompting.rule import STRICTNESS
from generations.providers.base import Operation

LATELY_MAX = 1000
"""Prompts a dry run reads: the newest that were drawn."""
LATELY = timedelta(days=30)
SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One prompt that a rule would have found."""

    prompt: str
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DryRun:
    """`read` prompts were tried, of which `number` would have been found; the newest are shown.

    `left_out` more were somebody's own to read, and were not tried.
    """

    read: int
    left_out: int
    number: int
    found: list[Found]

    @property
    def more(self) -> int:
        return self.number - len(self.found)


def rules_finding(prompt: str, *, team: Team | None) -> list[PromptRule]:
    """The strictest first, and of those alike the installation's. Without a team, of the installation alone."""
    rows = PromptRule.objects.reaching(team) if team else PromptRule.objects.of_installation().filter(is_on=True)
    folded = Folded.of(prompt)
    found = [rule for rule in rows.order_by("pk") if rule.finds(folded)]
    return sorted(found, key=lambda rule: (-rule.strictness, not rule.is_for_everybody, rule.pk))


def not_passed(member: Member, prompt: str, rules: Iterable[PromptRule]) -> list[PromptRule]:
    """Those of the rules that no reviewer let this member past with this very prompt.

    Who passed a rule that only held did not pass the same rule once it blocks.
    """
    facts = ("hit__rule", "hit__action")
    mine = RuleHit.objects.filter(member=member, prompt_print=print_of(prompt), rule__isnull=False)
    overturned = RuleAppeal.objects.filter(hit__in=mine, state=AppealState.OVERTURNED).values_list(*facts)
    let_through = HeldOrder.objects.filter(hit__in=mine, state=HeldState.PASSED).values_list(*facts)
    passed: dict[int, int] = {}
    for rule, action in overturned.union(let_through):
        passed[rule] = max(STRICTNESS[action], passed.get(rule, 0))
    return [rule for rule in rules if rule.pk not in passed or passed[rule.pk] < rule.strictness]


def was_agreed(member: Member, prompt: str, rules: Iterable[PromptRule]) -> bool:
    """Whether the member read the warnings of these rules before, as they are now, and went on with this prompt."""
    known = RuleHit.objects.filter(member=member, prompt_print=print_of(prompt), action=RuleAction.WARN)
    read = set(known.values_list("rule", "rule_version"))
    return all((rule.pk, rule.version) in read for rule in rules)


def agreement(prompt: str, rules: Iterable[PromptRule]) -> str:
    """What a page sends back to say that these warnings were read about this prompt, and no others about another."""
    facts = [prompt, *(f"{rule.pk}.{rule.version}" for rule in rules)]
    return hashlib.sha256("\0".join(facts).encode("utf-8", "replace")).hexdigest()


def dry_run(rule: PromptRule, *, viewer: Member | None) -> DryRun:
    """What this rule, saved or not, would have found lately: in the viewer's team, or without one everywhere.

    What others keep to themselves is left out before it is tried: who writes rules could else ask it word by word.
    """
    rows = Generation.objects.filter(position=0, operation=Operation.DRAW.value).exclude(prompt="")
    if viewer is not None:
        rows = rows.filter(team=viewer.team_id)
    newest = rows.select_related("member__person").order_by("-pk")[:LATELY_MAX]
    since = clock.now() - LATELY
    lately = [row for row in newest if row.created_at >= since]
    tried = [row for row in lately if _may_read(viewer, row)]
    found = [row for row in tried if rule.finds(row.prompt)]
    shown = [Found(prompt=row.prompt, who=row.member.called, at=row.created_at) for row in found[:SHOWN]]
    return DryRun(read=len(tried), left_out=len(lately) - len(tried), number=len(found), found=shown)


def _may_read(viewer: Member | None, row: Generation) -> bool:
    own = viewer is not None and viewer.pk in {row.member_id, row.kept_by_id}
    return own or not row.is_private


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What became of a prompt that somebody only tried: the rules that find it, the one that decides first."""

    prompt: str
    rules: Sequence[PromptRule]

    @property
    def outcome(self) -> str:
        if not self.rules:
            return "No rule finds this prompt. It would be ordered."
        return {
            RuleAction.WARN: "The person would read a warning, and could send it all the same.",
            RuleAction.HOLD: "It would wait for a reviewer. Nothing would be ordered or charged.",
            RuleAction.BLOCK: "It would be blocked. Nothing would be ordered or charged.",
        }[RuleAction(self.rules[0].action)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A rule stopped the order: it warns (`agreement` sends it all the same), holds it, or blocks it."""

    words: str
    agreement: str = ""
    appeal_url: str = ""
    is_held: bool = False
