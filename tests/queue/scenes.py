"""What happens between those who enqueue and those who take, on whichever database the settings name."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from generations import queue

TAKERS = 4
MESSAGES = 120
PATIENCE_SECONDS = 120


def take() -> list[str]:
    """What the cluster is handed at its next look, as `job id`."""
    return [name_of(package) for _, package in get_broker().dequeue()]


def take_all() -> list[str]:
    names = []
    while taken := take():
        names += taken
    return names


def name_of(package: str) -> str:
    task = SignedPackage.loads(package)
    return " ".join([task["func"].rpartition(".")[2], *task["kwargs"].values()])


def pass_time(**by: float) -> None:
    """As if the messages had been there so much longer."""
    OrmQ.objects.update(lock=F("lock") - timedelta(**by))


def order() -> list[str]:
    """Pictures first, and then what they must not hold up."""
    for number in range(3):
        queue.later("collect", generation=number)
    queue.later("pump", shard=0)
    queue.later("beat")
    queue.later("pump", shard=1)
    OrmQ.objects.filter(payload__in=[OrmQ.objects.order_by("pk")[1].payload]).update(
        lock=F("lock") - timedelta(hours=1)
    )
    return take_all()


def again() -> dict[str, list[str]]:
    """Nobody acknowledges what was taken, and after `retry` it is handed out again."""
    queue.later("collect", generation=1)
    queue.later("pump", shard=0)
    seen = {"first": take_all()}
    pass_time(seconds=Conf.RETRY - 5)
    queue.later("collect", generation=2)
    seen["before retry"] = take_all()
    pass_time(seconds=10)
    seen["after retry"] = take_all()
    pass_time(seconds=Conf.RETRY + 10)
    broker = get_broker()
    for number, _ in broker.dequeue():
        broker.acknowledge(number)
    seen["all but the acknowledged"] = take_all()
    return seen


def transactions() -> dict[str, list[str]]:
    """The message belongs to the transaction it was written in."""
    seen = {}
    with transaction.atomic():
        queue.later("pump", shard=0)
        queue.later("collect", generation=1)
        transaction.set_rollback(True)
    seen["rolled back"] = take_all()
    with transaction.atomic():
        queue.later("collect", generation=2)
    seen["committed"] = take_all()
    return seen


def idle() -> list[str]:
    """Looks while nothing is due and no writer would get in; says which statements that took."""
    queue.later("collect", generation=1)
    take_all()
    broker = get_broker()
    with nobody_may_write(), CaptureQueriesContext(connection) as asked:
        assert broker.dequeue() == []
    return [query["sql"].partition(" ")[0] for query in asked.captured_queries]


@contextmanager
def nobody_may_write() -> Iterator[None]:
    """Somebody else has the database, or the queue's table, for writing; who wants to write too fails soon."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1000" if is_sqlite else "SET lock_timeout = '1s'")
    other = connections["default"].copy()
    try:
        with transaction_of(other) as cursor:
            if not is_sqlite:
                cursor.execute(f"LOCK TABLE {OrmQ._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
            yield
    finally:
        other.close()


@contextmanager
def transaction_of(other: Any) -> Iterator[Any]:
    other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with other.cursor() as cursor:
        yield cursor
    other.rollback()


def cut_off() -> list[str]:
    """The database ends our connection between two looks, as it does when it is started again."""
    queue.later("collect", generation=1)
    broker = get_broker()
    assert len(broker.dequeue()) == 1
    queue.later("collect", generation=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [ours] = cursor.fetchone()
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
    other.close()
    return [name_of(package) for _, package in broker.dequeue()]


def race() -> list[list[str]]:
    """Several clusters take at once; what each of them got, in its order."""
    for number in range(MESSAGES):
        queue.later("collect", generation=number)
    for number in range(TAKERS):
        queue.later("pump", shard=number)
    connections.close_all()  # a connection is never shared over a fork
    forks = multiprocessing.get_context("fork")
    start, answers = forks.Barrier(TAKERS), forks.SimpleQueue()

    def run() -> None:
        connection.ensure_connection()
        start.wait(PATIENCE_SECONDS)
        answers.put(take_all())
        connections.close_all()

    takers = [forks.Process(target=run) for _ in range(TAKERS)]
    for taker in takers:
        taker.start()
    seen = [answers.get() for _ in takers]
    for taker in takers:
        taker.join()
    return seen


def sending() -> dict[str, bool]:
    """Another process of ours says that it sends and that it does not, and dies in the middle of the next time."""
    forks = multiprocessing.get_context("fork")
    ours, theirs = forks.Pipe()

    def tell() -> None:
        while True:
            queue.show_sending(is_sending=theirs.recv())
            theirs.send(None)

    connections.close_all()  # a connection is never shared over a fork
    other = forks.Process(target=tell)
    other.start()

    def after(*, is_sending: bool) -> bool:
        ours.send(is_sending)
        ours.recv()
        return queue.is_sending()

    seen = {"silent": queue.is_sending(), "said": after(is_sending=True), "unsaid": after(is_sending=False)}
    after(is_sending=True)
    other.kill()
    other.join()
    return seen | {"dead": queue.is_sending()}


def play(name: str) -> Any:
    """What was seen, starting with an empty queue."""
    OrmQ.objects.all().delete()
    return SCENES[name]()


SCENES = {scene.__name__: scene for scene in (order, again, transactions, idle, cut_off, race, sending)}
