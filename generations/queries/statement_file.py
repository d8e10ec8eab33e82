"""All lines of an account, for its file: a million of them, at the same pace from the first to the last.

What a line says is the page's; here it is gathered for many lines at once, in a few queries for each piece.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max, Min
from django.db.models.functions import Substr

from generations.models import CreditAccount, CreditEntry, CreditHold, Generation, Member
from generations.models.credit import TRANSFERS, EntryKind
from generations.queries.months import Month
from generations.queries.statement import TITLE_WORDS, Line, about_of, called, holder, is_wordless, staff, words_of
from generations.queries.words import refund_of

LINES_AT_ONCE = 2000
PROMPT_CHARACTERS = 300
"""So much of a prompt is read: nearly always more than a title takes."""
COLUMNS = (
    "pk",
    "seq",
    "kind",
    "hold",
    "transfer",
    "d_posted",
    "d_held",
    "posted_after",
    "held_after",
    "actor",
    "reason",
    "created_at",
)


class _Row(NamedTuple):
    """An entry, as `COLUMNS` name it."""

    pk: int
    seq: int
    kind: str
    hold: int | None
    transfer: UUID | None
    d_posted: int
    d_held: int
    posted_after: int
    held_after: int
    actor: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """What the lines of a piece are about, by hold, what was lost of it, and the other ends of transfers, by entry."""

    about: dict[int, str]
    lost: dict[int, str]
    others: dict[int, str]


def whole_statement(account: CreditAccount, month: Month | None, *, viewer: Member) -> Iterator[Line]:
    """Every line of the account or of one month, oldest first, read piece by piece; none of them leads anywhere.

    No cursor stays open: on PostgreSQL that would first compute the whole file. Lines never change, so pieces fit.
    """
    span = _span(account, month, viewer)
    if span is None:
        return
    last, end = span
    zone = viewer.team.time_zone
    begins, ends = (month.start(zone), month.end(zone)) if month else (None, None)
    names = _names(account.team_id) | {f"member:{viewer.pk}": "You"}
    while last < end:
        read = account.entries.filter(seq__gt=last, seq__lte=end).order_by("seq").values_list(*COLUMNS)
        rows = [_Row(*values) for values in read[:LINES_AT_ONCE]]
        if not rows:
            return
        last = rows[-1].seq
        # Walked by number, and judged by date: a clock that was wrong once may have put a stranger between them.
        if begins and ends:
            rows = [row for row in rows if begins <= row.created_at < ends]
        parts = _parts(rows, viewer)
        for row in rows:
            yield _line(row, parts, names)


def _span(account: CreditAccount, month: Month | None, viewer: Member) -> tuple[int, int] | None:
    """The number before the first line asked for, and that of the last one there is now."""
    if month is None:
        end = account.entries.aggregate(end=Max("seq"))["end"]
        return None if end is None else (0, end)
    zone = viewer.team.time_zone
    lines = account.entries.filter(created_at__gte=month.start(zone), created_at__lt=month.end(zone))
    found = lines.aggregate(first=Min("seq"), end=Max("seq"))
    return None if found["end"] is None else (found["first"] - 1, found["end"])


def _names(team: int) -> dict[str, str]:
    members = Member.objects.filter(team=team).annotate(name=called("person")).values_list("pk", "name")
    return {f"member:{pk}": name for pk, name in members}


def _line(row: _Row, parts: _Parts, names: dict[str, str]) -> Line:
    if row.hold is None:
        words = words_of(row.kind, reason=row.reason, other=parts.others.get(row.pk))
    else:
        lost = parts.lost.get(row.hold) if row.kind == EntryKind.SETTLE else None
        words = words_of(row.kind, reason=row.reason, about=parts.about[row.hold], lost=lost)
    return Line(
        when=row.created_at,
        kind=row.kind,
        words=words,
        by=names.get(row.actor) or staff(row.actor),
        delta_posted=row.d_posted,
        delta_held=row.d_held,
        posted_after=row.posted_after,
        held_after=row.held_after,
        url=None,
    )


def _parts(rows: list[_Row], viewer: Member) -> _Parts:
    holds = {row.hold for row in rows if row.hold is not None}
    about, broken = _about(holds, viewer) if holds else ({}, [])
    return _Parts(about=about, lost=_lost(broken) if broken else {}, others=_others(rows))


def _about(holds: set[int], viewer: Member) -> tuple[dict[int, str], list[int]]:
    """Which picture each hold is for, and the holds of those that came in part."""
    found = list(
        CreditHold.objects.filter(pk__in=holds).values_list(
            "pk",
            "generation__batch",
            "generation__position",
            "generation__missing",
            "generation__is_private",
            "generation__member",
            "generation__kept_by",
            "generation__source__hidden_at",
            Substr("generation__prompt", 1, PROMPT_CHARACTERS),
        )
    )
    beside = Generation.objects.filter(batch__in={row[1] for row in found}).order_by().values_list("batch")
    last = dict(beside.annotate(last=Max("position")))
    prompts = {
        pk: "" if is_wordless(gone, viewer) or (private and viewer.pk not in {maker, keeper}) else prompt
        for pk, _, _, _, private, maker, keeper, gone, prompt in found
    }
    prompts |= _long({pk for pk, prompt in prompts.items() if _may_be_cut(prompt)})
    about = {pk: about_of(prompts[pk], position=position, last=last.get(batch)) for pk, batch, position, *_ in found}
    return about, [pk for pk, _, _, missing, *_ in found if missing]


def _may_be_cut(prompt: str) -> bool:
    """Whether the title might go on after what was read."""
    return len(prompt) == PROMPT_CHARACTERS and len(prompt.split(maxsplit=TITLE_WORDS)) <= TITLE_WORDS


def _long(holds: set[int]) -> dict[int, str]:
    """The whole prompts of those few."""
    if not holds:
        return {}
    return dict(CreditHold.objects.filter(pk__in=holds).values_list("pk", "generation__prompt"))


def _lost(holds: list[int]) -> dict[int, str]:
    whole = CreditHold.objects.filter(pk__in=holds).select_related("generation")
    return {hold.pk: refund_of(hold.generation) for hold in whole}


def _others(rows: list[_Row]) -> dict[int, str]:
    """Whose account the other end of each transfer is on."""
    moved: dict[UUID | None, int] = {row.transfer: row.pk for row in rows if row.kind in TRANSFERS}
    if not moved:
        return {}
    legs = CreditEntry.objects.filter(transfer__in=list(moved)).exclude(pk__in=list(moved.values()))
    return {moved[transfer]: name for transfer, name in legs.annotate(name=holder()).values_list("transfer", "name")}
