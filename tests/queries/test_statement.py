"""What people read of their credits: their own lines, newest first, in pages, in two queries."""

import pytest
from pytest_django import DjangoAssertNumQueries

from generations import ledger
from generations.models import Image, Member, Reason, Role, State, clock
from generations.queries.statement import PAGE_SIZE, pool_statement_for, statement_for
from tests.ledger import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return rows.join(rows.found(), Role.OWNER, name="Ada Byron")


@pytest.fixture
def ben(ada: Member) -> Member:
    return rows.join(ada.team, name="Ben")


def give(member: Member, amount: int, *, actor: str, reason: str = "June") -> None:
    pool = ledger.pool_of(member.team)
    ledger.grant(account=pool, amount=amount, reason=reason, key=rows.key(), actor=actor)
    account = ledger.account_of(member)
    ledger.transfer(source=pool, target=account, amount=amount, reason=reason, key=rows.key(), actor=actor)


class TestTheFigures:
    def test_are_what_is_there_what_is_held_and_what_is_free(self, ben: Member) -> None:
        rows.fund(ben, 50)
        rows.order(ben, 5, 5)

        statement = statement_for(ben)

        assert (statement.posted, statement.held, statement.available) == (50, 10, 40)

    def test_show_the_pool_to_those_who_manage(self, ada: Member, ben: Member) -> None:
        ledger.grant(account=ledger.pool_of(ada.team), amount=30, reason="June", key="a", actor="test")

        assert statement_for(ada).pool_available == 30
        assert statement_for(ben).pool_available is None

    def test_of_a_member_without_account_are_zero(self, ada: Member) -> None:
        newcomer = Member.objects.create(team=ada.team, role=Role.VIEWER)

        statement = statement_for(newcomer)

        assert (statement.posted, statement.held, statement.available) == (0, 0, 0)
        assert (statement.entries, statement.next_cursor) == ([], None)


class TestTheLines:
    def test_say_what_happened_newest_first(self, ben: Member) -> None:
        give(ben, 50, actor="command")
        paid, stopped = rows.order(ben, 5, 5)
        rows.succeed(paid, amount=3)
        rows.cancel(stopped)
        ledger.refund(generation=paid, amount=2, reason="blurred", key="sorry", actor="test")

        lines = [(line.kind, line.words, line.delta_posted, line.delta_held) for line in statement_for(ben).entries]

        assert lines == [
            ("refund", "Given back for “a red boat on a grey lake”: blurred", 2, 0),
            ("release", "Returned for “a red boat on a grey lake”: Cancelled", 0, -5),
            ("settle", "Paid for “a red boat on a grey lake”", -3, -5),
            ("hold", "Set aside for “a red boat on a grey lake”", 0, 5),
            ("hold", "Set aside for “a red boat on a grey lake”", 0, 5),
            ("transfer_in", "Moved in: June", 50, 0),
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

        assert nameless.person is not None
        address = nameless.person.email.partition("@")[0]
        names = [line.by for line in statement_for(ben).entries]
        assert names == ["Studio", "Studio", "Former member", address, "You", "Ada Byron"]

    def test_lead_to_the_picture_while_there_is_one_to_see(self, ben: Member) -> None:
        rows.fund(ben, 20)
        [generation] = rows.order(ben, 5)
        assert statement_for(ben).entries[0].url is None

        image = rows.succeed(generation)
        assert [line.url for line in statement_for(ben).entries[:2]] == [f"/images/{image.pk}/"] * 2

        Image.objects.update(deleted_at=clock.now())
        assert statement_for(ben).entries[0].url is None

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

    def test_are_two_queries_however_many_lines(
        self, ben: Member, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rows.fund(ben, 100)
        for generation in rows.order(ben, *[5] * 8):
            rows.cancel(generation)
        with django_assert_num_queries(2):
            assert len(statement_for(ben).entries) == 17


class TestThePoolsStatement:
    def test_is_for_those_who_manage(self, ada: Member, ben: Member) -> None:
        give(ben, 50, actor="command")

        assert pool_statement_for(ben) is None
        statement = pool_statement_for(ada)

        assert statement is not None
        assert [(line.words, line.by) for line in statement.entries] == [
            ("Moved out: June", "Studio"),
            ("Credits added: June", "Studio"),
        ]
        assert statement.pool_available == statement.available == 0

    def test_of_a_team_without_credits_is_empty(self, ada: Member) -> None:
        statement = pool_statement_for(ada)

        assert statement is not None
        assert (statement.entries, statement.available) == ([], 0)

    def test_shows_no_other_team(self, ada: Member) -> None:
        rows.found(1000)

        assert statement_for(ada).pool_available == 0
