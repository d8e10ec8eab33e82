"""A member's or the pool's credits, line by line, newest first: what a person reads of the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat, StrIndex, Substr
from django.urls import reverse

from generations.models import CreditAccount, CreditEntry, Image, Member, Reason, State
from generations.models.credit import EntryKind

PAGE_SIZE = 50
TITLE_WORDS = 8
WORDS = {
    EntryKind.GRANT: "Credits added",
    EntryKind.ADJUST: "Correction",
    EntryKind.HOLD: "Set aside for",
    EntryKind.SETTLE: "Paid for",
    EntryKind.RELEASE: "Returned for",
    EntryKind.REFUND: "Given back for",
    EntryKind.TRANSFER_OUT: "Moved out",
    EntryKind.TRANSFER_IN: "Moved in",
}
WHY = {**dict(Reason.choices), State.CANCELED.value: State.CANCELED.label}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry. Deltas and balance are whole credits; `url` leads to the picture, where there is one to see."""

    when: datetime
    kind: str
    words: str
    by: str
    delta_posted: int
    delta_held: int
    posted_after: int
    url: str | None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A page of an account. `pool_available` is for those who manage the team; a next page begins before the cursor."""

    available: int
    held: int
    posted: int
    pool_available: int | None
    entries: list[Line]
    next_cursor: int | None


def statement_for(member: Member, *, before: int | None = None) -> Statement:
    """The member's own account: the newest 50 entries, or those before a cursor. Two queries."""
    accounts = {account.member_id: account for account in _accounts(member)}
    return _statement(accounts.get(member.pk), accounts.get(None), member, before)


def pool_statement_for(member: Member, *, before: int | None = None) -> Statement | None:
    """The account of the member's team, in the same way; None for those who do not manage it."""
    if not member.may_manage:
        return None
    pool = next((account for account in _accounts(member) if account.is_pool), None)
    return _statement(pool, pool, member, before)


def _accounts(member: Member) -> QuerySet[CreditAccount]:
    mine = CreditAccount.objects.filter(member=member)
    return mine | CreditAccount.objects.filter(team=member.team_id, member=None)


def _statement(
    account: CreditAccount | None, pool: CreditAccount | None, member: Member, before: int | None
) -> Statement:
    rows = list(_rows(account, before)) if account else []
    pool_available = pool.available if pool else 0
    return Statement(
        available=account.available if account else 0,
        held=account.held if account else 0,
        posted=account.posted if account else 0,
        pool_available=pool_available if member.may_manage else None,
        entries=[_line(row, member) for row in rows[:PAGE_SIZE]],
        next_cursor=rows[PAGE_SIZE - 1].seq if len(rows) > PAGE_SIZE else None,
    )


def _rows(account: CreditAccount, before: int | None) -> QuerySet[CreditEntry]:
    """One row more than a page shows, to know whether there is another page."""
    rows = account.entries.filter(seq__lt=before) if before is not None else account.entries.all()
    image = Image.objects.filter(
        generation=OuterRef("hold__generation"), team=account.team_id, deleted_at=None, hidden_at=None
    )
    return (
        rows.select_related("hold__generation")
        .annotate(image=Subquery(image.order_by("index").values("pk")[:1]), who=_who(account.team_id))
        .order_by("-seq")[: PAGE_SIZE + 1]
    )


def _who(team: int) -> Subquery:
    """The name of the member an entry's actor stands for, as `Person.called` says it."""
    before_at = Substr("person__email", 1, StrIndex("person__email", Value("@")) - 1)
    members = Member.objects.filter(team=team).annotate(
        tag=Concat(Value("member:"), Cast("pk", CharField()), output_field=CharField()),
        name=Case(
            When(person=None, then=Value("Former member")),
            When(person__name="", then=before_at),
            default=F("person__name"),
            output_field=CharField(),
        ),
    )
    return Subquery(members.filter(tag=OuterRef("actor")).values("name")[:1])


def _line(row: Any, viewer: Member) -> Line:
    by = "You" if row.actor == f"member:{viewer.pk}" else row.who or "Studio"
    return Line(
        when=row.created_at,
        kind=row.kind,
        words=_words(row),
        by=by,
        delta_posted=row.d_posted,
        delta_held=row.d_held,
        posted_after=row.posted_after,
        url=reverse("image", args=[row.image]) if row.image else None,
    )


def _words(row: CreditEntry) -> str:
    said = WORDS[EntryKind(row.kind)]
    if row.hold is None:
        return f"{said}: {row.reason}"
    words = row.hold.generation.prompt.split()
    title = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    about = f"{said} “{title}”" if title else f"{said} a picture"
    return f"{about}: {WHY.get(row.reason, row.reason)}" if row.reason else about
