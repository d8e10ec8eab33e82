"""API in One: draws with Grok and enlarges its own drawings. What a finished answer looks like is published nowhere.

So it is strict on sending and tolerant on reading: an answer may spell its state and name its addresses in many ways,
and an address our own order named is never taken for a result. The first answer that cannot be read is logged by the
names of its keys, never by its contents.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

from generations.outgoing import Blocked, Outgoing
from generations.providers import dialects
from generations.providers.base import (
    MODERATION_WORDS,
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
    Proof,
    Provider,
    Ready,
    Recollection,
    Refused,
    SourceBy,
    Unknown,
    Verdict,
    Working,
    checked_task_id,
)

from .reading import (
    ECHO_KEYS,
    FAILURE,
    RUNNING,
    SUCCESS,
    addresses_in,
    cost_in,
    echo_in,
    failure_text_in,
    is_envelope,
    key_names,
    moment_in,
    node_of,
    number_in,
    objection_in,
    state_in,
    task_id_in,
)

log = logging.getLogger(__name__)

# No limits are published. These are careful, and an hour is what the limit on bursts lets through.
_RUNNING_MAX = 5
_CREATES_MAX = (9, 10.0)
_HOURLY_MAX = 3240

DRAW = Offer(
    key="grok-draw",
    label="Grok Imagine",
    operation=Operation.DRAW,
    credits=5,  # the vendor's own price
    vendor_cost=Decimal(5),
    usual_seconds=(5, 10),  # the vendor says 3 to 10 s; the first look is worth it after 4
    result_bytes_max=60_000_000,
    limit_group="all",
    running_max=_RUNNING_MAX,
    hourly_max=_HOURLY_MAX,
    shapes=("1:1", "2:3", "3:2"),
    prompt_max=5000,
    look_seconds=4,
    character="Quick, good with light and people.",
)
UPSCALE = Offer(
    key="grok-upscale",
    label="Grok upscale",
    operation=Operation.UPSCALE,
    credits=12,  # the vendor's own price
    vendor_cost=Decimal(12),
    usual_seconds=(5, 10),
    result_bytes_max=200_000_000,
    limit_group="all",
    running_max=_RUNNING_MAX,
    hourly_max=_HOURLY_MAX,
    source_by=SourceBy.TASK_ID,
    look_seconds=4,
    creations=2,  # it may be sent once more, with the prompt of its source
    character="Keeps the look of the drawing.",
)
MODELS = {DRAW.key: "grok-imagine/text-to-image", UPSCALE.key: "grok-imagine/upscale"}
SHAPE_UNSAID = "1:1"
"""What the vendor draws when no shape is named, so it is not."""

ABOUT_THE_KEY = frozenset({401, 402, 429})
"""They mean the same on a page of somebody else's. Any other number on one says nothing about the order."""

_TWICE_MORE = Patience(tries_max=3, seconds_max=None)
_UNAVAILABLE = Patience(first_seconds=30, longest_seconds=300, seconds_max=900)


