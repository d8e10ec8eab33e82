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
    ``pixels_max`` and ``side_max`` are about the result.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The picture an order works on, named in the way its offer asked for."""

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
    """Finished. The addresses are in the vendor's order and each is meant to hold one picture."""

    urls: tuple[str, ...]
    cost: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The vendor's verdict is final. Code and text are the vendor's words, for staff."""

    fault: Fault
    vendor_code: str = ""
    vendor_text: str = ""
    cost: Decimal | None = None


Progress = Working | Ready | Failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """How a provider is configured for one team: keys, another base address, a folder to work in."""

    secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    base_url: str = ""
    folder: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer, read to its end: ``body`` is the parsed JSON, or None where it was none."""

    status: int
    headers: Mapping[str, str]
    body: object
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What an answer to a handed-over order means."""

    outcome: Outcome
    fault: Fault = Fault.VENDOR
    vendor_code: str = ""
    vendor_text: str = ""
