"""What every provider must keep, whatever its vendor is like. Subclass ``Contract`` with fixtures for a vendor."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generations import providers
from generations.providers.base import (
    Accepted,
    Announcement,
    CheckError,
    Failed,
    Fault,
    Forged,
    NotFound,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    Ready,
    Source,
    SourceBy,
    SubmitError,
    Unsupported,
    Working,
    checked_task_id,
)
from tests.providers.wires import Speaker
from tests.simulators.standin import StandIn

CALLS_OF_STRANGERS: tuple[object, ...] = (
    None,
    7,
    "data",
    [],
    {},
    {"data": None},
    {"data": [{"taskId": "a"}]},
    {"data": {"taskId": None, "task_id": ["a"]}, "taskId": {"id": "a"}, "task_id": 7.5, "id": True},
)

CALLS_WITH_A_TASK = ({"data": {"taskId": "a", "task_id": "a"}}, {"data": {"taskId": "\ud800", "task_id": "\ud800"}})
"""The second one is half a character: JSON can say it, UTF-8 cannot."""

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def order_for(offer: Offer, *, source: Source | None = None, prompt: str = "a quiet hill") -> Order:
    choices = {"shape": offer.shapes[0]} if offer.shapes else {}
    return Order(offer=offer, prompt=prompt, choices=choices, source=source, reference="g1:1")


class DeclarationContract:
    """What is declared must fit together. ``kind`` is the provider's class."""

    kind: type[Provider]

    def test_is_in_the_table_under_its_key(self) -> None:
        assert providers.get(self.kind.key) is self.kind
        assert KEY.fullmatch(self.kind.key)
        assert len(self.kind.key) <= 32
        assert self.kind.label

    def test_has_offers_with_keys_of_their_own(self) -> None:
        keys = [offer.key for offer in self.kind.offers]
        assert keys
        assert len(set(keys)) == len(keys)
        assert all(KEY.fullmatch(key) and len(key) <= 64 for key in keys)

    def test_its_offers_are_possible(self) -> None:
        for offer in self.kind.offers:
            least, most = offer.usual_seconds
            assert 0 < least <= most < offer.deadline_seconds
            assert offer.credits > 0
            assert 0 < offer.running_max <= offer.hourly_max
            assert offer.result_bytes_max > 0
            assert offer.images >= 1
            assert offer.prompt_max > 0
            assert set(offer.source_types) <= {"JPEG", "PNG", "WEBP"}
            assert all(offer.choices.values())

    def test_its_drawings_need_no_source_and_its_upscales_do(self) -> None:
        for offer in self.kind.offers:
            assert (offer.source_by is SourceBy.NOTHING) == (offer.operation is Operation.DRAW)
            assert bool(offer.shapes) == (offer.operation is Operation.DRAW)

    def test_its_shapes_and_choices_agree(self) -> None:
        for offer in self.kind.offers:
            assert len({*offer.shapes, *offer.shapes_off}) == len(offer.shapes) + len(offer.shapes_off)
            assert not offer.shapes_off or offer.shapes
            assert "shape" not in offer.choices
            assert all(value in offer.choices[name] for name, value in offer.defaults.items())

    def test_its_pace_is_possible(self) -> None:
        assert self.kind.reads_per_second_max > 0
        assert self.kind.not_found_seconds_max >= 0
        if self.kind.creates_max is not None:
            assert all(limit > 0 for limit in self.kind.creates_max)
        assert all(0 < offer.look_seconds < offer.deadline_seconds for offer in self.kind.offers)

    def test_it_can_do_what_it_says_it_can(self) -> None:
        assert self.kind.takes_uploads == (self.kind.upload is not Provider.upload)
        assert self.kind.renews_links == (self.kind.fresh_link is not Provider.fresh_link)
        assert self.kind.reads_own_results == (self.kind.fetch is not Provider.fetch)
        assert not self.kind.announces or self.kind.read_callback is not Provider.read_callback
        if self.kind.needs_key:
            assert self.kind.base_url.startswith("https://")
            assert self.kind.homepage.startswith("https://")

    def test_offers_of_one_limit_group_agree_on_its_limits(self) -> None:
        limits = {(offer.limit_group, offer.running_max, offer.hourly_max) for offer in self.kind.offers}
        assert len(limits) == len({group for group, _running, _hourly in limits})


