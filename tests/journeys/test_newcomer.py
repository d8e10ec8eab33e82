"""A vendor more costs three things and one line: a class, a simulator, tests, and its place in the table.

Everything else follows from what the class declares: the forms, the pages, the desk, callbacks and the engine.
"""

import io
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import Credential, Generation, Image, Member, Person, Price, State
from generations.providers.base import (
    Accepted,
    Announcement,
    Failed,
    Fault,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    Ready,
    Refused,
    Source,
    SourceBy,
    Working,
    checked_task_id,
)
from generations.providers.dialects import amount_in, announced
from tests.desk import seated
from tests.journeys.street import Street
from tests.providers.contract import StandInContract, order_for
from tests.providers.wires import Speaker
from tests.simulators.standin import Knobs, Reply, Request, StandIn, Task, picture, serving

SKETCH = Offer(
    key="quick-sketch",
    label="Quick sketch",
    operation=Operation.DRAW,
    credits=3,
    usual_seconds=(5, 10),
    result_bytes_max=10_000_000,
    limit_group="all",
    running_max=4,
    hourly_max=100,
    shapes=("1:1", "3:2"),
    prompt_max=1000,
)
BLOW_UP = Offer(
    key="blow-up",
    label="Blow up",
    operation=Operation.UPSCALE,
    credits=4,
    usual_seconds=(5, 10),
    result_bytes_max=10_000_000,
    limit_group="all",
    running_max=4,
    hourly_max=100,
    choices={"grain": ("fine", "coarse")},
    source_by=SourceBy.URL,
)


class Newcomer(Provider):
    """The first of the three."""

    key = "newcomer"
    label = "Newcomer & Sons"
    homepage = "https://newcomer.test/keys"
    base_url = "https://api.newcomer.test"
    offers = (SKETCH, BLOW_UP)
    announces = True

    async def submit(self, order: Order) -> Accepted:
        body = {"offer": order.offer.key, "words": order.prompt, "call": order.callback_url}
        if order.offer.source_by is SourceBy.URL:
            if order.source is None or not order.source.url:
                raise Refused("There is no source.", fault=Fault.REFUSED_INPUT, vendor_code="no_source")
            body |= {"source": order.source.url, "grain": order.choices.get("grain", "fine")}
        answer = await self.door.post_json(self.address("make"), body, headers=self.bearer, creating=True)
        self.expect_accepted(answer)
        assert isinstance(answer.body, Mapping)
        return Accepted(task_id=checked_task_id(answer.body.get("id")))

    async def check(self, task_id: str, offer: Offer) -> Progress:
        answer = await self.door.get_json(self.address(f"made/{task_id}"), headers=self.bearer)
        self.expect_readable(answer)
        assert isinstance(answer.body, Mapping)
        match answer.body.get("how"):
            case "well":
                return Ready(urls=tuple(answer.body["at"]))
            case "badly":
                return Failed(fault=Fault.VENDOR, vendor_code="badly")
            case _:
                return Working()

    async def balance(self) -> Decimal | None:
        answer = await self.door.get_json(self.address("left"), headers=self.bearer)
        self.expect_readable(answer)
        return amount_in(answer.body)

    def read_callback(self, body: object, headers: Mapping[str, str], *, now: float) -> Announcement:
        named = body.get("id") if isinstance(body, Mapping) else None
        return announced(named if isinstance(named, str) else "", self.account, headers, now=now)


class NewcomerStandIn(StandIn):
    """The second."""

    prefix = "/newcomer"

    def __init__(self) -> None:
        super().__init__(Knobs())
        self.routes = [
            ("POST", "/make", "create", self.create),
            ("GET", "/made/", "look", self.look),
            ("GET", "/left", "balance", self.tell_left),
        ]

    def create(self, request: Request) -> Reply:
        wishes, now = request.json(), self.clock.now()
        if request.key != "new-1":
            return Reply(401, {"code": 401, "msg": "who is there?"})
        task = Task(f"n-{uuid.uuid4().hex}", request.key, "all", wishes["words"], now, now + 6)
        task.callback_url, task.body = wishes["call"] or "", wishes
        task.urls = [self.keep(picture(64, 64, "PNG", wishes["words"]), "PNG")]
        self.call_back(self.take(task), {"id": task.task_id})
        return Reply(200, {"id": task.task_id})

    def look(self, request: Request) -> Reply:
        task = self.tasks.get(request.path.rpartition("/")[2])
        if task is None:
            return Reply(404, {"code": 404, "msg": "never made"})
        self.looked(task)
        if self.clock.now() < task.ends_at:
            return Reply(200, {"how": "slowly"})
        return Reply(200, {"how": "badly"} if "fail" in task.prompt else {"how": "well", "at": task.urls})

    def tell_left(self, request: Request) -> Reply:
        return Reply(200, {"data": 12}) if request.key == "new-1" else Reply(401, {"code": 401, "msg": "who?"})


