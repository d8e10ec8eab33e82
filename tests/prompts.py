"""Rules about prompts, and orders that they stopped. All by the services."""

import uuid
from dataclasses import dataclass
from typing import Any

from generations.models import HeldOrder, Member, Person, PromptRule, RuleAction, RuleAppeal, RuleHit
from generations.services import ordering, prompting
from generations.services.prompting import Author
from tests.making import PAINTER

MESSAGE = "Our clients own them."


def facts_of(action: str = "block", words: str = "emblem", name: str = "", **more: Any) -> dict[str, Any]:
    """A rule as its form brings it."""
    kept = {"name": name or f"No {words.splitlines()[0]}", "kind": "words", "words": words, "pattern": ""}
    return kept | {"action": action, "message": MESSAGE, "is_on": True} | more


def make_rule(by: Member | Person, action: str = "block", words: str = "emblem", **more: Any) -> PromptRule:
    """Of that member's team, or by somebody of the staff for everybody."""
    author = Author.of_member(by) if isinstance(by, Member) else Author(person=by)
    return prompting.make(by=author, facts=facts_of(action, words, **more))


def order(member: Member, prompt: str, **more: Any) -> Any:
    """A drawing, as the composer orders it."""
    facts: dict[str, Any] = {"provider": "demo", "offer": PAINTER, "shape": "3:2", "count": 2}
    facts |= {"request_key": uuid.uuid4().hex, "prompt": prompt}
    return ordering.order_drawing(member=member, **(facts | more))


def hold(member: Member, prompt: str, **more: Any) -> HeldOrder:
    """An order that a rule holds."""
    try:
        order(member, prompt, **more)
    except ordering.PromptHeld as refusal:
        return refusal.held
    raise AssertionError("no rule holds this")


def block(member: Member, prompt: str, **more: Any) -> RuleHit:
    """A prompt that a rule blocks."""
    try:
        order(member, prompt, **more)
    except ordering.PromptBlocked as refusal:
        return refusal.hit
    raise AssertionError("no rule blocks this")


@dataclass
class Stopped:
    """A prompt that was blocked, another one that was and is appealed, and an order that waits; and a rule of each."""

    rule: PromptRule
    blocked: RuleHit
    appeal: RuleAppeal
    held: HeldOrder


def stop_prompts(member: Member) -> Stopped:
    """By rules of the member's team, which somebody else there decides about."""
    facts: dict[str, Any] = {"team": member.team, "message": MESSAGE}
    rule = PromptRule.objects.create(name="No emblems", words="emblem", action=RuleAction.BLOCK, **facts)
    PromptRule.objects.create(name="Brands", words="brand", action=RuleAction.HOLD, **facts)
    appealed = block(member, "an emblem in the snow")
    return Stopped(
        rule=rule,
        blocked=block(member, "an emblem"),
        appeal=prompting.appeal(hit=appealed, member=member, words="It is our own."),
        held=hold(member, "a brand on a lamp"),
    )
