"""Whether a member may still order, and so much, at that moment. Under the lock of their account."""

from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery

from generations.models import OPEN, Batch, Generation, Member, Role
from generations.queries.brakes import brake_of
from generations.queries.suspensions import NOTHING_DONE, is_suspended, suspended_words
from generations.services.ordering.refusals import (
    OPEN_MAX,
    ORDERS_PER_MINUTE_MAX,
    BrakeReached,
    MayNotCreate,
    OrderRefused,
    TooFast,
    TooManyOpen,
)

MINUTE = timedelta(minutes=1)


def check_room(member: Member, *, count: int, price: int, moment: datetime) -> None:
    """Raises OrderRefused, or one of its kinds, for who left, lost the role, is suspended, or has enough under way."""
    role, orders, held = _standing(member, since=moment - MINUTE)
    if held and member.person:
        raise OrderRefused(f"{suspended_words(member.person, member)} {NOTHING_DONE}")
    if role == Role.VIEWER:
        raise MayNotCreate
    if orders >= ORDERS_PER_MINUTE_MAX:
        raise TooFast
    if Generation.objects.filter(member=member, state__in=OPEN).count() + count > OPEN_MAX:
        raise TooManyOpen
    state = brake_of(member)
    if state is not None and price > state.left:
        raise BrakeReached(state)


def _standing(member: Member, *, since: datetime) -> tuple[str, int, bool]:
    """The role they have now, how many orders since then, and whether they are suspended: one look, for every order."""
    recent = Batch.objects.filter(member=OuterRef("pk"), created_at__gt=since).order_by().values("member")
    rows = Member.objects.present().filter(pk=member.pk)
    number = Subquery(recent.annotate(number=Count("pk")).values("number"))
    found = rows.values_list("role", number, is_suspended()).first()
    if found is None:
        raise OrderRefused("You are no longer in this team. Nothing was ordered, and nothing was charged.")
    return found[0], found[1] or 0, found[2]
