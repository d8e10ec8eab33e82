"""A vendor that wants a key and tells its balance, and a key that nobody could mistake for anything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from generations import providers
from generations.connections import vault
from generations.models import Credential, Generation, Member, State, Team
from generations.providers.base import Offer, Operation, Provider
from generations.services import credentials
from tests.making import make_waiting
from tests.simulators.raw import Raw, Script, serving

KEY = "canary-key-nobody-else-has-7f~c"
OTHER_KEY = "another-key-of-that-account-d20a"
WEBHOOK_KEY = "canary-webhook-key-nobody-has-91be"
ACTOR = "test"


def offer(key: str, label: str, group: str) -> Offer:
    return Offer(
        key=key,
        label=label,
        operation=Operation.DRAW,
        credits=5,
        usual_seconds=(1, 2),
        shapes=("1:1",),
        result_bytes_max=1024,
        limit_group=group,
        running_max=10,
        hourly_max=100,
    )


class Keyed(Provider):
    key = "keyed"
    label = "Keyed"
    homepage = "https://keyed.test/keys"
    base_url = "https://api.keyed.test/v1"
    balance_unit = "coins"
    reads_per_second_max = 200.0
    announces = True
    offers = (offer("pen", "Keyed pen", "pen"), offer("ink", "Keyed ink", "ink"))

    async def balance(self) -> Decimal | None:
        answer = await self.door.get_json(self.address("balance"), headers=self.bearer)
        self.expect_readable(answer)
        assert isinstance(answer.body, dict)
        return Decimal(str(answer.body["left"]))


class Mute(Keyed):
    """Has no call that costs nothing, and makes none."""

    key = "mute"
    label = "Mute"
    announces = False

    async def balance(self) -> Decimal | None:
        return await Provider.balance(self)


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> type[Keyed]:
    for vendor in (Keyed, Mute):
        monkeypatch.setitem(providers.PROVIDERS, vendor.key, vendor)
    return Keyed


def add(team: Team | None, label: str = "Main", key: str = KEY, provider: str = "keyed", **facts: Any) -> Credential:
    return credentials.add(team=team, provider=provider, label=label, key=key, actor=ACTOR, **facts)


def now(credential: Credential) -> Credential:
    """The row as the database has it."""
    return Credential.objects.get(pk=credential.pk)


def opened(credential: Credential) -> str:
    """The key in that row."""
    return vault().open(now(credential).sealed_key, binding=f"credential:{credential.pk}:key")


def occupy(credential: Credential, member: Member, state: State = State.RUNNING) -> Generation:
    """Something that runs on this key."""
    row = make_waiting(member)
    closed = {} if row.state == state or state != State.LAPSED else {"finished_at": row.created_at}
    Generation.objects.filter(pk=row.pk).update(credential=credential, state=state, provider="keyed", **closed)
    return row


@contextmanager
def bank(script: Script | bytes) -> Iterator[Raw]:
    """The vendor at an address of its own."""
    before = settings.PROVIDER_BASE_URLS
    with serving(script) as raw:
        settings.PROVIDER_BASE_URLS = {**before, "keyed": raw.url, "mute": raw.url}
        try:
            yield raw
        finally:
            settings.PROVIDER_BASE_URLS = before
