"""Whoever reads as of one moment keeps nobody from writing, also when it is the first thing a process does."""

from tests.engines import Engine, engine, template

__all__ = ["engine", "template"]

READ_WHILE_ANOTHER_WRITES = """
import threading
import django
django.setup()
from django.db import connections
from generations.models import Heartbeat
from generations.services.auditing.snapshot import one_moment

def write():
    Heartbeat.objects.stamp("another")
    connections.close_all()

with one_moment():
    before = Heartbeat.objects.count()
    writer = threading.Thread(target=write)
    writer.start()
    writer.join()
    assert Heartbeat.objects.count() == before
assert Heartbeat.objects.count() == before + 1
"""


def test_the_first_question_of_a_process_keeps_no_writer_waiting(engine: Engine) -> None:
    engine.run("-c", READ_WHILE_ANOTHER_WRITES)
