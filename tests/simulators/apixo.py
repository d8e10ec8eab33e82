"""APIXO, played over HTTP: an upscaler that really fetches its source, Grok drawings, callbacks with three repeats.

Any key is good but those with "wrong" in them. A word of a drawing's prompt provokes what ``WORDS`` and ``ANSWERS``
name; upscales have no prompt, so for them there is the knob ``outcome``. Every published failCode is such a word.
"""

import io
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from http.client import HTTPException
from typing import Any

from PIL import Image

from tests.simulators.standin import (
    GATEWAY,
    NEVER,
    Knobs,
    Reply,
    Request,
    StandIn,
    Task,
    call,
    may_call,
    picture,
    word_in,
)

PRICE = Decimal("0.01")
SOURCE_BYTES_MAX = 10_000_000
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
SIZES = {"1:1": (1024, 1024), "3:2": (1248, 832), "2:3": (832, 1248)}
PENDING_SECONDS = 1.0
SECONDS = {"2k": 6.0, "4k": 12.0, "8k": 20.0, "grok-image": 6.0}
REPEATS = (30.0, 120.0, 600.0)

FAIL_CODES = {
    "SensitiveContent": "Content was rejected.",
    "SensitiveContentDetected": "Content was rejected.",
    "InputImageSensitiveContentDetected": "The input image was rejected.",
    "InputOutputSensitiveContentDetected": "Input or output was rejected.",
    "NSFW": "Content was rejected.",
    "ProhibitedContentDetected": "Content was rejected.",
    "CONTENT_VIOLATION": "Content was rejected.",
    "NSFW_DETECTED": "Content was rejected.",
    "ImageFormatIncorrect": "The input image could not be read.",
    "PromptLengthExceeded": "The prompt is too long.",
    "PROMPT_TOO_LONG": "The prompt is too long.",
    "INVALID_PROMPT": "The prompt cannot be used.",
    "INVALID_IMAGE_URL": "The address of the image cannot be used.",
    "IMAGE_TOO_LARGE": "The input image is too large.",
    "UNSUPPORTED_FORMAT": "The format is not supported.",
    "IMAGE_DOWNLOAD_FAILED": "The input image could not be fetched.",
    "RateLimited": "The upstream rate limit was reached.",
    "Timeout": "The upstream did not finish in time.",
    "Unknown error": "Unknown error.",
    "PROCESSING_TIMEOUT": "Processing took too long.",
    "MODEL_UNAVAILABLE": "The model is not available.",
    "GENERATION_FAILED": "Generation failed.",
    "INSUFFICIENT_CREDITS": "Insufficient credits.",
}
WORDS = {
    **{code.lower().replace(" ", "_"): code for code in FAIL_CODES},
    "fail": "Unknown error",
    "unsafe": "SensitiveContent",
    "never": "never",
    "empty": "empty",
    "garbled": "garbled",
    "several": "several",
    "vanish": "vanish",
}
"""What becomes of a task, by a word of its prompt. The last five: it never ends, brings no address, something we cannot
read or four pictures, or it is taken and the line goes dead."""


def told(code: int, message: str, data: object = None, **more: Any) -> Reply:
    return Reply(code, {"code": code, "message": message, "data": data}, **more)


ANSWERS = {
    "forbidden": told(403, "Access denied"),
    "indecent": told(403, "Content violates the usage policy"),
    "moderated": told(400, "Rejected", {"failCode": "SensitiveContent", "error": "Content was rejected."}),
    "busy": told(429, "Too many requests"),
    "internal": told(500, "Internal error"),
    "upstream": told(502, "Upstream error"),
    "unavailable": told(503, "Model not available"),
    "gateway": GATEWAY,
    "strange": told(999, "Strange"),
}
"""What a create is answered with instead, by a word of its prompt."""


@dataclass
class ApixoKnobs(Knobs):
    """``sides`` are the longer sides of each tier; ``outcome`` is one of WORDS' outcomes, for every new task."""

    balance: float = 74.87
    running_max: int = 5
    no_money: int = 402
    """402, or 400 with the words only."""
    outcome: str = ""
    invisible_seconds: float = 0.0
    """For so long a new task is not found."""
    remembered_seconds: float = 48 * 3600.0
    sides: dict[str, int] = field(default_factory=lambda: {"2k": 2048, "4k": 3840, "8k": 7680})
    fetches: int = 1
    """How often a source is fetched."""
    packs: int = 1
    """How well PNG files are packed, from 0, not at all, to 9."""


