"""Who made what a case is about: what is known of them, and the ways to what was decided about them before."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import (
    CaseState,
    Generation,
    Image,
    Member,
    Reason,
    ReviewCase,
    Reviewer,
    RuleAction,
    RuleHit,
    State,
    Suspension,
)
from generations.queries.counting import count_text, counted


def record_of(case: ReviewCase, reviewer: Reviewer) -> Iterator[str]:
    """What is known of the maker: to staff in all their teams, to a team's reviewers in theirs."""
    maker: Member = case.generation.member
    mine = _theirs(maker, reviewer)
    work = Generation.objects.filter(mine)
    pictures = counted(Image.objects.filter(generation__in=work))
    hidden = counted(_others(case, reviewer).hidden())
    refused = counted(work.filter(state=State.FAILED, reason=Reason.CONTENT_POLICY))
    yield f"{count_text(pictures)} {'picture' if pictures == 1 else 'pictures'}"
    yield f"{count_text(hidden)} hidden before" if hidden else "none hidden before"
    if refused:
        yield f"{count_text(refused)} {'order' if refused == 1 else 'orders'} refused by a vendor’s safety check"
    yield from _stopped(mine)
    if reviewer.is_staff and maker.person_id:
        yield from _suspensions(maker)


def ways_to(case: ReviewCase, reviewer: Reviewer) -> list[tuple[str, str]]:
    """Words and addresses: to what else of theirs waits or is hidden, and to all that was decided about it."""
    kinds = _others(case, reviewer).order_by().annotate(is_gone=Q(purged_at__isnull=False))
    found = set(kinds.values_list("state", "is_gone").distinct())
    ways = [("What else waits", "")] if (CaseState.OPEN, False) in found else []
    ways += [("What else is hidden", "hidden")] if (CaseState.HIDDEN, False) in found else []
    ways += [("What was decided before", "decided")] if any(state != CaseState.OPEN for state, _ in found) else []
    return [(words, _address(which, case.generation.member_id)) for words, which in ways]


def _address(which: str, maker: int) -> str:
    asked = {"which": which, "maker": str(maker)}
    return f"{reverse('review')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _theirs(maker: Member, reviewer: Reviewer) -> Q:
    is_known = reviewer.is_staff and maker.person_id
    return Q(member__person=maker.person_id) if is_known else Q(member=maker.pk)


def _others(case: ReviewCase, reviewer: Reviewer) -> Any:
    """What else of theirs this reviewer may see."""
    work = Generation.objects.filter(_theirs(case.generation.member, reviewer))
    return ReviewCase.objects.within(reviewer).filter(generation__in=work).exclude(pk=case.pk)


def _stopped(mine: Q) -> Iterable[str]:
    """What rules about prompts did to theirs: each prompt counts once."""
    actions = RuleHit.objects.filter(mine).order_by().values_list("action").annotate(number=Count("pk"))
    numbers = dict(actions)
    for action, done in ((RuleAction.BLOCK, "blocked"), (RuleAction.HOLD, "held"), (RuleAction.WARN, "warned about")):
        if number := numbers.get(action):
            yield f"{number:,} {'prompt' if number == 1 else 'prompts'} {done} by a rule"


def _suspensions(maker: Member) -> Iterable[str]:
    live = Suspension.objects.live()
    found = Suspension.objects.filter(person=maker.person_id).aggregate(
        times=Count("pk"), now=Count("pk", filter=Q(pk__in=live.values("pk")))
    )
    if found["now"]:
        yield "suspended now"
    elif times := found["times"]:
        yield "suspended once before" if times == 1 else f"suspended {times} times before"
