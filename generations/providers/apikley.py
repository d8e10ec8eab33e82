"""Apikley: draws with Grok, enlarges its own drawings with Grok, and any picture it can fetch with Recraft.

It sends what Apikley documents and nothing more, and refuses to send what Apikley is sure to reject. An answer of 200
can hide an error, so the number in the envelope decides where there is one. Callbacks are hints: what counts is what a
look says.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from . import dialects
from .base import (
    MODERATION_WORDS,
    Accepted,
    Announcement,
    Answer,
    Failed,
    Fault,
    KeyRefused,
    NotFound,
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
    Unsupported,
    Verdict,
    Working,
    checked_task_id,
    code_in,
    text_in,
)

DRAW = Offer(
    key="grok-draw",
    label="Grok Imagine",
    operation=Operation.DRAW,
    # Apikley publishes no price. The model's maker upstream takes 4 to 5 credits a run, however many pictures come.
    credits=5,
    vendor_cost=Decimal(4),  # as in the answers it shows
    usual_seconds=(5, 10),
    result_bytes_max=60_000_000,
    limit_group="grok-draw",
    running_max=50,
    hourly_max=500,
    shapes=("2:3", "3:2", "1:1"),
    shapes_off=("16:9", "9:16"),
    prompt_max=5000,
    look_seconds=2,
    character="Quick and photographic, good with light and people.",
)
UPSCALE = Offer(
    key="grok-upscale",
    label="Grok upscale",
    operation=Operation.UPSCALE,
    # No price is published here either; API in One sells the same model for 12 where it asks 5 for a drawing.
    credits=12,
    usual_seconds=(8, 12),
    result_bytes_max=200_000_000,
    limit_group="grok-upscale",
    running_max=40,
    hourly_max=400,
    source_by=SourceBy.TASK_ID,
    look_seconds=2,
    character="Keeps the look of the drawing.",
)
CRISP = Offer(
    key="crisp-upscale",
    label="Crisp upscale",
    operation=Operation.UPSCALE,
    # What clients report ranges from half a credit to 15; the price of a drawing is in the middle.
    credits=5,
    # Nothing is said about its time: between the other upscale at its best and at its worst.
    usual_seconds=(8, 18),
    result_bytes_max=200_000_000,
    limit_group="crisp-upscale",
    # Nothing is said about its limits: half of what the others may.
    running_max=20,
    hourly_max=200,
    source_by=SourceBy.URL,
    # "10.0 MB" may be meant in either way, so the smaller one holds.
    source_bytes_max=10_000_000,
    look_seconds=2,
    character="Sharp edges and clean surfaces, for any picture.",
)
MODELS = {
    DRAW.key: "grok-imagine/text-to-image",
    UPSCALE.key: "grok-imagine/upscale",
    CRISP.key: "recraft/crisp-upscale",
}
TASK_ID_CHARACTERS_MAX = 100
"""As the source of an upscale."""
UPLOAD_FOLDER = "imagine-studio/upscale"
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}

COST_LIMIT = 10**8
"""No task costs as much; such a number is not believed."""

SUCCESS = frozenset({"success", "succeeded", "completed"})
FAILURE = frozenset({"fail", "failed"})
OVER = frozenset({408, 501})
"""An envelope with such a number says that the task itself has failed."""
MEANT_FOR_STAFF = frozenset({400, 505})
NOT_VISIBLE = frozenset({404, 422})
NO_NEWS = frozenset({200, 201, 202, 401, 402, 403, 404, 422, 429, 433, 455})
"""Numbers that leave the task as it is. So do those from 500 on that are not named above."""
MAY_BE_CONTENT = frozenset({400, 422, 500, 501})

_TWICE_MORE = Patience(tries_max=3, seconds_max=None)
_MAINTENANCE = Patience(first_seconds=30, longest_seconds=300, seconds_max=1800)
CAPPED_SECONDS = 3600.0
"""A key that reached its hourly cap: at the latest after an hour the next one begins."""


class Apikley(Provider):
    """One path starts every model and one path tells of every task. A key's limits are those of its account."""

    key = "apikley"
    label = "Apikley"
    homepage = "https://app.apikley.ru/keys"
    base_url = "https://api.apikley.ru"
    offers = (DRAW, UPSCALE, CRISP)
    # It takes 20 in 10 seconds and throws away what is more; two less leave room for clocks that disagree.
    creates_max = (18, 10.0)
    reads_per_second_max = 10.0
    not_found_seconds_max = 90.0
    takes_uploads = True
    announces = True
    renews_links = True
    capped_codes = frozenset({"433"})

    async def submit(self, order: Order) -> Accepted:
        """Hand the order over. Staff hear of every refused Grok upscale: upstream gave that model another meaning."""
        body: dict[str, object] = {"model": MODELS.get(order.offer.key, ""), "input": _input_for(order)}
        if order.callback_url is not None:
            body["callBackUrl"] = order.callback_url
        answer = await self.door.post_json(
            self.address("api/v1/jobs/createTask"), body, headers=self.bearer, creating=True
        )
        try:
            self.expect_accepted(answer)
        except Refused as refusal:
            refusal.tell = refusal.tell or _may_be_withdrawn(order.offer, refusal.fault)
            raise
        return Accepted(task_id=checked_task_id(dialects.data_of(answer.body).get("taskId")))

    async def check(self, task_id: str, offer: Offer) -> Progress:
        """How the task is doing: by the envelope's number where that says it is over, otherwise by its state."""
        answer = await self._record(task_id)
        data = dialects.data_of(answer.body)
        cost = _cost(data)
        ended = _ended_by_code(answer.body, data, cost)
        if ended is None:
            self._expect_task(answer)
            state = data.get("state")
            if not isinstance(state, str):
                raise Unreachable("Apikley answered about no task.")
            word = state.strip().lower()
            if word in SUCCESS:
                return Ready(urls=dialects.result_urls(data.get("resultJson")), cost=cost)
            if word not in FAILURE:
                return Working()
            ended = _failed(data, code="fail", words="", cost=cost)
        return replace(ended, tell=ended.tell or _may_be_withdrawn(offer, ended.fault))

    async def recall(self, task_id: str, offer: Offer) -> Recollection:
        """What was ordered: Apikley keeps the whole body we sent, with the address to call back, as a text."""
        answer = await self._record(task_id)
        self._expect_task(answer)
        data = dialects.data_of(answer.body)
        param = dialects.opened(data.get("param"))
        sent = param if isinstance(param, Mapping) else {}
        opened = dialects.opened(sent.get("input"))
        wishes = opened if isinstance(opened, Mapping) else {}
        model = _text_or_none(sent, "model") or _text_or_none(data, "model")
        return Recollection(
            callback_url=_text_or_none(sent, "callBackUrl"),
            prompt=_text_or_none(wishes, "prompt"),
            offer=next((key for key, name in MODELS.items() if name == model), model),
            shape=_text_or_none(wishes, "aspect_ratio"),
            source_task=_text_or_none(wishes, "task_id"),
            made_at=dialects.moment(data.get("createTime")),
        )

    async def balance(self) -> Decimal | None:
        """The credits that are left, which may be a fraction."""
        answer = await self.door.get_json(self.address("api/v1/chat/credit"), headers=self.bearer)
        self.expect_readable(answer)
        return dialects.amount_in(answer.body)

    async def upload(self, *, path: str, media_type: str) -> str:
        """Put a file on Apikley's shelf for three days, under a name nobody used before: old names are cached."""
        base = self.account.upload_url or self.address("file-upload")
        name = f"{uuid.uuid4().hex}{ENDINGS.get(media_type, '')}"
        answer = await self.door.post_file(
            f"{base.rstrip('/')}/api/file-stream-upload",
            path=path,
            media_type=media_type,
            name=name,
            fields={"uploadPath": UPLOAD_FOLDER, "fileName": name},
            headers=self.bearer,
        )
        self.expect_readable(answer)
        data = dialects.data_of(answer.body)
        found = [url for field in ("downloadUrl", "fileUrl") if _is_address(url := data.get(field))]
        if not found or (isinstance(answer.body, Mapping) and answer.body.get("success") is False):
            raise Unreachable("Apikley did not say where it put the file.")
        return str(found[0])

    async def fresh_link(self, url: str) -> str:
        """An address for 20 minutes, for a file Apikley made itself."""
        answer = await self.door.post_json(
            self.address("api/v1/common/download-url"), {"url": url}, headers=self.bearer, creating=False
        )
        if code_in(answer.status, answer.body) == 422:
            raise Unsupported("Apikley does not know this file as one of its own.")
        self.expect_readable(answer)
        link = answer.body.get("data") if isinstance(answer.body, Mapping) else None
        if not _is_address(link):
            raise Unreachable("Apikley gave no link.")
        return str(link)

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        """The task it is about, once the signature is right where the account has a key for that."""
        return dialects.announced(dialects.task_id_in(body), self.account, headers, now=now)

    def verdict(self, status: int, body: object) -> Verdict:
        """What Apikley means. Without a task in the answer there is none, so its own 500 may be tried again."""
        plain = super().verdict(status, body)
        if plain.outcome is Outcome.ACCEPTED:
            return plain
        if dialects.data_of(body).get("taskId"):
            return replace(plain, outcome=Outcome.UNKNOWN, fault=Fault.BAD_ANSWER)
        code = code_in(status, body)
        is_own = dialects.said_code(body) is not None
        if is_own and code in MAY_BE_CONTENT and MODERATION_WORDS.search(text_in(body)):
            return replace(plain, outcome=Outcome.REFUSED, fault=Fault.CONTENT_POLICY)
        match code:
            case 404:
                return replace(plain, tell=True)
            case 433:
                return replace(
                    plain, outcome=Outcome.REFUSED, fault=Fault.OUT_OF_FUNDS, rest_seconds=CAPPED_SECONDS, tell=True
                )
            case 455:
                return replace(plain, patience=_MAINTENANCE, tell=True)
            case 500 if is_own:
                return replace(plain, outcome=Outcome.BUSY, fault=Fault.VENDOR, patience=_TWICE_MORE)
            case 505:
                # By HTTP alone it may come from a server in front of Apikley, which knows nothing of models.
                return replace(plain, switch_off=is_own, tell=True)
        return plain

    async def _record(self, task_id: str) -> Answer:
        """What it says when asked for the task. Raises Unreachable for what it says of another one."""
        url = self.address("api/v1/jobs/recordInfo")
        return dialects.about(task_id, await self.door.get_json(url, headers=self.bearer, params={"taskId": task_id}))

    def _expect_task(self, answer: Answer) -> None:
        """Return if a task is told of. Otherwise as for every call; one not visible yet can also be a 422."""
        if "state" in dialects.data_of(answer.body):
            return
        code = code_in(answer.status, answer.body)
        if code in NOT_VISIBLE:
            raise NotFound(f"Apikley answered {answer.status}, code {code}.")
        if code == 433:
            raise KeyRefused(f"Apikley answered {answer.status}, code {code}.", fault=Fault.OUT_OF_FUNDS)
        self.expect_readable(answer)


