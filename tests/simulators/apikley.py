"""Apikley, played over HTTP: one path for every model, states that take their time, uploads, links, callbacks.

Any key is good but those with "wrong" in them; one with "broke" in it belongs to an empty account. A word of a
drawing's prompt provokes what ``WORDS`` and ``ANSWERS`` name; upscales have no prompt, so for them there is the knob
``outcome``.
"""

import base64
import binascii
import hashlib
import hmac
import io
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

from PIL import Image

from tests.simulators.standin import (
    ENDINGS,
    GATEWAY,
    NEVER,
    Knobs,
    Reply,
    Request,
    StandIn,
    Task,
    Window,
    content_of,
    may_call,
    picture,
    word_in,
)

DRAW, UPSCALE, CRISP = "grok-imagine/text-to-image", "grok-imagine/upscale", "recraft/crisp-upscale"
PRICES = {DRAW: Decimal(4), UPSCALE: Decimal(8), CRISP: Decimal("2.5")}
INPUTS = {DRAW: {"prompt", "aspect_ratio", "enable_pro", "nsfw_checker"}, UPSCALE: {"task_id"}, CRISP: {"image"}}
SIZES = {"1:1": (1024, 1024), "3:2": (1248, 832), "2:3": (832, 1248)}
WIDE_SIZES = {"16:9": (1280, 720), "9:16": (720, 1280)}
SCALE = 2
SOURCE_BYTES_MAX = 10 * 1000 * 1000
DAY = 24 * 3600.0
LINK_SECONDS = 20 * 60.0

FAILURES = {
    "fail": ("500", "Internal error, please try again later."),
    "unsafe": ("422", "Your prompt was rejected by the safety system"),
    "sensitive": ("SENSITIVE_WORD_ERROR", "The prompt contains words that are not allowed."),
    "bad_input": ("422", "The image is too large."),
    "upstream_money": ("402", "Credits insufficient"),
    "unreachable": ("400", "The image was not found or its address has expired."),
    "outer_501": ("501", "Generation failed"),
    "outer_408": ("408", "Upstream returned no result for 10 minutes"),
}
"""Ways to fail: failCode and failMsg. The ``outer_`` ones are told by the envelope alone."""
WORDS = {
    **{name: name for name in FAILURES},
    "never": "never",
    "slow": "slow",
    "six": "six",
    "twice": "twice",
    "empty": "empty",
    "garbled": "garbled",
    "object": "object",
    "dreaming": "dreaming",
    "gone": "gone",
    "broken": "broken",
}
"""What becomes of a task, by a word of its prompt. After the failures: never ends; takes a minute; six pictures; one
address said twice; no address; unreadable ``resultJson``; ``resultJson`` as an object; a state nobody knows; a result
whose address answers 404 until a new link is asked for; a result that is a web page."""
ANSWERS = {
    "crowded": (429, "Too many requests"),
    "capped": (433, "Sub-key usage exceeds limit"),
    "maintenance": (455, "System maintenance"),
    "internal": (500, "Server exception, please try again later"),
    "refused": (501, "Generation failed"),
    "disabled": (505, "Feature disabled"),
    "moderated": (422, "The prompt violates the content policy"),
    "strange": (999, "Strange"),
}
"""What a create is answered with instead, by a word of its prompt. Two more: "gateway", a 502 in HTML and no task, and
"vanish", a task whose answer never comes."""


@dataclass
class ApikleyKnobs(Knobs):
    """``outcome`` is one of WORDS' outcomes, for every new task. Seconds are the vendor's own."""

    images: int = 1
    """How many pictures a drawing yields: 1 or 6."""
    errors: str = "http"
    """"http" where the status repeats an error's code, "ok" where errors hide under HTTP 200."""
    text_name: str = "msg"
    """How the text of an envelope is spelled: "msg" or "message"."""
    outcome: str = ""
    wide: bool = True
    """Whether 16:9 and 9:16 are taken."""
    video_only: bool = False
    """Whether the Grok upscale has become one for videos, as upstream."""
    invisible_seconds: float = 1.5
    waiting_seconds: float = 1.0
    queuing_seconds: float = 1.0
    generating_seconds: tuple[float, float] = (4.0, 8.0)
    remembered_seconds: float = 60 * DAY
    running: dict[str, int] = field(default_factory=lambda: {DRAW: 50, UPSCALE: 40, CRISP: 20})
    hourly: dict[str, int] = field(default_factory=lambda: {DRAW: 500, UPSCALE: 400, CRISP: 200})
    hang_seconds: float = 600.0
    """How long a caller waits in vain for an answer that never comes."""
    callback_shape: str = "full"
    """"full", "minimal", or "task_id" as on the page about signatures."""
    callback_key: str = ""
    """Signs callbacks where it is set."""
    callback_id: str = ""
    """A task id that callbacks name instead of the true one."""
    callback_claim: str = ""
    """"success" or "fail", whatever really happened."""
    upload_shape: str = "page"
    """"page" or "quickstart": the two shapes of the answer to an upload."""


