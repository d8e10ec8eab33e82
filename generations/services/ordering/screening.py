"""The rules about prompts, asked before anything of an order is written: warn, hold for review, or block.

What is repeated is asked about anew. What is enlarged is not: it has no new words, and what is wrong with a picture is
for those who review pictures. An order a reviewer let through is asked only whether it is blocked by now.
"""

from datetime import timedelta

from generations.models import HeldOrder, Member, PromptRule, RuleAction, RuleHit, clock
from generations.models.prompting.reach import WAITING_MAX, level_of
from generations.queries.prompt_rules import agreement, not_passed, rules_finding, was_agreed
from generations.services.ordering.calling import call_reviewers
from generations.services.ordering.refusals import (
    ORDERS_PER_MINUTE_MAX,
    OrderRefused,
    PromptBlocked,
    PromptHeld,
    PromptWarned,
    RequestKeyReused,
    TooFast,
    TooManyHeld,
)
from generations.services.ordering.wishes import Wish

MINUTE = timedelta(minutes=1)


def known(member: Member, wish: Wish, request_key: str) -> None:
    """Raises PromptHeld for an order that is held under this key already, RequestKeyReused for another one."""
    if wish.was_reviewed:
        return
    held = HeldOrder.objects.filter(member=member, request_key=request_key).select_related("hit", "team").first()
    if held is not None:
        is_same = held.is_waiting and held.request_print == wish.print()
        raise PromptHeld(held) if is_same else RequestKeyReused


def screen(member: Member, wish: Wish, request_key: str, *, price: int) -> OrderRefused | None:
    """None lets it through. A refusal is to be raised once what is written here is kept: what was found, and the order.

    Raises TooFast and TooManyHeld where somebody would fill the books. Under the lock of the account.
    """
    if wish.source is not None:
        return None
    rules = _rules(member, wish)
    if not rules:
        return None
    strictest = rules[0]
    if strictest.action == RuleAction.WARN:
        return _warn(rules, member, wish)
    lately = RuleHit.objects.of(member).since(clock.now() - MINUTE)
    if lately.count() >= ORDERS_PER_MINUTE_MAX:
        raise TooFast
    if strictest.action == RuleAction.BLOCK:
        return PromptBlocked(_note(strictest, member, wish))
    if HeldOrder.objects.of(member).waiting().count() >= WAITING_MAX:
        raise TooManyHeld
    hit = _note(strictest, member, wish)
    return PromptHeld(_hold(hit, wish, request_key, price=price))


def _rules(member: Member, wish: Wish) -> list[PromptRule]:
    """Those that find it, without those a reviewer let this member past with this very prompt."""
    rules = rules_finding(wish.prompt, team=member.team)
    if wish.was_reviewed:
        rules = [rule for rule in rules if rule.action == RuleAction.BLOCK]
    return not_passed(member, wish.prompt, rules) if rules else []


def _warn(rules: list[PromptRule], member: Member, wish: Wish) -> OrderRefused | None:
    """What is asked for again was agreed to when it was asked for first."""
    asked = agreement(wish.prompt, rules)
    if wish.agreed != asked and not (wish.retry_of and was_agreed(member, wish.prompt, rules)):
        return PromptWarned(rules, agreement=asked, is_retry=wish.retry_of is not None)
    for rule in rules:
        _note(rule, member, wish)
    return None


def _note(rule: PromptRule, member: Member, wish: Wish) -> RuleHit:
    return RuleHit.note(rule, member=member, prompt=wish.prompt, is_private=wish.private, retry_of=wish.retry_of)


def _hold(hit: RuleHit, wish: Wish, request_key: str, *, price: int) -> HeldOrder:
    """Keep the order for a reviewer; nothing of it is ordered or set aside."""
    made: HeldOrder = HeldOrder.objects.create(
        team=hit.team,
        member=hit.member,
        level=level_of(hit),
        hit=hit,
        request_key=request_key,
        request_print=wish.print(),
        provider=wish.provider,
        offer_key=wish.offer.key,
        prompt=wish.prompt,
        shape=wish.shape,
        count=wish.count,
        is_private=wish.private,
        price=price,
        retry_of=wish.retry_of,
    )
    call_reviewers(made, subject="An order waits for your review")
    return made
