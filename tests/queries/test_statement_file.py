"""The file of a statement says what the page says, line for line, however the pieces are cut."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import ledger
from generations.models import CreditAccount, Generation, Member, Person, Reason, Role, State, clock
from generations.queries import statement_file
from generations.queries.edges import edges_of
from generations.queries.months import Month
from generations.queries.statement import Asked, Line, first_lines
from generations.queries.statement_file import PROMPT_CHARACTERS, whole_statement
from tests.ledger import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return rows.join(rows.found(1000), Role.OWNER, name="Ada Byron")


@pytest.fixture
def ben(ada: Member) -> Member:
    return rows.join(ada.team, name="Ben")


def write(generation: Generation, prompt: str) -> None:
    Generation.objects.filter(pk=generation.pk).update(prompt=prompt)


def page(account: CreditAccount, viewer: Member, month: Month | None = None) -> list[Line]:
    """What the page says of the same lines; in the file none of them leads anywhere."""
    shown, is_cut = first_lines(account, Asked(month=month), viewer=viewer, most=1000)
    assert not is_cut
    return [replace(line, url=None) for line in shown]


@pytest.fixture
def varied(ada: Member, ben: Member, pass_time: Callable[[float], None]) -> CreditAccount:
    """Ben's account after two months with a bit of everything."""
    pool, account = ledger.pool_of(ada.team), ledger.account_of(ben)

    def gift(source: CreditAccount, target: CreditAccount, actor: str) -> None:
        ledger.transfer(source=source, target=target, amount=90, reason="=June", key=rows.key(), actor=actor)

    nameless, former = rows.join(ada.team), Member.objects.create(team=ada.team, role=Role.ADMIN)
    for actor in (f"member:{ada.pk}", f"member:{ben.pk}", f"member:{nameless.pk}", f"member:{former.pk}", "person:1"):
        gift(pool, account, actor)
    gift(account, ledger.account_of(ada), "member:0")
    gift(account, ledger.account_of(former), "collect")
    ledger.adjust(account=account, amount=-3, reason="counted twice", key=rows.key(), actor="test")
    [alone] = rows.order(ben, 5)
    long, wide, cut, private, kept, part, open_one, free = rows.order(ben, 5, 4, 3, 2, 1, 8, 6, 0)
    write(alone, "")
    write(long, "one two three four five six seven eight nine ten")
    write(wide, "  ".join(letter * (PROMPT_CHARACTERS // 6) for letter in "abcdefghij"))
    write(cut, "a b c d e f g " + "h" * PROMPT_CHARACTERS + " ")
    rows.succeed(alone)
    rows.cancel(long)
    rows.succeed(wide)
    rows.succeed(free)
    pass_time(40 * 24 * 3600)
    private.share(private=True)
    rows.succeed(private)
    ledger.refund(generation=private, amount=1, reason="blurred", key="sorry", actor=f"member:{ada.pk}")
    kept.share(private=True)
    Generation.objects.filter(pk=kept.pk).update(kept_by=ada)
    cut.move(State.FAILED, actor="test", reason=Reason.WAITED_TOO_LONG)
    ledger.release(generation=cut, actor="test", reason=Reason.WAITED_TOO_LONG)
    rows.succeed(part, amount=4)
    Generation.objects.filter(pk=part.pk).update(missing=1, result_urls=["https://vendor.test/1", ""])
    assert open_one.is_open
    return rows.now(account)


@pytest.mark.parametrize("at_once", [1, 2, 7, 2000])
def test_is_what_the_page_says(
    varied: CreditAccount, ada: Member, ben: Member, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To its owner and to who manages the team, of all time and month by month, and of the pool."""
    monkeypatch.setattr(statement_file, "LINES_AT_ONCE", at_once)
    this = Month.of(clock.now(), "UTC")
    months = [None, this, *this.back_to(Month(this.year - 1, this.number))]
    for account, viewer in ((varied, ben), (varied, ada), (ledger.pool_of(ada.team), ada)):
        for month in months:
            assert list(whole_statement(account, month, viewer=viewer)) == page(account, viewer, month)
    said = [line.words for line in whole_statement(varied, None, viewer=ben)]
    assert len(said) == varied.seq
    assert any("hhh" in words and "…" not in words for words in said), "a title longer than what is read at first"
    assert any("pictures lost, 4 credits returned" in words for words in said)


def test_of_an_account_without_lines_is_empty(ada: Member, ben: Member) -> None:
    account = ledger.account_of(ben)

    assert list(whole_statement(account, None, viewer=ben)) == []
    assert list(whole_statement(account, Month(2026, 6), viewer=ben)) == []


def test_calls_people_what_the_page_calls_them(varied: CreditAccount, ada: Member, ben: Member) -> None:
    Person.objects.filter(memberships=ada).update(name="")

    assert list(whole_statement(varied, None, viewer=ben)) == page(varied, ben)


def test_month_by_month_has_every_line_once_although_a_clock_was_wrong(
    ben: Member, pass_time: Callable[[float], None]
) -> None:
    """A line dated a year ahead belongs to that month, and to no month that is read around it."""
    account, days = rows.fund(ben, 10), 24 * 3600
    pass_time(400 * days)
    ledger.adjust(account=account, amount=7, reason="ahead", key=rows.key(), actor="test")
    pass_time(-400 * days)
    for _ in range(3):
        pass_time(20 * days)
        ledger.adjust(account=account, amount=1, reason="later", key=rows.key(), actor="test")
    this = Month.of(clock.now(), "UTC")
    months = Month(this.year + 2, 1).back_to(Month(this.year - 1, 1))
    read = [list(whole_statement(account, month, viewer=ben)) for month in months]

    assert read == [page(account, ben, month) for month in months]
    assert sum(len(lines) for lines in read) == rows.now(account).seq
    total = 0
    for month, lines in zip(months[::-1], read[::-1], strict=True):
        assert edges_of(account, month, "UTC") == (total, total + sum(line.delta_posted for line in lines))
        total += sum(line.delta_posted for line in lines)
    assert total == rows.now(account).posted


def test_asks_no_more_for_many_lines_than_for_a_few(ben: Member) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            list(whole_statement(ledger.account_of(ben), None, viewer=ben))
        return len(queries)

    rows.fund(ben, 500)
    rows.succeed(rows.order(ben, 5)[0])
    few = asked()
    for _ in range(4):
        for generation in rows.order(ben, *[5] * 8):
            rows.cancel(generation)

    assert asked() == few
