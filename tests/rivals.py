"""Somebody else who acts while this thread has a transaction open, and a way to know that they wait for it."""

import time
from collections.abc import Callable
from threading import Event, Thread

from django.db import connection

LOOKS_MAX = 3000
WAITING = """
    SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


class Rival(Thread):
    """`seen` is what came of it: what the act said, else "done", else the name of the refusal."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act, self.begun, self.seen = act, Event(), ""

    def run(self) -> None:
        self.begun.set()
        try:
            self.seen = str(self.act() or "done")
        except Exception as refusal:  # noqa: BLE001  # whatever it is, the test compares its name
            self.seen = type(refusal).__name__
        finally:
            connection.close()


def until_they_wait(*rivals: Rival) -> None:
    """Until each of them waits for a lock, or is through. SQLite tells nobody who waits: there, until they began."""
    for rival in rivals:
        rival.begun.wait(30)
    if connection.vendor == "sqlite":
        return
    for _ in range(LOOKS_MAX):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            [waiting] = cursor.fetchone()
        if waiting >= sum(rival.is_alive() for rival in rivals):
            return
        time.sleep(0.01)
    raise AssertionError("they neither wait for a lock nor end")
