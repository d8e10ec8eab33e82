"""Reading as of one moment, so that work going on meanwhile is not mistaken for a fault."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction that sees one state of the rows and keeps no writer waiting. Inside another one: that one."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()  # the mode is known only then
    mode = getattr(connection, "transaction_mode", None)
    if mode is not None:  # SQLite: our transactions begin by locking out writers; this one only reads
        setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010  # only this engine has it
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        if mode is not None:
            setattr(connection, "transaction_mode", mode)  # noqa: B010
