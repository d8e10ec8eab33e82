"""Which request the work at hand is done for: its id and who asked, for the lines that are written meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Trace:
    id: str
    find_address: Callable[[], str]


_trace: ContextVar[_Trace | None] = ContextVar("trace", default=None)


@contextmanager
def traced(request_id: str, *, find_address: Callable[[], str]) -> Iterator[None]:
    """What is done in here is done for this request; where it came from is found out only if somebody wants to know."""
    before = _trace.set(_Trace(request_id, find_address))
    try:
        yield
    finally:
        _trace.reset(before)


def request_id() -> str:
    """Of the request under way; "" in a job, in a command, or between requests."""
    trace = _trace.get()
    return trace.id if trace else ""


def address() -> str:
    """Where the request under way came from, as far as trusted proxies say; "" where there is none or nobody knows."""
    trace = _trace.get()
    return trace.find_address() if trace else ""
