"""APIXO: draws with Grok, and enlarges a picture it fetches from an address.

It sends what APIXO documents and nothing more, and refuses to send what APIXO is sure to reject. It takes no files, so
the address of a source must be one APIXO can read. Its callbacks are hints: what counts is what a look says.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from . import dialects
from .base import (
    MODERATION_WORDS,
    VENDOR_TEXT_CHARACTERS_MAX,
    Accepted,
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
    Provider,
    Ready,
    Recollection,
    Refused,
    SourceBy,
    Unreachable,
    Verdict,
    Working,
    checked_task_id,
    code_in,
)

# APIXO publishes no limits. These are careful, and an hour is what the limit on bursts lets through.
_RUNNING_MAX = 5
_CREATES_MAX = (18, 10.0)
_HOURLY_MAX = 6480

UPSCALER = Offer(
    key="image-upscaler",
    label="Image upscaler",
    operation=Operation.UPSCALE,
    # 0.01 USD for every size and format: what the other vendors ask 5 of their credits for.
    credits=5,
    # Charged for each order, whatever comes of it. No answer says so.
    vendor_cost=Decimal("0.01"),
    # Some 20 s for 2K, 40 s for 4K, up to two minutes for 8K.
    usual_seconds=(20, 120),
    result_bytes_max=200_000_000,
    limit_group="all",
    running_max=_RUNNING_MAX,
    hourly_max=_HOURLY_MAX,
    choices={"resolution": ("2k", "4k", "8k"), "output_format": ("jpg", "png", "webp")},
    defaults={"resolution": "4k", "output_format": "jpg"},
    source_by=SourceBy.URL,
    source_bytes_max=10_000_000,
    look_seconds=5,
    look_seconds_by={"resolution": {"8k": 10}},
    character="Enlarges to 2K, 4K or 8K and adds detail. Every size costs the same.",
)
GROK = Offer(
    key="grok-image",
    label="Grok Image",
    operation=Operation.DRAW,
    # APIXO publishes no price for it; this is what the same model costs at the other vendors.
    credits=5,
    usual_seconds=(6, 30),
    result_bytes_max=60_000_000,
    limit_group="all",
    running_max=_RUNNING_MAX,
    hourly_max=_HOURLY_MAX,
    shapes=("1:1", "3:2", "2:3"),
    prompt_max=5000,
    deadline_seconds=600,
    look_seconds=3,
    character="Quick, good with light and people.",
)

FAULTS: Mapping[str, Fault] = {
    **dict.fromkeys(
        (
            "SensitiveContent",
            "SensitiveContentDetected",
            "InputImageSensitiveContentDetected",
            "InputOutputSensitiveContentDetected",
            "NSFW",
            "ProhibitedContentDetected",
            "CONTENT_VIOLATION",
            "NSFW_DETECTED",
        ),
        Fault.CONTENT_POLICY,
    ),
    **dict.fromkeys(
        (
            "ImageFormatIncorrect",
            "PromptLengthExceeded",
            "PROMPT_TOO_LONG",
            "INVALID_PROMPT",
            "INVALID_IMAGE_URL",
            "IMAGE_TOO_LARGE",
            "UNSUPPORTED_FORMAT",
            "IMAGE_DOWNLOAD_FAILED",
        ),
        Fault.REFUSED_INPUT,
    ),
    **dict.fromkeys(
        (
            "RateLimited",
            "Timeout",
            "Unknown error",
            "PROCESSING_TIMEOUT",
            "MODEL_UNAVAILABLE",
            "GENERATION_FAILED",
        ),
        Fault.VENDOR,
    ),
    "INSUFFICIENT_CREDITS": Fault.OUT_OF_FUNDS,
}
"""What each published failCode means; two generations of names are in use."""
TOLD = ("IMAGE_DOWNLOAD_FAILED",)
"""For staff to mend: our public address may be none. Of an account without money staff hear anyway."""

_TWICE_MORE = Patience(tries_max=3, seconds_max=None)
_UNAVAILABLE = Patience(first_seconds=30, longest_seconds=300, seconds_max=900)
AGAIN: Mapping[int, tuple[Fault, Patience, bool]] = {
    500: (Fault.VENDOR, _TWICE_MORE, False),
    502: (Fault.VENDOR, _TWICE_MORE, False),
    503: (Fault.BUSY, _UNAVAILABLE, True),
    504: (Fault.VENDOR, _TWICE_MORE, False),
}
"""What APIXO says itself, in its own envelope, made no task. From a gateway the same numbers prove nothing, save a 503:
whoever says it has nobody to hand the order to."""


class Apixo(Provider):
    """The name of an offer is APIXO's name of the model, which is part of every path."""

    key = "apixo"
    label = "APIXO"
    homepage = "https://apixo.ai"
    base_url = "https://api.apixo.ai/api/v1"
    offers = (GROK, UPSCALER)
    creates_max = _CREATES_MAX
    reads_per_second_max = 5.0
    not_found_seconds_max = 60.0
    announces = True
    balance_unit = "USD"

    async def submit(self, order: Order) -> Accepted:
        """Hand the order over, by callback where we have an address to be called at."""
        body: dict[str, object] = {"request_type": "async", "input": _input_for(order)}
        if order.callback_url is not None:
            body |= {"request_type": "callback", "callback_url": order.callback_url}
        url = self.address(f"generateTask/{order.offer.key}")
        answer = await self.door.post_json(url, body, headers=self.bearer, creating=True)
        self.expect_accepted(answer)
        return Accepted(task_id=checked_task_id(dialects.data_of(answer.body).get("taskId")))

    async def check(self, task_id: str, offer: Offer) -> Progress:
        """How the task is doing. A 400 is final: what we ask does not change by asking again."""
        answer = await self._look(task_id, offer)
        if isinstance(answer.body, Mapping) and code_in(answer.status, answer.body) == 400:
            _code, text = _told(answer.body)
            return Failed(fault=Fault.VENDOR, vendor_code="400", vendor_text=text, tell=True)
        self.expect_readable(answer)
        data = dialects.data_of(answer.body)
        state = data.get("state")
        if not isinstance(state, str):
            raise Unreachable("APIXO answered about no task.")
        match state.strip().lower():
            case "success":
                return Ready(urls=dialects.result_urls(data.get("resultJson")))
            case "failed":
                return _failed(data)
            case _:
                return Working()

    async def recall(self, task_id: str, offer: Offer) -> Recollection:
        """When the task was made: nothing else of an order is echoed."""
        answer = await self._look(task_id, offer)
        self.expect_readable(answer)
        return Recollection(made_at=dialects.moment(dialects.data_of(answer.body).get("createTime")))

    async def balance(self) -> Decimal | None:
        """What is left for this key, in US dollars."""
        answer = await self.door.get_json(self.address("apikeys/current-balance"), headers=self.bearer)
        self.expect_readable(answer)
        return dialects.amount_in(answer.body)

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        """The task it is about. APIXO documents no signature; an account with a key for one insists on it."""
        return dialects.announced(dialects.task_id_in(body), self.account, headers, now=now)

    def verdict(self, status: int, body: object) -> Verdict:
        """What APIXO means: no money can be a 400, and a 403 is about the content or about the model, not the key."""
        plain = super().verdict(status, body)
        if plain.outcome is Outcome.ACCEPTED:
            return plain
        fail_code, text = _told(body)
        code = code_in(status, body)
        verdict = replace(plain, vendor_code=fail_code or str(code), vendor_text=text)
        is_own = dialects.said_code(body) is not None
        if dialects.data_of(body).get("taskId"):
            return replace(verdict, outcome=Outcome.UNKNOWN, fault=Fault.BAD_ANSWER)
        if code == 503 or (code in AGAIN and is_own):
            fault, patience, tell = AGAIN[code]
            return replace(verdict, outcome=Outcome.BUSY, fault=fault, patience=patience, tell=tell)
        match code:
            case 400:
                return replace(verdict, fault=_objection(fail_code, text), tell=_is_for_staff(fail_code))
            case 403 if _objection(fail_code, text) is Fault.CONTENT_POLICY:
                return replace(verdict, fault=Fault.CONTENT_POLICY)
            case 403:
                return replace(verdict, fault=Fault.VENDOR, switch_off=is_own, tell=True)
            case 404:
                return replace(verdict, switch_off=is_own, tell=True)
        return verdict

    async def _look(self, task_id: str, offer: Offer) -> Answer:
        """What it says when asked for the task. Raises Unreachable for what it says of another one."""
        url = self.address(f"statusTask/{offer.key}")
        return dialects.about(task_id, await self.door.get_json(url, headers=self.bearer, params={"taskId": task_id}))