class ApixoStandIn(StandIn):
    """Base address: ``<url>/api/v1``."""

    prefix = "/apixo"

    def __init__(self, knobs: ApixoKnobs | None = None) -> None:
        super().__init__(knobs or ApixoKnobs())
        self.fetching: dict[str, threading.Thread] = {}
        self.routes = [
            ("POST", "/api/v1/generateTask/", "create", self.create),
            ("GET", "/api/v1/statusTask/", "look", self.look),
            ("GET", "/api/v1/apikeys/current-balance", "balance", self.tell_balance),
        ]

    # Calls

    def create(self, request: Request) -> Reply:
        model = request.path.rpartition("/")[2]
        body = request.json()
        given = body.get("input") if isinstance(body, dict) else None
        wanted = given if isinstance(given, dict) else {}
        urls = wanted.get("image_urls")
        name = str(wanted.get("prompt") or (urls[0] if isinstance(urls, list) and urls else ""))
        with self.lock:
            self.counts.asked[name] += 1
        if refusal := self._turned_away(request) or _objection(model, body, given):
            return refusal
        word = word_in(str(wanted.get("prompt", "")), {answer: answer for answer in ANSWERS})
        if word:
            return ANSWERS[word]
        with self.lock:
            if self.left(request.key) < PRICE:
                return _no_money(self.knobs.no_money)
            if self.too_fast(request.key) or self.running(request.key, "all") >= self.knobs.running_max:
                headers = {"Retry-After": self.knobs.retry_after} if self.knobs.retry_after else {}
                return told(429, "Too many requests", headers=headers)
            task = self._made(request.key, model, body, name)
        self._begin(task)
        if task.outcome == "vanish":
            return Reply(vanish=True)
        return told(200, "success", {"taskId": task.task_id})

    def look(self, request: Request) -> Reply:
        if not _is_good(request.key):
            return told(401, "Invalid API key")
        task = self.tasks.get(request.query.get("taskId", ""))
        age = self.clock.now() - task.made_at if task else 0.0
        known = task and task.key == request.key and task.body["model"] == request.path.rpartition("/")[2]
        if task is None or not known or not self.knobs.invisible_seconds <= age < self.knobs.remembered_seconds:
            return told(404, "Task not found")
        self.looked(task)
        return self._status(task)

    def tell_balance(self, request: Request) -> Reply:
        if not _is_good(request.key):
            return told(401, "Invalid API key")
        return told(200, "success", float(self.left(request.key)))

    # Tasks

    def _turned_away(self, request: Request) -> Reply | None:
        return None if _is_good(request.key) else told(401, "Invalid API key")

    def _made(self, key: str, model: str, body: Any, name: str) -> Task:
        self.spend(key, PRICE)
        wanted, now = body["input"], self.clock.now()
        outcome = self.knobs.outcome or word_in(str(wanted.get("prompt", "")), WORDS)
        tier = str(wanted.get("resolution", "4k")).lower() if model == "image-upscaler" else model
        return self.take(
            Task(
                task_id=uuid.uuid4().hex,
                key=key,
                group="all",
                prompt=name,
                made_at=now,
                ends_at=NEVER if outcome == "never" else now + PENDING_SECONDS + SECONDS[tier],
                outcome=outcome,
                callback_url=body.get("callback_url", "") if body.get("request_type") == "callback" else "",
                body={"model": model, "input": wanted},
                cost=PRICE,
            )
        )

    def _begin(self, task: Task) -> None:
        """Start to work on it. Its source is fetched meanwhile, as slowly as it comes."""
        if task.body["model"] == "grok-image":
            self._draw(task)
            self._call(task)
            return
        worker = threading.Thread(target=self._enlarge, args=(task,), daemon=True)
        self.fetching[task.task_id] = worker
        worker.start()
        if self.knobs.callback_early:
            worker.join()

    def _draw(self, task: Task) -> None:
        size = SIZES[task.body["input"].get("aspect_ratio", "1:1")]
        for number in range(4 if task.outcome == "several" else 1):
            text = f"{task.prompt} {number + 1}"
            self._keep(task, lambda text=text: picture(*size, "JPEG", text), "JPEG")

    def _enlarge(self, task: Task) -> None:
        wanted = task.body["input"]
        content = b""
        for _ in range(self.knobs.fetches):
            content, trouble = _source(wanted["image_urls"][0])
            task.outcome = task.outcome or trouble
        if content and not _fails(task):
            wished = FORMATS[str(wanted.get("output_format", "jpg")).lower().replace("jpeg", "jpg")]
            side = self.knobs.sides[str(wanted.get("resolution", "4k")).lower()]
            self._keep(task, cache(lambda: _enlarged(content, side, wished, self.knobs.packs)), wished)
        self._call(task)

    def _keep(self, task: Task, content: Any, format: str) -> None:
        lasting = self.knobs.result_seconds + (0.0 if task.ends_at == NEVER else task.ends_at - task.made_at)
        task.urls.append(self.keep(content, format, seconds=lasting))

    def _call(self, task: Task) -> None:
        if task.ends_at != NEVER:
            self.call_back(task, self._ended(task).body, retries=REPEATS)

    def _status(self, task: Task) -> Reply:
        now = self.clock.now()
        state = "pending" if now < task.made_at + PENDING_SECONDS else "processing"
        if now < task.ends_at:
            return told(200, "success", {"taskId": task.task_id, "state": state, "createTime": _ms(task.made_at)})
        if worker := self.fetching.get(task.task_id):
            worker.join(timeout=20)
        return self._ended(task)

    def _ended(self, task: Task) -> Reply:
        facts = {"taskId": task.task_id, "createTime": _ms(task.made_at), "completeTime": _ms(task.ends_at)}
        if _fails(task):
            failure = {"state": "failed", "failCode": task.outcome, "failMsg": FAIL_CODES[task.outcome]}
            return told(200, "success", {**facts, **failure})
        held = json.dumps({"resultUrls": [] if task.outcome == "empty" else task.urls})
        result = "{" if task.outcome == "garbled" else held
        cost_time = _ms(task.ends_at - task.made_at - PENDING_SECONDS)
        return told(200, "success", {**facts, "state": "success", "resultJson": result, "costTime": cost_time})


