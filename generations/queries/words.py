"""What a person reads about a generation: what happened, whose turn it is, what became of the credits.

Plain sentences and figures made from one row; nothing is asked of the database, and a vendor's own words never appear.
"""

from collections.abc import Iterable
from datetime import datetime

from generations import providers
from generations.models import Generation, Reason, State
from generations.models.generation.states import DOUBT_WAIT_MAX
from generations.providers.base import Operation, SourceBy

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
    Reason.NOT_SOLD: "Choose another model, and tell your owner.",
    Reason.BUSY: "We kept trying until the time was up. Try again later, or use another model.",
    Reason.UNREACHABLE: "We kept trying until the time was up. Try again later, or use another model.",
    Reason.BAD_ANSWER: "The fault is on the vendor’s side. Try again, or use another model.",
    Reason.VENDOR: "The fault is on the vendor’s side. Try again.",
    Reason.TIMEOUT: "We waited as long as promised. Try again.",
    Reason.SUBMISSION_UNKNOWN: "We looked for it and found nothing. Try again.",
    Reason.WAITED_TOO_LONG: "Too much was ahead of it. Try again, or use another model.",
    Reason.VENDOR_PAUSED: "The studio’s staff had closed it. Try again when it is open, or use another model.",
    Reason.SOURCE_GONE: "Upscale another one.",
    Reason.PROVIDER_GONE: "Choose another model.",
    Reason.RESULT_LOST: "The vendor’s copy was gone before we had it. Try again.",
    Reason.RESULT_INVALID: "We checked what came and did not keep it. Try again.",
    Reason.WORKER_CRASH: "The fault is on our side. Try again; tell your owner if it comes back.",
    Reason.STOPPED: "Ask them why, or try again.",
}
"""What to do about each reason; the headline before it says what happened, the line after it what became of credits."""

SOURCE_HEADLINES = {Reason.CONTENT_POLICY: "The safety check refused this picture"}
SOURCE_DETAILS = {
    Reason.CONTENT_POLICY: "It is about the picture, not about words.",
    Reason.REFUSED_INPUT: "It could not use the picture.",
    Reason.NOT_FOUND: "It is lost there, not here.",
    Reason.NOT_SOLD: "Tell your owner.",
    Reason.VENDOR: "The fault is on the vendor’s side.",
}
"""The same for upscales, where there is no prompt to change. Another way to upscale is named after each."""
CAPPED_HEADLINE = "The vendor allows our key no more for now"
CAPPED_DETAIL = (
    "It is the key that has a limit there, not the account that is empty. Your team’s owner can raise it. "
    "Try again in an hour, or use another model."
)
BUSY_AT_WORK = "The vendor had taken it, and gave up on it. Try again later, or use another model."


def words_of(
    generation: Generation, *, place: int | None, may_act: bool, wait: tuple[str, str, datetime | None] | None = None
) -> tuple[str, str, datetime | None]:
    """Headline, detail, and the moment the detail speaks of.

    `may_act` says whether the reader could cancel, `wait` why it still waits, what becomes of it, and until when,
    where that is known.
    """
    match generation.state:
        case State.QUEUED:
            cancel = f"Not sent yet: {_cancel_effect(generation)}" if may_act else "Not sent yet."
            if wait is not None:
                return wait[0], f"{wait[1]} {cancel}", wait[2]
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
            return headline_of(generation), "If it still arrives, it is free.", generation.watch_until
        case State.FAILED:
            return headline_of(generation), _failure_detail(generation), None
        case State.CANCELED:
            return "Cancelled before it was sent", "", None
    return "", "", None


def headline_of(generation: Generation) -> str:
    """Why it ended without a picture."""
    if generation.reason not in Reason.values:
        return "The picture could not be made"
    if _is_capped(generation):
        return CAPPED_HEADLINE
    reason = Reason(generation.reason)
    upscale = generation.operation == Operation.UPSCALE
    return SOURCE_HEADLINES.get(reason, str(reason.label)) if upscale else str(reason.label)


