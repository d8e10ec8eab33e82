"""The team page: who is in it, with what role and use, and who is still to come."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, QuerySet, Sum, Value, When

from generations.models import Allowance, CreditEntry, Invitation, Member, Role, Team, clock
from generations.models.team import RANKS
from generations.queries.months import Month
from generations.queries.statement import SPENDING

START_DIGITS_MAX = 7
PEOPLE_SHOWN = 100
"""On one page; who reads comes first, then the owners, the admins and so on."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One member. `used` is what was paid for their pictures this month, of an `allowance` or 0.

    `email` is told only to who manages the team.
    """

    pk: int
    name: str
    email: str
    initials: str
    tone: str
    role: str
    role_label: str
    used: int
    allowance: int
    last_seen: datetime | None
    is_you: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One invitation nobody used yet."""

    pk: int
    name: str
    role_label: str
    invited_by: str
    created_at: datetime
    ends_at: datetime
    has_ended: bool
    is_asked_for: bool
    is_unsent: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class TeamPage:
    """`number` is how many people there are in all; `more` is where the next page begins, or empty at the end."""

    name: str
    people: list[Row]
    number: int
    more: str
    waiting: list[Waiting]
    may_manage: bool
    roles: list[tuple[str, str]]

    @property
    def count(self) -> str:
        return "1 person" if self.number == 1 else f"{self.number:,} people"


def team_page(viewer: Member, *, start: str = "") -> TeamPage:
    """The page as this member may see it: people to everyone, addresses and invitations to who manages the team.

    `start` is the `more` of the page before; anything else begins anew.
    """
    may_manage = viewer.may_manage
    invitations = Invitation.objects.waiting().filter(team=viewer.team_id).select_related("invited_by__person")
    waiting = list(invitations.order_by("-created_at")) if may_manage else []
    unsent = set(invitations.unsent().values_list("pk", flat=True)) if waiting else set()
    begin = int(start) if start.isascii() and start.isdigit() and len(start) < START_DIGITS_MAX else 0
    found = list(_people(viewer)[begin : begin + PEOPLE_SHOWN + 1])
    more = len(found) > PEOPLE_SHOWN
    return TeamPage(
        name=viewer.team.name,
        people=_rows(viewer, found[:PEOPLE_SHOWN]),
        number=_people(viewer).count() if more or begin else len(found),
        more=str(begin + PEOPLE_SHOWN) if more else "",
        waiting=[_waiting(one, viewer, is_unsent=one.pk in unsent) for one in waiting],
        may_manage=may_manage,
        roles=[(role.value, role.label) for role in Role if role is not Role.OWNER or viewer.role == Role.OWNER],
    )


def _people(viewer: Member) -> QuerySet[Member]:
    members: QuerySet[Member] = Member.objects.present().filter(team=viewer.team_id).select_related("person")
    you = Case(When(pk=viewer.pk, then=Value(0)), default=Value(1))
    rank = Case(*[When(role=role, then=Value(rank)) for role, rank in RANKS.items()])
    return members.order_by(you, rank.desc(), "joined_at", "pk")


def _rows(viewer: Member, found: list[Member]) -> list[Row]:
    used = _used(viewer.team)
    given = dict(Allowance.objects.filter(member__in=found).values_list("member", "amount"))
    return [_row(one, viewer, used.get(one.pk, 0), given.get(one.pk, 0)) for one in found]


def _row(member: Member, viewer: Member, used: int, allowance: int) -> Row:
    person = member.person
    below = member.role != Role.OWNER or viewer.role == Role.OWNER
    return Row(
        pk=member.pk,
        name=member.called,
        email=person.email if person and viewer.may_manage else "",
        initials=person.initials if person else "?",
        tone=person.tone if person else "",
        role=member.role,
        role_label=Role(member.role).label,
        used=used,
        allowance=allowance,
        last_seen=person.last_login if person else None,
        is_you=member.pk == viewer.pk,
        may_change=viewer.may_manage and below and member.pk != viewer.pk,
    )


def _used(team: Team) -> dict[int, int]:
    """Credits paid for each member's pictures since the month began, less what was given back."""
    since = Month.of(clock.now(), team.time_zone).start(team.time_zone)
    paid = CreditEntry.objects.filter(
        account__team=team,
        account__member__isnull=False,
        kind__in=SPENDING,
        created_at__gte=since,
    )
    sums = paid.order_by().values_list("account__member").annotate(total=Sum("d_posted"))
    return {member: -total for member, total in sums}


def _waiting(invitation: Invitation, viewer: Member, *, is_unsent: bool) -> Waiting:
    host = invitation.invited_by
    return Waiting(
        pk=invitation.pk,
        name=invitation.email or "A link",
        role_label=Role(invitation.role).label,
        invited_by="you" if host == viewer else host.called if host else "somebody who left",
        created_at=invitation.created_at,
        ends_at=invitation.ends_at,
        has_ended=invitation.has_ended(),
        is_asked_for=invitation.asked_at is not None,
        is_unsent=is_unsent,
        may_change=invitation.role != Role.OWNER or viewer.role == Role.OWNER,
    )