def _is_good(key: str) -> bool:
    return bool(key) and "wrong" not in key


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _fails(task: Task) -> bool:
    return task.outcome in FAIL_CODES


def _no_money(code: int) -> Reply:
    return told(code, "Insufficient credits" if code == 400 else "Insufficient balance")


def _objection(model: str, body: Any, given: Any) -> Reply | None:
    if model not in ("image-upscaler", "grok-image"):
        return told(404, "Model not found")
    if not isinstance(body, dict):
        return told(400, "Invalid request body")
    words = _wrong_delivery(body)
    if not words and not isinstance(given, dict):
        words = "The required parameter {{input}} is missing."
    if words or model == "image-upscaler":
        words = words or _wrong_upscale(given)
        return told(400, words) if words else None
    words = _wrong_drawing(given)
    return told(400, "Invalid request", {"error": words}) if words else None


def _wrong_delivery(body: dict[str, Any]) -> str:
    delivery = body.get("request_type", "async")
    if delivery not in ("async", "callback"):
        return "Invalid request_type. Supported: async, callback"
    if delivery == "callback" and not may_call(str(body.get("callback_url", ""))):
        return "The required parameter {{callback_url}} is missing."
    unknown = body.keys() - {"request_type", "callback_url", "input", "provider"}
    return f"Unknown parameter {{{{{min(unknown)}}}}}." if unknown else ""


def _wrong_upscale(given: dict[str, Any]) -> str:
    urls = given.get("image_urls")
    if given.get("mode", "image-to-image") != "image-to-image":
        return "Invalid mode type. Supported: image-to-image"
    if urls is None:
        return "The required parameter {{image_urls}} is missing."
    if not isinstance(urls, list):
        return "The parameter {{image_urls}} must be Array type."
    if len(urls) != 1:
        return "The parameter {{image_urls}} must contain exactly 1 image."
    if not isinstance(urls[0], str):
        return "The parameter {{image_urls}} Array elements must be String type."
    if not urls[0]:
        return "The parameter {{image_urls}} cannot contain empty string."
    if str(given.get("resolution", "4k")).lower() not in ("2k", "4k", "8k"):
        return "The parameter {{resolution}} must be either '2k', '4k' or '8k'."
    if str(given.get("output_format", "jpg")).lower() not in ("jpg", "jpeg", "png", "webp"):
        return "The parameter {{output_format}} must be either 'jpg', 'png' or 'webp'."
    return ""


def _wrong_drawing(given: dict[str, Any]) -> str:
    prompt = given.get("prompt")
    if given.get("mode") != "text-to-image":
        return "Invalid mode type. Supported: text-to-image"
    if not isinstance(prompt, str) or not prompt:
        return "Missing required field: input.prompt"
    if len(prompt) > 5000:
        return "The parameter {{prompt}} is too long."
    if given.get("aspect_ratio", "1:1") not in SIZES:
        return "The parameter {{aspect_ratio}} must be either '1:1', '3:2' or '2:3'."
    return ""


def _source(url: str) -> tuple[bytes, str]:
    """The picture at an address, or the failCode that says what is wrong with it. Redirects are not followed."""
    if not re.match("https?://", url):
        return b"", "INVALID_IMAGE_URL"
    if not may_call(url):
        return b"", "IMAGE_DOWNLOAD_FAILED"
    try:
        status, headers, content = call("GET", url, seconds=15)
    except (OSError, HTTPException):
        return b"", "IMAGE_DOWNLOAD_FAILED"
    if status != 200:
        return b"", "IMAGE_DOWNLOAD_FAILED"
    if len(content) > SOURCE_BYTES_MAX:
        return b"", "IMAGE_TOO_LARGE"
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            image.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return b"", "ImageFormatIncorrect"
    return (content, "") if headers.get("content-type", "").startswith("image/") else (b"", "ImageFormatIncorrect")


def _enlarged(content: bytes, side: int, format: str, packs: int) -> bytes:
    """The source at the tier's size: the longer side is what the tier says."""
    with Image.open(io.BytesIO(content)) as source:
        ratio = side / max(source.size)
        size = (max(1, round(source.width * ratio)), max(1, round(source.height * ratio)))
        large = source.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.save(file, format, **({"compress_level": packs} if format == "PNG" else {"quality": 85}))
    return file.getvalue()
