"""Which rules find a prompt, which of them a person was let past, and what a rule would have found lately.

One question for the rules of an order, and a second one only where some find it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from generations.models import (
    AppealState,
    Batch,
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
from generations.providers.base import Operation

LATELY_MAX = 500
"""Orders a dry run reads: the newest."""
LATELY = timedelta(days=30)
SHOWN = 20
PRIVATE = "A private prompt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One prompt that a rule would have found. Without `prompt` it is somebody's own to read."""

    prompt: str
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DryRun:
    """`read` prompts were tried, of which `number` would have been found; the newest are shown."""

    read: int
    number: int
    found: list[Found]

    @property
    def more(self) -> int:
        return self.number - len(self.found)


def rules_finding(prompt: str, *, team: Team | None) -> list[PromptRule]:
    """The strictest first, and of those alike the installation's. Without a team, of the installation alone."""
    rows = PromptRule.objects.reaching(team) if team else PromptRule.objects.of_installation().filter(is_on=True)
    found = [rule for rule in rows.order_by("pk") if rule.finds(prompt)]
    return sorted(found, key=lambda rule: (-rule.strictness, not rule.is_for_everybody, rule.pk))


def passed_rules(member: Member, prompt: str) -> set[int]:
    """Rules that reviewers let this member past with this very prompt."""
    mine = RuleHit.objects.filter(member=member, prompt_print=print_of(prompt), rule__isnull=False)
    overturned = RuleAppeal.objects.filter(hit__in=mine, state=AppealState.OVERTURNED).values_list("hit__rule")
    let_through = HeldOrder.objects.filter(hit__in=mine, state=HeldState.PASSED).values_list("hit__rule")
    return {rule for (rule,) in overturned.union(let_through)}


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

    What others keep to themselves is counted, and not shown.
    """
    orders = Batch.objects.filter(team=viewer.team_id) if viewer else Batch.objects.all()
    newest = list(orders.order_by("-pk").values_list("pk", "created_at")[:LATELY_MAX])
    since = clock.now() - LATELY
    lately = [pk for pk, at in newest if at >= since]
    rows = Generation.objects.filter(batch__in=lately, position=0, operation=Operation.DRAW.value).exclude(prompt="")
    tried = list(rows.select_related("member__person").order_by("-batch"))
    found = [row for row in tried if rule.finds(row.prompt)]
    shown = [_found(row, viewer) for row in found[:SHOWN]]
    return DryRun(read=len(tried), number=len(found), found=shown)


def _found(row: Generation, viewer: Member | None) -> Found:
    own = viewer is not None and viewer.pk in {row.member_id, row.kept_by_id}
    is_veiled = row.is_private and not own
    return Found(prompt="" if is_veiled else row.prompt, who=row.member.called, at=row.created_at)


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
