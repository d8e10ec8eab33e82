"""What the pages about prompt rules show: a member's own, the team's rules, and what waits for its reviewers.

The number of queries does not grow with the rows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from generations import providers
from generations.models import (
    AppealState,
    HeldOrder,
    HeldState,
    Level,
    Member,
    PromptRule,
    Reviewer,
    RuleAction,
    RuleAppeal,
    RuleHit,
    Team,
    clock,
)
from generations.queries.counting import counted

SHOWN = 30
BLOCKED_FOR = timedelta(days=90)
"""How long a member finds what was blocked on their page."""
PASSES = "Passes this rule from now on"
MOODS = {RuleAction.WARN: "", RuleAction.HOLD: "caution", RuleAction.BLOCK: "danger"}
ICONS = {RuleAction.WARN: "info", RuleAction.HOLD: "clock", RuleAction.BLOCK: "cancel"}


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLine:
    """One rule in the list. Without `url` it is the installation's, and only looked at."""

    name: str
    message: str
    looks_for: str
    action: str
    mood: str
    icon: str
    is_on: bool
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCard:
    """An order that waits, or what became of it. `url` is where it is decided or taken back."""

    id: str
    prompt: str
    rule: str
    message: str
    facts: str
    who: str
    at: datetime
    state: str
    is_waiting: bool
    was_ordered: bool
    words: str
    trouble: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockedCard:
    """A prompt that was blocked, and what became of the appeal, if there is one."""

    id: int
    prompt: str
    rule: str
    message: str
    at: datetime
    said: str
    state: str
    is_waiting: bool
    is_overturned: bool
    words: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealCard:
    id: int
    prompt: str
    rule: str
    message: str
    said: str
    who: str
    times: int
    at: datetime
    url: str


def rule_lines(team: Team) -> tuple[list[RuleLine], list[RuleLine]]:
    """The team's own, and those of the installation that reach it."""
    rows = list((PromptRule.objects.filter(team=team) | PromptRule.objects.reaching(team)).order_by("pk"))
    own = [_line(row, reverse("rule", args=[row.pk])) for row in rows if row.team_id]
    return own, [_line(row, "") for row in rows if row.team_id is None]


def own_prompts(member: Member) -> tuple[list[HeldCard], list[BlockedCard]]:
    """What of theirs waits or was decided, and what was blocked lately; the newest first."""
    held = HeldOrder.objects.of(member).exclude(prompt="").select_related("hit").order_by("-pk")[:SHOWN]
    since = clock.now() - BLOCKED_FOR
    blocked = RuleHit.objects.of(member).since(since).filter(action=RuleAction.BLOCK).exclude(prompt="")
    hits = blocked.select_related("appeal").order_by("-last_at")[:SHOWN]
    return [_held(row, "held_withdrawal") for row in held], [_blocked(hit) for hit in hits]


def waiting_prompts(reviewer: Reviewer) -> tuple[list[HeldCard], list[AppealCard]]:
    """What this reviewer may decide, the longest waiting first; to staff what only staff may decide before all."""
    held = HeldOrder.objects.within(reviewer).waiting().select_related("hit", "member__person", "team", "member__team")
    appeals = RuleAppeal.objects.within(reviewer).waiting().select_related("hit", "member__person", "team")
    order = ("level", "pk") if reviewer.is_staff else ("pk",)
    orders = [_held(row, "held_decision", reviewer) for row in held.order_by(*order)[:SHOWN]]
    return orders, [_appeal(row, reviewer) for row in appeals.order_by(*order)[:SHOWN]]


def prompts_waiting(reviewer: Reviewer) -> int:
    """How many orders and appeals wait for this reviewer, each counted no further than a page says."""
    return sum(counted(model.objects.within(reviewer).waiting()) for model in (HeldOrder, RuleAppeal))


def _line(rule: PromptRule, url: str) -> RuleLine:
    lines = rule.words.splitlines()
    words = ", ".join(lines[:6]) + (f" and {len(lines) - 6} more" if len(lines) > 6 else "")
    action = RuleAction(rule.action)
    return RuleLine(
        name=rule.name,
        message=rule.message,
        looks_for=rule.pattern or words,
        action=action.label,
        mood=MOODS[action],
        icon=ICONS[action],
        is_on=rule.is_on,
        url=url,
    )


def _held(row: HeldOrder, address: str, reviewer: Reviewer | None = None) -> HeldCard:
    vendor = providers.PROVIDERS.get(row.provider)
    pictures = "1 picture" if row.count == 1 else f"{row.count} pictures"
    private = ", private" if row.is_private else ""
    return HeldCard(
        id=str(row.pk),
        prompt=row.prompt,
        rule=row.hit.rule_name,
        message=row.hit.message,
        facts=f"{pictures}, {row.shape}, {vendor.label if vendor else row.provider}{private}",
        who=_who(row, reviewer) if reviewer else "",
        at=row.asked_at,
        state=HeldState(row.state).label,
        is_waiting=row.is_waiting,
        was_ordered=row.batch_id is not None,
        words=row.words,
        trouble=row.trouble,
        url=reverse(address, args=[row.pk]),
    )


def _blocked(hit: RuleHit) -> BlockedCard:
    appeal: RuleAppeal | None = getattr(hit, "appeal", None)
    return BlockedCard(
        id=hit.pk,
        prompt=hit.prompt,
        rule=hit.rule_name,
        message=hit.message,
        at=hit.last_at,
        said=appeal.said if appeal else "",
        state=_answer(appeal) if appeal else "",
        is_waiting=appeal is not None and appeal.is_waiting,
        is_overturned=appeal is not None and appeal.state == AppealState.OVERTURNED,
        words=appeal.words if appeal else "",
        url="" if appeal else reverse("hit_appeal", args=[hit.pk]),
    )


def _answer(appeal: RuleAppeal) -> str:
    """Another rule may still stop what passes this one."""
    return PASSES if appeal.state == AppealState.OVERTURNED else AppealState(appeal.state).label


def _appeal(row: RuleAppeal, reviewer: Reviewer) -> AppealCard:
    return AppealCard(
        id=row.pk,
        prompt=row.hit.prompt,
        rule=row.hit.rule_name,
        message=row.hit.message,
        said=row.said,
        who=_who(row, reviewer),
        times=row.hit.times,
        at=row.asked_at,
        url=reverse("appeal_decision", args=[row.pk]),
    )


def _who(row: HeldOrder | RuleAppeal, reviewer: Reviewer) -> str:
    """Who asked; to staff also in which team, and whether somebody there could decide it, too."""
    if not reviewer.is_staff:
        return row.member.called
    theirs = ", whose team can decide it, too" if row.level == Level.TEAM else ""
    return f"{row.member.called} in {row.team.name}{theirs}"
