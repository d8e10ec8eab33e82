"""Small things several models are built from: ids that sort by time, and text that stays as it was written."""

import secrets
import threading
import time
import uuid
from datetime import UTC, datetime

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): the newest row has the largest id, so "newest first" is primary key order.

    Within one process ids only grow, also inside one millisecond.
    """
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits of their fraction make one number that never repeats here.
        ticks = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        _last = ticks
    milliseconds, fraction = divmod(ticks, 4096)
    tail = secrets.randbits(62)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | tail)


def first_id(moment: datetime) -> uuid.UUID:
    """No id made at that moment or later is smaller, and no earlier one as large."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def moment_of(key: uuid.UUID) -> datetime:
    """When it was given, to the millisecond."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)
