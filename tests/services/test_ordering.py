"""Orders: once per key, within the limits, and only what can be made."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from generations import ledger, providers
from generations.models import Batch, Credential, CreditEntry, Generation, Image, Member, OfferSwitch, clock
from generations.providers.base import Operation, SourceBy
from generations.services import ordering
from generations.services.ordering import room
from tests.bureau import BYTES_MAX, LARGE, SKETCH, open_bureau, weigh
from tests.conftest import Cast
from tests.making import PAINTER, finish_one, make_waiting, set_price

TWICE = providers.offer("demo", "enlarge-2x")
BY_TASK = replace(TWICE, source_by=SourceBy.TASK_ID)


def draw(member: Member, key: str = "", count: int = 1) -> Batch:
    return ordering.order_drawing(
        member=member,
        provider="demo",
        offer=PAINTER,
        prompt="a lamp",
        shape="1:1",
        count=count,
        request_key=key or uuid.uuid4().hex,
    )


def enlarge(member: Member, image: Image, key: str = "u") -> Batch:
    return ordering.order_upscale(member=member, image=image, provider="demo", offer=TWICE, request_key=key)


class TestOneKey:
    def test_orders_once_also_at_the_limit(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(room, "OPEN_MAX", 4)
        first = draw(cast.ben, "k", count=4)

        assert draw(cast.ben, "k", count=4) == first
        with pytest.raises(ordering.TooManyOpen):
            draw(cast.ben, "other")

    def test_finds_the_rival_who_was_first_at_the_lock(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The other click is placed after this one looked for its key, and before it holds the account."""
        monkeypatch.setattr(room, "OPEN_MAX", 4)
        account_of = ledger.account_of
        rival: list[Batch] = []

        def late(member: Member) -> object:
            monkeypatch.setattr(ledger, "account_of", account_of)
            rival.append(draw(cast.ben, "k", count=4))
            return account_of(member)

        monkeypatch.setattr(ledger, "account_of", late)

        assert [draw(cast.ben, "k", count=4)] == rival
        assert Generation.objects.count() == 4

    def test_with_other_facts_is_refused(self, cast: Cast) -> None:
        draw(cast.ben, "k")
        with pytest.raises(ordering.RequestKeyReused):
            draw(cast.ben, "k", count=2)


class TestTheMinute:
    def test_has_room_for_so_many_orders_of_one_member(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[float], None]
    ) -> None:
        """S54."""
        monkeypatch.setattr(room, "ORDERS_PER_MINUTE_MAX", 3)
        last = [draw(cast.ben, str(number)) for number in range(3)][-1]
        with pytest.raises(ordering.TooFast, match="Wait a moment"):
            draw(cast.ben)
        assert CreditEntry.objects.filter(hold__generation__member=cast.ben).count() == 3

        assert draw(cast.ben, "2") == last
        draw(cast.ada)
        pass_time(61)
        draw(cast.ben)

        assert Batch.objects.count() == 5

    def test_is_sixty(self) -> None:
        assert ordering.ORDERS_PER_MINUTE_MAX == 60