@pytest.fixture(autouse=True)
def _line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line."""
    monkeypatch.setitem(providers.PROVIDERS, Newcomer.key, Newcomer)


@pytest.fixture
def newcomer(street: Street) -> NewcomerStandIn:
    Price.seed()  # as every start of the studio does
    street.open_for("newcomer", stand_in := NewcomerStandIn())
    return stand_in


@pytest.fixture
def vendor() -> Iterator[NewcomerStandIn]:
    """Its stand-in alone, without the street."""
    stand_in = NewcomerStandIn()
    with serving(stand_in):
        yield stand_in


@pytest.fixture
def ada(street: Street, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(street.cast.ada)


class TestItsClass(StandInContract):
    """The third: the whole contract, as for every vendor, over real HTTP."""

    kind = Newcomer
    speaker = Speaker(Newcomer, key="new-1", task="n-1", drawing=order_for(SKETCH))
    seconds = 10

    @pytest.fixture
    def source(self, vendor: NewcomerStandIn) -> Source:
        return Source(url=vendor.keep(picture(60, 40), "JPEG"))


def give_key(client: Client, key: str = "new-1") -> Any:
    facts = {"provider": "newcomer", "label": "Main", "key": key, "webhook_key": ""}
    return client.post(reverse("credential_new"), facts)


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


class TestANewVendor:
    def test_needs_no_migration(self, db: None) -> None:
        told = io.StringIO()
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=told)
        assert "No changes detected" in told.getvalue()

    def test_is_in_the_forms_for_keys(self, street: Street, newcomer: NewcomerStandIn, ada: Client) -> None:
        form = page(ada, "credential_new")
        assert 'name="provider" value="newcomer"' in form
        assert "Newcomer &amp; Sons" in form
        assert "https://newcomer.test/keys" in form

        assert give_key(ada).status_code == 302
        assert Credential.objects.get(provider="newcomer").team == street.cast.team
        assert "Newcomer &amp; Sons" in page(ada, "credentials")

    def test_is_at_the_desk(self, street: Street, newcomer: NewcomerStandIn) -> None:
        staff = seated(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))

        assert '<option value="newcomer">' in page(staff, "admin:generations_credential_add")
        assert '<option value="newcomer:blow-up">' in page(staff, "admin:generations_offerswitch_add")

    def test_draws_and_enlarges_from_the_pages_on(self, street: Street, newcomer: NewcomerStandIn, ada: Client) -> None:
        """From the key to the enlarged picture, with callbacks, through addresses that were there before."""
        give_key(ada)
        door = street.open_door()
        assert 'value="newcomer:quick-sketch"' in page(ada, "studio")
        order = {"prompt": "a lamp", "shape": "1:1", "model": "newcomer:quick-sketch", "count": 2}
        assert ada.post(reverse("batches"), order).status_code == 302
        street.go()

        assert street.balance(street.cast.ada) == (494, 0)
        drawn = Image.objects.order_by("pk")[0]
        sheet = page(ada, "image_upscale", drawn.pk)
        assert re.search(r'value="newcomer:blow-up"(?![^>]* disabled)', sheet)
        assert "Grain" in sheet
        assert "Coarse" in sheet
        wish = {"choice": "newcomer:blow-up", "newcomer:blow-up:grain": "coarse"}
        assert ada.post(reverse("image_upscale", args=[drawn.pk]), wish).status_code == 302
        street.go()

        assert set(Generation.objects.values_list("state", flat=True)) == {State.SUCCEEDED}
        assert Image.objects.get(parent=drawn).generation.price == 4
        assert street.balance(street.cast.ada) == (490, 0)
        sent = street.bodies("newcomer")[-1]
        assert (sent["grain"], sent["source"]) == ("coarse", drawn.generation.result_urls[0])
        assert {visit.status for visit in door.visits} == {200}
        assert newcomer.counts.turned_away == 0

    def test_whose_key_is_wrong_is_refused_like_any(
        self, street: Street, newcomer: NewcomerStandIn, ada: Client
    ) -> None:
        give_key(ada, "another")
        row = street.draw("newcomer", member=street.cast.ada)

        assert (row.state, row.reason) == (State.FAILED, "credentials")
        assert street.balance(street.cast.ada) == (500, 0)
        assert street.alerts() == {"credential"}
