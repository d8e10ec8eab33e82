"""What failed is offered again at the price of today, or not at all; never at the price of the day it was ordered."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from generations import ledger
from generations.models import Generation, Member, Price, Role, State
from generations.queries import feed
from generations.queries.retries import Retries, Retry
from tests.bureau import drawn_there, open_bureau
from tests.conftest import Cast, join
from tests.making import fail_one, finish_one, hand_over, make_waiting, set_price

HTMX = {"HX-Request": "true"}
SignIn = Callable[[Member], Client]


def retry_of(row: Generation, viewer: Member) -> Retry:
    return Retries(viewer).of(row, row.offer())


class TestTheWayToAskAgain:
    @pytest.mark.parametrize("today", [3, 5, 7])
    def test_costs_what_it_costs_today(self, cast: Cast, today: int) -> None:
        failed = fail_one(cast.ben)
        set_price("demo", "painter", today)

        assert retry_of(failed, cast.ben).price == today
        assert failed.price == 5

    def test_costs_what_its_choices_cost(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn_there(finish_one(cast.ben), open_bureau(cast.team, monkeypatch), hours=1)
        row = make_waiting(cast.ben)
        row.provider, row.offer_key, row.choices = "bureau", "large", {"resolution": "8k", "copy": "jpeg"}
        set_price("bureau", "large", 20, choice="resolution=8k")

        assert retry_of(row, cast.ben).price == 20

    def test_is_closed_without_a_price_and_says_who_can_set_one(self, cast: Cast) -> None:
        failed = fail_one(cast.ben)
        Price.objects.all().strike()
        closed = retry_of(failed, cast.ben)

        assert (closed.price, closed.key) == (None, "")
        assert (closed.why, closed.hint) == ("It has no price now.", "The studio’s staff can set one.")

    def test_is_closed_where_nobody_sells_it_any_more(self, cast: Cast) -> None:
        closed = Retries(cast.ben).of(fail_one(cast.ben), None)

        assert (closed.price, closed.why) == (None, "This model is no longer set up.")

    def test_says_what_the_balance_of_who_looks_lacks_and_where_more_comes_from(self, cast: Cast) -> None:
        failed = fail_one(cast.ben)
        poor = join(cast.team, "Pia", Role.CREATOR, credits=2)
        retry = retry_of(failed, poor)

        assert (retry.balance, retry.missing, retry.ask_url, retry.own_pool) == (2, 3, reverse("asks"), False)
        assert retry_of(failed, cast.ben).missing == 0
        assert retry_of(failed, cast.ada).ask_url == reverse("member_credits", args=[cast.ada.pk])

    def test_has_a_key_of_its_own_each_time(self, cast: Cast) -> None:
        failed = fail_one(cast.ben)
        assert retry_of(failed, cast.ben).key != retry_of(failed, cast.ben).key


class TestAPage:
    def test_that_shows_no_such_picture_asks_nothing(self, cast: Cast) -> None:
        with CaptureQueriesContext(connection) as queries:
            Retries(cast.ben)

        assert len(queries) == 0

    def test_shows_todays_price_and_sends_when_it_was_made(self, cast: Cast, signed_in: SignIn) -> None:
        failed = fail_one(cast.ben)
        set_price("demo", "painter", 7)
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()
        form = page.split(f'action="{reverse("generation_retry", args=[failed.pk])}"')[1].split("</form>")[0]

        assert "Retry · 7\xa0credits" in form
        assert re.search(r'name="priced_at" value="\d+\.\d{3}"', form)

    def test_without_a_price_shows_no_button_and_says_why(self, cast: Cast, signed_in: SignIn) -> None:
        failed = fail_one(cast.ben)
        Price.objects.all().strike()
        page = signed_in(cast.ben).get(reverse("generation", args=[failed.pk])).content.decode()

        assert f'action="{reverse("generation_retry", args=[failed.pk])}"' not in page
        assert "It has no price now. The studio’s staff can set one." in strip_tags(page)
        assert "Edit prompt" in page

    def test_says_what_is_missing_at_the_button(self, cast: Cast, signed_in: SignIn) -> None:
        fail_one(cast.ben)
        ledger.transfer(
            source=ledger.account_of(cast.ben), target=ledger.pool_of(cast.team), amount=498, reason="x", key="x",
            actor="t",
        )  # fmt: skip
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()

        words = strip_tags(page.split("data-short>")[-1].split("</p>")[0])
        assert words == "Needs 3 more credits than your 2. Ask for more"
        assert f"{reverse('asks')}?amount=3" in page

    def test_costs_the_same_however_many_failed(self, cast: Cast, signed_in: SignIn) -> None:
        ben, counts = signed_in(cast.ben), []
        for number in (1, 5):
            for _ in range(number):
                fail_one(cast.ben)
            with CaptureQueriesContext(connection) as queries:
                assert b"Retry" in ben.get(reverse("studio")).content
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_that_polls_pays_the_same_however_many_failed(self, cast: Cast) -> None:
        assert cast.ben.person
        counts = []
        for number in (1, 5):
            rows = [hand_over(make_waiting(cast.ben)) for _ in range(number)]
            now = feed.standing(cast.ben.person)
            assert now
            cursor = feed.cursor_of(now)
            for row in rows:
                assert row.move(State.FAILED, actor="test", reason="vendor")
            now = feed.standing(cast.ben.person)
            assert now
            with CaptureQueriesContext(connection) as queries:
                news = feed.updates_since(now, cursor)
            assert news
            assert sum(card.retry is not None for card in news.cards) >= number
            counts.append(len(queries))

        assert counts[0] == counts[1]
