"""A statement on paper: whose, of when, the totals that lead from one balance to the other, and every line."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from generations import ledger
from generations.models import Member, clock
from generations.queries import statement_sheet
from generations.queries.months import Month
from generations.queries.statement import Asked, account_for
from generations.queries.statement_sheet import Sheet, sheet_of
from tests.conftest import Cast
from tests.making import finish_one, make_waiting

SignIn = Callable[[Member], Client]


def sheet_for(member: Member, **asked: object) -> Sheet:
    """Of the member's own account."""
    kinds = {"settle": "Paid", "hold": "Set aside"}
    return sheet_of(account_for(member), Asked(**asked), viewer=member, kinds=kinds)  # type: ignore[arg-type]  # as asked


def read(answer_text: bytes) -> str:
    return re.sub(r"\s+", " ", strip_tags(answer_text.decode().replace("<", " <")))


class TestTheTotals:
    def test_lead_from_the_balance_before_to_the_one_after(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(40 * 24 * 3600)
        finish_one(cast.ben)
        make_waiting(cast.ben)
        sheet = sheet_for(cast.ben, month=Month.of(clock.now(), "UTC"))

        assert (sheet.opening, sheet.closing, sheet.held) == (500, 495, 5)
        assert [(total.words, total.amount) for total in sheet.totals] == [("Paid for pictures", -5)]
        assert sheet.closing == ledger.account_of(cast.ben).posted

    def test_of_all_lines_end_at_what_is_on_the_account(self, cast: Cast) -> None:
        finish_one(cast.ben)
        sheet = sheet_for(cast.ben)

        assert (sheet.opening, sheet.closing) == (0, 495)
        assert [row.line.posted_after for row in sheet.rows][-1] == 495

    def test_are_of_all_kinds_where_only_some_are_listed(self, cast: Cast) -> None:
        finish_one(cast.ben)
        sheet = sheet_for(cast.ben, kinds=frozenset({"settle"}))

        assert [row.line.kind for row in sheet.rows] == ["settle"]
        assert (sheet.only, sheet.closing) == ("Paid", 495)

    def test_are_of_every_line_where_there_are_too_many_to_print(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statement_sheet, "LINES_MAX", 2)
        finish_one(cast.ben)
        sheet = sheet_for(cast.ben)

        assert (len(sheet.rows), sheet.is_cut, sheet.closing) == (2, True, 495)

    def test_of_a_member_without_account_are_none(self, cast: Cast) -> None:
        sheet = sheet_of(None, Asked(), viewer=cast.vera, kinds={})

        assert (sheet.rows, sheet.totals, sheet.closing) == ([], [], 0)


class TestThePage:
    def test_has_a_letterhead_with_team_account_and_period(self, cast: Cast, signed_in: SignIn) -> None:
        cast.team.time_zone = "Pacific/Auckland"
        cast.team.save()
        month = Month.of(clock.now(), "Pacific/Auckland")
        text = read(signed_in(cast.ben).get(reverse("statement_sheet"), {"month": str(month)}).content)

        for words in ("North", "Account Ben", f"Period {month.label}", "Pacific/Auckland", "Balance after 500"):
            assert words in text

    def test_of_the_pool_is_for_who_manages_the_team(self, cast: Cast, signed_in: SignIn) -> None:
        pool = {"whose": "pool"}

        assert "Account The team’s pool" in read(signed_in(cast.ada).get(reverse("statement_sheet"), pool).content)
        assert signed_in(cast.ben).get(reverse("statement_sheet"), pool).status_code == 404

    def test_of_another_team_is_not_there(self, cast: Cast, signed_in: SignIn) -> None:
        address = reverse("statement_sheet")

        assert signed_in(cast.mallory).get(address, {"whose": str(cast.ben.pk)}).status_code == 404
        assert signed_in(cast.ben).get(address, {"whose": str(cast.ada.pk)}).status_code == 404

    def test_is_reached_from_the_statement_with_what_was_asked_for(self, cast: Cast, signed_in: SignIn) -> None:
        month = str(Month.of(clock.now(), "UTC"))
        page = signed_in(cast.ada).get(reverse("credits"), {"whose": "pool", "month": month, "kind": "grant"}).content

        asked = f"?whose=pool&amp;month={month}&amp;kind=grant".encode()
        assert reverse("statement_sheet").encode() + asked in page
