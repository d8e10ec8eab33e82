"""The smaller copy an order waits for: made in the background, once, and an order that cannot have it ends free."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from PIL import Image as Picture

from generations import jobs, ledger, pictures, providers, storage
from generations.models import Generation, Image, Reason, State, clock
from generations.models.generation.states import STARTS_WITHOUT_END_MAX
from generations.services import auditing, copying, ordering
from tests.bureau import BYTES_MAX, LARGE, Bureau, open_bureau
from tests.conftest import Cast
from tests.making import finish_one


@pytest.fixture
def image(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Image:
    """A picture that is too large for the bureau."""
    settings.PUBLIC_URL = "https://studio.example.org"
    open_bureau(cast.team, monkeypatch)
    image = finish_one(cast.ada)
    assert image.size_bytes > BYTES_MAX
    OrmQ.objects.all().delete()
    return image


def order(cast: Cast, image: Image) -> Generation:
    batch = ordering.order_upscale(
        member=cast.ada,
        image=image,
        provider=Bureau.key,
        offer=LARGE,
        choices={"resolution": "2k", "copy": "jpeg"},
        request_key=uuid.uuid4().hex,
    )
    return batch.generations.get()


def held(cast: Cast) -> int:
    account = ledger.account_of(cast.ada)
    account.refresh_from_db()
    return int(account.held)


def make_copies() -> int:
    """Run the jobs that copy, and no pump: says how many."""
    packages = [SignedPackage.loads(message.payload) for message in OrmQ.objects.order_by("pk")]
    OrmQ.objects.all().delete()
    asked = [package for package in packages if package["func"] == "generations.jobs.copy"]
    for package in asked:
        jobs.copy(**package["kwargs"])
    return len(asked)


def test_an_order_that_sends_a_copy_has_it_made_by_the_queue(cast: Cast, image: Image) -> None:
    row = order(cast, image)
    assert storage.copy_path(image, BYTES_MAX) is None

    assert make_copies() == 1

    path = storage.copy_path(image, BYTES_MAX)
    assert path is not None
    assert path.stat().st_size <= BYTES_MAX
    with Picture.open(io.BytesIO(path.read_bytes())) as copy:
        assert copy.format == "JPEG"
        assert copy.width / copy.height == pytest.approx(image.width / image.height, abs=0.02)
    assert storage.original_path(image).stat().st_size == image.size_bytes
    row.refresh_from_db()
    assert (row.state, row.starts, row.fetches, row.lease_token) == (State.QUEUED, 0, 0, "")
    assert row.next_at <= clock.now()


def test_an_order_without_a_copy_asks_for_none(cast: Cast, image: Image) -> None:
    ordering.order_upscale(
        member=cast.ada,
        image=image,
        provider="demo",
        offer=providers.offer("demo", "enlarge-2x"),
        choices={"copy": "jpeg"},
        request_key="k",
    )

    assert make_copies() == 0
    assert Generation.objects.order_by("-pk")[0].choices == {}


def test_two_orders_share_one_copy(cast: Cast, image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    make_copy = pictures.make_copy

    def counted(*path: Any, **facts: Any) -> None:
        made.append(1)
        make_copy(*path, **facts)

    monkeypatch.setattr(pictures, "make_copy", counted)
    first, second = order(cast, image), order(cast, image)
    Generation.objects.filter(pk=second.pk).update(next_at=clock.now() + timedelta(minutes=1))
    for row in (first, second, first):
        copying.copy(generation=str(row.pk))

    assert made == [1]
    second.refresh_from_db()
    assert second.next_at <= clock.now()


def test_somebody_else_at_it_is_left_alone(cast: Cast, image: Image) -> None:
    row = order(cast, image)
    row.take(token="another", lease=copying.LEASE)
    copying.copy(generation=str(row.pk))

    assert storage.copy_path(image, BYTES_MAX) is None


@pytest.mark.parametrize(
    ("ruin", "reason"),
    [
        (lambda image, row: storage.original_path(image).unlink(), Reason.REFUSED_INPUT),
        (lambda image, row: storage.original_path(image).write_bytes(b"rotten"), Reason.REFUSED_INPUT),
        (lambda image, row: Generation.objects.filter(pk=row.pk).update(starts=3), Reason.WORKER_CRASH),
    ],
)
def test_a_copy_that_cannot_be_made_ends_the_order_and_gives_the_credits_back(
    cast: Cast, image: Image, ruin: Any, reason: Reason
) -> None:
    row = order(cast, image)
    assert held(cast) == LARGE.credits
    ruin(image, row)
    make_copies()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, reason)
    assert held(cast) == 0
    assert {finding.subject for finding in auditing.audit()} <= {"image"}  # the file was ruined on purpose


def test_a_full_disk_of_ours_uses_up_no_try(
    cast: Cast, image: Image, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[float], None]
) -> None:
    def no_room(file: Path, *, name: str) -> None:
        raise OSError(28, "No space left on device")

    row = order(cast, image)
    with monkeypatch.context() as full:
        full.setattr(storage, "keep", no_room)
        for _ in range(STARTS_WITHOUT_END_MAX + 1):
            copying.copy(generation=str(row.pk))
            row.refresh_from_db()
            assert (row.state, row.starts, row.fetches, row.lease_until) == (State.QUEUED, 0, 0, None)
            assert 50 < (row.next_at - clock.now()).total_seconds() <= 60
            pass_time(61)
    copying.copy(generation=str(row.pk))

    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert storage.copy_path(image, BYTES_MAX) is not None


def test_what_no_longer_waits_is_not_copied_for(cast: Cast, image: Image) -> None:
    row = order(cast, image)
    ordering.cancel(generation=row, actor="test")
    make_copies()
    copying.copy(generation=str(uuid.uuid4()))

    assert storage.copy_path(image, BYTES_MAX) is None


def test_a_retry_sends_the_copy_again(cast: Cast, image: Image) -> None:
    row = order(cast, image)
    ordering.cancel(generation=row, actor="test")
    again = ordering.retry(member=cast.ada, generation=row, request_key="again").generations.get()

    assert again.choices == {"resolution": "2k", "copy": "jpeg"}
    assert make_copies() == 2
    assert storage.copy_path(image, BYTES_MAX) is not None