class Contract(DeclarationContract):
    """What it does. A vendor's test gives ``provider`` (ready to work) and ``source`` (for its upscales)."""

    @pytest.fixture
    def provider(self) -> Provider:
        raise NotImplementedError

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        raise NotImplementedError

    def pass_time(self) -> None:
        """Let the vendor finish what it has."""
        raise NotImplementedError

    def submitted(self, provider: Provider, offer: Offer, source: Source, prompt: str = "a quiet hill") -> Accepted:
        needed = None if offer.source_by is SourceBy.NOTHING else source
        return asyncio.run(provider.submit(order_for(offer, source=needed, prompt=prompt)))

    def looked(self, provider: Provider, task_id: str, offer: Offer) -> Progress:
        return asyncio.run(provider.check(task_id, offer))

    def test_an_order_becomes_a_task_that_works_and_then_is_ready(self, provider: Provider, source: Source) -> None:
        for offer in provider.offers:
            accepted = self.submitted(provider, offer, source)
            assert checked_task_id(accepted.task_id) == accepted.task_id
            assert self.looked(provider, accepted.task_id, offer) == Working()
            self.pass_time()
            ready = self.looked(provider, accepted.task_id, offer)
            assert isinstance(ready, Ready)
            assert 1 <= len(ready.urls) == len(set(ready.urls))

    def test_two_orders_are_two_tasks(self, provider: Provider, source: Source) -> None:
        tasks = {self.submitted(provider, provider.offers[0], source).task_id for _ in range(3)}
        assert len(tasks) == 3

    def test_asking_again_changes_nothing(self, provider: Provider, source: Source) -> None:
        offer = provider.offers[0]
        task_id = self.submitted(provider, offer, source).task_id
        self.pass_time()
        assert self.looked(provider, task_id, offer) == self.looked(provider, task_id, offer)

    def test_many_tasks_are_asked_at_once(self, provider: Provider, source: Source) -> None:
        offer = provider.offers[0]
        task_ids = [self.submitted(provider, offer, source).task_id for _ in range(3)]
        looks = asyncio.run(provider.check_many([(task_id, offer) for task_id in [*task_ids, "0" * 32]]))
        assert [looks[task_id] for task_id in task_ids] == [Working()] * 3
        assert isinstance(looks["0" * 32], CheckError)

    @pytest.mark.parametrize("task_id", ["0" * 32, "nobody-made-this"])
    def test_a_task_nobody_made_is_not_found(self, provider: Provider, task_id: str) -> None:
        with pytest.raises(NotFound):
            self.looked(provider, task_id, provider.offers[0])

    def test_a_failure_has_a_fault_of_ours_and_the_vendors_words(self, provider: Provider, source: Source) -> None:
        offer = provider.offers[0]
        task_id = self.submitted(provider, offer, source, prompt="make it fail").task_id
        self.pass_time()
        failed = self.looked(provider, task_id, offer)
        assert isinstance(failed, Failed)
        assert failed.fault in Fault
        assert failed.vendor_code

    def test_what_it_refuses_it_refuses_as_one_of_four(self, provider: Provider) -> None:
        for offer in provider.offers:
            if offer.source_by is not SourceBy.NOTHING:
                with pytest.raises(SubmitError):
                    asyncio.run(provider.submit(order_for(offer, source=None)))

    def test_its_balance_is_a_number_or_nothing_or_unsupported(self, provider: Provider) -> None:
        try:
            balance = asyncio.run(provider.balance())
        except Unsupported:
            return
        assert balance is None or balance >= 0

    def test_a_test_of_its_key_proves_something_in_words(self, provider: Provider) -> None:
        proof = asyncio.run(provider.probe())
        assert proof.works is True
        assert proof.words.endswith(".")

    def test_what_it_remembers_of_an_order_is_true(self, provider: Provider, source: Source) -> None:
        offer = provider.offers[0]
        task_id = self.submitted(provider, offer, source).task_id
        memory = asyncio.run(provider.recall(task_id, offer))
        asked = order_for(offer, source=source).prompt
        assert memory.callback_url is None
        assert memory.prompt in (None, asked if offer.operation is Operation.DRAW else memory.prompt)

    @pytest.mark.parametrize("body", CALLS_OF_STRANGERS)
    def test_a_callback_may_say_anything(self, provider: Provider, body: object) -> None:
        assert provider.read_callback(body, {}, now=0.0) == Announcement()

    @pytest.mark.parametrize("body", [*CALLS_WITH_A_TASK, *CALLS_OF_STRANGERS])
    def test_a_callback_must_be_signed_where_a_key_for_that_is_known(self, provider: Provider, body: object) -> None:
        if self.kind.announces:
            careful = self.kind(account=replace(provider.account, webhook_secret="w3bhook"))
            with pytest.raises(Forged):
                careful.read_callback(body, {"x-webhook-signature": "=", "x-webhook-timestamp": "0"}, now=0.0)

    def test_it_can_be_closed(self, provider: Provider) -> None:
        asyncio.run(provider.aclose())


class StandInContract(Contract):
    """The same against a stand-in, the fixture ``vendor``. ``seconds`` of its time end whatever it works on."""

    speaker: Speaker[Any]
    seconds: float

    @pytest.fixture(autouse=True)
    def _running(self, vendor: StandIn) -> None:
        self.vendor = vendor

    @pytest.fixture
    def provider(self, vendor: StandIn) -> Provider:
        made: Provider = self.speaker.reusable(vendor.url)
        return made

    def pass_time(self) -> None:
        self.vendor.pass_time(self.seconds)

    def ended(self, order: Order) -> Progress:
        """What becomes of an order in the end."""
        return self.speaker.ended(self.vendor, order, self.seconds)
