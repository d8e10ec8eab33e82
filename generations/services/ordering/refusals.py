"""Why an order is not placed, in words for the person who placed it."""

from collections.abc import Sequence

from generations.models import Closure, HeldOrder, Level, PromptRule, RuleHit
from generations.models.prompting.reach import WAITING_MAX
from generations.queries.brakes import BrakeState
from generations.queries.closures import refused_words
from generations.queries.suspensions import sentence_of

OPEN_MAX = 500
"""Unfinished generations one member may have: enough for any batch, too few to fill a disk by accident."""
ORDERS_PER_MINUTE_MAX = 60
"""S54: submits of one member; no hand is as fast as that."""


class OrderRefused(Exception):
    """The order cannot be placed; the message is for the person who placed it."""


class MayNotCreate(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            "Your role here is Viewer: you can look at pictures, not make them. Ask your owner to change it."
        )


class OfferUnavailable(OrderRefused):
    """Nobody sells this to the team now, it has no price, or it cannot be made from this picture."""


class ClosedForNow(OrderRefused):
    """Staff closed the vendor or the whole studio for new orders."""

    def __init__(self, closure: Closure) -> None:
        super().__init__(refused_words(closure))


class TooFast(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            f"Wait a moment: that was {ORDERS_PER_MINUTE_MAX} orders in one minute. This one was not placed, and "
            "nothing was charged."
        )


class TooManyOpen(OrderRefused):
    def __init__(self) -> None:
        super().__init__(f"You have {OPEN_MAX} pictures under way. Wait for some of them, or cancel what still waits.")


class BrakeReached(OrderRefused):
    def __init__(self, state: BrakeState) -> None:
        super().__init__(
            f"Your own brake stops you at {state.amount:,} credits {state.period}; {state.left:,} are left of it. "
            "Nothing was charged. You can loosen it on the page of your credits."
        )


class StorageFull(OrderRefused):
    def __init__(self, words: str) -> None:
        super().__init__(f"{words} Nothing was ordered, and nothing was charged.")


class PriceRose(OrderRefused):
    """The page showed less than it costs by now, or (`seen` is None) no price at all."""

    def __init__(self, label: str, *, seen: int | None, now: int) -> None:
        rose = f"The price of {label} went from {seen or 0:,} to {now:,} credits since this page was made."
        began = f"{label} had no price when this page was made; it costs {now:,} credits now."
        said = began if seen is None else rose
        super().__init__(f"{said} Nothing was charged. A new order takes the new price.")


class PromptWarned(OrderRefused):
    """Rules ask the person to read something first. `agreement` sent back says that they did."""

    def __init__(self, rules: Sequence[PromptRule], *, agreement: str, is_retry: bool) -> None:
        self.rules, self.agreement = list(rules), agreement
        told = " ".join(_said(rule.name, rule.message) for rule in self.rules)
        how = " Open it with “Edit prompt” to send it all the same." if is_retry else ""
        super().__init__(f"Read this first. {told} Nothing was ordered or charged yet.{how}")


class PromptBlocked(OrderRefused):
    def __init__(self, hit: RuleHit) -> None:
        self.hit = hit
        super().__init__(
            f"A rule blocks this prompt. {_said(hit.rule_name, hit.message)} Nothing was ordered, and nothing was "
            "charged. You can appeal, here or from your inbox."
        )


class PromptHeld(OrderRefused):
    """The order is kept, and waits; nothing was set aside for it."""

    def __init__(self, held: HeldOrder) -> None:
        self.held = held
        who = "A moderator of the studio" if held.level == Level.STAFF else f"Somebody who manages {held.team}"
        also = ", though the order is private" if held.is_private else ""
        super().__init__(
            f"This waits for review. {_said(held.hit.rule_name, held.hit.message)} {who} reads the prompt{also}, and "
            "you are told in your inbox. Nothing is ordered or charged until then."
        )


def _said(name: str, message: str) -> str:
    return f"“{name}”: {sentence_of(message)}"


class TooManyHeld(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            f"{WAITING_MAX} of your orders wait for review. This one was not kept, and nothing was charged. Wait for "
            "them, or take some back from your inbox."
        )


class RequestKeyReused(OrderRefused):
    def __init__(self) -> None:
        super().__init__(
            "This form was already sent with another order. Nothing was charged. Reload the page and try again."
        )


class TooLate(Exception):
    """The vendor has the work already, or it has ended: there is nothing left to cancel."""


class NothingToRetry(Exception):
    """The picture is on its way or done."""
