"""API in One, played over HTTP: Grok drawings and upscales of them, answered in any of five ways.

Keys start with ``aio_`` and are good unless "wrong" is in them. A word of the prompt provokes what ``WORDS`` and
``ANSWERS`` name; upscales without a prompt follow the knob ``outcome``.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from tests.simulators.standin import GATEWAY, NEVER, Knobs, Reply, Request, StandIn, Task, may_call, picture, word_in

DRAW, UPSCALE = "grok-imagine/text-to-image", "grok-imagine/upscale"
MODELS = {DRAW: DRAW, UPSCALE: UPSCALE, "grok-imagine": DRAW}
PRICES = {DRAW: Decimal(5), UPSCALE: Decimal(12)}
SECONDS = {DRAW: 6.0, UPSCALE: 9.0}
SIZES = {"1:1": (768, 768), "3:2": (960, 640), "2:3": (640, 960)}
FLAT_KEYS = {"model", "prompt", "aspect_ratio", "task_id", "callback_url"}
ECHOED = "https://studio.example.org/must-not-be-taken.png"

FAILURES = {
    "fail": "Provider error",
    "unsafe": "The prompt was rejected by the safety system",
}
WORDS = {word: word for word in (*FAILURES, "never", "empty", "several", "vanish")}
"""What becomes of a task, by a word of its prompt. The last four: it never ends, brings no address or six pictures, or
it is taken and the line goes dead."""


def told(code: int, message: str, kind: str, **more: Any) -> Reply:
    """The envelope of errors, which has no code at its top."""
    return Reply(code, {"error": {"code": code, "message": message, "type": kind}}, **more)


ANSWERS = {
    "invalid": told(400, "Invalid parameters", "invalid_request"),
    "moderated": told(400, "The prompt violates the content policy", "invalid_request"),
    "forbidden": told(403, "Access denied", "permission_error"),
    "busy": told(429, "Rate limit exceeded", "rate_limit"),
    "internal": told(500, "Internal error", "server_error"),
    "maintenance": told(455, "Under maintenance", "server_error"),
    "unavailable": told(503, "Service unavailable", "server_error"),
    "gateway": GATEWAY,
    "page": Reply(200, GATEWAY.body, GATEWAY.headers),
    "elsewhere": Reply(302, b"", {"Location": "https://www.example.org/", "Content-Type": "text/html"}),
    "flat": Reply(402, {"code": 402, "msg": "Insufficient credits"}),
}
"""What a create is answered with instead, by a word of its prompt."""


@dataclass
class ApiInOneKnobs(Knobs):
    """``profile`` is how it answers looks, P1 to P5; ``form`` how it answers creations, A or B."""

    profile: str = "P1"
    form: str = "A"
    creates_per_window: int = 10
    running_max: int = 5
    outcome: str = ""
    wants_prompt: bool = False
    """Refuse an upscale without a prompt, as the table of parameters says."""
    lazy: bool = False
    """A task ends only when it is asked for, and calls back only then."""
    invisible_seconds: float = 0.0
    """For so long a new task is not found."""
    remembered_seconds: float = 24 * 3600.0


class ApiInOneStandIn(StandIn):
    """Base address: ``<url>/api/v1``."""

    prefix = "/apiinone"

    def __init__(self, knobs: ApiInOneKnobs | None = None) -> None:
        super().__init__(knobs or ApiInOneKnobs())
        self.routes = [
            ("POST", "/api/v1/images/generations", "create", self.create),
            ("GET", "/api/v1/tasks/", "look", self.look),
        ]

    def left(self, key: str) -> Decimal:
        """Taken when a task is made, given back by itself when it fails."""
        now = self.clock.now()
        kept = [task for task in self.tasks.values() if task.key == key and not (_fails(task) and task.ends_at <= now)]
        return super().left(key) - sum((task.cost for task in kept), Decimal(0))

    # Calls

    def create(self, request: Request) -> Reply:
        body = request.json()
        prompt = str(body.get("prompt", body.get("task_id", ""))) if isinstance(body, dict) else ""
        with self.lock:
            self.counts.asked[prompt] += 1
            refusal = _stranger(request) or self._objection(request.key, body)
            if refusal:
                return refusal
            if word := word_in(prompt, {answer: answer for answer in ANSWERS}):
                return ANSWERS[word]
            model = MODELS[body.get("model", DRAW)]
            if self.left(request.key) < PRICES[model]:
                return told(402, "Insufficient credits", "insufficient_credits")
            if self.too_fast(request.key) or self.running(request.key, "all") >= self.knobs.running_max:
                headers = {"Retry-After": self.knobs.retry_after} if self.knobs.retry_after else {}
                return told(429, "Rate limit exceeded", "rate_limit", headers=headers)
            task = self._made(request.key, model, body, prompt)
        if not self.knobs.lazy:
            self._call(task)
        if task.outcome == "vanish":
            return Reply(vanish=True)
        if self.knobs.form == "B":
            facts = {"id": task.task_id, "status": "pending", "model": model, "created_at": _moment(task.made_at)}
            return Reply(200, facts)
        return _success({"task_id": task.task_id, "status": "IN_PROGRESS"})

    def look(self, request: Request) -> Reply:
        if stranger := _stranger(request):
            return stranger
        task = self.tasks.get(request.path.rpartition("/")[2])
        age = self.clock.now() - task.made_at if task else 0.0
        visible = self.knobs.invisible_seconds <= age < self.knobs.remembered_seconds
        if task is None or task.key != request.key or not visible:
            return told(404, "Task not found", "not_found")
        self.looked(task)
        return PROFILES[self.knobs.profile](task, self._state(task))

    # Tasks

    def finished(self, key: str, prompt: str = "a drawing") -> str:
        """The id of a drawing of this account that has just ended."""
        body = {"model": DRAW, "prompt": prompt}
        with self.lock:
            task = self._made(key, DRAW, body, prompt)
            task.ends_at = self.clock.now()
        return task.task_id

    def _made(self, key: str, model: str, body: dict[str, Any], prompt: str) -> Task:
        now = self.clock.now()
        outcome = self.knobs.outcome or word_in(prompt, WORDS)
        task = Task(
            task_id=f"n31{uuid.uuid4().hex[:12]}_grok",
            key=key,
            group="all",
            prompt=prompt,
            made_at=now,
            ends_at=NEVER if outcome == "never" else now + SECONDS[model],
            outcome=outcome,
            callback_url=body.get("callback_url", ""),
            body={**body, "model": model},
            cost=PRICES[model],
        )
        for number in range(6 if outcome == "several" else 1):
            drawing = partial(picture, *self._size(task.body), "JPEG", f"{prompt} {number + 1}")
            task.urls.append(self.keep(drawing, "JPEG", seconds=self.knobs.result_seconds + SECONDS[model]))
        return self.take(task)

    def _size(self, body: Mapping[str, Any]) -> tuple[int, int]:
        """A drawing's own; an upscale is twice its source."""
        if body["model"] == DRAW:
            return SIZES[body.get("aspect_ratio", "1:1")]
        width, height = self._size(self.tasks[body["task_id"]].body)
        return width * 2, height * 2

    def _state(self, task: Task) -> str:
        """ "running", "success" or "failure"."""
        if self.clock.now() < task.ends_at or (self.knobs.lazy and task.looks < 2):
            return "running"
        if self.knobs.lazy and task.looks == 2:
            self._call(task)
        return "failure" if _fails(task) else "success"

    def _call(self, task: Task) -> None:
        if task.ends_at != NEVER:
            self.call_back(task, {"event": "task.ended", "taskId": task.task_id, "model": task.body["model"]})

    def _objection(self, key: str, body: Any) -> Reply | None:
        wrong = partial(told, 400, kind="invalid_request")
        if not isinstance(body, dict) or body.keys() - FLAT_KEYS:
            return wrong(message="Invalid parameters")
        model = MODELS.get(body.get("model", DRAW))
        if model is None:
            return wrong(message="Unknown model")
        if "callback_url" in body and not may_call(str(body["callback_url"])):
            return wrong(message="Invalid callback_url")
        words = self._wrong_upscale(key, body) if model == UPSCALE else _wrong_drawing(body)
        return wrong(message=words) if words else None

    def _wrong_upscale(self, key: str, body: dict[str, Any]) -> str:
        source = self.tasks.get(str(body.get("task_id", "")))
        if source is None or source.key != key:
            return "task_id does not name a task"
        if source.ends_at > self.clock.now() or _fails(source) or source.outcome == "empty":
            return "task_id does not name a finished image"
        if self.knobs.wants_prompt and not body.get("prompt"):
            return "Missing required parameter: prompt"
        return ""


