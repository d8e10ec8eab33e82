"""What a member may bring back, the last deleted first, page by page, with the days each picture has left there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from generations.models import Image, Member, Role, clock
from generations.queries.cards import Picture, picture_of
from generations.queries.privacy import is_own
from generations.queries.search import COUNTED_MAX

PAGE = 48
A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thrown:
    """A picture in the trash: who deleted it, and how long it stays."""

    picture: Picture
    words: str
    days_left: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrashPage:
    """`kept` says for how long the team keeps what was deleted."""

    images: list[Thrown]
    count_text: str
    kept: str
    next_url: str
    may_purge: bool
    may_decide: bool
    is_first: bool


def trash_page(member: Member, *, before: str = "") -> TrashPage:
    """One page; `before` is where the last one ended, nonsense counts as none."""
    mine = Image.objects.in_trash().in_charge_of(member)
    cursor = _cursor(before)
    older = mine
    if cursor is not None:
        at, pk = cursor
        older = mine.filter(Q(deleted_at__lt=at) | Q(deleted_at=at, pk__lt=pk), deleted_at__lte=at)
    parts = older.select_related("generation__member__person", "deleted_by__person")
    found = list(parts.order_by("-deleted_at", "-pk")[: PAGE + 1])
    number = 0 if cursor else mine.order_by()[: COUNTED_MAX + 1].count()
    shown, days = found[:PAGE], member.team.trash_days
    more = urlencode({"before": _place(shown[-1])}) if len(found) > PAGE else ""
    return TrashPage(
        images=[_thrown(image, member, days) for image in shown],
        count_text=f"{COUNTED_MAX:,}+" if number > COUNTED_MAX else f"{number:,}" if number else "",
        kept=kept_words(days),
        next_url=f"{reverse('trash')}?{more}" if more else "",
        may_purge=any(member.role == Role.OWNER or is_own(image, member) for image in shown),
        may_decide=member.may_manage,
        is_first=cursor is None,
    )


def kept_words(days: int) -> str:
    """For how long: a day, 30 days."""
    if days == 0:
        return "an hour"
    return "a day" if days == 1 else f"{days} days"


def _thrown(image: Image, viewer: Member, days: int) -> Thrown:
    by, made = image.deleted_by, image.generation.member
    who = "you" if by == viewer else by.called if by else "a rule of your team"
    return Thrown(
        picture=picture_of(image, prompt=image.generation.prompt),
        words=f"Deleted by {who}" + ("" if by == made else f", made by {'you' if made == viewer else made.called}"),
        days_left=_left(image.deleted_at or clock.now(), days),
    )


def _left(deleted_at: datetime, days: int) -> str:
    left = deleted_at + timedelta(days=days) - clock.now()
    if left <= timedelta(hours=1):
        return "Goes soon"
    whole = -(-left // A_DAY)
    return "1 day left" if whole == 1 else f"{whole} days left"


def _place(image: Image) -> str:
    return f"{image.deleted_at.isoformat()}_{image.pk}" if image.deleted_at else ""


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    at, _, pk = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(pk)) if moment.tzinfo else None
    except ValueError:
        return None
