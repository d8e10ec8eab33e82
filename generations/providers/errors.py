"""The ways a vendor, or the road to it, says no.

Four of them end a hand-over and decide what happens next: ``NotSent`` and ``Busy`` may be tried again, ``Refused`` is
final, ``Unknown`` must never be repeated. The others end one look at a task and decide nothing about the task.
"""

import re

from .words import Fault, Patience

TASK_ID_CHARACTERS_MAX = 255
NOT_IN_A_TASK_ID = re.compile(r"[\s/\\]")


class ProviderError(Exception):
    """Anything a provider says with an exception. ``detail`` is for the log, without keys or prompts."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class SubmitError(ProviderError):
    """The order did not become a known task."""


class CheckError(ProviderError):
    """This look brought no verdict; the task itself may be fine."""


class NotSent(SubmitError):
    """The order never left this machine: it may be sent again."""


class Busy(SubmitError, CheckError):
    """The vendor asks us to come back, after ``retry_after`` seconds if it said when.

    ``patience`` says how often and how long an order is tried again, ``fault`` what it failed of when that is over.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after: float | None = None,
        patience: Patience | None = None,
        fault: Fault = Fault.BUSY,
        tell: bool = False,
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.patience = patience or Patience()
        self.fault = fault
        self.tell = tell


class Refused(SubmitError):
    """The vendor will not do it, and there is no task. The last three mean what they mean in a ``Verdict``."""

    def __init__(
        self,
        detail: str = "",
        *,
        fault: Fault,
        vendor_code: str = "",
        vendor_text: str = "",
        rest_seconds: float | None = None,
        switch_off: bool = False,
        tell: bool = False,
    ) -> None:
        super().__init__(detail or vendor_text)
        self.fault = fault
        self.vendor_code = vendor_code
        self.vendor_text = vendor_text
        self.rest_seconds = rest_seconds
        self.switch_off = switch_off
        self.tell = tell


class Unknown(SubmitError):
    """Nobody can tell whether the vendor took the order: it must not be sent again."""


class Unreachable(CheckError):
    """No readable answer came."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class KeyRefused(CheckError):
    """The vendor does not accept our key, or the account behind it has nothing left."""

    def __init__(self, detail: str = "", *, fault: Fault = Fault.CREDENTIALS) -> None:
        super().__init__(detail)
        self.fault = fault


class NotFound(CheckError):
    """The vendor does not know the task, perhaps not yet."""


class Forged(ProviderError):
    """A callback whose signature is missing, wrong or too old."""


class Unsupported(ProviderError):
    """This vendor has no such call."""


class ResultGone(ProviderError):
    """There is nothing at this result address, and asking again will not help."""


def checked_task_id(value: object) -> str:
    """``value`` as a task id we dare to store and to put into an address.

    Raises Unknown for anything but 1 to 255 printable characters without blanks and slashes: the vendor did answer,
    so there may well be a task, only we cannot name it.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        raise Unknown("The answer names no task.")
    if len(value) > TASK_ID_CHARACTERS_MAX or not value.isprintable() or NOT_IN_A_TASK_ID.search(value):
        raise Unknown("The answer names its task in a way that cannot be used.")
    return value