class TestEnlarging:
    def test_is_refused_where_the_sheet_refuses_it(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        image.width, image.height = 20_000, 20_000
        with pytest.raises(ordering.OfferUnavailable, match="The result would be"):
            enlarge(cast.ada, image)

        assert not Generation.objects.filter(operation=Operation.UPSCALE).exists()

    @pytest.mark.parametrize("mark", ["deleted_at", "hidden_at"])
    def test_needs_a_picture_that_may_be_seen(self, cast: Cast, mark: str) -> None:
        image = finish_one(cast.ada)
        first = enlarge(cast.ada, image).generations.get()
        ordering.cancel(generation=first, actor="test")
        Image.objects.update(**{mark: clock.now()})

        with pytest.raises(ordering.OfferUnavailable, match="was deleted"):
            ordering.retry(member=cast.ada, generation=Generation.objects.get(pk=first.pk), request_key="again")
        with pytest.raises(ordering.OfferUnavailable, match="was deleted"):
            enlarge(cast.ada, Image.objects.get(), key="new")

    def test_is_not_for_who_only_looks(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        with pytest.raises(ordering.MayNotCreate):
            enlarge(cast.vera, image)


class TestWhatIsOnSale:
    def test_alone_is_sold_also_to_a_retry(self, cast: Cast) -> None:
        row = draw(cast.ben).generations.get()
        ordering.cancel(generation=row, actor="test")
        OfferSwitch.objects.create(provider="demo", offer_key="painter", is_on=False)

        with pytest.raises(ordering.OfferUnavailable, match="switched off"):
            ordering.retry(member=cast.ben, generation=row, request_key="again")
        with pytest.raises(ordering.OfferUnavailable, match="switched off"):
            draw(cast.ben)

    def test_includes_a_shape_only_while_it_is_on(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        open_bureau(cast.team, monkeypatch)
        order = partial(
            ordering.order_drawing,
            member=cast.ada, provider="bureau", offer=SKETCH, prompt="a lamp", shape="16:9", count=1, request_key="k",
        )  # fmt: skip
        with pytest.raises(ordering.OfferUnavailable, match="does not draw 16:9"):
            order()

        OfferSwitch.objects.create(provider="bureau", offer_key="sketch", shapes_on=["16:9"])
        assert order().generations.get().shape == "16:9"

    def test_is_not_what_the_vendor_refuses_on_every_key(self, cast: Cast) -> None:
        key = Credential.objects.get(team=cast.team)
        key.turn_off("painter", because="The vendor answered 403.")
        with pytest.raises(ordering.OfferUnavailable, match="does not take orders for"):
            draw(cast.ben)
        Credential.objects.create(team=cast.team, provider="demo", label="Another")
        assert draw(cast.ben).generations.count() == 1

    def test_is_nothing_at_a_paused_vendor(self, cast: Cast) -> None:
        Credential.objects.filter(team=cast.team).update(state="paused")
        with pytest.raises(ordering.OfferUnavailable, match="Demo is paused"):
            draw(cast.ben)


class TestACopy:
    @pytest.fixture
    def image(self, cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Image:
        settings.PUBLIC_URL = "https://studio.example.org"
        open_bureau(cast.team, monkeypatch)
        return finish_one(cast.ada)

    def order(self, cast: Cast, image: Image, key: str = "k", **choices: str) -> Batch:
        return ordering.order_upscale(
            member=cast.ada, image=image, provider="bureau", offer=LARGE, choices=choices, request_key=key
        )

    def test_goes_only_with_agreement(self, cast: Cast, image: Image) -> None:
        with pytest.raises(ordering.OfferUnavailable, match="Agree that a JPEG copy is sent"):
            self.order(cast, image)
        assert self.order(cast, image, copy="jpeg").generations.get().choices == {"copy": "jpeg"}

    def test_nobody_needs_is_not_spoken_of_again_and_the_order_stays_the_same(self, cast: Cast, image: Image) -> None:
        weigh(image, BYTES_MAX)
        first = self.order(cast, image, copy="jpeg")

        assert first.generations.get().choices == {}
        assert self.order(cast, image, copy="jpeg") == first
        with pytest.raises(ordering.RequestKeyReused):
            self.order(cast, image, resolution="2k")


class TestByTheTaskOfTheDrawing:
    @pytest.fixture(autouse=True)
    def _sold(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        vendor = providers.PROVIDERS["demo"]
        offers = tuple(BY_TASK if offer.key == TWICE.key else offer for offer in vendor.offers)
        monkeypatch.setattr(vendor, "offers", offers)

    def order(self, member: Member, image: Image, *, provider: str = "demo") -> Generation:
        batch = ordering.order_upscale(
            member=member, image=image, provider=provider, offer=BY_TASK, request_key=uuid.uuid4().hex
        )
        return batch.generations.get()

    def test_goes_to_the_account_that_drew_it_even_while_it_drains(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        old = Credential.objects.get(team=cast.team)
        old.drain(label="Replaced")
        Credential.objects.create(team=cast.team, provider="demo", label="Demo", replaces=old)

        assert self.order(cast.ada, image).credential == image.generation.credential

    def test_is_refused_on_a_key_that_was_removed_though_it_drains(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        Credential.objects.get(team=cast.team).drain(label="Removed")
        Credential.objects.create(team=cast.team, provider="demo", label="Another")
        with pytest.raises(ordering.OfferUnavailable, match="not in use"):
            self.order(cast.ada, image)

    def test_is_refused_once_the_vendor_has_forgotten_it(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        Generation.objects.filter(pk=image.generation_id).update(accepted_at=clock.now() - timedelta(days=2))
        with pytest.raises(ordering.OfferUnavailable, match="24 hours"):
            self.order(cast.ada, Image.objects.get(pk=image.pk))

    def test_is_refused_at_another_vendor(self, cast: Cast) -> None:
        """Its account cannot know the task, whatever an order says."""
        image = finish_one(cast.ada)
        set_price("apixo", BY_TASK.key, 5)
        with pytest.raises(ordering.OfferUnavailable, match="its own vendor"):
            self.order(cast.ada, image, provider="apixo")


def test_retrying_what_is_under_way_is_refused(cast: Cast) -> None:
    with pytest.raises(ordering.NothingToRetry):
        ordering.retry(member=cast.ben, generation=make_waiting(cast.ben), request_key="r")
