"""What a vendor is to the studio: a class that declares its offers and fills in ``submit`` and ``check``.

This room knows no table, no request and no clock of the studio. It refuses to guess: an answer it cannot read is
``Unknown`` when work was being handed over and ``Unreachable`` when we only asked.
"""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Self

from .errors import (
    Busy,
    CheckError,
    KeyRefused,
    NotFound,
    NotSent,
    ProviderError,
    Refused,
    ResultGone,
    SubmitError,
    Unknown,
    Unreachable,
    Unsupported,
    checked_task_id,
)
from .words import (
    Accepted,
    Account,
    Answer,
    Failed,
    Fault,
    Offer,
    Operation,
    Order,
    Outcome,
    Progress,
    Ready,
    Source,
    SourceBy,
    Verdict,
    Working,
)

if TYPE_CHECKING:
    from .http import HttpDoor

__all__ = [
    "Accepted",
    "Account",
    "Answer",
    "Busy",
    "CheckError",
    "Failed",
    "Fault",
    "KeyRefused",
    "NotFound",
    "NotSent",
    "Offer",
    "Operation",
    "Order",
    "Outcome",
    "Progress",
    "Provider",
    "ProviderError",
    "Ready",
    "Refused",
    "ResultGone",
    "Source",
    "SourceBy",
    "SubmitError",
    "Unknown",
    "Unreachable",
    "Unsupported",
    "Verdict",
    "Working",
    "checked_task_id",
]

VENDOR_TEXT_CHARACTERS_MAX = 500
REFUSED_CODES: Mapping[int, Fault] = {
    400: Fault.REFUSED_INPUT,
    401: Fault.CREDENTIALS,
    402: Fault.OUT_OF_FUNDS,
    403: Fault.CREDENTIALS,
    404: Fault.NOT_FOUND,
    422: Fault.REFUSED_INPUT,
    501: Fault.VENDOR,
    505: Fault.VENDOR,
}
BUSY_CODES = frozenset({429, 455})


def code_in(status: int, body: object) -> int:
    """The number that decides: the body's own ``code`` where it has one, otherwise the HTTP status."""
    if isinstance(body, Mapping):
        code = body.get("code")
        if isinstance(code, int) and not isinstance(code, bool):
            return code
    return status


def text_in(body: object) -> str:
    """The vendor's words in an answer, shortened, for staff; "" where there are none."""
    if isinstance(body, Mapping):
        for name in ("msg", "message"):
            if isinstance(words := body.get(name), str):
                return words[:VENDOR_TEXT_CHARACTERS_MAX]
    return ""


class Provider:
    """A vendor. Subclasses declare what they are and fill in ``submit`` and ``check``."""

    key: ClassVar[str]
    label: ClassVar[str]
    homepage: ClassVar[str] = ""
    base_url: ClassVar[str] = ""
    needs_key: ClassVar[bool] = True
    offers: ClassVar[tuple[Offer, ...]]
    reads_own_results: ClassVar[bool] = False
    unavailable_is_free: ClassVar[bool] = False
    """True where the vendor promises that a 503 with Retry-After was neither queued nor charged."""

    def __init__(self, *, account: Account, http: "HttpDoor | None" = None) -> None:
        self.account = account
        self.http = http

    async def submit(self, order: Order) -> Accepted:
        """Hand the order over, once. Raises NotSent, Busy, Refused or Unknown, and nothing else on purpose."""
        raise NotImplementedError

    async def check(self, task_id: str, offer: Offer) -> Progress:
        """How the task is doing. Raises Unreachable, Busy, KeyRefused or NotFound when this look told nothing."""
        raise NotImplementedError

    async def check_many(self, tasks: Sequence[tuple[str, Offer]]) -> dict[str, Progress | CheckError]:
        """Look at many tasks at once: each task id with its progress, or with the reason this look told nothing."""
        found = await asyncio.gather(*(self.check(task_id, offer) for task_id, offer in tasks), return_exceptions=True)
        looks: dict[str, Progress | CheckError] = {}
        for (task_id, _offer), look in zip(tasks, found, strict=True):
            if isinstance(look, BaseException) and not isinstance(look, CheckError):
                raise look
            looks[task_id] = look
        return looks

    async def balance(self) -> Decimal | None:
        """What is left at the vendor, in its own unit. Raises Unsupported where the vendor has no such call."""
        raise Unsupported(f"{self.label} does not tell its balance.")

    async def upload(self, *, path: str, media_type: str) -> str:
        """Put one of our files where the vendor can read it and return its address, or raise Unsupported."""
        raise Unsupported(f"{self.label} takes no files.")

    def fetch(self, url: str, *, to: BinaryIO) -> None:
        """Write the bytes behind a result address that is not http. Raises ResultGone."""
        raise ResultGone(f"{self.label} keeps its results on the web.")

    def verdict(self, status: int, body: object) -> Verdict:
        """What an answer to ``submit`` means. Vendors with their own codes override this and fall back to it."""
        code = code_in(status, body)
        words = text_in(body)
        if code in REFUSED_CODES:
            return Verdict(outcome=Outcome.REFUSED, fault=REFUSED_CODES[code], vendor_code=str(code), vendor_text=words)
        if code in BUSY_CODES:
            return Verdict(outcome=Outcome.BUSY, fault=Fault.BUSY, vendor_code=str(code), vendor_text=words)
        if code in (200, 201, 202) and body is not None:
            return Verdict(outcome=Outcome.ACCEPTED)
        return Verdict(outcome=Outcome.UNKNOWN, fault=Fault.BAD_ANSWER, vendor_code=str(code), vendor_text=words)

    def expect_accepted(self, answer: Answer) -> None:
        """Return if the vendor took the order; otherwise raise Busy, Refused or Unknown."""
        verdict = self.verdict(answer.status, answer.body)
        detail = f"{self.label} answered {answer.status}, code {verdict.vendor_code or answer.status}."
        if answer.status == 503 and self.unavailable_is_free and answer.retry_after is not None:
            raise Busy(detail, retry_after=answer.retry_after)
        if verdict.outcome is Outcome.BUSY:
            raise Busy(detail, retry_after=answer.retry_after)
        if verdict.outcome is Outcome.REFUSED:
            raise Refused(detail, fault=verdict.fault, vendor_code=verdict.vendor_code, vendor_text=verdict.vendor_text)
        if verdict.outcome is Outcome.UNKNOWN:
            raise Unknown(detail)

    def expect_readable(self, answer: Answer) -> None:
        """Return if the answer to a look can be read; otherwise raise the CheckError that fits."""
        code = code_in(answer.status, answer.body)
        detail = f"{self.label} answered {answer.status}, code {code}."
        if code in (401, 403):
            raise KeyRefused(detail)
        if code == 402:
            raise KeyRefused(detail, fault=Fault.OUT_OF_FUNDS)
        if code == 404:
            raise NotFound(detail)
        if code in BUSY_CODES:
            raise Busy(detail, retry_after=answer.retry_after)
        if code not in (200, 201, 202) or answer.body is None:
            raise Unreachable(detail, retry_after=answer.retry_after)

    async def aclose(self) -> None:
        """Let go of connections. The provider is of no use afterwards."""
        if self.http is not None:
            await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
