"""The end of a vendor's time: nothing is given up without a last look, and a studio that stood still asks a while more.

One look is due at the deadline, or at once where the deadline passed and nobody asked since. So a row whose next look
lies beyond its deadline has been asked about at that deadline or later; nothing else has to be written down.
"""

from datetime import datetime, timedelta

from generations import providers
from generations.models import Generation, State
from generations.services.collecting import ASK_AGAIN_SECONDS

LAST_LOOKS = timedelta(seconds=45)
"""Long enough for a look that hung at the deadline and one more; then the credits go back, whatever is said."""
RESPITE = timedelta(minutes=5)
"""So long a task is asked about, once, when nobody asked at its deadline: the studio was off, or stood still."""


def was_asked(row: Generation) -> bool:
    """Whether somebody asked at its deadline, or since, and got no answer that ends it."""
    return row.next_at > row.deadline_at


def had_respite(row: Generation) -> bool:
    """Whether its deadline is no longer the one its wait began with."""
    try:
        whole = timedelta(seconds=row.offer().deadline_seconds)
    except (providers.UnknownOffer, providers.UnknownProvider):
        return True  # nobody can ask for what is no longer sold
    # Where the vendor was asked for other addresses, its time began with that question.
    return row.deadline_at > row.changed_at + whole + timedelta(seconds=ASK_AGAIN_SECONDS[-1] + 1)


def wants_respite(row: Generation, asked: datetime) -> bool:
    """Whether a look made at this moment is the first since a deadline at which nobody was there to make one."""
    is_late = row.state == State.RUNNING and asked >= row.deadline_at + LAST_LOOKS
    return is_late and not was_asked(row) and not had_respite(row)
