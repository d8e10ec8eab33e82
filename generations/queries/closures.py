"""What people read about something that staff closed: what it is, why, that nothing was charged, when to come back."""

from generations.models import Closure, Shut
from generations.queries.suspensions import sentence_of

NOTHING_CHARGED = "Nothing was ordered, and nothing was charged."

HEADLINES = {
    Shut.PAUSED: "{target} is paused for now by the studio’s staff",
    Shut.DRAINING: "{target} takes no new orders for now: the studio’s staff are emptying its line",
    Shut.MAINTENANCE: "The studio is in maintenance",
}


def closed_words(closure: Closure) -> str:
    """What is closed and why, without a time: pages write that in the reader's own."""
    headline = HEADLINES[Shut(closure.kind)].format(target=closure.target)
    return f"{headline}. {sentence_of(closure.reason)}"


def refused_words(closure: Closure) -> str:
    """The same for who just tried to order."""
    return f"{closed_words(closure)} {NOTHING_CHARGED} {back_words(closure)}"


def back_words(closure: Closure) -> str:
    """When to come back, where that is known; in UTC, as in everything that is a sentence and not a page."""
    if closure.ends_at is None:
        return "When it opens again is not known yet: keep your words, and try later."
    return f"Come back at about {closure.ends_at:%-d %B, %H:%M} UTC."
