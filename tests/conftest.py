"""The cast and the stage: Ada owns the team, Ben creates in it, Vera only views, Mallory is in another team."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from xdist.scheduler import LoadScopeScheduling

from generations import ledger, outgoing, providers
from generations.connections import vault
from generations.models import Credential, Member, Person, Price, Role, Team
from generations.models.clock import OFFSET_FILE_VARIABLE
from generations.providers.demo import Demo
from generations.services.pumping import pump
from tests.late import Late, may_try_again
from tests.simulators.invented import Invented
from tests.simulators.vendor import Vendor

PASSWORD = "a lamp beside the window"


@dataclass
class Cast:
    """Four people, two teams, 500 credits each."""

    ada: Member
    ben: Member
    vera: Member
    mallory: Member

    @property
    def team(self) -> Team:
        return self.ada.team


def join(team: Team, name: str, role: Role, credits: int = 500) -> Member:
    """A person with `<name>@studio.test`, a member of the team, with credits moved from its pool."""
    person = Person.objects.create_user(f"{name.lower()}@studio.test", PASSWORD, name=name)
    member = Member.objects.create(team=team, person=person, role=role)
    if credits:
        ledger.transfer(
            source=ledger.pool_of(team),
            target=ledger.account_of(member),
            amount=credits,
            reason="to begin with",
            key=f"begin:{member.pk}",
            actor="test",
        )
    return member


def found(name: str, credits: int = 5000) -> Team:
    """A team with the demo vendor and credits in its pool."""
    team = Team.objects.create(name=name)
    Credential.objects.create(team=team, provider="demo", label="Demo")
    ledger.grant(account=ledger.pool_of(team), amount=credits, reason="test", key=f"found:{team.pk}", actor="test")
    return team


class Journeys(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Keeps the browser's journeys on one worker, because they share one studio; everything else goes anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Journeys:
    return Journeys(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine that stands still a moment fails no run: who was late gets a second try, and the run names them."""
    for item in items:
        if may_try_again(item.path):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=Late))


@pytest.fixture
def cast(db: None) -> Cast:
    Price.seed()
    north, south = found("North"), found("South")
    return Cast(
        ada=join(north, "Ada", Role.OWNER),
        ben=join(north, "Ben", Role.CREATOR),
        vera=join(north, "Vera", Role.VIEWER),
        mallory=join(south, "Mallory", Role.OWNER),
    )


@pytest.fixture
def signed_in() -> Callable[[Member], Client]:
    """A browser that this member has signed in to."""

    def sign_in(member: Member) -> Client:
        client = Client()
        assert member.person is not None
        client.force_login(member.person)
        return client

    return sign_in


@pytest.fixture(autouse=True)
def own_folders(settings: object, tmp_path: Path) -> None:
    """Every test has its own shelf and its own demo vendor."""
    for name in ("MEDIA_ROOT", "DEMO_DIR", "EXPORT_DIR", "ARCHIVE_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        setattr(settings, name, folder)


@pytest.fixture(autouse=True)
def no_request_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2: whoever fetches something while a transaction of the code under test is open fails its test."""

    def object_to_a_transaction() -> None:
        assert len(connection.savepoint_ids) <= depth, "a request was made inside a database transaction"

    depth = len(connection.savepoint_ids)
    monkeypatch.setattr(outgoing, "before_each_request", [object_to_a_transaction])


@pytest.fixture(autouse=True)
def quick_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo vendor's clock runs fast, so that no test waits for it."""
    asked = itertools.count()
    monkeypatch.setattr(Demo, "clock", staticmethod(lambda: time.time() + 100 * next(asked)))


VENDORS = list(providers.PROVIDERS)


@pytest.fixture
def pass_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the studio's clock forward by so many seconds; calls add up."""
    file = tmp_path / "clock"
    monkeypatch.setenv(OFFSET_FILE_VARIABLE, str(file))
    passed = 0.0

    def forward(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        file.write_text(str(passed))

    return forward


@pytest.fixture
def vendor(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A vendor over HTTP that both teams have a key for; the pump ends as soon as nothing is left to do."""
    monkeypatch.setitem(providers.PROVIDERS, "invented", Invented)
    monkeypatch.setattr(pump, "WARM_SECONDS", 0)
    Price.seed()
    vendor = Vendor().start()
    settings.PROVIDER_BASE_URLS = {"invented": vendor.url}
    settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    for team in (cast.ada.team, cast.mallory.team):
        credential = Credential.objects.create(team=team, provider="invented", label="Key")
        credential.sealed_key = vault().seal("a key for tests", binding=f"credential:{credential.pk}:key")
        credential.save()
    yield vendor
    vendor.stop()


@pytest.fixture(scope="session", autouse=True)
def data_folder() -> None:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Pages list vendors in the order of the table: a test that leaves it otherwise fails, and not the next one."""
    yield
    assert list(providers.PROVIDERS) == VENDORS
