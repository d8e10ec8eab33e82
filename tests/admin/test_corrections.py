"""Corrections and refunds: a reason, a page that says what they do, and one line however often it is pressed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import AuditEntry, CreditEntry
from generations.queries.statement import Asked, account_for, statement_of
from generations.services.auditing import audit
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import fail_one, finish_one


@pytest.fixture
def desk(cast: Cast) -> Client:
    return seated(person_of("operator"))


def adjustment(cast: Cast) -> str:
    return reverse("admin:generations_creditentry_adjustment", args=[ledger.account_of(cast.ben).pk])


def body(**changes: str) -> dict[str, str]:
    return {"amount": "30", "reason": "Paid twice", "key": "desk:one"} | changes


class TestACorrection:
    def test_is_asked_about_first(self, cast: Cast, desk: Client) -> None:
        before = ledger.account_of(cast.ben).posted
        page = desk.post(adjustment(cast), body()).content.decode()
        assert "+30 credits on the account of Ben" in page
        assert "Paid twice" in page
        assert ledger.account_of(cast.ben).posted == before

    @pytest.mark.parametrize(("amount", "words"), [("30", "+30"), ("-7", "-7")])
    def test_moves_the_balance_once_and_says_why(self, cast: Cast, desk: Client, amount: str, words: str) -> None:
        before = ledger.account_of(cast.ben).posted
        for _ in range(2):
            answer = desk.post(adjustment(cast), body(amount=amount, confirmed="1"), follow=True)
        assert "nothing was added" in answer.content.decode()
        assert ledger.account_of(cast.ben).posted == before + int(amount)
        line = statement_of(account_for(cast.ben), Asked(), viewer=cast.ben).entries[0]
        assert (line.words, line.by, line.delta_posted) == ("Correction: Paid twice", "Site staff", int(words))
        noted = AuditEntry.objects.get(action="credits_adjusted")
        assert (noted.after["credits"], noted.after["reason"]) == (int(amount), "Paid twice")
        assert audit() == []

    @pytest.mark.parametrize("wrong", [{"amount": "0"}, {"amount": "-99999"}], ids=["nothing", "more than is free"])
    def test_that_cannot_be_keeps_what_was_typed(self, cast: Cast, desk: Client, wrong: dict[str, str]) -> None:
        entries = CreditEntry.objects.count()
        page = desk.post(adjustment(cast), body(**wrong, confirmed="1")).content.decode()
        assert "Nothing was changed." in page
        assert 'value="Paid twice"' in page
        assert CreditEntry.objects.count() == entries

    @pytest.mark.parametrize(
        "wrong",
        [{"amount": ""}, {"amount": "1.5"}, {"amount": "9" * 30}, {"reason": " "}, {"reason": "x" * 10_000},
         {"reason": "a\0b"}, {"key": ""}],
        ids=lambda one: next(iter(one)),
    )  # fmt: skip
    def test_that_makes_no_sense_is_told_at_the_field(self, cast: Cast, desk: Client, wrong: dict[str, str]) -> None:
        answer = desk.post(adjustment(cast), body(confirmed="1", **wrong))
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()

    def test_goes_back_to_the_form_with_what_was_typed(self, cast: Cast, desk: Client) -> None:
        page = desk.post(adjustment(cast), body(again="1")).content.decode()
        assert re.search(r'<input type="text" name="reason" value="Paid twice"', page)

    def test_is_nobody_elses(self, cast: Cast) -> None:
        entries = CreditEntry.objects.count()
        assert seated(person_of("moderator")).post(adjustment(cast), body(confirmed="1")).status_code == 403
        assert CreditEntry.objects.count() == entries


class TestARefund:
    def test_gives_back_once_what_was_paid_at_most(self, cast: Cast, desk: Client) -> None:
        row = finish_one(cast.ben).generation
        place, before = reverse("admin:generations_creditentry_refund", args=[row.pk]), ledger.account_of(cast.ben)
        assert f'value="{row.price}"' in desk.get(place).content.decode()
        assert "cannot be given back" in _sent(desk, place, amount=str(row.price + 1))
        assert "Done." in _sent(desk, place, amount=str(row.price))
        assert "refunded already" in _sent(desk, place, amount="1", key="desk:two")

        assert ledger.account_of(cast.ben).posted == before.posted + row.price
        line = statement_of(account_for(cast.ben), Asked(), viewer=cast.ben).entries[0]
        assert line.words == "Given back for “a lamp on a table”: Paid twice"
        assert AuditEntry.objects.filter(action="credits_refunded", target=f"generation:{row.pk}").count() == 1
        assert audit() == []

    def test_is_not_offered_for_what_cost_nothing_or_went_back(self, cast: Cast, desk: Client) -> None:
        paid, failed = finish_one(cast.ben).generation, fail_one(cast.ben)
        pages = {row.pk: reverse("admin:generations_generation_change", args=[row.pk]) for row in (paid, failed)}
        assert [desk.get(pages[row.pk]).context["may_refund"] for row in (paid, failed)] == [True, False]
        place = reverse("admin:generations_creditentry_refund", args=[failed.pk])
        assert "Nothing was paid for this picture." in _sent(desk, place, amount="1")
        _sent(desk, reverse("admin:generations_creditentry_refund", args=[paid.pk]), amount="1")
        assert not desk.get(pages[paid.pk]).context["may_refund"]


def _sent(desk: Client, place: str, **changes: str) -> str:
    return desk.post(place, body(**changes, confirmed="1"), follow=True).content.decode()
