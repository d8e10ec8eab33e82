"""The plain data that goes to a vendor and comes back: offers, orders, progress, and the short vocabulary of faults.

Nothing here does anything. Everything is frozen, so that it can cross threads and be compared in tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Operation(StrEnum):
    """What a provider can be asked to do."""

    DRAW = "draw"
    UPSCALE = "upscale"


class SourceBy(StrEnum):
    """How an offer wants to be told which picture it works on."""

    NOTHING = "nothing"
    TASK_ID = "task_id"
    URL = "url"
    FILE = "file"


class Fault(StrEnum):
    """Why work failed, in nine words that mean the same at every vendor."""

    CREDENTIALS = "credentials"
    OUT_OF_FUNDS = "out_of_funds"
    REFUSED_INPUT = "refused_input"
    CONTENT_POLICY = "content_policy"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    BAD_ANSWER = "bad_answer"
    VENDOR = "vendor"


class Outcome(StrEnum):
    """What a vendor's answer to a handed-over order amounts to."""

    ACCEPTED = "accepted"
    BUSY = "busy"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One thing a provider sells. Limits are the vendor's own unless a credential says otherwise.

    ``usual_seconds`` is the usual shortest and longest wait, ``credits`` the default price of one order,
    ``running_max`` and ``hourly_max`` are shared by all offers with the same ``limit_group`` at one account,
    ``pixels_max`` and ``side_max`` are about the result. ``shapes_off`` are drawn too, but only once an admin has
    switched them on. ``result_format`` is "" where the vendor decides or a choice does. ``defaults`` names the value of
    a choice nobody made; a choice missing there begins with its first value. ``look_seconds`` is the shortest time the
    vendor wants between two looks at one task. ``vendor_cost`` is what the vendor is believed to take for one order,
    in its own unit; None where nobody knows.
    """

    key: str
    label: str
    operation: Operation
    credits: int
    usual_seconds: tuple[float, float]
    result_bytes_max: int
    limit_group: str
    running_max: int
    hourly_max: int
    shapes: tuple[str, ...] = ()
    shapes_off: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    source_by: SourceBy = SourceBy.NOTHING
    source_types: tuple[str, ...] = ("JPEG", "PNG", "WEBP")
    source_bytes_max: int | None = None
    scale: int | None = None
    pixels_max: int | None = None
    side_max: int | None = None
    images: int = 1
    prompt_max: int = 5000
    deadline_seconds: int = 900
    character: str = ""
    result_format: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict, hash=False)
    look_seconds: float = 1.0
    look_seconds_by: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)
    creations: int = 1
    vendor_cost: Decimal | None = None

    def seconds_between_looks(self, choices: Mapping[str, str]) -> float:
        """The shortest time the vendor wants between two looks at a task ordered with these choices."""
        asked = (by.get(choices.get(name, "").lower(), 0.0) for name, by in self.look_seconds_by.items())
        return max(self.look_seconds, *asked, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The picture an order works on, named in the way its offer asked for.

    Where an address is wanted and only ``path`` is given, the file is uploaded first and ``url`` filled in.
    """

    task_id: str | None = None
    url: str | None = None
    path: str | None = None
    width: int = 0
    height: int = 0
    format: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What the studio asks a provider to make.

    ``reference`` names our attempt. What stands before its first ":" is the same for every attempt at one piece of
    work; vendors that keep a note of ours get it, nobody reads anything else out of it.
    """

    offer: Offer
    prompt: str
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: Source | None = None
    callback_url: str | None = None
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The vendor has the order. ``cost`` is in the vendor's own unit, where it says so."""

    task_id: str
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """Not finished, as far as anybody can tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Finished. The addresses are in the vendor's order and each is meant to hold one picture.

    Where there are none, ``vendor_text`` says what staff may want to know about the answer.
    """

    urls: tuple[str, ...]
    cost: Decimal | None = None
    vendor_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The vendor's verdict is final. Code and text are the vendor's words, for staff, who hear of it with ``tell``."""

    fault: Fault
    vendor_code: str = ""
    vendor_text: str = ""
    cost: Decimal | None = None
    tell: bool = False


Progress = Working | Ready | Failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """How a provider is configured for one team: keys, another base address, a folder to work in.

    ``public_only`` is for an address that may lead to nothing but the open internet.
    """

    secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    base_url: str = ""
    upload_url: str = ""
    folder: str = ""
    public_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer, read to its end: ``body`` is the parsed JSON, or None where it was none."""

    status: int
    headers: Mapping[str, str]
    body: object
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How an order that was not taken is tried again: the waits double from the first to the longest.

    It ends after ``tries_max`` tries or ``seconds_max`` seconds of being turned away, whichever is given and comes
    first; then the picture fails with the verdict's fault. A Retry-After of the vendor replaces a wait.
    """

    first_seconds: float = 2.0
    longest_seconds: float = 60.0
    tries_max: int | None = None
    seconds_max: float | None = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What an answer to a handed-over order means.

    ``patience`` goes with BUSY. ``rest_seconds`` asks that the key be left alone for so long, ``switch_off`` that the
    offer be ordered on it no more, ``tell`` that staff hear of it; all go with REFUSED, ``tell`` with BUSY as well.
    """

    outcome: Outcome
    fault: Fault = Fault.VENDOR
    vendor_code: str = ""
    vendor_text: str = ""
    patience: Patience = field(default_factory=Patience)
    rest_seconds: float | None = None
    switch_off: bool = False
    tell: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a test of a key showed, without costing anything.

    ``works`` is None where the vendor's answer proved nothing. ``words`` is a sentence for the team's owner.
    ``answered_ms`` is how long the vendor took, None where it did not answer.
    """

    works: bool | None
    words: str
    balance: Decimal | None = None
    answered_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What a callback claims, none of it believed: which task it is about, "" where it does not say."""

    task_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recollection:
    """What the vendor remembers of the order behind a task; None where it does not echo that part.

    ``offer`` is the key of what was ordered, or the vendor's word for what we do not sell; ``source_task`` names the
    task that was to be enlarged; ``made_at`` is when it made the task, in Unix seconds.
    """

    callback_url: str | None = None
    prompt: str | None = None
    offer: str | None = None
    shape: str | None = None
    source_task: str | None = None
    made_at: float | None = None