class ApikleyStandIn(StandIn):
    """Base address: ``<url>``."""

    prefix = "/apikley"

    def __init__(self, knobs: ApikleyKnobs | None = None) -> None:
        super().__init__(knobs or ApikleyKnobs())
        self.working: dict[str, threading.Thread] = {}
        self.made: dict[str, tuple[Callable[[], bytes], str]] = {}
        """What is behind every address ever given for a result, and its format."""
        self.links: dict[str, str] = {}
        self.hours = Window(3600)
        self.routes = [
            ("POST", "/api/v1/jobs/createTask", "create", self.create),
            ("GET", "/api/v1/jobs/recordInfo", "look", self.look),
            ("GET", "/api/v1/chat/credit", "balance", self.tell_balance),
            ("POST", "/api/v1/common/download-url", "link", self.link),
            ("POST", "/file-upload/api/file-stream-upload", "upload", self.upload),
            ("POST", "/file-upload/api/file-base64-upload", "upload", self.upload),
            ("POST", "/file-upload/api/file-url-upload", "upload", self.upload),
        ]

    # Calls

    def create(self, request: Request) -> Reply:
        body = _fields(request.json())
        given = _fields(body.get("input"))
        prompt = str(given.get("prompt") or given.get("image") or given.get("task_id") or "")
        with self.lock:
            self.counts.asked[prompt] += 1
        if not _is_good(request.key):
            return self.told(401, "You do not have access permissions", http=401)
        if objection := self._objection(request.key, body, given):
            return self.told(*objection)
        spoken = str(given.get("prompt", ""))
        if word := word_in(spoken, {name: name for name in ANSWERS}):
            return self.told(*ANSWERS[word])
        if word_in(spoken, {"gateway": "gateway"}):
            return GATEWAY
        model = str(body["model"])
        with self.lock:
            if self.left(request.key) < PRICES[model]:
                return self.told(402, "Credits insufficient")
            if self._too_much(request.key, model):
                headers = {"Retry-After": self.knobs.retry_after} if self.knobs.retry_after else {}
                return self.told(429, "Too many requests", headers=headers)
            task = self._made(request.key, model, body, given, prompt)
        self._begin(task)
        reply = self.told(200, "success", {"taskId": task.task_id})
        return Reply(hang=self.knobs.hang_seconds) if word_in(spoken, {"vanish": "vanish"}) else reply

    def look(self, request: Request) -> Reply:
        if not _is_good(request.key):
            return self.told(401, "You do not have access permissions", http=401)
        task_id = request.query.get("taskId", "")
        if not task_id:
            return self.told(400, "taskId parameter is required")
        task = self.tasks.get(task_id)
        age = self.clock.now() - task.made_at if task else 0.0
        if task is not None:
            self.looked(task)
        seen = self.knobs.invisible_seconds <= age < self.knobs.remembered_seconds
        if task is None or task.key != request.key or not seen:
            return self.told(422, "recordInfo is null")
        if (worker := self.working.get(task_id)) and self.clock.now() >= task.ends_at:
            worker.join(timeout=20)
        if task.outcome.startswith("outer_") and self.clock.now() >= task.ends_at:
            code, words = FAILURES[task.outcome]
            return self.told(int(code), words)
        return self.told(200, "success", self._record(task, self.clock.now()))

    def tell_balance(self, request: Request) -> Reply:
        if not _is_good(request.key):
            return self.told(401, "You do not have access permissions", http=401)
        left = self.left(request.key)
        return self.told(200, "success", int(left) if left == int(left) else float(left))

    def link(self, request: Request) -> Reply:
        """A link for 20 minutes to a file of our own, also when its first address has ended."""
        if not _is_good(request.key):
            return self.told(401, "You do not have access permissions", http=401)
        url = str(_fields(request.json()).get("url", ""))
        url = self.links.get(url, url)
        if url not in self.made:
            return self.told(422, "The url is not a file of this service")
        fresh = self.keep(*self.made[url], seconds=LINK_SECONDS)
        self.links[fresh] = url
        return self.told(200, "success", fresh)

    def upload(self, request: Request) -> Reply:
        if not _is_good(request.key):
            return self._not_uploaded(401, "Authentication failed: Invalid API Key")
        way = request.path.rpartition("/")[2]
        content, fields = self._sent(request, way)
        folder = fields.get("uploadPath", "")
        if not folder:
            return self._not_uploaded(400, "Missing required parameter: uploadPath")
        if folder.strip("/") != folder:
            return self._not_uploaded(400, "uploadPath must not begin or end with a slash")
        if content is None:
            missing = {"file-base64-upload": "base64Data", "file-url-upload": "fileUrl"}.get(way, "file")
            return self._not_uploaded(400, f"Missing required parameter: {missing}")
        try:
            with Image.open(io.BytesIO(content), formats=tuple(ENDINGS)) as image:
                kind = image.format or ""
        except OSError:
            return self._not_uploaded(400, "The file is not a picture")
        name = fields.get("fileName") or f"{uuid.uuid4().hex}.{ENDINGS[kind]}"
        url = self.keep(content, kind, name=f"{folder}/{name}", seconds=3 * DAY)
        return Reply(200, {"success": True, "code": 200, **self._text("File uploaded successfully"),
                           "data": self._stored(folder, name, url, content, kind)})  # fmt: skip

    # Answers

    def told(
        self, code: int, words: str, data: object = None, *, http: int = 0, headers: dict[str, str] | None = None
    ) -> Reply:
        status = http or (code if self.knobs.errors == "http" and code < 600 else 200)
        return Reply(status, {"code": code, **self._text(words), "data": data}, headers or {})

    def _text(self, words: str) -> dict[str, str]:
        return {self.knobs.text_name: words}

    def _not_uploaded(self, code: int, words: str) -> Reply:
        reply = self.told(code, words)
        return Reply(reply.status, {"success": False, "code": code, **self._text(words)})

    def _stored(self, folder: str, name: str, url: str, content: bytes, format: str) -> dict[str, object]:
        stamp = datetime.fromtimestamp(self.clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kind = f"image/{format.lower()}"
        if self.knobs.upload_shape == "quickstart":
            until = datetime.fromtimestamp(self.clock.now() + 3 * DAY, UTC).isoformat(timespec="milliseconds")
            return {"fileId": uuid.uuid4().hex, "originalName": name, "fileUrl": url, "fileSize": len(content),
                    "mimeType": kind, "uploadTime": stamp, "expiresAt": until.replace("+00:00", "Z")}  # fmt: skip
        return {"fileName": name, "filePath": f"{folder}/{name}", "downloadUrl": url, "fileSize": len(content),
                "mimeType": kind, "uploadedAt": stamp}  # fmt: skip

    def _sent(self, request: Request, way: str) -> tuple[bytes | None, dict[str, str]]:
        """The content of an upload, None where there is none, and its other fields."""
        if way == "file-stream-upload":
            form = request.form()
            fields = {name: value.decode() for name, (_file, value) in form.items() if name != "file"}
            content = form.get("file", ("", b""))[1]
            return content or None, fields
        wishes = _fields(request.json())
        if way == "file-url-upload":
            fetched = self.fetched(str(wishes.get("fileUrl", "")))
            return fetched[0] if fetched else None, wishes
        try:
            return content_of(str(wishes.get("base64Data", ""))) or None, wishes
        except (ValueError, binascii.Error):
            return None, wishes

    # What is taken

    def left(self, key: str) -> Decimal:
        return Decimal(0) if "broke" in key else super().left(key)

    def _too_much(self, key: str, model: str) -> bool:
        """Whether the account asks for more than it may. What is turned away here is not queued."""
        full = self.running(key, model) >= self.knobs.running[model]
        return self.too_fast(key) or full or self.hours.count(f"{key} {model}") >= self.knobs.hourly[model]

    def _objection(self, key: str, body: dict[str, Any], given: dict[str, Any]) -> tuple[int, str] | None:
        model = body.get("model")
        if model not in PRICES:
            return 404, "The model does not exist"
        unknown = (body.keys() - {"model", "callBackUrl", "input"}) | (given.keys() - INPUTS[model])
        if unknown:
            return 422, f"{min(unknown)} is not a parameter of this model"
        if "callBackUrl" in body and not may_call(str(body["callBackUrl"])):
            return 422, "callBackUrl must be a valid URL"
        if model == DRAW:
            return self._wrong_drawing(given)
        if model == CRISP:
            url = given.get("image")
            return None if isinstance(url, str) and may_call(url) else (422, "image must be a valid URL")
        return self._wrong_upscale(key, given.get("task_id"))

    def _wrong_drawing(self, given: dict[str, Any]) -> tuple[int, str] | None:
        prompt = given.get("prompt")
        if not isinstance(prompt, str) or not prompt:
            return 422, "prompt is required"
        if len(prompt) > 5000:
            return 422, "prompt must not exceed 5000 characters"
        if given.get("aspect_ratio", "1:1") not in (SIZES | (WIDE_SIZES if self.knobs.wide else {})):
            return 500, "aspect_ratio is not within the range of allowed options"
        return None

    def _wrong_upscale(self, key: str, task_id: object) -> tuple[int, str] | None:
        if not isinstance(task_id, str) or not 0 < len(task_id) <= 100:
            return 422, "task_id is required"
        if self.knobs.video_only:
            return 422, "task_id must belong to a video task"
        source = self.tasks.get(task_id)
        now = self.clock.now()
        if source is None or source.key != key or now - source.made_at >= DAY:
            return 422, "task_id not found or expired"
        if now < source.ends_at or source.outcome in FAILURES or not source.urls:
            return 422, "task_id has no result"
        return None

    # Tasks

    def _made(self, key: str, model: str, body: dict[str, Any], given: dict[str, Any], prompt: str) -> Task:
        outcome = self.knobs.outcome or word_in(str(given.get("prompt", "")), WORDS)
        cost = Decimal(0) if outcome in FAILURES else PRICES[model]
        self.spend(key, cost)
        self.hours.add(f"{key} {model}")
        knobs, now = self.knobs, self.clock.now()
        lasting = 60.0 if outcome == "slow" else random.uniform(*knobs.generating_seconds)
        begins = now + knobs.invisible_seconds + knobs.waiting_seconds + knobs.queuing_seconds
        return self.take(
            Task(
                task_id=uuid.uuid4().hex,
                key=key,
                group=model,
                prompt=prompt,
                made_at=now,
                ends_at=NEVER if outcome == "never" else begins + lasting,
                outcome=outcome,
                callback_url=str(body.get("callBackUrl", "")),
                body=body,
                cost=cost,
            )
        )

    def _begin(self, task: Task) -> None:
        """Start to work on it. A source on the web is fetched meanwhile, as slowly as it comes."""
        if task.group == CRISP:
            worker = threading.Thread(target=self._enlarge_from_the_web, args=(task,), daemon=True)
            self.working[task.task_id] = worker
            worker.start()
            if self.knobs.callback_early:
                worker.join()
            return
        if task.group == DRAW:
            size = (SIZES | WIDE_SIZES)[task.body["input"].get("aspect_ratio", "1:1")]
            for index in range(6 if task.outcome == "six" else self.knobs.images):
                self._keep(task, partial(picture, *size, "JPEG", f"{task.prompt[:50]} {index + 1}"), "JPEG")
        else:
            content, _format = self.made[self.tasks[task.body["input"]["task_id"]].urls[0]]
            self._keep(task, cache(lambda: _enlarged(content(), "JPEG")), "JPEG")
        self._announce(task)

    def _enlarge_from_the_web(self, task: Task) -> None:
        found = self.fetched(task.body["input"]["image"])
        if found is None or found[1] not in ENDINGS:
            task.outcome = task.outcome or "unreachable"
        elif len(found[0]) > SOURCE_BYTES_MAX:
            task.outcome = task.outcome or "bad_input"
        else:
            content = found[0]
            self._keep(task, cache(lambda: _enlarged(content, "WEBP")), "WEBP")
        self._announce(task)

    def _keep(self, task: Task, content: Callable[[], bytes], format: str) -> None:
        lasting = self.knobs.result_seconds + (0.0 if task.ends_at == NEVER else task.ends_at - task.made_at)
        behind = (_no_picture, "text/html") if task.outcome == "broken" else (content, format)
        url = self.keep(*behind, seconds=0.001 if task.outcome == "gone" else lasting)
        self.made[url] = behind
        task.urls.append(url)

    def _state(self, task: Task, now: float) -> str:
        if now >= task.ends_at:
            return "fail" if task.outcome in FAILURES else "success"
        if task.outcome == "dreaming":
            return "dreaming"
        age = now - task.made_at - self.knobs.invisible_seconds
        if age < self.knobs.waiting_seconds:
            return "waiting"
        return "queuing" if age < self.knobs.waiting_seconds + self.knobs.queuing_seconds else "generating"

    def _record(self, task: Task, now: float) -> dict[str, object]:
        """All there is to tell of a task. Times are in milliseconds."""
        state = self._state(task, now)
        record: dict[str, object] = {
            "taskId": task.task_id,
            "model": task.group,
            "state": state,
            "param": json.dumps(task.body),
            "resultJson": "",
            "failCode": None,
            "failMsg": None,
            "costTime": None,
            "completeTime": None,
            "createTime": _ms(task.made_at),
            "updateTime": _ms(min(now, task.ends_at)),
        }
        if state in ("success", "fail"):
            record |= {"costTime": _ms(task.ends_at) - _ms(task.made_at), "completeTime": _ms(task.ends_at)}
        if state == "success":
            record |= {"resultJson": _result(task), "failCode": "", "failMsg": "", "creditsConsumed": float(task.cost)}
        if state == "fail":
            code, words = FAILURES[task.outcome]
            record |= {"resultJson": None, "failCode": code, "failMsg": words}
        return record

    # Callbacks

    def _announce(self, task: Task) -> None:
        if task.ends_at == NEVER:
            return
        named = self.knobs.callback_id or task.task_id
        failed = task.outcome in FAILURES
        if self.knobs.callback_claim:
            failed = self.knobs.callback_claim == "fail"
        words = "Playground task failed." if failed else "Playground task completed successfully."
        envelope: dict[str, object] = {"code": 501 if failed else 200, "msg": words}
        record = self._record(task, task.ends_at) | {"taskId": named, "state": "fail" if failed else "success"}
        seconds = round(task.ends_at - task.made_at)
        match self.knobs.callback_shape:
            case "minimal":
                envelope |= {"data": {"taskId": named}}
            case "task_id":
                envelope |= {"taskId": named, "data": {"task_id": named, "callbackType": "task_completed"}}
            case _:
                left = float(self.left(task.key))
                spent = {"costTime": seconds, "consumeCredits": float(task.cost), "remainedCredits": left}
                envelope |= {"data": record | spent}
        self.call_back(task, envelope, partial(self.signed, named))

    def signed(self, task_id: str) -> dict[str, str]:
        """The two headers, dated by the world's clock: the studio's is not as fast as ours."""
        if not self.knobs.callback_key:
            return {}
        moment = str(int(time.time()))
        sealed = hmac.digest(self.knobs.callback_key.encode(), f"{task_id}.{moment}".encode(), hashlib.sha256)
        return {"X-Webhook-Timestamp": moment, "X-Webhook-Signature": base64.b64encode(sealed).decode()}


def _result(task: Task) -> object:
    urls = [] if task.outcome == "empty" else task.urls * (2 if task.outcome == "twice" else 1)
    if task.outcome == "object":
        return {"resultUrls": urls}
    return "{" if task.outcome == "garbled" else json.dumps({"resultUrls": urls})


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _no_picture() -> bytes:
    return b"<!doctype html><title>Not a picture</title>"


def _is_good(key: str) -> bool:
    return bool(key) and "wrong" not in key


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _enlarged(content: bytes, format: str) -> bytes:
    with Image.open(io.BytesIO(content)) as source:
        large = source.convert("RGB").resize((source.width * SCALE, source.height * SCALE), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.save(file, format, quality=85)
    return file.getvalue()