def _stranger(request: Request) -> Reply | None:
    if request.key.startswith("aio_") and "wrong" not in request.key:
        return None
    return told(401, "Invalid API key", "authentication_error")


def _fails(task: Task) -> bool:
    return task.outcome in FAILURES


def _wrong_drawing(body: dict[str, Any]) -> str:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        return "Missing required parameter: prompt"
    if len(prompt) > 5000:
        return "prompt is too long"
    return "" if body.get("aspect_ratio", "1:1") in SIZES else "Invalid aspect_ratio"


def _success(data: object) -> Reply:
    return Reply(200, {"code": 200, "message": "success", "data": data})


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _urls(task: Task) -> list[str]:
    return [] if task.outcome == "empty" else task.urls


# The ways it may answer a look. Which of them it is, nobody has published.


def _p1(task: Task, state: str) -> Reply:
    """The documents' own words, the result named as in a published client."""
    facts: dict[str, Any] = {"task_id": task.task_id, "model": task.body["model"], "created_at": _moment(task.made_at)}
    if state == "running":
        return _success({**facts, "status": "IN_PROGRESS"})
    facts["completed_at"] = _moment(task.ends_at)
    if state == "failure":
        return _success({**facts, "status": "failed", "error": FAILURES[task.outcome]})
    facts["credits_consumed"] = int(task.cost)
    return _success({**facts, "status": "completed", "output": {"image_urls": _urls(task)}})


