"""The statement through its address: a cursor nobody was given shows the newest lines."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Member, clock
from generations.queries.months import Month
from tests.conftest import Cast
from tests.ledger import rows


@pytest.mark.parametrize("before", ["9" * 18, "9" * 19, "9" * 5000, "-1", "\u0661", "x", ""])
def test_answers_whatever_the_cursor(cast: Cast, signed_in: Callable[[Member], Client], before: str) -> None:
    answer = signed_in(cast.ada).get(reverse("credits"), {"before": before})

    assert answer.status_code == 200
    assert b"Moved in" in answer.content or b"Credits added" in answer.content


class TestAMonth:
    def edges(self, client: Client, **asked: str) -> list[str]:
        """The lines of the page that are no entries: what was there before, at the end, or now."""
        page = client.get(reverse("credits"), asked).content.decode()
        return re.findall(r"(Before [A-Z]\w+ \d{4}|At the end of [A-Z]\w+ \d{4}|>Now<)", page)

    def test_says_its_edges_above_its_newest_lines_and_below_its_oldest_alone(
        self, cast: Cast, signed_in: Callable[[Member], Client], pass_time: Callable[[float], None]
    ) -> None:
        month, account = Month.of(clock.now(), "UTC"), ledger.account_of(cast.ben)
        for number in range(60):
            ledger.grant(account=account, amount=1, reason="one", key=f"{number}", actor="test")
        ben, second = signed_in(cast.ben), str(rows.now(account).seq - 49)

        assert self.edges(ben, month=str(month)) == [">Now<"]
        assert self.edges(ben, month=str(month), before=second) == [f"Before {month.label}"]
        pass_time(40 * 24 * 3600)
        ben = signed_in(cast.ben)
        assert self.edges(ben, month=str(month)) == [f"At the end of {month.label}"]
        assert self.edges(ben, month=str(month), before=second) == [f"Before {month.label}"]

    def test_under_way_is_now_only_while_no_line_is_dated_after_it(
        self, cast: Cast, signed_in: Callable[[Member], Client], pass_time: Callable[[float], None]
    ) -> None:
        month = Month.of(clock.now(), "UTC")
        pass_time(40 * 24 * 3600)
        ledger.grant(account=ledger.account_of(cast.ben), amount=1, reason="ahead", key="ahead", actor="test")
        pass_time(-40 * 24 * 3600)

        expected = [f"At the end of {month.label}", f"Before {month.label}"]
        assert self.edges(signed_in(cast.ben), month=str(month)) == expected


def test_the_file_of_a_narrowed_statement_says_that_it_has_all_kinds(
    cast: Cast, signed_in: Callable[[Member], Client]
) -> None:
    month, ben = Month.of(clock.now(), "UTC"), signed_in(cast.ben)

    def button(**asked: str) -> str:
        page = ben.get(reverse("credits"), asked).content.decode()
        [words] = re.findall(r"</svg> (CSV[^<]*)</a>", page)
        return str(words)

    assert button() == "CSV"
    assert button(kind="settle") == "CSV, all kinds"
    assert button(kind="settle", month=str(month)) == f"CSV of {month.label}, all kinds"
