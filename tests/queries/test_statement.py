"""What people read of their credits: their own lines, newest first, in pages, in two queries."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from generations import ledger
from generations.models import Image, Member, Person, Reason, Role, State, clock
from generations.queries.months import Month
from generations.queries.statement import (
    PAGE_SIZE,
    Asked,
    Statement,
    account_for,
    statement_of,
)
from generations.queries.statement_file import whole_statement
from tests.ledger import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return rows.join(rows.found(), Role.OWNER, name="Ada Byron")


@pytest.fixture
def ben(ada: Member) -> Member:
    return rows.join(ada.team, name="Ben")


def statement_for(member: Member, **asked: object) -> Statement:
    """A page of the member's own account."""
    return statement_of(account_for(member), Asked(**asked), viewer=member)  # type: ignore[arg-type]  # as the test asks


def give(member: Member, amount: int, *, actor: str, reason: str = "June") -> None:
    pool = ledger.pool_of(member.team)
    ledger.grant(account=pool, amount=amount, reason=reason, key=rows.key(), actor=actor)
    account = ledger.account_of(member)
    ledger.transfer(source=pool, target=account, amount=amount, reason=reason, key=rows.key(), actor=actor)


class TestTheLines:
    def test_say_what_happened_newest_first(self, ben: Member) -> None:
        give(ben, 50, actor="command")
        paid, stopped = rows.order(ben, 5, 5)
        rows.succeed(paid, amount=3)
        rows.cancel(stopped)
        ledger.refund(generation=paid, amount=2, reason="blurred", key="sorry", actor="test")

        lines = [(line.kind, line.words, line.delta_posted, line.delta_held) for line in statement_for(ben).entries]

        assert lines == [
            ("refund", "Given back for “a red boat on a grey lake”, 1 of 2: blurred", 2, 0),
            ("release", "Returned for “a red boat on a grey lake”, 2 of 2: Cancelled", 0, -5),
            ("settle", "Paid for “a red boat on a grey lake”, 1 of 2", -3, -5),
            ("hold", "Set aside for “a red boat on a grey lake”, 2 of 2", 0, 5),
            ("hold", "Set aside for “a red boat on a grey lake”, 1 of 2", 0, 5),
            ("transfer_in", "Moved in from the team’s pool: June", 50, 0),
        ]
        assert [line.posted_after for line in statement_for(ben).entries] == [49, 47, 47, 50, 50, 50]

    def test_say_why_credits_came_back_in_words(self, ben: Member) -> None:
        rows.fund(ben, 5)
        [generation] = rows.order(ben, 5)
        generation.move(State.FAILED, actor="test", reason=Reason.WAITED_TOO_LONG)
        ledger.release(generation=generation, actor="test", reason=Reason.WAITED_TOO_LONG)

        assert statement_for(ben).entries[0].words.endswith(f": {Reason.WAITED_TOO_LONG.label}")

    def test_cut_a_long_prompt(self, ben: Member) -> None:
        rows.fund(ben, 5)
        [generation] = rows.order(ben, 5)
        type(generation).objects.update(prompt="one two three four five six seven eight nine ten")

        assert statement_for(ben).entries[0].words == "Set aside for “one two three four five six seven eight…”"

    def test_say_who_did_it(self, ada: Member, ben: Member) -> None:
        nameless = rows.join(ada.team)
        former = Member.objects.create(team=ada.team, role=Role.ADMIN)
        stranger = rows.join(rows.found(), name="Mallory")
        for actor in (ada, ben, nameless, former, stranger):
            give(ben, 1, actor=f"member:{actor.pk}")
        give(ben, 1, actor="collect")
        give(ben, 1, actor="person:1")
        give(ben, 1, actor="command")

        assert nameless.person is not None
        address = nameless.person.email.partition("@")[0]
        names = [line.by for line in statement_for(ben).entries]
        assert names == ["Site staff", "Site staff", "Studio", "Studio", "Former member", address, "You", "Ada Byron"]

    def test_lead_to_the_picture_while_there_is_one_to_see_else_to_what_became_of_it(self, ben: Member) -> None:
        rows.fund(ben, 20)
        [generation] = rows.order(ben, 5)
        assert statement_for(ben).entries[0].url == f"/generations/{generation.pk}/"

        image = rows.succeed(generation)
        assert [line.url for line in statement_for(ben).entries[:2]] == [f"/images/{image.pk}/"] * 2

        Image.objects.update(deleted_at=clock.now())
        assert statement_for(ben).entries[0].url == f"/generations/{generation.pk}/"
        assert statement_for(ben).entries[-1].url is None

    def test_are_those_of_the_member_alone(self, ada: Member, ben: Member) -> None:
        give(ada, 50, actor="test")

        assert statement_for(ben).entries == []