def _input_for(order: Order) -> dict[str, object]:
    """The model's part of the body. Raises Refused for what APIXO is sure to reject."""
    if order.offer.key == UPSCALER.key:
        url = order.source.url if order.source else None
        if not url:
            raise Refused("The source has no address.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
        choices = {name: _chosen(order, name) for name in UPSCALER.choices}
        return {"mode": "image-to-image", "image_urls": [url], **choices}
    if order.offer.key != GROK.key:
        raise Refused("APIXO does not sell this.", fault=Fault.NOT_FOUND, vendor_code="offer")
    return {"mode": "text-to-image", "prompt": order.prompt, "aspect_ratio": dialects.drawn_shape(order)}


def _chosen(order: Order, name: str) -> str:
    value = order.choices.get(name, UPSCALER.defaults[name])
    if value not in UPSCALER.choices[name]:
        raise Refused(f"APIXO offers no such {name}.", fault=Fault.REFUSED_INPUT, vendor_code=name)
    return value


def _told(body: object) -> tuple[str, str]:
    """The failCode and the words in a refusal, wherever they are; "" for what is missing."""
    whole = body if isinstance(body, Mapping) else {}
    inner = dialects.data_of(body)
    said = (inner.get("failMsg"), inner.get("error"), whole.get("failMsg"), whole.get("message"))
    words = "; ".join(filter(None, map(dialects.text, said)))
    return dialects.text(inner.get("failCode") or whole.get("failCode")), words[:VENDOR_TEXT_CHARACTERS_MAX]


def _failed(data: Mapping[str, object]) -> Failed:
    code, text = dialects.text(data.get("failCode")), dialects.text(data.get("failMsg"))
    fault = fault_of(code) or (Fault.CONTENT_POLICY if MODERATION_WORDS.search(f"{code} {text}") else Fault.VENDOR)
    return Failed(fault=fault, vendor_code=code or "failed", vendor_text=text, tell=_is_for_staff(code))


def fault_of(fail_code: str) -> Fault | None:
    """What a published failCode means, whichever way it is written; None for any other."""
    return _FAULTS.get(_simple(fail_code))


def _objection(fail_code: str, text: str) -> Fault:
    """What a 400 or a 403 is about."""
    if fault := fault_of(fail_code):
        return fault
    said = text.lower()
    if "insufficient" in said and ("credit" in said or "balance" in said):
        return Fault.OUT_OF_FUNDS
    return Fault.CONTENT_POLICY if MODERATION_WORDS.search(f"{fail_code} {text}") else Fault.REFUSED_INPUT


def _is_for_staff(fail_code: str) -> bool:
    return _simple(fail_code) in _TOLD


def _simple(fail_code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fail_code.lower())


_FAULTS = {_simple(name): fault for name, fault in FAULTS.items()}
_TOLD = frozenset(map(_simple, TOLD))
