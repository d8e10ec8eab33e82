"""What vendors of one family have in common: how they wrap a task, name its results, say why it failed, and sign.

It knows the family's ways of saying things and no vendor's name, address or number of its own. It reads whatever it is
handed without raising, save where a function says so: a signature that does not prove what it should, an order that no
vendor would take, an answer that is about something else.
"""

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from .base import (
    MODERATION_WORDS,
    VENDOR_TEXT_CHARACTERS_MAX,
    Account,
    Announcement,
    Answer,
    Fault,
    Forged,
    Order,
    Refused,
    Unreachable,
)

ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
ADDRESSES_MAX = 12
AMOUNT_LIMIT = 10**15
SECONDS_LIMIT = 253_000_000_000
"""In Unix seconds; the calendar of Python ends in the year 9999."""
SIGNATURE_AGE_SECONDS_MAX = 300.0
TIMESTAMP = re.compile(r"[0-9]{1,11}")

MONEY_AND_KEY = {"401": Fault.CREDENTIALS, "402": Fault.OUT_OF_FUNDS, "433": Fault.OUT_OF_FUNDS}
BAD_INPUT = frozenset({"400", "422"})
BAD_INPUT_WORDS = re.compile(
    r"too[ _]large|(?<![a-z])formats?(?![a-z])|(?<![a-z])expired(?![a-z])|not[ _]found", re.IGNORECASE
)
"""Whole words, but an underscore ends one as well: codes are written with it."""
COME_BACK = frozenset({"429", "455"})


def drawn_shape(order: Order) -> str:
    """The shape a drawing is ordered in, the offer's first where none was chosen.

    Raises Refused for one the offer does not have, and for a prompt that is empty or too long.
    """
    offer = order.offer
    if not 1 <= len(order.prompt) <= offer.prompt_max:
        raise Refused("The prompt is empty or too long.", fault=Fault.REFUSED_INPUT, vendor_code="prompt")
    shape = order.choices.get("shape", offer.shapes[0])
    if shape not in (*offer.shapes, *offer.shapes_off):
        raise Refused("The vendor does not draw in this shape.", fault=Fault.REFUSED_INPUT, vendor_code="shape")
    return shape


def data_of(body: object) -> Mapping[str, object]:
    """The ``data`` of an envelope, empty where it is something else."""
    data = body.get("data") if isinstance(body, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def said_code(body: object) -> int | None:
    """The envelope's own number, None where the answer is no envelope."""
    code = body.get("code") if isinstance(body, Mapping) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def opened(held: object) -> object:
    """What a text holds as JSON, None where it holds none; what is no text comes back as it is."""
    if not isinstance(held, str):
        return held
    try:
        return json.loads(held)
    except (ValueError, RecursionError):
        return None


def result_urls(held: object) -> tuple[str, ...]:
    """The web addresses in a ``resultJson``, in order and each once, whether it is a text or already the object."""
    result = opened(held)
    urls = result.get("resultUrls") if isinstance(result, Mapping) else None
    listed = urls if isinstance(urls, list) else [urls]
    return tuple(dict.fromkeys(url for url in listed if isinstance(url, str) and ADDRESS.fullmatch(url)))[
        :ADDRESSES_MAX
    ]


def task_id_in(body: object) -> str:
    """The task an answer or a callback is about, "" where it names none."""
    whole = body if isinstance(body, Mapping) else {}
    for part in (data_of(body), whole):
        for name in ("taskId", "task_id"):
            if isinstance(found := part.get(name), str) and found:
                return found
    return ""


def about(task_id: str, answer: Answer) -> Answer:
    """The answer, if it names this task or none. Raises Unreachable: of another task it says nothing about ours."""
    if task_id_in(answer.body) not in (task_id, ""):
        raise Unreachable("The vendor answered about another task.")
    return answer


def amount_in(body: object) -> Decimal:
    """The amount an answer consists of. Raises Unreachable where it is none."""
    amount = number(body.get("data") if isinstance(body, Mapping) else None)
    if amount is None:
        raise Unreachable("The vendor told no amount.")
    return amount


def number(value: object) -> Decimal | None:
    """An amount, whether it came as a number or as text; None for anything else, and for what no account can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < AMOUNT_LIMIT else None


def moment(value: object) -> float | None:
    """A time in milliseconds as Unix seconds; None for anything no calendar has."""
    told = number(value)
    return float(told / 1000) if told is not None and 0 < told < 1000 * SECONDS_LIMIT else None


def text(value: object) -> str:
    """A word or a number as text, shortened; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[:VENDOR_TEXT_CHARACTERS_MAX]


def fault_in(code: str, words: str) -> Fault:
    """What a task failed of, by the vendor's code and words.

    Exact numbers are believed before words are, except that an objection to the content shows in words only.
    """
    if MODERATION_WORDS.search(f"{code} {words}"):
        return Fault.CONTENT_POLICY
    if code in MONEY_AND_KEY:
        return MONEY_AND_KEY[code]
    if code in BAD_INPUT or BAD_INPUT_WORDS.search(f"{code} {words}"):
        return Fault.REFUSED_INPUT
    return Fault.BUSY if code in COME_BACK else Fault.VENDOR


def signature(secret: str, task_id: str, timestamp: str) -> str:
    """What the family signs a callback with: the task and the time. The rest of the body is not covered."""
    # A callback may name its task with half a character, which JSON can say and UTF-8 cannot.
    message = f"{task_id}.{timestamp}".encode("utf-8", "surrogatepass")
    return b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode("ascii")


def expect_signed(secret: str, task_id: str, headers: Mapping[str, str], *, now: float) -> None:
    """Return if these headers sign this task with this key, not long ago; otherwise raise Forged."""
    timestamp = headers.get("x-webhook-timestamp", "").strip()
    given = headers.get("x-webhook-signature", "").strip()
    if not task_id or not given or not TIMESTAMP.fullmatch(timestamp):
        raise Forged("The callback is not signed.")
    if abs(now - int(timestamp)) > SIGNATURE_AGE_SECONDS_MAX:
        raise Forged("The callback was signed too long ago, or not yet.")
    if not hmac.compare_digest(signature(secret, task_id, timestamp).encode(), given.encode("utf-8", "replace")):
        raise Forged("The callback is signed with another key.")


def announced(task_id: str, account: Account, headers: Mapping[str, str], *, now: float) -> Announcement:
    """What a callback about this task amounts to. Raises Forged where the account insists on a signature."""
    if account.webhook_secret:
        expect_signed(account.webhook_secret, task_id, headers, now=now)
    return Announcement(task_id=task_id)
