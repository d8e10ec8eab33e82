"""A callback is a hint: it makes a look come sooner, it may bring a lost task home, and it proves nothing by itself."""

import gzip
import io
import itertools
import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from generations import ledger, providers
from generations.connections import vault
from generations.models import Alert, CallbackHint, Credential, Generation, Image, State, clock
from generations.providers.base import Accepted
from generations.services import announcing, auditing, ordering, pumping
from generations.services.pumping import pump, verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Submitted
from tests.conftest import Cast
from tests.running import sweep, work
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Vendor

MEMORY_BYTES_MAX = 20_000_000
UNREADABLE = [
    (b"x" * (64 * 1024 + 1), 413),
    (b"[" * 60_000, 400),
    (b"[1, 2]", 400),
    (b"no json", 400),
    (gzip.compress(b" " * 10_000_000), 400),
    (b"", 400),
]
TAKEN_AND_SILENT = Script(create=lambda _: (0, None))


@pytest.fixture(autouse=True)
def _public(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"
    monkeypatch.setattr(pump, "BUDGET_SECONDS", 2)


@pytest.fixture(autouse=True)
def _books(vendor: Vendor) -> Any:
    yield
    assert auditing.audit() == []


def order(cast: Cast, prompt: str = "a lamp") -> Generation:
    batch = ordering.order_drawing(
        member=cast.ben,
        provider="invented",
        offer=Invented.offers[0],
        prompt=prompt,
        shape="3:2",
        count=1,
        request_key=prompt,
    )
    return batch.generations.get()


def address_of(vendor: Vendor, task_id: str = "task-1") -> str:
    told = vendor.tasks[task_id].callback_url
    assert told is not None
    assert told.startswith("https://studio.example.org/hooks/invented/")
    return urlsplit(told).path


def call(path: str, body: Any, **headers: str) -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(path, content, content_type="application/json", headers=headers).status_code


class Endless(io.RawIOBase):
    """A body that goes on as long as somebody reads it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "somebody asked for all of it"
        self.taken += size
        return b"x" * size


def fastest(act: Callable[[], object], times: int = 3) -> float:
    """Seconds of the quickest of these: what a busy machine adds to the others is not our work."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return min(took)


def memory_of(act: Callable[[], object]) -> int:
    """The most bytes it holds at once."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def lost(cast: Cast, vendor: Vendor, prompt: str = "a lamp") -> tuple[Generation, str]:
    """Work the vendor took without our hearing of it, and its callback address."""
    vendor.script = TAKEN_AND_SILENT
    row = order(cast, prompt)
    work()
    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    vendor.script = Script(echo=lambda task: {"callback_url": task.callback_url})
    return row, address_of(vendor, f"task-{len(vendor.tasks)}")


def sign(cast: Cast) -> None:
    """Store a webhook key: from now on callbacks must be signed."""
    credential = Credential.objects.get(provider="invented", team=cast.team)
    sealed = vault().seal("hook", binding=f"credential:{credential.pk}:webhook")
    Credential.objects.filter(pk=credential.pk).update(sealed_webhook_key=sealed)


class TestACallback:
    def test_to_nobody_is_not_found_and_leaves_no_trace(self, cast: Cast, vendor: Vendor) -> None:
        assert call("/hooks/invented/of-nobody/", {"task_id": "task-1"}) == 404
        assert not CallbackHint.objects.exists()

    def test_to_nobody_is_one_question_and_takes_no_time(self, cast: Cast, vendor: Vendor) -> None:
        """F28: under 50 ms. Of our tables one is asked, once; the counter of calls is the cache's."""
        with CaptureQueriesContext(connection) as asked:
            call("/hooks/invented/of-nobody/", {"task_id": "task-1"})
        [ours] = [one["sql"] for one in asked.captured_queries if "generations_" in one["sql"]]
        assert ours.startswith("SELECT")
        assert fastest(lambda: call("/hooks/invented/of-nobody/", {"task_id": "task-1"}), 15) < 0.05

    def test_to_another_vendors_address_is_not_found(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        work()
        assert call(address_of(vendor).replace("invented", "demo"), {"task_id": "task-1"}) == 404

    def test_makes_the_look_come_at_once(self, cast: Cast, vendor: Vendor) -> None:
        vendor.script = Script(status=lambda _: {"state": "working"})
        row = order(cast)
        work()
        row.refresh_from_db()
        Generation.objects.filter(pk=row.pk).update(next_at=row.deadline_at)
        vendor.script = Script()

        assert call(address_of(vendor), {"task_id": "task-1"}) == 200
        work()
        row.refresh_from_db()
        assert row.state == State.SUCCEEDED

    def test_repeated_is_one_hint(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        work()
        statuses = {call(address_of(vendor), {"task_id": "task-1"}) for _ in range(15)}
        assert statuses == {200}
        assert CallbackHint.objects.count() == 1

    def test_comes_from_one_address_so_often_in_a_second_and_no_more(
        self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S53, whether the address it is sent to is anybody's or not; the next second is another one."""
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now)
        assert [call("/hooks/invented/of-nobody/", {}) for _ in range(22)] == [404] * 20 + [429] * 2
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=1))
        assert call("/hooks/invented/of-nobody/", {}) == 404

    def test_comes_for_one_attempt_so_often_and_no_more(
        self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S53, whatever it says and however slowly."""
        order(cast)
        work()
        seconds = itertools.count()
        begin = clock.now()
        monkeypatch.setattr(clock, "now", lambda: begin + timedelta(seconds=next(seconds)))
        statuses = [call(address_of(vendor), {"n": number}) for number in range(62)]
        assert statuses == [200] * 60 + [429] * 2
        assert CallbackHint.objects.count() == 60

    def test_that_claims_success_does_not_make_it_so(self, cast: Cast, vendor: Vendor) -> None:
        """F27: the vendor's own answer decides."""
        row, address = lost(cast, vendor)
        vendor.script = Script(
            status=lambda _: {"state": "failed", "fault": "vendor"},
            echo=lambda task: {"callback_url": task.callback_url},
        )
        assert call(address, {"task_id": "task-1", "state": "success", "urls": ["https://evil.example/x.jpg"]}) == 200
        work()
        row.refresh_from_db()
        assert row.state == State.FAILED
        assert ledger.account_of(cast.ben).held == 0

    @pytest.mark.parametrize(("body", "status"), UNREADABLE)
    def test_nobody_can_read_is_refused(self, cast: Cast, vendor: Vendor, body: bytes, status: int) -> None:
        order(cast)
        work()
        assert call(address_of(vendor), body) == status
        assert not CallbackHint.objects.exists()

    @pytest.mark.parametrize(("body", "status"), UNREADABLE)
    def test_nobody_can_read_takes_neither_time_nor_memory(
        self, cast: Cast, vendor: Vendor, body: bytes, status: int
    ) -> None:
        """F31: within a second, and 20 MB."""
        order(cast)
        work()
        address = address_of(vendor)
        assert fastest(lambda: call(address, body)) < 1
        assert memory_of(lambda: call(address, body)) < MEMORY_BYTES_MAX

    def test_that_is_too_long_is_not_read_to_its_end_nor_looked_up(
        self, cast: Cast, vendor: Vendor, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        """F31: whatever length it says it has, one byte beyond ours is the last that is read."""
        order(cast)
        work()
        address, body = address_of(vendor), Endless()
        environ: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": "10000000000"}

        def send() -> None:
            assert Client().generic("POST", address, b"", "application/json", **environ).status_code == 413

        with django_assert_num_queries(0):
            send()
        assert body.taken == announcing.BODY_BYTES_MAX + 1
        assert memory_of(send) < MEMORY_BYTES_MAX

    def test_long_after_the_end_is_gone(self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]) -> None:
        order(cast)
        work()
        pass_time(49 * 3600)
        assert call(address_of(vendor), {"task_id": "task-1"}) == 410


class TestALostTask:
    def test_comes_home_when_the_vendor_remembers_our_address(self, cast: Cast, vendor: Vendor) -> None:
        """F8: one creation, one picture, one charge."""
        row, address = lost(cast, vendor)
        assert call(address, {"task_id": "task-1"}) == 200
        work()

        row.refresh_from_db()
        assert (row.state, row.vendor_task_id) == (State.SUCCEEDED, "task-1")
        assert vendor.creates == {"a lamp": 1}
        assert ledger.account_of(cast.ben).posted == 493

    def test_comes_home_free_after_the_credits_went_back(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:
        """F10."""
        row, address = lost(cast, vendor)
        pass_time(601)
        sweep()
        pass_time(7200)
        assert call(address, {"task_id": "task-1"}) == 200
        work()
        pass_time(61)
        work()

        row.refresh_from_db()
        assert row.state == State.RECOVERED
        assert Image.objects.count() == 1
        assert ledger.account_of(cast.ben).posted == 500

    @pytest.mark.parametrize(
        "echo",
        [
            {"callback_url": "https://studio.example.org/hooks/invented/x/"},
            {"prompt": "no"},
            {"prompt": "a lamp", "shape": "1:1"},
            {"prompt": "a lamp", "shape": "3:2", "offer": "somebody's"},
            {"prompt": "a lamp", "source_task": "task-9"},
            {"source_task": "task-9"},
        ],
    )
    def test_of_somebody_else_is_not_adopted(self, cast: Cast, vendor: Vendor, echo: dict[str, str]) -> None:
        """F29: a right address and a wrong task."""
        row, address = lost(cast, vendor)
        vendor.make("somebody's")
        vendor.script = Script(echo=lambda task: echo)
        call(address, {"task_id": "task-2"})
        work()

        row.refresh_from_db()
        assert (row.state, row.vendor_task_id) == (State.IN_DOUBT, "")
        assert Alert.objects.filter(kind="callback", resolved_at=None).exists()

    def test_comes_home_when_the_vendor_remembers_our_order(self, cast: Cast, vendor: Vendor) -> None:
        """By everything it tells of it: equal words alone may be another order's."""
        row, address = lost(cast, vendor)
        echo = {"prompt": "a lamp", "shape": "3:2", "offer": Invented.offers[0].key}
        vendor.script = Script(echo=lambda task: echo)
        call(address, {"task_id": "task-1"})
        work()

        row.refresh_from_db()
        assert row.state == State.SUCCEEDED

    @pytest.mark.parametrize(("seconds", "adopted"), [(-5, False), (5, True)])
    def test_is_adopted_by_a_signature_only_if_one_was_asked_for_when_the_callback_came(
        self, cast: Cast, vendor: Vendor, seconds: int, adopted: bool
    ) -> None:
        row, address = lost(cast, vendor)
        vendor.script = Script(echo=lambda task: {})
        assert call(address, {"task_id": "task-1"}) == 200
        CallbackHint.objects.update(received_at=clock.now() + timedelta(seconds=seconds))
        sign(cast)
        work()

        row.refresh_from_db()
        assert row.state == (State.SUCCEEDED if adopted else State.IN_DOUBT)

    def test_that_another_generation_owns_is_not_adopted(self, cast: Cast, vendor: Vendor) -> None:
        order(cast, "a first one")
        work()
        row, address = lost(cast, vendor)
        call(address, {"task_id": "task-1"})
        work()

        row.refresh_from_db()
        assert (row.state, row.vendor_task_id) == (State.IN_DOUBT, "")

    def test_is_found_after_forged_callbacks(self, cast: Cast, vendor: Vendor) -> None:
        """F30: a candidate that was refused does not end the search."""
        row, address = lost(cast, vendor)
        call(address, {"task_id": "task-99"})
        work()
        call(address, {"task_id": "../../etc"})
        call(address, {"task_id": "task-1"})
        work()

        row.refresh_from_db()
        assert row.state == State.SUCCEEDED

    def test_is_adopted_by_its_time_where_the_vendor_echoes_nothing(self, cast: Cast, vendor: Vendor) -> None:
        row, address = lost(cast, vendor)
        vendor.script = Script(echo=lambda task: {"made_at": task.made_at})
        call(address, {"task_id": "task-1"})
        work()

        row.refresh_from_db()
        assert row.state == State.SUCCEEDED

    def test_stays_in_doubt_where_two_could_be_meant(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:
        row, address = lost(cast, vendor)
        lost(cast, vendor, "a second one")
        vendor.script = Script(echo=lambda task: {"made_at": task.made_at})
        call(address, {"task_id": "task-1"})
        pumping.run(shard=0)

        row.refresh_from_db()
        assert row.state == State.IN_DOUBT
        for _ in range(2):
            pass_time(3601)
            sweep()
        assert not CallbackHint.objects.filter(processed_at=None).exists()


class TestASignature:
    @pytest.fixture(autouse=True)
    def _signed(self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        sign(cast)
        order(cast)
        work()

    def test_is_asked_for_where_the_key_has_a_webhook_key(self, cast: Cast, vendor: Vendor) -> None:
        assert call(address_of(vendor), {"task_id": "task-1"}) == 401
        assert call(address_of(vendor), {"task_id": "task-1"}, **{"X-Signature": "wrong"}) == 401
        assert not CallbackHint.objects.exists()
        assert Alert.objects.get(kind="callback").count == 2

    def test_that_fits_lets_the_hint_in(self, cast: Cast, vendor: Vendor) -> None:
        assert call(address_of(vendor), {"task_id": "task-1"}, **{"X-Signature": "hook"}) == 200


def test_without_a_public_address_vendors_are_told_none(cast: Cast, vendor: Vendor, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    order(cast)
    work()
    assert vendor.tasks["task-1"].callback_url is None


def test_a_vendor_that_does_not_announce_is_told_none(
    cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers.get("invented"), "announces", False)
    order(cast)
    work()
    assert vendor.tasks["task-1"].callback_url is None


def test_a_callback_before_the_answer_changes_nothing(cast: Cast, vendor: Vendor) -> None:
    """F25: the hint waits, the answer comes, there is one task."""
    row = order(cast)
    (claimed,) = claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=1)
    assert claimed.order.callback_url is not None
    task_id = vendor.make("a lamp", claimed.order.callback_url)
    assert call(urlsplit(claimed.order.callback_url).path, {"task_id": task_id}) == 200
    pumping.run(shard=0)
    row.refresh_from_db()
    assert row.state == State.SUBMITTING

    accepted = Accepted(task_id=task_id)
    verdicts.apply([Submitted(claimed.generation, claimed.attempt, claimed.token, accepted)])
    sweep()
    work()
    row.refresh_from_db()
    assert row.state == State.SUCCEEDED
    assert not CallbackHint.objects.filter(processed_at=None).exists()
