"""Leases: one holder at a time, and whoever is late is out."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from generations.models import Heartbeat, Lease, clock, worker_stamp

pytestmark = pytest.mark.django_db


def test_one_takes_it_and_the_next_does_not() -> None:
    assert Lease.objects.take("pump", seconds=10)
    assert Lease.objects.take("pump", seconds=10) is None


def test_a_lease_that_ran_out_goes_to_the_next(pass_time: Callable[[float], None]) -> None:
    first = Lease.objects.take("pump", seconds=10)
    pass_time(11)
    second = Lease.objects.take("pump", seconds=10)

    assert first
    assert second
    assert not Lease.objects.renew("pump", token=first, seconds=10)
    assert Lease.objects.renew("pump", token=second, seconds=10)


def test_renewing_lengthens_it(pass_time: Callable[[float], None]) -> None:
    token = Lease.objects.take("pump", seconds=10)
    assert token
    pass_time(8)
    assert Lease.objects.renew("pump", token=token, seconds=10)
    pass_time(8)

    assert not Lease.objects.is_stale("pump")


def test_releasing_frees_it_for_the_holder_alone() -> None:
    token = Lease.objects.take("pump", seconds=10)
    assert token
    Lease.objects.release("pump", token="somebody else's")
    assert not Lease.objects.is_stale("pump")
    Lease.objects.release("pump", token=token)
    assert Lease.objects.is_stale("pump")
    assert Lease.objects.take("pump", seconds=10)


def test_a_heartbeat_remembers_the_last_stamp(pass_time: Callable[[float], None]) -> None:
    assert Heartbeat.objects.last("worker") is None
    Heartbeat.objects.stamp("worker")
    first = Heartbeat.objects.last("worker")
    pass_time(5)
    Heartbeat.objects.stamp("worker")
    second = Heartbeat.objects.last("worker")

    assert first
    assert second
    assert (second - first).total_seconds() >= 5


def test_each_cluster_has_a_stamp_of_its_own_and_the_newest_speaks_for_all(pass_time: Callable[[float], None]) -> None:
    assert Heartbeat.objects.last_of_workers() is None
    for supervisor in ("", "first", "second"):
        pass_time(60)
        Heartbeat.objects.stamp(worker_stamp(supervisor))
    Heartbeat.objects.stamp("workers at rest")
    own, newest = Heartbeat.objects.last(worker_stamp("first")), Heartbeat.objects.last_of_workers()

    assert own
    assert newest
    assert own < newest == Heartbeat.objects.last(worker_stamp("second"))


def test_stamps_of_clusters_that_are_gone_are_forgotten(pass_time: Callable[[float], None]) -> None:
    Heartbeat.objects.stamp(worker_stamp("gone"))
    Heartbeat.objects.stamp("books")
    pass_time(60)
    Heartbeat.objects.stamp(worker_stamp("here"))

    assert Heartbeat.objects.forget_workers(before=clock.now() - timedelta(seconds=30)) == 1
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"books", worker_stamp("here")}
