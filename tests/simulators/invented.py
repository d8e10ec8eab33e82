"""The provider class that speaks to the vendor in `tests/simulators/vendor.py`: the shortest that can be."""

from decimal import Decimal

from generations.providers.base import (
    Accepted,
    Failed,
    Fault,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    Ready,
    Working,
    checked_task_id,
)

MEBIBYTE = 1024 * 1024


class Invented(Provider):
    key = "invented"
    label = "Invented"
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
        answer = await self.http.post_json(url, {"prompt": order.prompt}, headers=headers, creating=True)
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
