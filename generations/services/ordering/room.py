"""Whether a member may still order, and so much, at that moment. Under the lock of their account."""

from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery

from generations.models import OPEN, Batch, Generation, Member, Role
from generations.queries.brakes import brake_of
from generations.queries.space import Standing, measured
from generations.queries.suspensions import NOTHING_DONE, is_suspended, suspended_words
from generations.services.ordering.refusals import (
    OPEN_MAX,
    ORDERS_PER_MINUTE_MAX,
    BrakeReached,
    MayNotCreate,
    OrderRefused,
    StorageFull,
    TooFast,
    TooManyOpen,
)

MINUTE = timedelta(minutes=1)


def check_room(member: Member, *, count: int, price: int, moment: datetime) -> None:
    """Raises OrderRefused, or one of its kinds, for who left, lost the role, is suspended, or has enough under way."""
    role, orders, held, space = _standing(member, since=moment - MINUTE)
    if held and member.person:
        raise OrderRefused(f"{suspended_words(member.person, member)} {NOTHING_DONE}")
    if role == Role.VIEWER:
        raise MayNotCreate
    if words := space.refusal(pictures=count):
        raise StorageFull(words)
    if orders >= ORDERS_PER_MINUTE_MAX:
        raise TooFast
    if Generation.objects.filter(member=member, state__in=OPEN).count() + count > OPEN_MAX:
        raise TooManyOpen
    state = brake_of(member)
    if state is not None and price > state.left:
        raise BrakeReached(state)


def _standing(member: Member, *, since: datetime) -> tuple[str, int, bool, Standing]:
    """The role they have now, how many orders since then, whether they are suspended, and what storage is left.

    One look, for every order.
    """
    recent = Batch.objects.filter(member=OuterRef("pk"), created_at__gt=since).order_by().values("member")
    number = Subquery(recent.annotate(number=Count("pk")).values("number"))
    facts = {"orders": number, "is_held": is_suspended(), **measured()}
    rows = Member.objects.present().filter(pk=member.pk).annotate(**facts)
    found = rows.values("role", *facts).first()
    if found is None:
        raise OrderRefused("You are no longer in this team. Nothing was ordered, and nothing was charged.")
    return found["role"], found["orders"] or 0, found["is_held"], Standing.of(found)
