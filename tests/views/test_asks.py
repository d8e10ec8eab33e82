"""Giving, asking and answering through their addresses."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Allowance, Answer, CreditAsk, Member
from generations.queries.allowances import next_reset
from generations.queries.statement import Asked, account_for, statement_of
from generations.services import asking, proving
from tests.conftest import PASSWORD, Cast
from tests.views.test_studio import HTMX

SignIn = Callable[[Member], Client]


class TestGiving:
    def test_by_the_form_moves_credits_once(self, cast: Cast, signed_in: SignIn) -> None:
        before, ada = ledger.account_of(cast.ben).posted, signed_in(cast.ada)
        form = {"amount": "25", "reason": "the fair", "request_key": "k1"}
        for _ in range(2):
            answer = ada.post(reverse("member_credits", args=[cast.ben.pk]), form)
            assert answer.headers["Location"] == reverse("team")

        assert ledger.account_of(cast.ben).posted == before + 25

    @pytest.mark.parametrize("amount", ["", "0", "-5", "1.5", "x", "9" * 30])
    def test_of_a_wrong_amount_says_so_and_keeps_what_was_typed(
        self, cast: Cast, signed_in: SignIn, amount: str
    ) -> None:
        form = {"amount": amount, "reason": "the fair"}
        answer = signed_in(cast.ada).post(reverse("member_credits", args=[cast.ben.pk]), form, headers=HTMX)

        assert answer.status_code == 422
        assert b"the fair" in answer.content
        assert b"field__error" in answer.content

    def test_to_a_member_of_another_team_is_not_found(self, cast: Cast, signed_in: SignIn) -> None:
        address = reverse("member_credits", args=[cast.mallory.pk])

        assert signed_in(cast.ada).post(address, {"amount": "1", "reason": "x"}).status_code == 404

    def test_by_a_creator_is_refused(self, cast: Cast, signed_in: SignIn) -> None:
        address = reverse("member_credits", args=[cast.ben.pk])

        assert signed_in(cast.ben).post(address, {"amount": "1", "reason": "x"}).status_code == 403

    def test_asks_again_who_one_is_after_five_minutes(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        before, ada = ledger.account_of(cast.ben).posted, signed_in(cast.ada)
        pass_time(301)
        answer = ada.post(reverse("member_credits", args=[cast.ben.pk]), {"amount": "25", "reason": "the fair"})

        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert ledger.account_of(cast.ben).posted == before


class TestAsking:
    def test_leads_by_the_inbox_to_an_answer(self, cast: Cast, signed_in: SignIn) -> None:
        before = ledger.account_of(cast.ben).posted
        signed_in(cast.ben).post(reverse("asks"), {"amount": "30", "reason": "A poster"})
        ada, ask = signed_in(cast.ada), CreditAsk.objects.get()
        assert reverse("ask", args=[ask.pk]) in ada.get(reverse("inbox")).content.decode()
        assert b"A poster" in ada.get(reverse("ask", args=[ask.pk])).content
        ada.post(reverse("ask", args=[ask.pk]), {"amount": "30", "decision": "approve"})

        assert ledger.account_of(cast.ben).posted == before + 30
        assert b"gave you 30 credits" in signed_in(cast.ben).get(reverse("inbox")).content

    def test_twice_says_that_nobody_answered_yet(self, cast: Cast, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)
        ben.post(reverse("asks"), {"amount": "30", "reason": "A poster"})
        answer = ben.post(reverse("asks"), {"amount": "31", "reason": "A banner"})

        assert answer.status_code == 422
        assert b"nobody has answered yet" in answer.content
        assert b"A banner" in answer.content

    def test_is_answered_by_nobody_outside(self, cast: Cast, signed_in: SignIn) -> None:
        ask = asking.ask(member=cast.ben, amount=30, reason="A poster")
        address = reverse("ask", args=[ask.pk])

        assert signed_in(cast.mallory).get(address).status_code == 404
        assert signed_in(cast.ben).post(address, {"amount": "30", "decision": "approve"}).status_code == 403
        assert CreditAsk.objects.get().answer == Answer.OPEN

    def test_is_declined_without_an_amount(self, cast: Cast, signed_in: SignIn) -> None:
        ask = asking.ask(member=cast.ben, amount=30, reason="A poster")
        form = {"amount": "", "decision": "decline", "words": "Next month"}
        signed_in(cast.ada).post(reverse("ask", args=[ask.pk]), form)

        assert CreditAsk.objects.get().answer == Answer.DECLINED

    def test_from_where_credits_are_missing_names_the_amount(self, cast: Cast, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)

        assert b'value="33"' in ben.get(reverse("asks"), {"amount": "33"}).content
        for wrong in ("0", "-3", "x", "1.5", "9" * 40, "\u0661", "1 OR 1=1"):
            answer = ben.get(reverse("asks"), {"amount": wrong})
            assert answer.status_code == 200
            assert b'type="number" name="amount" value' not in answer.content

    def test_over_a_page_says_so_there_and_leaves_it_as_it_was(self, cast: Cast, signed_in: SignIn) -> None:
        form = {"amount": "30", "reason": "A poster"}
        answer = signed_in(cast.ben).post(reverse("asks"), form, headers=HTMX)

        assert answer.status_code == 200
        assert "HX-Refresh" not in answer.headers
        assert b"Asked." in answer.content

    def test_stands_on_ones_page_until_it_is_answered(self, cast: Cast, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)
        ben.post(reverse("asks"), {"amount": "30", "reason": "A poster"})
        assert b"Nobody has answered yet" in ben.get(reverse("credits")).content

        asking.decline(by=cast.ada, ask=CreditAsk.objects.get(), words="Next month")
        assert b"Nobody has answered yet" not in ben.get(reverse("credits")).content

    def test_shows_what_giving_does_to_both_accounts(self, cast: Cast, signed_in: SignIn) -> None:
        ask = asking.ask(member=cast.ben, amount=30, reason="A poster")
        pool = ledger.pool_of(cast.team).posted
        page = signed_in(cast.ada).get(reverse("ask", args=[ask.pk])).content.decode()

        assert f'data-from="{pool}">{pool - 30:,}<' in page
        assert 'data-from="500">530<' in page

    def test_is_written_with_both_names(self, cast: Cast, signed_in: SignIn) -> None:
        ask = asking.ask(member=cast.ben, amount=30, reason="A poster")
        asking.approve(by=cast.ada, ask=ask, amount=30)

        pool = signed_in(cast.ada).get(reverse("credits"), {"whose": "pool"}).content.decode()
        assert "Moved out to Ben: Asked for: A poster" in pool
        own = statement_of(account_for(cast.ben), Asked(), viewer=cast.ben).entries[0]
        assert (own.words, own.by) == ("Moved in from the team’s pool: Asked for: A poster", "Ada")


class TestTheAnswer:
    @pytest.fixture
    def address(self, cast: Cast) -> str:
        return reverse("ask", args=[asking.ask(member=cast.ben, amount=30, reason="A poster").pk])

    @pytest.mark.parametrize("decision", ["approve", "decline"])
    def test_goes_out_with_the_word_that_was_written(
        self, cast: Cast, signed_in: SignIn, address: str, decision: str
    ) -> None:
        ada = signed_in(cast.ada)
        ada.post(address, {"amount": "20", "words": "Mind the size", "decision": decision})

        assert CreditAsk.objects.get().words == "Mind the size"
        assert "Mind the size" in ada.get(address).content.decode()
        assert "Mind the size" in signed_in(cast.ben).get(reverse("inbox")).content.decode()

    def test_says_what_the_next_monthly_credits_make_of_it(self, cast: Cast, signed_in: SignIn, address: str) -> None:
        ada, ben = signed_in(cast.ada), signed_in(cast.ben)
        assert "counts towards it" not in ada.get(address).content.decode()
        Allowance.objects.create(member=cast.ben, amount=500, rollover=100, paid="9999-12")
        reset = next_reset(cast.team)
        sheet = reverse("member_credits", args=[cast.ben.pk])
        for page in (address, sheet):
            told = ada.get(page).content.decode()
            assert f"On {reset.day} (UTC) the monthly credits of Ben fill the account up to 600" in told
        ada.post(address, {"amount": "20", "words": "", "decision": "approve"})
        ada.post(sheet, {"amount": "25", "reason": "the fair", "request_key": "k1"})

        told = ben.get(reverse("inbox")).content.decode()
        assert told.count(f"On {reset.day} (UTC) your monthly credits fill your account up to 600") == 2

    def test_is_kept_while_one_shows_again_who_one_is(
        self, cast: Cast, signed_in: SignIn, address: str, pass_time: Callable[[float], None]
    ) -> None:
        ada, other = signed_in(cast.ada), asking.ask(member=cast.vera, amount=5, reason="Another")
        pass_time(301)
        answer = ada.post(address, {"amount": "17", "words": "Mind “it” <b>", "decision": "approve"})
        way = urlsplit(answer.headers["Location"])
        assert (way.netloc, way.path) == ("", reverse("account_reauthenticate"))
        assert parse_qs(way.query) == {"next": [address]}
        assert not CreditAsk.objects.exclude(answer=Answer.OPEN).exists()
        back = ada.post(answer.headers["Location"], {"password": PASSWORD})
        assert back.headers["Location"] == address
        assert "Mind" not in ada.get(reverse("ask", args=[other.pk])).content.decode()

        page = ada.get(address).content.decode()
        assert 'value="17"' in page
        assert 'value="Mind “it” &lt;b&gt;"' in page
        assert 'data-from="500">517<' in page
        assert 'value="30"' in ada.get(address).content.decode()

    def test_that_is_kept_is_short_and_not_kept_for_long(
        self, cast: Cast, signed_in: SignIn, address: str, pass_time: Callable[[float], None]
    ) -> None:
        ada = signed_in(cast.ada)
        pass_time(301)
        for _ in range(3):
            ada.post(address, {"amount": "17", "words": "x" * 100_000, "decision": "approve", "password": "hush"})
        kept = ada.session["kept"]
        assert kept["fields"] == {"amount": "17", "words": "x" * 300}
        pass_time(3601)
        session = ada.session
        proving.record(session)
        session.save()

        assert 'value="30"' in ada.get(address).content.decode()
        assert "kept" not in ada.session
