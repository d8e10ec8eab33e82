"""The lines of a credit account, newest first, as its owner or who manages the team reads them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Concat, StrIndex, Substr
from django.urls import reverse

from generations.models import CreditAccount, CreditEntry, Generation, Image, Member, Reason, State, clock
from generations.models.credit import EntryKind
from generations.queries.edges import edges_of
from generations.queries.months import Month
from generations.queries.words import refund_of

PAGE_SIZE = 50
TITLE_WORDS = 8
WORDS: dict[str, str] = {
    EntryKind.GRANT: "Credits added",
    EntryKind.ADJUST: "Correction",
    EntryKind.HOLD: "Set aside for",
    EntryKind.SETTLE: "Paid for",
    EntryKind.RELEASE: "Returned for",
    EntryKind.REFUND: "Given back for",
    EntryKind.TRANSFER_OUT: "Moved out",
    EntryKind.TRANSFER_IN: "Moved in",
}
TOTALS = {
    EntryKind.GRANT: "Credits added",
    EntryKind.TRANSFER_IN: "Moved in",
    EntryKind.TRANSFER_OUT: "Moved out",
    EntryKind.SETTLE: "Paid for pictures",
    EntryKind.REFUND: "Given back",
    EntryKind.ADJUST: "Corrections",
}
WHY = {**dict(Reason.choices), State.CANCELED.value: State.CANCELED.label}
POOL = "the team’s pool"
SPENDING = (EntryKind.SETTLE, EntryKind.REFUND)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which lines: of `whose` ("" one's own, "pool", or a member's number), of a month, of some kinds, before one."""

    whose: str = ""
    month: Month | None = None
    kinds: frozenset[str] = field(default_factory=frozenset)
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry. Deltas and balances are whole credits.

    `url` leads to the picture or, while there is none to see, to the page that says what became of it; a file has none.
    """

    when: datetime
    kind: str
    words: str
    by: str
    delta_posted: int
    delta_held: int
    posted_after: int
    held_after: int
    url: str | None


@dataclass(frozen=True, kw_only=True)
class Total:
    """What all lines of one kind come to."""

    kind: str
    words: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A page of lines; a next one begins before the cursor. `opening` and `closing` are a whole month's balances."""

    entries: list[Line]
    next_cursor: int | None
    opening: int | None
    closing: int | None


def account_for(viewer: Member, whose: str = "") -> CreditAccount | None:
    """The viewer's own account, or another one of the team for who manages it. None where there is none to be seen."""
    accounts = CreditAccount.objects.filter(team=viewer.team_id).select_related("team", "member__person")
    if not whose or whose == str(viewer.pk):
        return accounts.filter(member=viewer).first()
    if not viewer.may_manage:
        return None
    if whose == "pool":
        return accounts.filter(member=None).first()
    if not whose.isascii() or not whose.isdigit() or len(whose) >= len(str(2**63)):
        return None
    return accounts.filter(member=int(whose)).first()


def months_of(account: CreditAccount | None, viewer: Member) -> list[Month]:
    """Every month from the account's first line to now, newest first."""
    now = Month.of(clock.now(), viewer.team.time_zone)
    first = account.entries.order_by("seq").values_list("created_at", flat=True).first() if account else None
    return now.back_to(Month.of(first, viewer.team.time_zone)) if first else [now]


def statement_of(account: CreditAccount | None, asked: Asked, *, viewer: Member) -> Statement:
    """One page of what was asked for."""
    if account is None:
        return Statement(entries=[], next_cursor=None, opening=None, closing=None)
    rows = _picked(account, asked, viewer, order="-seq", most=PAGE_SIZE + 1)
    opening, closing = edges_of(account, asked.month, viewer.team.time_zone) if asked.month else (None, None)
    return Statement(
        entries=[_line(row, viewer) for row in rows[:PAGE_SIZE]],
        next_cursor=rows[PAGE_SIZE - 1].seq if len(rows) > PAGE_SIZE else None,
        opening=opening,
        closing=closing,
    )


def first_lines(account: CreditAccount, asked: Asked, *, viewer: Member, most: int) -> tuple[list[Line], bool]:
    """The oldest of what was asked for, oldest first, and whether there are more than `most`."""
    rows = _picked(account, asked, viewer, order="seq", most=most + 1)
    return [_line(row, viewer) for row in rows[:most]], len(rows) > most


def totals_of(account: CreditAccount, asked: Asked, *, viewer: Member) -> list[Total]:
    """What was moved by lines of each kind, in the order people read them; what moved nothing is left out."""
    sums = dict(_asked_for(account, asked, viewer).order_by().values_list("kind").annotate(total=Sum("d_posted")))
    return [Total(kind=kind, words=TOTALS[kind], amount=sums[kind]) for kind in TOTALS if sums.get(kind)]


def opening_of(account: CreditAccount, month: Month, *, viewer: Member) -> int:
    """The balance before the first moment of the month."""
    return edges_of(account, month, viewer.team.time_zone)[0]


def _asked_for(account: CreditAccount, asked: Asked, viewer: Member) -> QuerySet[CreditEntry]:
    lines = account.entries.all()
    if asked.kinds:
        lines = lines.filter(kind__in=asked.kinds)
    if asked.month:
        zone = viewer.team.time_zone
        lines = lines.filter(created_at__gte=asked.month.start(zone), created_at__lt=asked.month.end(zone))
    return lines


