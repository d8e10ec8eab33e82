"""Somebody leaves a team, or is removed: their work ends or is handed over, and their credits go back to the pool.

What a vendor already has runs to its end: the picture arrives and is paid for, or its credits are released; whatever
comes free later follows into the pool (`return_credits`).
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from generations import ledger
from generations.models import (
    OPEN,
    AuditEntry,
    CreditAccount,
    Generation,
    HeldOrder,
    Image,
    Member,
    Person,
    Role,
    State,
    Team,
    clock,
)
from generations.services import boards, devices, marking, notifying, ordering
from generations.services.teams import erasing, inviting, locking, roles
from generations.services.teams.refusals import TeamRefusal, check_reach

log = logging.getLogger(__name__)

LEFT_REASON = "Left the team"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """What is at stake when a member goes."""

    pictures: int
    private_pictures: int
    waiting: int
    at_vendor: int
    credits: int
    held: int


def departure_of(member: Member) -> Departure:
    pictures = Image.objects.filter(_theirs("generation__", member), deleted_at=None, hidden_at=None)
    under_way = Generation.objects.filter(member=member, state__in=OPEN)
    waiting = under_way.filter(state=State.QUEUED).count()
    account = CreditAccount.objects.filter(member=member).first()
    return Departure(
        pictures=pictures.count(),
        private_pictures=pictures.filter(generation__is_private=True).count(),
        waiting=waiting,
        at_vendor=under_way.count() - waiting,
        credits=account.available if account else 0,
        held=account.held if account else 0,
    )


def remove(*, by: Member, member: Member, heir: Member | None) -> None:
    """Take somebody out of the team. With an heir that member has their pictures, else they stay under "former member".

    Raises NotAllowed, LastOwner, TeamRefusal.
    """
    if by.pk == member.pk:
        leave(member=member, heir=heir)  # that needs nobody's leave, whatever one's role
        return
    check_reach(by, member.role)
    with transaction.atomic():
        _depart(member, by=by, heir=heir)
        if member.person:
            has = _fate_of_pictures(by, heir)
            word = notifying.Word(
                kind="member_removed",
                subject=f"You are no longer in {member.team}",
                words=f"{by.called} took you out of the team. {has}",
            )
            notifying.tell(member.person, word)


def _fate_of_pictures(by: Member, heir: Member | None) -> str:
    """For who is taken out: an heir opens also what was private as their own, which is written down no more."""
    if heir is None:
        return "What you made there stays with it."
    who = f"{by.called}, who took you out," if heir.pk == by.pk else heir.called
    return f"{who} has what you made there, also what you kept private."


def leave(*, member: Member, heir: Member | None) -> None:
    """Go by oneself. Raises LastOwner, TeamRefusal."""
    with transaction.atomic():
        _depart(member, by=member, heir=heir)
        for manager in _managers(member):
            word = notifying.Word(
                kind="member_left", subject=f"{member.called} left {member.team}", path=reverse("team")
            )
            notifying.tell(manager, word, team=member.team)


def close(*, member: Member, heir: Member | None = None, takes_down: bool = False) -> None:
    """Go because the account is deleted; the last one in a team may. Who manages the team is not told who went.

    With `takes_down` what they made is deleted, where the team's rule allows it. Whoever is last takes all down.
    In the transaction that deletes the account. Raises LastOwner, TeamRefusal.
    """
    locking.lock(member.team)
    present = Member.objects.present().filter(team=member.team_id).exclude(pk=member.pk)
    is_last = not has_others(member)
    if takes_down and not is_last and not Team.objects.filter(pk=member.team_id, may_take_down=True).exists():
        raise TeamRefusal(f"{member.team} keeps what was made in it. Choose something else for it.")
    if takes_down or is_last:
        erasing.hide(member)  # before credits are touched: whoever stores a picture takes its row first, too
    _depart(member, by=member, heir=heir, may_orphan=not present.exists())
    if is_last:
        erasing.abandon(member.team)
    elif takes_down:
        erasing.take_down(member)
    for manager in _managers(member):
        word = notifying.Word(
            kind="member_left", subject=f"A member of {member.team} deleted their account", path=reverse("team")
        )
        notifying.tell(manager, word, team=member.team)


def has_others(member: Member) -> bool:
    """Whether anybody else is in the team: also who may not sign in just now."""
    return bool(Member.objects.filter(team=member.team_id, left_at=None).exclude(pk=member.pk).exists())


def stop_work() -> int:
    """Cancel what people who have left still have in line: work a vendor gave back, or an order of that very moment."""
    HeldOrder.objects.filter(member__left_at__isnull=False).take_back()
    late = Generation.objects.filter(state=State.QUEUED, member__left_at__isnull=False).select_related("member")
    return sum(_cancel(row, actor="team") for row in late[:500])


def return_credits() -> int:
    """Bring to the pool what came free for people who have left; says for how many accounts there was something."""
    left = CreditAccount.objects.filter(member__left_at__isnull=False, posted__gt=0).select_related("member__team")
    return sum(_return_credits(account) for account in left.exclude(posted=0)[:500])


def _depart(member: Member, *, by: Member, heir: Member | None, may_orphan: bool = False) -> None:
    locking.lock(member.team)
    moment = clock.now()
    row = Member.objects.filter(pk=member.pk, team=by.team_id, left_at=None).select_related("person", "team").first()
    if row is None:
        raise TeamRefusal("This person has left the team already.")
    if by.pk != row.pk:
        check_reach(locking.read_anew(by), row.role)
    if row.role == Role.OWNER and not may_orphan:
        roles.check_another_owner(row)
    _check_heir(row, heir)
    handed: dict[str, int] = {}
    if heir is not None:  # before credits are touched: whoever stores a picture takes its row first, too
        handed = {"private pictures": departure_of(row).private_pictures}
        Generation.objects.filter(_theirs("", row)).update(kept_by=heir)
    boards.hand_over(member=row, heir=heir)
    HeldOrder.objects.of(row).take_back()  # before credits, too: who lets one through takes its row first
    for waiting in _locked_line(row):
        _cancel(waiting, actor=f"member:{by.pk}")
    marking.forget_member(row)
    _go(row, moment)
    inviting.take_back_all(of=row, by=by)
    account = CreditAccount.objects.filter(member=row).select_related("member__team").first()
    if account is not None:
        _return_credits(account)
    AuditEntry.note(
        "member_left" if by.pk == row.pk else "member_removed",
        by=by,
        target=f"member:{row.pk}",
        before={"role": row.role},
        after={"pictures": f"member:{heir.pk}" if heir else "former member"} | handed,
    )
    log.info("member %s left team %s", row.pk, row.team_id)


def _locked_line(row: Member) -> list[Generation]:
    """What they have in line; with it, in the order everybody takes locks in, their account and the pool."""
    line = Generation.objects.filter(member=row, state=State.QUEUED).select_related("member").order_by("pk")
    found = list(line.select_for_update(of=("self",), no_key=True))
    accounts = CreditAccount.objects.filter(Q(member=row) | Q(member=None), team=row.team_id).order_by("pk")
    list(accounts.select_for_update(no_key=True))
    return found


def _cancel(waiting: Generation, *, actor: str) -> bool:
    try:
        ordering.cancel(generation=waiting, actor=actor)
    except ordering.TooLate:
        return False  # it left for the vendor just now, and runs to its end
    return True


def _go(row: Member, moment: datetime) -> None:
    """From now on the team is closed to them; whoever is then in no team is signed out everywhere."""
    Member.objects.filter(pk=row.pk).update(left_at=moment)
    if row.person is None:
        return
    if row.person.team_id == row.team_id:
        row.person.choose(None)
    if not Member.objects.of(row.person).exists():
        devices.end_all(row.person)


def _check_heir(member: Member, heir: Member | None) -> None:
    if heir is None:
        return
    fits = Member.objects.present().filter(pk=heir.pk, team=member.team_id).exclude(pk=member.pk).exists()
    if not fits:
        raise TeamRefusal("Choose somebody who is in the team.")


def _theirs(prefix: str, member: Member) -> Q:
    """What somebody made and still has, and what others left them."""
    return Q(**{f"{prefix}member": member, f"{prefix}kept_by": None}) | Q(**{f"{prefix}kept_by": member})


def _return_credits(account: CreditAccount) -> bool:
    newest = account.entries.order_by("-id").values_list("id", flat=True).first()
    moved = ledger.transfer_up_to(
        source=account,
        target=ledger.pool_of(account.team),
        at_most=max(0, account.posted),
        reason=LEFT_REASON,
        key=f"left:{account.member_id}:{newest or 0}",
        actor="team",
    )
    return moved is not None


def _managers(member: Member) -> list[Person]:
    present = Member.objects.present().filter(team=member.team_id, role__in=[Role.OWNER, Role.ADMIN])
    return [one.person for one in present.exclude(pk=member.pk).select_related("person") if one.person]