class TestThePages:
    def test_follow_each_other_without_gap_or_repetition(self, ben: Member) -> None:
        account = ledger.account_of(ben)
        for number in range(PAGE_SIZE * 2):
            ledger.grant(account=account, amount=1, reason=f"{number}", key=rows.key(), actor="test")
        first = statement_for(ben)
        second = statement_for(ben, before=first.next_cursor)

        balances = [line.posted_after for line in [*first.entries, *second.entries]]
        assert balances == list(range(PAGE_SIZE * 2, 0, -1))
        assert len(first.entries) == PAGE_SIZE
        assert second.next_cursor is None

    @pytest.mark.parametrize("before", [0, 1, 10**30])
    def test_bear_any_cursor(self, ben: Member, before: int) -> None:
        rows.fund(ben, 5)

        assert len(statement_for(ben, before=before).entries) == (before > 1)

    def test_are_one_query_however_many_lines(
        self, ben: Member, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rows.fund(ben, 100)
        for generation in rows.order(ben, *[5] * 8):
            rows.cancel(generation)
        account = account_for(ben)
        with django_assert_num_queries(1):
            assert len(statement_of(account, Asked(), viewer=ben).entries) == 17


class TestAnAccountOfOthers:
    def test_is_for_those_who_manage(self, ada: Member, ben: Member) -> None:
        give(ben, 50, actor="command")
        pool, bens = account_for(ada, "pool"), account_for(ada, str(ben.pk))

        assert account_for(ben, "pool") is None
        assert account_for(ben, str(ada.pk)) is None
        assert account_for(ben, str(ben.pk)) == bens
        assert [(line.words, line.by) for line in statement_of(pool, Asked(), viewer=ada).entries] == [
            ("Moved out to Ben: June", "Site staff"),
            ("Credits added: June", "Site staff"),
        ]
        assert [line.delta_posted for line in statement_of(bens, Asked(), viewer=ada).entries] == [50]

    @pytest.mark.parametrize("whose", ["x", "-1", "0", "9" * 30, "\u0661", "1 OR 1=1"])
    def test_that_is_none_is_none(self, ada: Member, whose: str) -> None:
        assert account_for(ada, whose) is None

    def test_of_another_team_is_none(self, ada: Member) -> None:
        stranger = rows.join(rows.found(1000), Role.OWNER, name="Mallory")
        ledger.account_of(stranger)

        assert account_for(ada, str(stranger.pk)) is None

    def test_tells_no_words_of_a_private_picture(self, ada: Member, ben: Member) -> None:
        rows.fund(ben, 5)
        [generation] = rows.order(ben, 5)
        image = rows.succeed(generation)
        generation.share(private=True)
        [hold] = [
            line
            for line in statement_of(account_for(ada, str(ben.pk)), Asked(), viewer=ada).entries
            if line.kind == "hold"
        ]

        assert (hold.words, hold.url) == ("Set aside for a picture", None)
        assert statement_for(ben).entries[0].url == f"/images/{image.pk}/"


class TestAMonth:
    @pytest.fixture
    def past(self, ben: Member, pass_time: Callable[[float], None]) -> Member:
        """Two lines in an earlier month and one in this: about forty days lie between them."""
        rows.fund(ben, 30)
        pass_time(40 * 24 * 3600)
        ledger.grant(account=ledger.account_of(ben), amount=7, reason="later", key=rows.key(), actor="test")
        return ben

    def test_has_its_own_lines_and_the_balances_around_them(self, past: Member) -> None:
        month = Month.of(clock.now(), "UTC")
        shown = statement_for(past, month=month)

        assert [line.delta_posted for line in shown.entries] == [7]
        assert (shown.opening, shown.closing) == (30, 37)

    def test_begins_at_midnight_in_the_teams_zone(self, ben: Member) -> None:
        """The first of June begins in Auckland when it is still noon of the last of May in UTC."""
        month = Month(2026, 6)

        assert month.start("Pacific/Auckland").isoformat() == "2026-05-31T12:00:00+00:00"
        assert month.end("UTC").isoformat() == "2026-07-01T00:00:00+00:00"

    def test_of_the_file_begins_with_what_was_there_before(
        self, past: Member, signed_in: Callable[[Member], Client]
    ) -> None:
        month = Month.of(clock.now(), "UTC")
        lines = read(signed_in(past), month=str(month))

        assert [int(line["Change"]) for line in lines] == [30, 7]
        assert sum(int(line["Change"]) for line in lines) == int(lines[-1]["On account"]) == 37

    @pytest.mark.parametrize("text", ["", "2026-13", "2026-00", "x", "2026-1", "20261-1", "2026-\u0661\u0662", "99"])
    def test_that_is_none_is_none(self, text: str) -> None:
        assert Month.parse(text) is None


class TestTheFile:
    def test_adds_up_to_what_is_on_the_account(self, ben: Member, signed_in: Callable[[Member], Client]) -> None:
        give(ben, 50, actor="command")
        paid, stopped, part = rows.order(ben, 5, 5, 8)
        rows.succeed(paid)
        rows.cancel(stopped)
        rows.succeed(part, amount=3)
        lines = read(signed_in(ben))
        account = account_for(ben)

        assert account
        assert sum(int(line["Change"]) for line in lines) == account.posted
        assert sum(int(line["Change of what is set aside"]) for line in lines) == account.held
        assert len(lines) == account.entries.count() == len(list(whole_statement(account, None, viewer=ben)))

    def test_runs_nothing_in_a_spreadsheet(self, ben: Member, signed_in: Callable[[Member], Client]) -> None:
        account = ledger.account_of(ben)
        for evil in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", 'a "quoted", one'):
            ledger.grant(account=account, amount=1, reason=evil, key=rows.key(), actor="test")
        Person.objects.filter(memberships=ben).update(name="=HYPERLINK(1)")
        lines = read(signed_in(ben))

        assert [line["What"] for line in lines] == [
            f"Credits added: {evil}" for evil in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", 'a "quoted", one')
        ]
        assert not any(cell.lstrip(" ").startswith(("=", "+", "@")) for line in lines for cell in line.values())


def read(client: Client, **asked: str) -> list[dict[str, str]]:
    """The file, as a spreadsheet would read it."""
    answer = client.get(reverse("statement_file"), asked)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))