def _picked(account: CreditAccount, asked: Asked, viewer: Member, *, order: str, most: int) -> list[Any]:
    """The first so many of what was asked for, each with its parts. In one query.

    Found kind by kind, since an index leads through each, and before the parts, which cost something for every line.
    """
    lines = _asked_for(account, replace(asked, kinds=frozenset()), viewer)
    if asked.before is not None:
        lines = lines.filter(seq__lt=asked.before)
    wanted = Q()
    for part in [lines.filter(kind=kind) for kind in sorted(asked.kinds)] or [lines]:
        wanted |= Q(pk__in=part.order_by(order)[:most].values("pk"))
    return list(_with_parts(account.entries.filter(wanted), account, viewer).order_by(order)[:most])


def _with_parts(lines: QuerySet[CreditEntry], account: CreditAccount, viewer: Member) -> QuerySet[CreditEntry]:
    """With the picture each is about, if this viewer may see it, who acted, and who has the other end of a transfer."""
    image = Image.objects.visible_to(viewer).filter(generation=OuterRef("hold__generation"))
    beside = Generation.objects.filter(batch=OuterRef("hold__generation__batch"))
    return lines.select_related("hold__generation__source").annotate(
        image=Subquery(image.order_by("index").values("pk")[:1]),
        last_position=Subquery(beside.order_by("-position").values("position")[:1]),
        who=_who(account.team_id),
        other=_other_end(),
    )


def _who(team: int) -> Subquery:
    """The name of the member an entry's actor stands for, as `Person.called` says it."""
    members = Member.objects.filter(team=team).annotate(
        tag=Concat(Value("member:"), Cast("pk", CharField()), output_field=CharField()), name=called("person")
    )
    return Subquery(members.filter(tag=OuterRef("actor")).values("name")[:1])


def _other_end() -> Subquery:
    """Whose account a transfer came from or went to; nothing for a line that is none."""
    legs = CreditEntry.objects.filter(transfer=OuterRef("transfer"), transfer__isnull=False)
    return Subquery(legs.exclude(pk=OuterRef("pk")).annotate(name=holder()).values("name")[:1])


def holder() -> Case:
    """Whose account an entry is on."""
    pool = When(account__member=None, then=Value(POOL))
    return Case(pool, default=called("account__member__person"))


def called(person: str) -> Case:
    """`Person.called`, for the database."""
    before_at = Substr(f"{person}__email", 1, StrIndex(f"{person}__email", Value("@")) - 1)
    return Case(
        When(Q(**{person: None}), then=Value("Former member")),
        When(Q(**{f"{person}__name": ""}), then=before_at),
        default=F(f"{person}__name"),
        output_field=CharField(),
    )


def _line(row: Any, viewer: Member) -> Line:
    by = "You" if row.actor == f"member:{viewer.pk}" else row.who or staff(row.actor)
    return Line(
        when=row.created_at,
        kind=row.kind,
        words=_words(row, viewer),
        by=by,
        delta_posted=row.d_posted,
        delta_held=row.d_held,
        posted_after=row.posted_after,
        held_after=row.held_after,
        url=_url(row, viewer),
    )


def staff(actor: str) -> str:
    """Who acts where no member does: staff at the desk or by a command, or the studio by itself."""
    return "Site staff" if actor == "command" or actor.startswith("person:") else "Studio"


def _url(row: Any, viewer: Member) -> str | None:
    if row.image:
        return reverse("image", args=[row.image])
    if row.hold is None or _is_hidden(row.hold.generation, viewer):
        return None
    return reverse("generation", args=[row.hold.generation_id])


def _is_hidden(generation: Generation, viewer: Member) -> bool:
    """Whether somebody else keeps it to themselves."""
    return generation.is_private and viewer.pk not in {generation.member_id, generation.kept_by_id}


def _words(row: Any, viewer: Member) -> str:
    """What it was for."""
    if row.hold is None:
        return words_of(row.kind, reason=row.reason, other=row.other)
    generation = row.hold.generation
    gone = is_wordless(generation.source.hidden_at if generation.source else None, viewer)
    prompt = "" if gone or _is_hidden(generation, viewer) else generation.prompt
    about = about_of(prompt, position=generation.position, last=row.last_position)
    lost = refund_of(generation) if row.kind == EntryKind.SETTLE and generation.missing else None
    return words_of(row.kind, reason=row.reason, about=about, lost=lost)


def is_wordless(source_hidden_at: datetime | None, viewer: Member) -> bool:
    """Whether the words came with a picture that a moderator hid since; who manages the team reads them still."""
    return source_hidden_at is not None and not viewer.may_manage


def about_of(prompt: str, *, position: int, last: int | None) -> str:
    """Which picture. The prompt is empty where somebody keeps its words to themselves."""
    words = prompt.split(maxsplit=TITLE_WORDS)
    title = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    about = f"“{title}”" if title else "a picture"
    return f"{about}, {position + 1} of {last + 1}" if last else about


def words_of(
    kind: str, *, reason: str, other: str | None = None, about: str | None = None, lost: str | None = None
) -> str:
    """What a line says: of a picture (`about`, and what of it was `lost`), or of credits with no picture to them."""
    said = WORDS[kind]
    if other:
        said = f"{said} {'to' if kind == EntryKind.TRANSFER_OUT else 'from'} {other}"
    if about is None:
        return f"{said}: {reason}"
    said = f"{said} {about}" if lost is None else f"{said} {about}: {lost}"
    return f"{said}: {WHY.get(reason, reason)}" if reason else said


def kinds_of(words: Iterable[str]) -> frozenset[str]:
    """Those of the words that are kinds of lines."""
    return frozenset(words) & frozenset(EntryKind.values)
