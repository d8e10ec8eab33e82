"""What a vendor is to the studio: a class that declares its offers and fills in ``submit`` and ``check``.

This room knows no table, no request and no clock of the studio. It refuses to guess: an answer it cannot read is
``Unknown`` when work was being handed over and ``Unreachable`` when we only asked.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Self

from .errors import (
    Busy,
    CheckError,
    Forged,
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
    Announcement,
    Answer,
    Failed,
    Fault,
    Offer,
    Operation,
    Order,
    Outcome,
    Patience,
    Progress,
    Proof,
    Ready,
    Recollection,
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
    "Announcement",
    "Answer",
    "Busy",
    "CheckError",
    "Failed",
    "Fault",
    "Forged",
    "KeyRefused",
    "NotFound",
    "NotSent",
    "Offer",
    "Operation",
    "Order",
    "Outcome",
    "Patience",
    "Progress",
    "Proof",
    "Provider",
    "ProviderError",
    "Ready",
    "Recollection",
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
MODERATION_WORDS = re.compile(r"nsfw|moderat|sensitiv|safety|policy|violat|prohibit", re.IGNORECASE)
"""How vendors say, in code or text, that it is the content they object to."""
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
    creates_max: ClassVar[tuple[int, float] | None] = None
    """At most so many creations in so many seconds at one account, all offers together."""
    reads_per_second_max: ClassVar[float] = 10.0
    not_found_seconds_max: ClassVar[float] = 120.0
    """For so long after it was accepted a task may not be visible yet."""
    takes_uploads: ClassVar[bool] = False
    announces: ClassVar[bool] = False
    """Whether it calls back when a task ends."""
    renews_links: ClassVar[bool] = False
    balance_unit: ClassVar[str] = "credits"
    capped_codes: ClassVar[frozenset[str]] = frozenset()
    """What it answers where a key has used up a limit of its own, and its account may be full."""

    def __init__(self, *, account: Account, http: "HttpDoor | None" = None) -> None:
        self.account = account
        self.http = http

    @property
    def door(self) -> "HttpDoor":
        """The connections, for a provider that cannot do without."""
        if self.http is None:
            raise RuntimeError(f"{self.label} was given no connection.")
        return self.http

    @property
    def bearer(self) -> dict[str, str]:
        """The key, the way most vendors want it."""
        return {"Authorization": f"Bearer {self.account.secret}"}

    def address(self, path: str) -> str:
        """The address of one of the vendor's paths."""
        return f"{(self.account.base_url or self.base_url).rstrip('/')}/{path.lstrip('/')}"

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

    @classmethod
    def tells_balance(cls) -> bool:
        """Whether it can be asked what is left."""
        return cls.balance is not Provider.balance

    async def upload(self, *, path: str, media_type: str) -> str:
        """Put one of our files where the vendor can read it and return its address, or raise Unsupported."""
        raise Unsupported(f"{self.label} takes no files.")

    async def probe(self) -> Proof:
        """What this key is worth, found out without cost: by the balance, where the vendor tells one.

        Raises CheckError when the vendor could not be asked, Unsupported when nothing free can be asked.
        """
        try:
            left = await self.balance()
        except KeyRefused as refusal:
            if refusal.fault is Fault.OUT_OF_FUNDS:
                return Proof(works=True, words=f"{self.label} knows the key. Its account is empty.", balance=Decimal(0))
            return Proof(works=False, words=f"{self.label} does not accept this key.")
        if left is None:
            return Proof(works=True, words=f"{self.label} accepts the key.")
        words = f"{self.label} accepts the key. {left.normalize():,f} {self.balance_unit} are left."
        return Proof(works=True, words=words, balance=left)

    async def fresh_link(self, url: str) -> str:
        """A new address for a result whose own is about to end. Raises CheckError or Unsupported."""
        raise Unsupported(f"{self.label} gives no second link.")

    async def recall(self, task_id: str, offer: Offer) -> Recollection:
        """What the vendor remembers of that task's order: the proof that a task is ours. Raises CheckError."""
        return Recollection()

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        """Which task a callback is about. Header names are lower case; ``now`` is Unix seconds.

        Raises Forged when the account has a webhook key and the callback is not signed with it, recently.
        """
        return Announcement()

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
            raise Busy(
                detail,
                retry_after=answer.retry_after,
                patience=verdict.patience,
                fault=verdict.fault,
                tell=verdict.tell,
            )
        if verdict.outcome is Outcome.REFUSED:
            raise Refused(
                detail,
                fault=verdict.fault,
                vendor_code=verdict.vendor_code,
                vendor_text=verdict.vendor_text,
                rest_seconds=verdict.rest_seconds,
                switch_off=verdict.switch_off,
                tell=verdict.tell,
            )
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