def _input_for(order: Order) -> dict[str, str]:
    """The model's part of the body. Raises Refused for what Apikley is sure to reject."""
    source = order.source
    if order.offer.key == UPSCALE.key:
        task_id = source.task_id if source else None
        if not task_id or len(task_id) > TASK_ID_CHARACTERS_MAX:
            raise Refused("The source has no task.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
        return {"task_id": task_id}
    if order.offer.key == CRISP.key:
        url = source.url if source else None
        if not _is_address(url):
            raise Refused("The source has no address.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
        return {"image": str(url)}
    if order.offer.key != DRAW.key:
        raise Refused("Apikley does not sell this.", fault=Fault.NOT_FOUND, vendor_code="offer")
    # The shape is always said, for without it Apikley draws a square.
    return {"prompt": order.prompt, "aspect_ratio": dialects.drawn_shape(order)}


def _may_be_withdrawn(offer: Offer, fault: Fault) -> bool:
    """Whether an end of this kind may mean that Grok no longer enlarges pictures."""
    return offer.key == UPSCALE.key and fault in (Fault.REFUSED_INPUT, Fault.NOT_FOUND, Fault.VENDOR)


def _ended_by_code(body: object, data: Mapping[str, object], cost: Decimal | None) -> Failed | None:
    """The failure an envelope's number tells of, None where the number does not end the task."""
    code = dialects.said_code(body)
    if code is None or code in NO_NEWS:
        return None
    if code in OVER:
        return _failed(data, code=str(code), words=text_in(body), cost=cost)
    if code in MEANT_FOR_STAFF:
        return Failed(fault=Fault.VENDOR, vendor_code=str(code), vendor_text=text_in(body), cost=cost, tell=True)
    if code >= 500 or "state" in data:
        return None
    return Failed(fault=Fault.BAD_ANSWER, vendor_code=str(code), vendor_text=text_in(body), cost=cost, tell=True)


def _failed(data: Mapping[str, object], *, code: str, words: str, cost: Decimal | None) -> Failed:
    code = dialects.text(data.get("failCode")) or code
    words = dialects.text(data.get("failMsg")) or words
    return Failed(fault=dialects.fault_in(code, words), vendor_code=code, vendor_text=words, cost=cost)


def _cost(data: Mapping[str, object]) -> Decimal | None:
    """What the task took from the account: newer answers and older ones name it differently, many not at all."""
    amounts = (dialects.number(data.get(name)) for name in ("creditsConsumed", "consumeCredits"))
    return next((amount for amount in amounts if amount is not None and 0 <= amount < COST_LIMIT), None)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and dialects.ADDRESS.fullmatch(value) is not None


def _text_or_none(part: Mapping[str, object], name: str) -> str | None:
    value = part.get(name)
    return value if isinstance(value, str) else None