def _p2(task: Task, state: str) -> Reply:
    """Capital words, the request echoed, a plain list."""
    facts = {"task_id": task.task_id, "request": {**task.body, "image_urls": [ECHOED]}}
    if state == "running":
        return _success({**facts, "status": "PROCESSING", "response": None, "error_message": None})
    if state == "failure":
        return _success({**facts, "status": "FAILED", "response": None, "error_message": FAILURES[task.outcome]})
    return _success({**facts, "status": "SUCCESS", "response": _urls(task), "error_message": None})


def _p3(task: Task, state: str) -> Reply:
    """The style of its music pages: ``type`` for the state, a list of items for the result."""
    echo = {**task.body, "input_urls": [ECHOED]}
    if state == "running":
        return _success({"type": "PROCESSING", "request_body": echo, "response_data": None})
    if state == "failure":
        words = FAILURES[task.outcome]
        return _success({"type": "FAILED", "request_body": echo, "response_data": None, "fail_message": words})
    items = [
        {"id": f"a{number}", "image_url": url, "status": "complete", "fail_message": None}
        for number, url in enumerate(_urls(task), start=1)
    ]
    return _success({"type": "SUCCESS", "request_body": echo, "response_data": items})


def _p4(task: Task, state: str) -> Reply:
    """What stands behind it, passed through."""
    facts = {"taskId": task.task_id}
    if state == "running":
        return _success({**facts, "state": "generating"})
    if state == "failure":
        return _success({**facts, "state": "fail", "failCode": "500", "failMsg": FAILURES[task.outcome]})
    listed = ",".join(f'"{url}"' for url in _urls(task))
    return _success({**facts, "state": "success", "resultJson": f'{{"resultUrls":[{listed}]}}'})


def _p5(task: Task, state: str) -> Reply:
    """The flat object of an older page."""
    facts = {"id": task.task_id, "model": task.body["model"], "created_at": _moment(task.made_at)}
    if state == "running":
        return Reply(200, {**facts, "status": "processing"})
    if state == "failure":
        return Reply(200, {**facts, "status": "failed", "error": FAILURES[task.outcome]})
    urls = _urls(task)
    output: dict[str, Any] = {"urls": urls} if len(urls) > 1 else {"url": urls[0] if urls else None}
    return Reply(200, {**facts, "status": "completed", "output": output})


PROFILES: Mapping[str, Callable[[Task, str], Reply]] = {"P1": _p1, "P2": _p2, "P3": _p3, "P4": _p4, "P5": _p5}
