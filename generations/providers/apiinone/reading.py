"""Makes sense of what API in One answers: how a finished picture looks is published nowhere, so many ways are read.

It takes no address for a result that merely repeats what was sent, and it never raises: what it cannot find is missing.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from generations.providers import dialects
from generations.providers.base import VENDOR_TEXT_CHARACTERS_MAX

SUCCESS = frozenset({"completed", "complete", "success", "succeeded", "finished", "done"})
FAILURE = frozenset({"failed", "fail", "failure", "error", "cancelled", "canceled", "timeout", "rejected"})
RUNNING = frozenset(
    {
        "pending",
        "waiting",
        "queued",
        "queuing",
        "submitted",
        "created",
        "starting",
        "in_progress",
        "processing",
        "running",
        "generating",
    }
)
RESULT_KEYS = (
    "resultJson",
    "result_urls",
    "resultUrls",
    "image_urls",
    "images",
    "image_url",
    "output",
    "outputs",
    "result",
    "results",
    "response",
    "response_data",
    "urls",
    "url",
)
ECHO_KEYS = ("request", "request_body", "input", "params", "param", "callback_url", "input_urls")
"""They repeat what we sent; nothing below them is a result, however they are written."""
PREVIEW = re.compile(r"thumb|preview", re.IGNORECASE)
TASK_ID_KEYS = ("task_id", "taskId", "id")
FAILURE_KEYS = ("error", "error_message", "fail_message", "failMsg", "message", "fail_reason")
COST_KEYS = ("credits_consumed", "consumed_credits", "credits", "cost")
ADDRESS = re.compile(r"https?://\S+")
ADDRESSES_MAX = 12
KEY_NAMES_MAX = 40


def number_in(status: int, body: object) -> int:
    """The number that decides: of the error, else of the envelope where it is not 200, else the HTTP status."""
    if isinstance(body, Mapping):
        error = body.get("error")
        if isinstance(error, Mapping) and "code" in error:
            return error["code"] if _is_integer(error["code"]) else status
        if _is_integer(body.get("code")) and body["code"] != 200:
            return int(body["code"])
    return status


def is_envelope(body: object) -> bool:
    """Whether this is the vendor speaking, in either of its envelopes, and not something in front of it."""
    return isinstance(body, Mapping) and (isinstance(body.get("error"), Mapping) or _is_integer(body.get("code")))


def objection_in(body: object) -> tuple[str, str]:
    """The words of a refusal, shortened, and its type; "" for what is missing."""
    if not isinstance(body, Mapping):
        return "", ""
    error = body.get("error")
    inside = error if isinstance(error, Mapping) else {}
    words = (inside.get("message"), error, body.get("message"), body.get("msg"))
    return _first_text(words)[:VENDOR_TEXT_CHARACTERS_MAX], _first_text([inside.get("type")])


def node_of(body: object) -> Mapping[str, object]:
    """The part of an answer that is about the task."""
    if not isinstance(body, Mapping):
        return {}
    data = body.get("data")
    return data if isinstance(data, Mapping) else body


def state_in(body: object) -> str:
    """The word for the task's state, in lower case; "" where there is none."""
    node = node_of(body)
    kind = _word(node.get("type"))
    known = kind if kind in SUCCESS | FAILURE | RUNNING else ""
    whole = body if isinstance(body, Mapping) else {}
    return _word(node.get("status")) or _word(node.get("state")) or known or _word(whole.get("status"))


def addresses_in(node: Mapping[str, object], *, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """The addresses of results, each once, in order; those of previews only where there are no others."""
    found: dict[str, None] = {}
    previews: dict[str, None] = {}
    for key in RESULT_KEYS:
        for text, is_preview in _texts(node.get(key)):
            if ADDRESS.fullmatch(text) and wanted(text):
                (previews if is_preview else found).setdefault(text)
    return tuple(found or previews)[:ADDRESSES_MAX]


def failure_text_in(node: Mapping[str, object]) -> str:
    """What the vendor says about a failure, shortened."""
    for key in FAILURE_KEYS:
        value = node.get(key)
        text = _first_text([value.get("message") if isinstance(value, Mapping) else value])
        if text:
            return text[:VENDOR_TEXT_CHARACTERS_MAX]
    return ""


def cost_in(node: Mapping[str, object]) -> Decimal | None:
    """What the vendor says it charged."""
    for key in COST_KEYS:
        value = node.get(key)
        if isinstance(value, int | float) and (cost := dialects.number(value)) is not None:
            return cost
    return None


def task_id_in(body: object) -> object:
    """The first thing in an answer that names a task, whatever it is; None where nothing does."""
    whole = body if isinstance(body, Mapping) else {}
    data = whole.get("data")
    for part in (data if isinstance(data, Mapping) else {}, whole):
        for key in TASK_ID_KEYS:
            if part.get(key) not in (None, ""):
                return part[key]
    return None


def echo_in(node: Mapping[str, object], *names: str) -> str | None:
    """The first text of one of these names among what the answer repeats of our order."""
    parts = [node, *(_parsed(node.get(key)) for key in ECHO_KEYS)]
    for part in parts:
        for name in names:
            if isinstance(part, Mapping) and isinstance(text := part.get(name), str):
                return text
    return None


def moment_in(node: Mapping[str, object]) -> float | None:
    """When the task was made, in Unix seconds; a moment without a zone is taken for UTC."""
    text = node.get("created_at")
    if not isinstance(text, str):
        return None
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = made.replace(tzinfo=made.tzinfo or UTC).timestamp()
    return seconds if 0 < seconds < dialects.SECONDS_LIMIT else None


def key_names(body: object) -> str:
    """The names of an answer's keys, two deep, and nothing of what they hold."""
    if not isinstance(body, Mapping):
        return f"none, it is {type(body).__name__}"
    names = []
    for key, value in body.items():
        names.append(key)
        if isinstance(value, Mapping):
            names += [f"{key}.{inner}" for inner in value]
    return ", ".join(re.sub(r"[^\w.-]", "?", name[:60]) for name in names[:KEY_NAMES_MAX])


def _texts(value: object) -> Iterator[tuple[str, bool]]:
    """Every text below a value, in order, and whether it is about a preview. A text that holds JSON is opened once."""
    waiting = [(value, False, False)]
    while waiting:
        value, is_preview, opened = waiting.pop()
        if isinstance(value, Mapping):
            inside = [(item, is_preview or bool(PREVIEW.search(key)), opened) for key, item in _own(value)]
            waiting += reversed(inside)
        elif isinstance(value, list):
            waiting += [(item, is_preview, opened) for item in reversed(value)]
        elif isinstance(value, str):
            parsed = value if opened else _parsed(value)
            if parsed is value:
                yield value.strip(), is_preview
            else:
                waiting.append((parsed, is_preview, True))


def _own(value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The items that are not echoes of our order."""
    return ((key, item) for key, item in value.items() if _bare(key) not in _ECHOES)


def _parsed(value: object) -> object:
    """What a text holds as JSON; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[", '"'):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _bare(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _word(value: object) -> str:
    return value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else ""


def _first_text(values: "list[object] | tuple[object, ...]") -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ECHOES = frozenset(map(_bare, ECHO_KEYS))
