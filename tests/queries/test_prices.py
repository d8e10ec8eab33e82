"""The newest price that has begun counts; what has none is not for sale."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from generations import providers
from generations.models import Price, clock
from generations.queries.prices import price_list, price_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def write(credits: int, *, days: int = 0, choice: str = "", offer: str = "painter") -> Price:
    """A price that begins so many days from now."""
    starts_at = clock.now() + days * DAY
    return Price.objects.create(provider="demo", offer_key=offer, choice=choice, credits=credits, starts_at=starts_at)


def painter(**facts: Any) -> int | None:
    return price_of(**({"provider": "demo", "offer": "painter"} | facts))


def test_an_offer_without_a_row_has_no_price() -> None:
    assert painter() is None
    assert price_list().price("demo", "painter") is None


def test_the_newest_price_that_has_begun_counts() -> None:
    write(9, days=1)
    write(5, days=-1)
    write(3, days=-2)

    assert painter() == 5
    assert price_list().price("demo", "painter") == 5


def test_a_price_begins_at_its_moment(pass_time: Callable[[float], None]) -> None:
    write(5, days=-1)
    write(9, days=1)
    pass_time(DAY.total_seconds())

    assert painter() == 9
    assert price_list().price("demo", "painter") == 9
    assert painter(at=clock.now() - DAY) == 5
    assert painter(at=clock.now() - 3 * DAY) is None


def test_a_free_offer_has_a_price() -> None:
    write(0)

    assert painter() == 0
    assert price_list().price("demo", "painter") == 0


class TestAPriceForAChoice:
    def test_counts_for_that_choice_alone(self) -> None:
        write(5)
        write(8, choice="quality=high", days=-3)

        assert painter(choices={"quality": "high"}) == 8
        assert painter(choices={"quality": "low"}) == 5
        assert painter() == 5
        assert price_list().price("demo", "painter") == 5

    def test_is_the_dearest_of_those_that_fit(self) -> None:
        write(5)
        write(8, choice="quality=high")
        write(6, choice="size=large")

        made = {"quality": "high", "size": "large"}
        assert painter(choices=made) == price_list().price("demo", "painter", made) == 8

    def test_alone_sells_nothing_else(self) -> None:
        write(8, choice="quality=high")

        assert painter(choices={"quality": "low"}) is None
        assert price_list().price("demo", "painter") is None


class TestTheSeededBook:
    def test_has_every_offer_at_its_own_price(self) -> None:
        Price.seed()

        offered = {
            (provider.key, offer.key): offer.credits
            for provider in providers.PROVIDERS.values()
            for offer in provider.offers
        }
        book = price_list()
        assert {one: book.price(*one) for one in offered} == offered

    def test_is_written_once(self) -> None:
        Price.seed()
        first = Price.objects.count()

        assert Price.seed() == 0
        assert Price.objects.count() == first

    def test_leaves_a_price_somebody_set(self) -> None:
        write(77, days=-1)
        Price.seed()

        assert painter() == 77


def test_all_prices_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Price.seed()
    with django_assert_num_queries(1):
        price_list()
    with django_assert_num_queries(1):
        painter(choices={"quality": "high"})
