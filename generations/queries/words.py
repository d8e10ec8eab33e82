"""What a person reads about a generation: what happened, whose turn it is, what became of the credits.

Plain sentences and figures made from one row; nothing is asked of the database, and a vendor's own words never appear.
"""

from collections.abc import Iterable
from datetime import datetime

from generations.models import Generation, Reason, State
from generations.models.generation.states import DOUBT_WAIT_MAX
from generations.providers.base import Operation

SUMMARY_CHARACTERS_MAX = 120

ICONS = {
    State.QUEUED: "queue",
    State.SUBMITTING: "arrow-right",
    State.IN_DOUBT: "search",
    State.RUNNING: "clock",
    State.FETCHING: "download",
    State.FAILED: "warning",
    State.CANCELED: "cancel",
    State.LAPSED: "history",
}

DETAILS = {
    Reason.CONTENT_POLICY: "Reword the prompt and try again.",
    Reason.CREDENTIALS: "Your team’s owner has to look at the key. Until then use another model.",
    Reason.OUT_OF_FUNDS: "Your team’s owner has to fill it up. Until then use another model.",
    Reason.REFUSED_INPUT: "Change the prompt or the shape and try again.",
    Reason.NOT_FOUND: "It is lost there, not here. Try again.",
    Reason.BUSY: "We kept trying until the time was up. Try again later, or use another model.",
    Reason.UNREACHABLE: "We kept trying until the time was up. Try again later, or use another model.",
    Reason.BAD_ANSWER: "The fault is on the vendor’s side. Try again, or use another model.",
    Reason.VENDOR: "The fault is on the vendor’s side. Try again.",
    Reason.TIMEOUT: "We waited as long as promised. Try again.",
    Reason.SUBMISSION_UNKNOWN: "We looked for it and found nothing. Try again.",
    Reason.WAITED_TOO_LONG: "Too much was ahead of it. Try again, or use another model.",
    Reason.SOURCE_GONE: "Upscale another one.",
    Reason.PROVIDER_GONE: "Choose another model.",
    Reason.RESULT_LOST: "The vendor’s copy was gone before we had it. Try again.",
    Reason.RESULT_INVALID: "We checked what came and did not keep it. Try again.",
    Reason.WORKER_CRASH: "The fault is on our side. Try again; tell your owner if it comes back.",
}
"""What to do about each reason; the headline before it says what happened, the line after it what became of credits."""

SOURCE_DETAILS = {
    Reason.REFUSED_INPUT: "It could not read the picture. Choose another way to upscale it.",
    Reason.NOT_FOUND: "Choose another way to upscale it.",
}
"""The same for upscales, where there is no prompt to change."""


def words_of(generation: Generation, *, place: int | None, may_act: bool) -> tuple[str, str, datetime | None]:
    """Headline, detail, and the moment the detail speaks of. `may_act` says whether the reader could cancel."""
    match generation.state:
        case State.QUEUED:
            cancel = f"Not sent yet: {_cancel_effect(generation)}" if may_act else "Not sent yet."
            if generation.submits:  # it had its turn, and came back
                return "The vendor could not take it yet", f"We ask again by ourselves. {cancel}", None
            return "Next in line" if place == 1 else "In line", cancel, None
        case State.SUBMITTING:
            return "On its way to the vendor", "This takes a few seconds.", None
        case State.IN_DOUBT:
            end = generation.changed_at + DOUBT_WAIT_MAX
            return "The vendor’s answer was lost", "We look for 10 minutes. You pay only if the picture arrives.", end
        case State.RUNNING:
            return "", "", generation.deadline_at
        case State.FETCHING:
            return "Saving your copy", "The vendor is done; we fetch and check the file.", None
        case State.LAPSED:
            return _headline(generation), "If it still arrives, it is free.", generation.watch_until
        case State.FAILED:
            return _headline(generation), _failure_detail(generation), None
        case State.CANCELED:
            return "Cancelled before it was sent", "", None
    return "", "", None


def _headline(generation: Generation) -> str:
    if generation.reason in Reason.values:
        return str(Reason(generation.reason).label)
    return "The picture could not be made"


def _failure_detail(generation: Generation) -> str:
    if generation.reason not in Reason.values:
        return "Try again."
    reason = Reason(generation.reason)
    if generation.operation == Operation.UPSCALE and reason in SOURCE_DETAILS:
        return SOURCE_DETAILS[reason]
    return DETAILS[reason]


def _cancel_effect(generation: Generation) -> str:
    return (
        f"cancelling returns {credits_in_words(generation.price)}." if generation.price else "cancelling costs nothing."
    )


def refund_of(generation: Generation) -> str:
    if generation.state not in {State.FAILED, State.CANCELED, State.LAPSED}:
        return ""
    return f"{credits_in_words(generation.price)} returned" if generation.price else "Nothing was charged"


def credits_in_words(amount: int) -> str:
    return f"{amount:,} {'credit' if amount == 1 else 'credits'}"


def cost_of(group: Iterable[Generation]) -> str:
    """What the run costs as far as it stands: what was given back is not part of it."""
    counted = [one for one in group if one.is_open or one.is_done]
    total = sum(one.price if one.is_open else one.charged for one in counted)
    if not counted:
        return ""
    return credits_in_words(total) if total else "free"


def summary(prompt: str) -> str:
    """The first words of a prompt, for alternative texts and headings."""
    words = " ".join(prompt.split())
    if len(words) <= SUMMARY_CHARACTERS_MAX:
        return words or "Picture"
    head = words[:SUMMARY_CHARACTERS_MAX]
    return f"{head.rpartition(' ')[0] or head}…"


def seconds_between(low: float, high: float) -> str:
    """A range of seconds in words: 5 to 10 s, 1 to 2 min."""
    if high > 90:
        low_minutes, high_minutes = max(1, round(low / 60)), round(high / 60)
        return f"{low_minutes} to {high_minutes} min" if low_minutes < high_minutes else f"{high_minutes} min"
    return f"{low:g} to {high:g} s" if low < high else f"{high:g} s"


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def ordinal_suffix(place: int) -> str:
    if place % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
