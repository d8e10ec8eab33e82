"""A statement to print: a letterhead, the totals, and the lines from the oldest on, in the team's own time."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from generations.models import CreditAccount, Member, clock
from generations.queries import statement as lines

LINES_MAX = 1000
"""About thirty pages; more is for a spreadsheet."""


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One line of the statement, and its moment as the team's clocks showed it."""

    when: str
    line: lines.Line


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`opening` and `closing` are the balances before and after the period; what moved lies between the two.

    `only` names the kinds of lines where not all are shown; the totals are of the whole period all the same.
    """

    team: str
    account: str
    period: str
    zone: str
    made_at: str
    opening: int
    closing: int
    held: int
    totals: list[lines.Total]
    only: str
    rows: list[SheetLine]
    is_cut: bool


def sheet_of(account: CreditAccount | None, asked: lines.Asked, *, viewer: Member, kinds: dict[str, str]) -> Sheet:
    """What was asked for, of an account the viewer may see. `kinds` are the words for kinds of lines."""
    zone = ZoneInfo(viewer.team.time_zone)
    now = clock.now()
    whole = replace(asked, kinds=frozenset(), before=None)
    shown, is_cut = lines.first_lines(account, asked, viewer=viewer, most=LINES_MAX) if account else ([], False)
    opening = lines.opening_of(account, asked.month, viewer=viewer) if account and asked.month else 0
    totals = lines.totals_of(account, whole, viewer=viewer) if account else []
    return Sheet(
        team=viewer.team.name,
        account=_name(account, viewer),
        period=asked.month.label if asked.month else f"All lines to {now.astimezone(zone):%-d %B %Y}",
        zone=viewer.team.time_zone,
        made_at=_said(now, zone),
        opening=opening,
        closing=opening + sum(total.amount for total in totals),
        held=account.held if account else 0,
        totals=totals,
        only=", ".join(words for kind, words in kinds.items() if kind in asked.kinds),
        rows=[SheetLine(when=_said(line.when, zone), line=line) for line in shown],
        is_cut=is_cut,
    )


def _name(account: CreditAccount | None, viewer: Member) -> str:
    if account is None:
        return viewer.called
    return "The team’s pool" if account.member is None else str(account.member.called)


def _said(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %b %Y, %H:%M}"
