"""The page of credits: the balance, whose accounts one may look at, and one page of lines."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.http import urlencode

from generations.models import CreditAccount, CreditAsk, Member, clock
from generations.models.credit import EntryKind
from generations.queries import statement as lines
from generations.queries.allowances import Monthly, Reset, monthly_in, monthly_of, next_reset
from generations.queries.asks import open_ask_of
from generations.queries.balances import Balance, balance_of
from generations.queries.brakes import BrakeState, brake_of
from generations.queries.months import Month
from generations.queries.proofs import ProofState, proof_of

CHIPS = (
    (EntryKind.HOLD, "Set aside"),
    (EntryKind.SETTLE, "Paid"),
    (EntryKind.RELEASE, "Returned"),
    (EntryKind.REFUND, "Given back"),
    (EntryKind.GRANT, "Added"),
    (EntryKind.TRANSFER_IN, "Moved in"),
    (EntryKind.TRANSFER_OUT, "Moved out"),
    (EntryKind.ADJUST, "Corrected"),
)


@dataclass(frozen=True, kw_only=True)
class Chip:
    value: str
    words: str
    checked: bool


@dataclass(frozen=True, kw_only=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class CreditsPage:
    """`title` says whose credits these are; `older_url` and `file_url` keep what was asked for.

    `closing_words` stand beside what a month ended with, above its newest lines and above no others. `has_kinds` says
    that some kinds of lines are shown alone; the file has all of them, or it would not add up.
    """

    title: str
    balance: Balance
    pool: int | None
    statement: lines.Statement
    month: Month | None
    months: list[Option]
    accounts: list[Option]
    chips: list[Chip]
    is_narrowed: bool
    has_kinds: bool
    closing_words: str
    may_ask: bool
    proof: ProofState | None
    is_own: bool
    is_pool: bool
    brake: BrakeState | None
    asked: CreditAsk | None
    monthly: Monthly | None
    everybody: list[Monthly]
    reset: Reset
    older_url: str
    file_url: str
    print_url: str


def credits_page(account: CreditAccount | None, asked: lines.Asked, *, viewer: Member) -> CreditsPage:
    own = account is None or account.member_id == viewer.pk
    pool = lines.account_for(viewer, "pool")
    statement = lines.statement_of(account, asked, viewer=viewer)
    return CreditsPage(
        title=_title(account, own=own),
        balance=balance_of(account, viewer),
        pool=(pool.available if pool else 0) if viewer.may_manage else None,
        statement=statement,
        month=asked.month,
        months=[
            Option(value=str(one), words=one.label, chosen=one == asked.month)
            for one in lines.months_of(account, viewer)
        ],
        accounts=_accounts(viewer, account) if viewer.may_manage else [],
        chips=[Chip(value=kind, words=words, checked=kind in asked.kinds) for kind, words in CHIPS],
        is_own=own,
        is_pool=account is not None and account.member_id is None,
        brake=brake_of(viewer) if own else None,
        asked=open_ask_of(viewer) if own else None,
        monthly=monthly_of(account.member) if account and account.member else None,
        everybody=monthly_in(viewer.team) if viewer.may_manage else [],
        reset=next_reset(viewer.team),
        proof=proof_of(viewer.team) if viewer.may_manage else None,
        may_ask=viewer.may_create and not viewer.may_manage,
        is_narrowed=bool(asked.kinds or asked.month or asked.before),
        has_kinds=bool(asked.kinds),
        closing_words=_closing_words(account, asked, statement, viewer=viewer),
        older_url=address_of("credits", replace(asked, before=statement.next_cursor), viewer=viewer),
        file_url=address_of("statement_file", replace(asked, kinds=frozenset(), before=None), viewer=viewer),
        print_url=address_of("statement_sheet", replace(asked, before=None), viewer=viewer),
    )


def address_of(name: str, asked: lines.Asked, *, viewer: Member) -> str:
    """The page of that name about the same lines."""
    facts = [("whose", asked.whose)] if asked.whose not in {"", str(viewer.pk)} else []
    facts += [("month", str(asked.month))] if asked.month else []
    facts += [("kind", kind) for kind in sorted(asked.kinds)]
    facts += [("before", str(asked.before))] if asked.before is not None else []
    return f"{reverse(name)}?{urlencode(facts)}" if facts else reverse(name)


def _closing_words(
    account: CreditAccount | None, asked: lines.Asked, statement: lines.Statement, *, viewer: Member
) -> str:
    """Of the month under way that is what is there now, unless a wrong clock dated a line into a later one."""
    if account is None or asked.month is None or asked.before is not None:
        return ""
    is_under_way = asked.month == Month.of(clock.now(), viewer.team.time_zone)
    return "Now" if is_under_way and statement.closing == account.posted else f"At the end of {asked.month.label}"


def _title(account: CreditAccount | None, *, own: bool) -> str:
    if own or account is None:
        return "for you"
    return "in the team’s pool" if account.member is None else f"for {account.member.called}"


def _accounts(viewer: Member, account: CreditAccount | None) -> list[Option]:
    """The pool, oneself and everybody who is or was in the team."""
    shown = account.member_id if account else viewer.pk
    members = Member.objects.filter(team=viewer.team_id).select_related("person").order_by("left_at", "joined_at", "pk")
    own = Option(value="", words="You", chosen=shown == viewer.pk)
    pool = Option(value="pool", words="The team’s pool", chosen=shown is None)
    others = [
        Option(value=str(one.pk), words=f"{one.called}{' (left)' if one.left_at else ''}", chosen=one.pk == shown)
        for one in members
        if one.pk != viewer.pk
    ]
    return [own, pool, *others]