def _failure_detail(generation: Generation) -> str:
    if generation.reason not in Reason.values:
        return "Try again."
    if _is_capped(generation):
        return CAPPED_DETAIL
    reason = Reason(generation.reason)
    if reason == Reason.BUSY and generation.vendor_task_id:
        return BUSY_AT_WORK
    if generation.operation == Operation.UPSCALE and reason in SOURCE_DETAILS:
        return f"{SOURCE_DETAILS[reason]} Choose another way to upscale it{_such_as(generation)}."
    return DETAILS[reason]


def _is_capped(generation: Generation) -> bool:
    """Whether the vendor's code says that it is the key, not the account, that has nothing left."""
    vendor = providers.PROVIDERS.get(generation.provider)
    is_money = generation.reason == Reason.OUT_OF_FUNDS
    return vendor is not None and is_money and generation.vendor_code in vendor.capped_codes


def _such_as(generation: Generation) -> str:
    """The vendor's own way that takes any picture, where it sells another one."""
    vendor = providers.PROVIDERS.get(generation.provider)
    for offer in vendor.offers if vendor else ():
        takes_any = offer.operation is Operation.UPSCALE and offer.source_by is SourceBy.URL
        if takes_any and offer.key != generation.offer_key:
            return f", such as {offer.label}"
    return ""


def _cancel_effect(generation: Generation) -> str:
    return (
        f"cancelling returns {credits_in_words(generation.price)}." if generation.price else "cancelling costs nothing."
    )


def refund_of(generation: Generation) -> str:
    """What came back, and for what, where something did."""
    if generation.is_done and generation.missing:
        return _part_of(generation)
    if generation.state not in {State.FAILED, State.CANCELED, State.LAPSED}:
        return ""
    return f"{credits_in_words(generation.price)} returned" if generation.price else "Nothing was charged"


def _part_of(generation: Generation) -> str:
    """Said of a picture that is one of several, not all of which came."""
    lost = f"{generation.missing} of {len(generation.result_urls)} pictures lost"
    back = generation.price - generation.charged if generation.state == State.SUCCEEDED else 0
    return f"{lost}, {credits_in_words(back)} returned" if back else lost


def credits_in_words(amount: int) -> str:
    return f"{amount:,} {'credit' if amount == 1 else 'credits'}"


def cost_of(group: Iterable[Generation]) -> str:
    """What the run costs as far as it stands: what was given back is not part of it."""
    counted = [one for one in group if one.is_open or one.is_done]
    total = sum(one.price if one.is_open else one.charged for one in counted)
    if not counted:
        return ""
    return credits_in_words(total) if total else "free"


def money_of(group: Iterable[Generation]) -> str:
    """Quote, hold and actual, as far as they came to pass: Price 20 credits · held 5 · paid 10 · returned 5."""
    rows = list(group)
    quote = sum(one.price for one in rows)
    if not quote:
        return "free"
    held = sum(one.price for one in rows if one.is_open)
    paid = sum(one.charged for one in rows)
    back = quote - held - paid
    parts = [f"Price {credits_in_words(quote)}"]
    parts += [f"held {held:,}"] if held else []
    parts += [f"paid {paid:,}"] if any(not one.is_open for one in rows) else []
    parts += [f"returned {back:,}"] if back else []
    return " · ".join(parts)


def summary(prompt: str) -> str:
    """The first words of a prompt, for alternative texts and headings."""
    words = " ".join(prompt.split())
    if len(words) <= SUMMARY_CHARACTERS_MAX:
        return words or "Picture"
    head = words[:SUMMARY_CHARACTERS_MAX]
    return f"{head.rpartition(' ')[0] or head}…"


def seconds_between(low: float, high: float) -> str:
    """A range of seconds in words: 5 to 10 s, 20 s to 2 min, 1 to 2 min."""
    if high > 90 and low < 45:
        return f"{low:g} s to {round(high / 60)} min"
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


def time_left(seconds: float) -> str:
    """What is left of a time that runs out: 3 h 12 min, 12 min, under a minute. Never more than there is."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "under a minute left"
    return f"{minutes // 60} h {minutes % 60} min left" if minutes >= 60 else f"{minutes} min left"


def ordinal_suffix(place: int) -> str:
    if place % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")


def roughly(seconds: float) -> str:
    """A wait nobody can promise: under a minute, about 5 min, about 2 h."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    return f"about {minutes} min" if minutes < 90 else f"about {round(minutes / 60)} h"
