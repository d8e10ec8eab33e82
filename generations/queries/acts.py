"""What a person reads about an act on many pictures: how far it is, what was done, and for which it was not and why."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from generations.models import BulkAct, Member, clock

SHOWN_FOR = timedelta(minutes=10)
WORDS = {
    "trash": ("Deleting", "in the trash"),
    "restore": ("Bringing back", "back"),
    "favor": ("Making favorites of", "among your favorites"),
    "unfavor": ("Taking back", "no favorites of yours any more"),
    "pick": ("Picking", "picks of the team"),
    "rate": ("Giving stars to", "rated"),
    "unrate": ("Taking back the stars of", "rated as before"),
    "tag": ("Tagging", "tagged"),
    "untag": ("Untagging", "without that tag again"),
    "board": ("Hanging", "on the board"),
    "unboard": ("Taking down", "off the board again"),
    "unpick": ("Unpicking", "no picks of the team any more"),
}
"""What is going on, and what is said of the pictures when it is done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActCard:
    id: UUID
    title: str
    words: str
    reached: int
    number: int
    is_open: bool
    may_undo: bool


def act_card(row: BulkAct) -> ActCard:
    """Of one act; `undone_by` is asked for where it did not come along."""
    going, done = WORDS[row.kind]
    return ActCard(
        id=row.pk,
        title=f"{going} {row.number:,} picture{'' if row.number == 1 else 's'}",
        words=_said(row, done),
        reached=row.reached,
        number=row.number,
        is_open=row.ended_at is None,
        may_undo=row.may_undo and row.undoes_id is None,
    )


def act_cards(member: Member, *, more_than: int) -> list[ActCard]:
    """What they have under way, or had a moment ago, where it was too much for one answer."""
    recent = Q(ended_at=None) | Q(ended_at__gt=clock.now() - SHOWN_FOR)
    rows = BulkAct.objects.filter(recent, member=member, created_at__gt=clock.now() - timedelta(days=1))
    found = rows.select_related("undone_by").order_by("-pk")[:5]
    return [act_card(row) for row in found if row.number > more_than]


def _said(row: BulkAct, done: str) -> str:
    """12 pictures are in the trash. 2 not: and why, each reason once with how many it is."""
    number = len(row.done)
    said = f"1 picture is {done}." if number == 1 else f"{number:,} pictures are {done}."
    if row.canceled_at is not None:
        said += f" Stopped before the other {row.number - row.reached:,}."
    why = Counter(row.left.values())
    return " ".join([said, *(f"{times:,} not: {reason}" for reason, times in why.most_common())])
