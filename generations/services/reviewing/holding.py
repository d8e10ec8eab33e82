"""A reviewer holds a case while they look at it, so that nobody else decides it meanwhile."""

from datetime import timedelta

from generations.models import ReviewCase, ReviewDecision, Reviewer, clock
from generations.services.reviewing.refusals import ClaimedBySomebody, DecidedMeanwhile, NotTheirs, ReviewRefused

CLAIM = timedelta(minutes=5)
"""How long a case is somebody's, from when they last said so."""


def claim(*, case: ReviewCase, reviewer: Reviewer) -> ReviewCase:
    """Hold it for some minutes, or some minutes longer. Raises ClaimedBySomebody, DecidedMeanwhile, NotTheirs."""
    check_reach(case, reviewer)
    if not case.claim(by=reviewer, until=clock.now() + CLAIM):
        raise whose(case, reviewer)
    return fresh(case)


def let_go(*, case: ReviewCase, reviewer: Reviewer) -> None:
    """Somebody else may look at it now."""
    case.let_go(by=reviewer)


def check_reach(case: ReviewCase, reviewer: Reviewer) -> None:
    """Raises NotTheirs unless the reviewer may decide this case as it stands now."""
    if not ReviewCase.objects.within(reviewer).filter(pk=case.pk).exists():
        raise NotTheirs


def whose(case: ReviewCase, reviewer: Reviewer) -> ReviewRefused:
    """Why this reviewer came too late, with the name of who was first."""
    now = fresh(case)
    holder = now.holder
    if now.is_open and holder is not None and holder.pk != reviewer.person.pk:
        return ClaimedBySomebody(holder.called)
    last = ReviewDecision.objects.filter(case=case).select_related("by").order_by("-pk").first()
    return DecidedMeanwhile(last.by.called if last and last.by else "Somebody")


def fresh(case: ReviewCase) -> ReviewCase:
    parts = ("team", "image", "generation__member__person", "generation__kept_by__person", "claimed_by")
    found: ReviewCase = ReviewCase.objects.select_related(*parts).get(pk=case.pk)
    return found