class ApiInOne(Provider):
    """Bodies are flat, the task id is part of the path, and errors come in an envelope of their own."""

    key = "apiinone"
    label = "API in One"
    homepage = "https://apiin.one"
    base_url = "https://apiin.one/api/v1"
    offers = (DRAW, UPSCALE)
    creates_max = _CREATES_MAX
    reads_per_second_max = 5.0
    not_found_seconds_max = 90.0
    # It can call back, but what it would say is unpublished, and its tasks may only move when they are asked for.
    announces = False

    _puzzled = False

    async def submit(self, order: Order) -> Accepted:
        """Hand the order over; once more with the source's prompt where an upscale was refused for want of one."""
        body = _body_for(order)
        answer = await self._create(body)
        if order.offer.key == UPSCALE.key and order.prompt and self._wants_a_prompt(answer):
            answer = await self._create({**body, "prompt": order.prompt})
        self.expect_accepted(answer)
        task_id = checked_task_id(task_id_in(answer.body))
        if not task_id.strip("."):
            raise Unknown("The answer names its task in a way that cannot be a path.")
        return Accepted(task_id=task_id)

    async def check(self, task_id: str, offer: Offer) -> Progress:
        """How the task is doing, as far as the answer can be understood. A 400 is final."""
        answer = await self._look(task_id)
        body = answer.body
        if is_envelope(body) and number_in(answer.status, body) == 400:
            return Failed(fault=Fault.VENDOR, vendor_code="400", vendor_text=objection_in(body)[0], tell=True)
        self.expect_readable(answer)
        node = node_of(body)
        word = state_in(body)
        if word in FAILURE:
            text = failure_text_in(node)
            fault = Fault.CONTENT_POLICY if MODERATION_WORDS.search(text) else Fault.VENDOR
            return Failed(fault=fault, vendor_code=word, vendor_text=text)
        if word not in SUCCESS:
            if word not in RUNNING:
                self._note(answer, f"an unknown state {word[:40]!a}")
            return Working()
        found = addresses_in(node, wanted=self._may_be_fetched)
        if not found:
            self._note(answer, "a finished task without an address")
        return Ready(urls=found, cost=cost_in(node), vendor_text="" if found else f"Keys: {key_names(node)}")

    async def recall(self, task_id: str, offer: Offer) -> Recollection:
        """What the answer echoes of the order; some ways of answering echo nothing."""
        answer = await self._look(task_id)
        self.expect_readable(answer)
        node = node_of(answer.body)
        model = echo_in(node, "model")
        repeated = {key: node[key] for key in ECHO_KEYS if key in node}  # beside them stands the task's own id
        return Recollection(
            callback_url=echo_in(node, "callback_url", "callBackUrl"),
            prompt=echo_in(node, "prompt"),
            # Of a model it calls by another name than we do nothing is known: its answers are unpublished.
            offer=next((key for key, name in MODELS.items() if name == model), None),
            shape=echo_in(node, "aspect_ratio"),
            source_task=echo_in(repeated, "task_id"),
            made_at=moment_in(node),
        )

    async def probe(self) -> Proof:
        """Ask for a task nobody has: a stranger is turned away before that is found out."""
        answer = await self._look("studio-connection-test")
        number = number_in(answer.status, answer.body)
        if number in (401, 403):
            return Proof(works=False, words="API in One does not accept this key.")
        if number in (400, 404) and is_envelope(answer.body):
            return Proof(works=True, words="API in One accepts the key. It does not tell what is left on the account.")
        return Proof(works=None, words=f"API in One answered {number}, which says nothing about the key. Try again.")

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        """Only a reason to look: what such a call says is unpublished. Who set a key for it insists on a signature."""
        found = task_id_in(body)
        return dialects.announced(found if isinstance(found, str) else "", self.account, headers, now=now)

    def verdict(self, status: int, body: object) -> Verdict:
        """What the vendor means. Pages in front of it answer in HTML: whatever a gateway says is uncertain."""
        number = number_in(status, body)
        if number in (200, 201, 202):
            return super().verdict(number, body if isinstance(body, Mapping) else None)
        text, kind = objection_in(body)
        verdict = replace(super().verdict(number, {}), vendor_code=str(number), vendor_text=text)
        if dialects.task_id_in(body):
            return replace(verdict, outcome=Outcome.UNKNOWN, fault=Fault.BAD_ANSWER)
        if 300 <= number < 400:
            return replace(verdict, outcome=Outcome.REFUSED, fault=Fault.VENDOR, tell=True)
        is_page = not isinstance(body, Mapping) and number not in ABOUT_THE_KEY
        if number in (502, 504) or is_page or (number >= 500 and not is_envelope(body)):
            return replace(verdict, outcome=Outcome.UNKNOWN, fault=Fault.BAD_ANSWER)
        match number:
            case 500:
                return replace(verdict, outcome=Outcome.BUSY, fault=Fault.VENDOR, patience=_TWICE_MORE)
            case 455 | 503:
                return replace(verdict, outcome=Outcome.BUSY, fault=Fault.BUSY, patience=_UNAVAILABLE)
            case 400 | 403 | 422:
                said = f"{text} {kind}"
                if MODERATION_WORDS.search(said):
                    return replace(verdict, fault=Fault.CONTENT_POLICY)
                if re.search("insufficient|credit", said, re.IGNORECASE):
                    return replace(verdict, fault=Fault.OUT_OF_FUNDS)
            case 404:
                return replace(verdict, tell=True)
        return verdict

    def expect_readable(self, answer: Answer) -> None:
        """As for every vendor, once the number is found where this one puts it."""
        body = answer.body if isinstance(answer.body, Mapping) else None
        number = number_in(answer.status, body)
        if body is None and 200 <= number < 300:
            self._note(answer, "something that is not an object")
        super().expect_readable(replace(answer, status=number, body=None if body is None else {}))

    async def _create(self, body: Mapping[str, str]) -> Answer:
        return await self.door.post_json(self.address("images/generations"), body, headers=self.bearer, creating=True)

    async def _look(self, task_id: str) -> Answer:
        return await self.door.get_json(self.address(f"tasks/{quote(task_id, safe='')}"), headers=self.bearer)

    def _wants_a_prompt(self, answer: Answer) -> bool:
        """Whether it is a 400 that names the prompt as what is missing. It created nothing."""
        verdict = self.verdict(answer.status, answer.body)
        refused = verdict.vendor_code == "400" and verdict.fault is Fault.REFUSED_INPUT
        return refused and "prompt" in verdict.vendor_text.lower()

    def _may_be_fetched(self, address: str) -> bool:
        """Whether the download would go there at all: the web, or exactly where the vendor itself is configured."""
        try:
            Outgoing(origin=self.address("")).check(address)
        except Blocked:
            return False
        return True

    def _note(self, answer: Answer, what: str) -> None:
        """Tell the log once what puzzled us, so that somebody can teach the reader."""
        if not self._puzzled:
            self._puzzled = True
            names = key_names(node_of(answer.body) or answer.body)
            log.warning("API in One answered %s with %s; keys: %s", answer.status, what, names)


def _body_for(order: Order) -> dict[str, str]:
    """What is posted. Raises Refused for what the vendor is sure to reject."""
    called = {} if order.callback_url is None else {"callback_url": order.callback_url}
    if order.offer.key == UPSCALE.key:
        task_id = order.source.task_id if order.source else None
        if not task_id:
            raise Refused("The source has no task.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
        return {"model": MODELS[UPSCALE.key], "task_id": task_id, **called}
    if order.offer.key != DRAW.key:
        raise Refused("API in One does not sell this.", fault=Fault.NOT_FOUND, vendor_code="offer")
    shape = dialects.drawn_shape(order)
    shaped = {} if shape == SHAPE_UNSAID else {"aspect_ratio": shape}
    return {"model": MODELS[DRAW.key], "prompt": order.prompt, **shaped, **called}
