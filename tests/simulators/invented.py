"""The provider class that speaks to the vendor in `tests/simulators/vendor.py`: the shortest that can be."""

from collections.abc import Mapping
from decimal import Decimal

from generations.providers.base import (
    Accepted,
    Announcement,
    Failed,
    Fault,
    Forged,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    Ready,
    Recollection,
    Working,
    checked_task_id,
)

MEBIBYTE = 1024 * 1024


class Invented(Provider):
    key = "invented"
    label = "Invented"
    announces = True
    reads_per_second_max = 200.0
    offers = (
        Offer(
            key="sketch",
            label="Sketch",
            operation=Operation.DRAW,
            credits=7,
            usual_seconds=(0.1, 0.3),
            shapes=("2:3", "3:2", "1:1"),
            result_bytes_max=MEBIBYTE,
            limit_group="draw",
            running_max=4,
            hourly_max=500,
        ),
    )

    async def submit(self, order: Order) -> Accepted:
        assert self.http is not None
        url = f"{self.account.base_url}/tasks"
        headers = {"Authorization": f"Bearer {self.account.secret}"}
        body = {"prompt": order.prompt, "callback_url": order.callback_url, "reference": order.reference}
        answer = await self.http.post_json(url, body, headers=headers, creating=True)
        self.expect_accepted(answer)
        assert isinstance(answer.body, dict)
        return Accepted(task_id=checked_task_id(answer.body.get("task_id")), cost=Decimal(3))

    async def check(self, task_id: str, offer: Offer) -> Progress:
        assert self.http is not None
        answer = await self.http.get_json(f"{self.account.base_url}/tasks/{task_id}")
        self.expect_readable(answer)
        assert isinstance(answer.body, dict)
        match answer.body.get("state"):
            case "done":
                return Ready(urls=tuple(answer.body["urls"]), cost=Decimal(3))
            case "failed":
                return Failed(fault=Fault(answer.body["fault"]), vendor_code="E1", vendor_text="told so")
            case _:
                return Working()

    async def recall(self, task_id: str, offer: Offer) -> Recollection:
        assert self.http is not None
        answer = await self.http.get_json(f"{self.account.base_url}/tasks/{task_id}")
        self.expect_readable(answer)
        assert isinstance(answer.body, dict)
        return Recollection(
            callback_url=answer.body.get("callback_url"),
            prompt=answer.body.get("prompt"),
            offer=answer.body.get("offer"),
            shape=answer.body.get("shape"),
            source_task=answer.body.get("source_task"),
            made_at=answer.body.get("made_at"),
        )

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        assert isinstance(body, dict)
        if self.account.webhook_secret and headers.get("x-signature") != self.account.webhook_secret:
            raise Forged("not signed")
        return Announcement(task_id=str(body.get("task_id", "")))
