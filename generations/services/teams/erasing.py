"""What somebody made goes with their account: pictures, files, the words they typed, what vendors answered (S66).

The rows stay without them, because credits and proofs count them. The files follow with the next sweep of the shelf.
What a vendor is still busy with is hidden at once and goes when it has ended, by housekeeping.
"""

import logging

from django.db import transaction
from django.db.models import Q, QuerySet

from generations.models import (
    LIVE,
    Attempt,
    Credential,
    Generation,
    HeldOrder,
    Image,
    Invitation,
    Member,
    RuleAppeal,
    RuleHit,
    Team,
    clock,
)
from generations.services import boards, credentials, indexing, marking

log = logging.getLogger(__name__)

ROWS_MAX = 500


def hide(member: Member) -> None:
    """What this member has under way is nobody's to see when it comes."""
    Generation.objects.live().filter(_of(member)).update(is_private=True)


def take_down(member: Member) -> None:
    """Have all this member made go: now, or when it has ended. In the transaction that deletes the account.

    Of an earlier stay in the team, too, what nobody else was given when that ended.
    """
    Member.objects.filter(Q(pk=member.pk) | Q(pk__in=_earlier(member).values("pk"))).update(taken_down_at=clock.now())
    _take_down(_of(member) & ~Q(state__in=LIVE))
    _forget_repeated(Q(team=member.team_id))
    whose = Q(member=member.pk) | Q(member__in=_earlier(member).values("pk"))
    forget_prompts(whose)
    marking.forget_words(whose)
    log.info("what member %s made is taken down", member.pk)


def forget_prompts(whose: Q) -> None:
    """What rules kept of the words of these members: found, held for review, and said about it."""
    RuleHit.objects.filter(whose).forget_words()
    HeldOrder.objects.filter(whose).forget_words()
    RuleAppeal.objects.filter(whose).exclude(said="", words="").update(said="", words="")


def _of(member: Member) -> Q:
    return Q(member=member) | Q(member__in=_earlier(member), kept_by=None)


def _earlier(member: Member) -> QuerySet[Member]:
    """As whom the same person was in the team before."""
    if member.person_id is None:
        return Member.objects.none()
    before: QuerySet[Member] = Member.objects.filter(team=member.team_id, person=member.person_id)
    return before.exclude(pk=member.pk)


def abandon(team: Team) -> None:
    """Nobody is in the team any more: its pictures and boards go, its keys are erased, its invitations lead nowhere."""
    for member in Member.objects.filter(team=team, taken_down_at=None).order_by("pk"):
        take_down(member)
    boards.abandon(team)
    for credential in Credential.objects.kept_by(team):
        credentials.remove(credential=credential, actor="team")
    for invitation in Invitation.objects.waiting().filter(team=team):
        invitation.take_back()
    log.info("team %s is abandoned", team.pk)


def take_down_late() -> int:
    """What had not ended when its maker went, and has by now; says how much."""
    gone = Member.objects.filter(taken_down_at__isnull=False)
    if not gone.exists():
        return 0
    kept = Image.objects.with_file().filter(generation__member__in=gone)
    left = Q(pk__in=kept.values("generation")) | ~Q(prompt="")
    kept_by_nobody = Q(kept_by=None) | Q(kept_by__taken_down_at__isnull=False)
    late = Generation.objects.filter(left, kept_by_nobody, member__in=gone).exclude(state__in=LIVE)
    found = list(late.values_list("pk", flat=True)[:ROWS_MAX])
    with transaction.atomic():
        _take_down(Q(pk__in=found))
        _forget_repeated(Q(team__in=gone.values("team")))
    return len(found)


def _take_down(which: Q) -> None:
    rows = Generation.objects.filter(which)
    images = Image.objects.filter(generation__in=rows.values("pk"))
    images.take_down()
    marking.forget_pictures(images)
    indexing.index(images)
    Attempt.objects.filter(generation__in=rows.values("pk")).update(detail="")
    rows.forget_words()


def _forget_repeated(which: Q) -> None:
    """Their words also stand where others enlarged or repeated their work, and again where that was."""
    forgotten = Q(source__generation__prompt="") | Q(retry_of__prompt="")
    repeated = Generation.objects.filter(which, forgotten).exclude(prompt="").exclude(state__in=LIVE)
    while found := list(repeated.values_list("pk", flat=True)[:ROWS_MAX]):
        Generation.objects.filter(pk__in=found).update(prompt="")
        indexing.index(Image.objects.filter(generation__in=found))
    RuleHit.objects.filter(retry_of__prompt="").forget_words()
    HeldOrder.objects.filter(retry_of__prompt="").forget_words()
