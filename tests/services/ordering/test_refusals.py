"""A page that is out of date never takes more than it said; what has no price is not sold."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Batch, Generation, Member, Price, clock
from tests.conftest import Cast
from tests.making import fail_one, finish_one, make_waiting
from tests.views.test_studio import HTMX, ORDER

SignIn = Callable[[Member], Client]


def now() -> str:
    """As a page that is made now says when it was made."""
    return f"{clock.now().timestamp():.3f}"


def price(offer: str, credits: int, choice: str = "") -> None:
    """From this moment on."""
    Price.objects.create(provider="demo", offer_key=offer, credits=credits, choice=choice, starts_at=clock.now())


class TestAPageFromBefore:
    def test_takes_no_higher_price_and_keeps_what_was_typed(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        seen = now()
        pass_time(60)
        price("painter", 7)
        pass_time(60)
        ben = signed_in(cast.ben)
        answer = ben.post(reverse("batches"), ORDER | {"priced_at": seen}, headers=HTMX)

        text = answer.content.decode()
        assert answer.status_code == 422
        assert "went from 5 to 7 credits since this page was made. Nothing was charged." in text
        assert ORDER["prompt"] in text
        assert not Batch.objects.exists()
        assert ledger.account_of(cast.ben).held == 0
        # The form that came back knows the new price: pressing again is agreeing to it.
        again = text.split('name="priced_at" value="')[1].split('"')[0]
        assert ben.post(reverse("batches"), ORDER | {"priced_at": again}, headers=HTMX).status_code == 200
        assert {row.price for row in Generation.objects.all()} == {7}

    def test_gets_a_lower_price(self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]) -> None:
        seen = now()
        pass_time(60)
        price("painter", 3)
        pass_time(60)
        signed_in(cast.ben).post(reverse("batches"), ORDER | {"priced_at": seen}, headers=HTMX)

        assert {row.price for row in Generation.objects.all()} == {3}

    @pytest.mark.parametrize("word", ["", "x", "-1", "9" * 30, "nan", "1e99", "9999999999.5", "\u0661"])
    def test_that_says_nothing_sensible_pays_what_it_costs_now(self, cast: Cast, signed_in: SignIn, word: str) -> None:
        answer = signed_in(cast.ben).post(reverse("batches"), ORDER | {"priced_at": word}, headers=HTMX)

        assert answer.status_code == 200

    def test_that_was_sent_before_the_price_rose_is_known_and_not_refused(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        ben, form = signed_in(cast.ben), ORDER | {"priced_at": now(), "request_key": "once"}
        ben.post(reverse("batches"), form, headers=HTMX)
        pass_time(60)
        price("painter", 7)
        pass_time(60)

        assert ben.post(reverse("batches"), form, headers=HTMX).status_code == 200
        assert Batch.objects.count() == 1

    def test_of_ways_to_enlarge_takes_no_higher_price_either(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        address = reverse("image_upscale", args=[finish_one(cast.ben).pk])
        seen = now()
        pass_time(60)
        price("enlarge-2x", 90)
        pass_time(60)
        answer = signed_in(cast.ben).post(address, {"choice": "demo:enlarge-2x", "priced_at": seen}, headers=HTMX)

        assert answer.status_code == 422
        assert "to 90 credits since this page was made" in answer.content.decode()
        assert Batch.objects.count() == 1

    def test_that_showed_no_price_takes_none(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        before = f"{Price.objects.earliest('starts_at').starts_at.timestamp() - 1:.3f}"
        answer = signed_in(cast.ben).post(reverse("batches"), ORDER | {"priced_at": before}, headers=HTMX)

        assert answer.status_code == 422
        assert "had no price when this page was made; it costs 5 credits now. Nothing was charged." in (
            answer.content.decode()
        )
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("page", ["composer", "sheet"])
    def test_is_held_to_what_it_read_however_long_it_took(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None], page: str
    ) -> None:
        """A price begins between the page's first query and its last: what it sends back is what it showed."""
        ben = signed_in(cast.ben)
        is_sheet = page == "sheet"
        address = reverse("image_upscale", args=[finish_one(cast.ben).pk]) if is_sheet else reverse("studio")
        offer = "enlarge-2x" if is_sheet else "painter"
        Price.objects.create(
            provider="demo", offer_key=offer, credits=90, starts_at=clock.now() + timedelta(seconds=1800)
        )

        def slowly(execute: Callable[..., object], *facts: object) -> object:
            """Every query after the book was read takes an hour."""
            found = execute(*facts)
            if 'FROM "generations_price"' in str(facts[0]):
                pass_time(3600)
            return found

        with connection.execute_wrapper(slowly):
            text = ben.get(address, headers=HTMX if is_sheet else {}).content.decode()
        shown = text.split('name="priced_at" value="')[1].split('"')[0]
        order = {"choice": f"demo:{offer}"} if is_sheet else ORDER
        answer = ben.post(address if is_sheet else reverse("batches"), order | {"priced_at": shown}, headers=HTMX)

        assert answer.status_code == 422
        assert "to 90 credits since this page was made" in answer.content.decode()


