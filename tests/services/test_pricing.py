"""The price book is written by people, keeps what was sold from as it was, and remembers who changed what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from generations.models import AuditEntry, Generation, Person, Price, clock
from generations.models.written_once import Unchangeable
from generations.queries.prices import Quote, price_of, quote_of
from generations.services import ordering, pricing
from generations.services.pricing import Line
from tests.conftest import Cast
from tests.making import PAINTER, make_waiting

HOUR = timedelta(hours=1)


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window")


def line(credits: int, *, at: datetime | None = None, choice: str = "", cost: Decimal | None = None) -> Line:
    return Line(provider="demo", offer="painter", choice=choice, credits=credits, vendor_cost=cost, starts_at=at)


def painter() -> int | None:
    return price_of(provider="demo", offer="painter")


class TestANewLine:
    def test_holds_at_once_and_leaves_sold_work_alone(
        self, cast: Cast, root: Person, pass_time: Callable[[float], None]
    ) -> None:
        before = make_waiting(cast.ben)
        pricing.add(line(8), by=root)
        pass_time(10)
        after = make_waiting(cast.ben)
        before.refresh_from_db()

        assert (before.price, after.price, painter()) == (5, 8, 8)
        assert (before.hold.amount, after.hold.amount) == (5, 8)

    def test_that_begins_later_waits_for_its_moment(
        self, cast: Cast, root: Person, pass_time: Callable[[float], None]
    ) -> None:
        pricing.add(line(8, at=clock.now() + HOUR), by=root)
        assert painter() == make_waiting(cast.ben).price == 5
        pass_time(HOUR.total_seconds() + 1)

        assert painter() == make_waiting(cast.ben).price == 8

    def test_cannot_rewrite_the_past(self, root: Person) -> None:
        with pytest.raises(pricing.InThePast):
            pricing.add(line(1, at=clock.now() - HOUR), by=root)

    def test_begins_after_it_is_written_down(self, root: Person) -> None:
        """At once is in ten seconds: a page made while it was being written down showed the old one rightly."""
        began = clock.now()
        with transaction.atomic():
            price = pricing.add(line(8), by=root)

        assert price.starts_at - began >= timedelta(seconds=10)
        with pytest.raises(pricing.TooSoon):
            pricing.add(line(9, at=clock.now() + timedelta(seconds=5)), by=root)

    def test_never_holds_beside_another(self, root: Person) -> None:
        moment = clock.now() + HOUR
        pricing.add(line(8, at=moment), by=root)
        with pytest.raises(pricing.TwoAtOnce):
            pricing.add(line(9, at=moment), by=root)
        with pytest.raises(IntegrityError), transaction.atomic():  # and the database says so, too
            Price.objects.create(provider="demo", offer_key="painter", credits=9, starts_at=moment)

    @pytest.mark.parametrize(
        "odd",
        [
            Line(provider="demo", offer="nothing", credits=1),
            Line(provider="nobody", offer="painter", credits=1),
            Line(provider="demo", offer="painter", choice="size=large", credits=1),
        ],
    )
    def test_is_for_what_is_sold(self, root: Person, odd: Line) -> None:
        with pytest.raises(pricing.NotSoldLikeThis):
            pricing.add(odd, by=root)

    def test_for_a_choice_counts_for_that_choice(self, root: Person, pass_time: Callable[[float], None]) -> None:
        def upscaler(size: str) -> int | None:
            return price_of(provider="apixo", offer="image-upscaler", choices={"resolution": size})

        large = Line(provider="apixo", offer="image-upscaler", choice="resolution=8k", credits=9)
        pricing.add(large, by=root)
        pass_time(10)

        assert (upscaler("8k"), upscaler("4k")) == (9, 5)


class TestALineThatHasBegun:
    def test_stays_whatever_is_tried(self, cast: Cast, root: Person) -> None:
        price = Price.objects.get(provider="demo", offer_key="painter")
        with pytest.raises(pricing.HasBegun):
            pricing.change(price, line(8, at=clock.now() + HOUR), by=root)
        with pytest.raises(pricing.HasBegun):
            pricing.withdraw(price, by=root)
        for act in (price.save, price.delete, Price.objects.all().delete, lambda: Price.objects.update(credits=1)):
            with pytest.raises(Unchangeable):
                act()

        assert painter() == 5
        assert not AuditEntry.objects.filter(target=pricing.target_of(price)).exists()

    def test_is_fixed_a_minute_before(self, root: Person, pass_time: Callable[[float], None]) -> None:
        price = pricing.add(line(8, at=clock.now() + HOUR), by=root)
        pass_time(HOUR.total_seconds() - 30)

        with pytest.raises(pricing.HasBegun):
            pricing.change(price, line(1, at=clock.now() + HOUR), by=root)
        assert not price.revise(credits=1)
        assert not price.withdraw()


class TestALineThatBeginsLater:
    def test_may_be_changed_and_withdrawn(self, root: Person) -> None:
        first, then = clock.now() + HOUR, clock.now() + 2 * HOUR
        price = pricing.add(line(8, at=first), by=root)
        pricing.change(price, line(9, at=then, cost=Decimal(2)), by=root)
        assert price_of(provider="demo", offer="painter", at=then) == 9
        assert price_of(provider="demo", offer="painter", at=first) == 5
        pricing.withdraw(price, by=root)

        assert price_of(provider="demo", offer="painter", at=then) == 5

    def test_is_not_moved_into_the_past(self, root: Person) -> None:
        price = pricing.add(line(8, at=clock.now() + HOUR), by=root)
        for moment in (None, clock.now() - HOUR, clock.now() + timedelta(seconds=10)):
            with pytest.raises(pricing.TooSoon):
                pricing.change(price, line(8, at=moment), by=root)

    def test_is_not_moved_onto_another(self, root: Person) -> None:
        taken = clock.now() + 2 * HOUR
        pricing.add(line(7, at=taken), by=root)
        price = pricing.add(line(8, at=clock.now() + HOUR), by=root)
        with pytest.raises(pricing.TwoAtOnce):
            pricing.change(price, line(8, at=taken), by=root)


def test_everything_done_is_remembered_for_good(root: Person) -> None:
    price = pricing.add(line(8, at=clock.now() + HOUR), by=root)
    pricing.change(price, line(9, at=clock.now() + HOUR), by=root)
    pricing.withdraw(price, by=root)
    gone, changed, was_set = pricing.history_of(price)

    assert [gone.action, changed.action, was_set.action] == ["price_withdrawn", "price_changed", "price_set"]
    assert {one.person for one in (gone, changed, was_set)} == {root}
    assert (changed.before["credits"], changed.after["credits"], gone.after) == (8, 9, {})
    with pytest.raises(Unchangeable):
        AuditEntry.objects.filter(pk=gone.pk).delete()


class TestAnOrder:
    def test_keeps_what_the_vendor_was_believed_to_take(
        self, cast: Cast, root: Person, pass_time: Callable[[float], None]
    ) -> None:
        assert make_waiting(cast.ben).assumed_cost == 0  # as the demo declares
        pricing.add(line(5, cost=Decimal("1.5")), by=root)
        pass_time(10)

        assert make_waiting(cast.ben).assumed_cost == Decimal("1.5")

    def test_without_a_price_is_refused(self, cast: Cast) -> None:
        QuerySet(Price).filter(provider="demo").delete()
        with pytest.raises(ordering.OfferUnavailable, match="no price"):
            make_waiting(cast.ben)

        assert not Generation.objects.exists()

    def test_assumes_what_the_vendor_declares_where_the_book_is_silent(self, cast: Cast) -> None:
        upscaler = quote_of(provider="apixo", offer="image-upscaler", choices={"resolution": "8k"})

        assert upscaler == Quote(credits=5, vendor_cost=Decimal("0.01"))
        assert quote_of(provider="apixo", offer="grok-image") == Quote(credits=5, vendor_cost=None)
        assert quote_of(provider="demo", offer=PAINTER.key, at=clock.now() - 365 * 100 * 24 * HOUR) is None