class TestACardFromBefore:
    """A card of a failed picture stays on an open page for hours."""

    def press(self, client: Client, address: str, card: str) -> str:
        """Its button, with what is in its form; returns what came back."""
        form = card.split(f'action="{address}"')[1].split("</form>")[0]
        fields = dict(re.findall(r'name="(request_key|priced_at)" value="([^"]+)"', form))
        return client.post(address, fields, headers=HTMX).content.decode()

    def test_takes_no_higher_price_but_brings_the_new_one_to_be_pressed(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        failed, ben = fail_one(cast.ben), signed_in(cast.ben)
        address = reverse("generation_retry", args=[failed.pk])
        page = ben.get(reverse("studio")).content.decode()
        pass_time(60)
        price("painter", 7)
        pass_time(60)
        answer = self.press(ben, address, page)

        assert "went from 5 to 7 credits since this page was made. Nothing was charged." in answer
        assert (Generation.objects.count(), ledger.account_of(cast.ben).held) == (1, 0)
        assert f'id="generation-{failed.pk}"' in answer
        assert "Retry · 7\xa0credits" in answer
        self.press(ben, address, answer)
        assert Generation.objects.get(retry_of=failed).price == 7

    def test_loses_its_button_when_the_price_is_gone(self, cast: Cast, signed_in: SignIn) -> None:
        failed, ben = fail_one(cast.ben), signed_in(cast.ben)
        address = reverse("generation_retry", args=[failed.pk])
        page = ben.get(reverse("studio")).content.decode()
        Price.objects.all().strike()
        answer = self.press(ben, address, page)

        assert f'action="{address}"' not in answer
        assert "It has no price now" in answer
        assert Generation.objects.count() == 1

    def test_gets_a_lower_price(self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]) -> None:
        failed, ben = fail_one(cast.ben), signed_in(cast.ben)
        page = ben.get(reverse("studio")).content.decode()
        pass_time(60)
        price("painter", 3)
        pass_time(60)
        self.press(ben, reverse("generation_retry", args=[failed.pk]), page)

        assert Generation.objects.get(retry_of=failed).price == 3

    def test_that_was_made_after_a_rise_is_taken_at_the_first_press(
        self, cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        failed, ben = fail_one(cast.ben), signed_in(cast.ben)
        pass_time(60)
        price("painter", 7)
        pass_time(60)
        self.press(ben, reverse("generation_retry", args=[failed.pk]), ben.get(reverse("studio")).content.decode())

        assert Generation.objects.get(retry_of=failed).price == 7


def test_a_balance_that_shrank_meanwhile_refuses_and_says_what_is_missing_and_the_ways_out(
    cast: Cast, signed_in: SignIn
) -> None:
    ledger.transfer(
        source=ledger.account_of(cast.ben), target=ledger.pool_of(cast.team), amount=493, reason="x", key="x", actor="t"
    )
    answer = signed_in(cast.ben).post(reverse("batches"), ORDER | {"count": "2"}, headers=HTMX)
    text = answer.content.decode()

    assert answer.status_code == 422
    assert "Not enough credits: 10 needed, 7 available." in text
    assert "data-missing>3</span> more credits than your <span data-balance>7" in text
    assert "data-fitting>1<" in text
    assert f"{reverse('asks')}?amount=3" in text
    assert ORDER["prompt"] in text


def test_a_retry_without_credits_says_so_and_where_to_ask(cast: Cast, signed_in: SignIn) -> None:
    failed = fail_one(cast.ben)
    ledger.transfer(
        source=ledger.account_of(cast.ben), target=ledger.pool_of(cast.team), amount=499, reason="x", key="x", actor="t"
    )
    answer = signed_in(cast.ben).post(reverse("generation_retry", args=[failed.pk]), headers=HTMX)

    assert "Nothing was charged. You can ask for more" in answer.content.decode()


def test_what_has_no_price_is_refused_whoever_sends_it(cast: Cast, signed_in: SignIn) -> None:
    Price.objects.all().strike()
    answer = signed_in(cast.ben).post(reverse("batches"), ORDER, headers=HTMX)

    assert answer.status_code == 422
    assert "has no price yet. The studio’s staff can set one." in answer.content.decode()
    assert ledger.account_of(cast.ben).held == 0


def test_a_double_click_holds_once(cast: Cast, signed_in: SignIn) -> None:
    form = ORDER | {"request_key": "once", "priced_at": now()}
    ben = signed_in(cast.ben)
    for _ in range(2):
        ben.post(reverse("batches"), form, headers=HTMX)

    assert Batch.objects.count() == 1
    assert ledger.account_of(cast.ben).held == 5 * int(ORDER.get("count", "1"))


def test_an_order_beside_it_changes_nothing_of_what_is_waiting(cast: Cast, pass_time: Callable[[float], None]) -> None:
    """Work keeps the price it was sold at."""
    row = make_waiting(cast.ben)
    price("painter", 7)
    row.refresh_from_db()

    assert row.price == 5
