"""At the desk superusers look after the keys everybody shares; no page there gives a key back, and none goes astray."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from generations import connections, outgoing
from generations.models import Credential, CredentialState, Lease, Person
from generations.services import credentials
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.keys import KEY, OTHER_KEY, WEBHOOK_KEY, add, keyed, now, occupy, opened

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")

LIST, NEW = "admin:generations_credential_changelist", "admin:generations_credential_add"
FORM: dict[str, Any] = {
    "provider": "keyed", "label": "Everybody", "key": KEY, "webhook_key": WEBHOOK_KEY, "base_url": "", "position": 0,
    "running_max": "", "hourly_max": "",
}  # fmt: skip


@pytest.fixture
def desk(cast: Cast) -> Client:
    return seated(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "look_up", lambda host, port: ["93.184.215.14"])


def page_of(credential: Credential) -> str:
    return reverse("admin:generations_credential_change", args=[credential.pk])


def act(desk: Client, action: str, *credentials: Credential, **more: str) -> str:
    keys = [str(one.pk) for one in credentials]
    sent = {"action": action, "_selected_action": keys, "confirmed": "1", **more}
    answer = desk.post(reverse(LIST), sent, follow=True)
    return answer.content.decode()


class TestAKeyForEverybody:
    def test_is_added_sealed(self, cast: Cast, desk: Client) -> None:
        assert desk.post(reverse(NEW), FORM).status_code == 302
        row = Credential.objects.get(team=None)
        account = connections.account_of(row)

        assert (account.secret, account.webhook_secret) == (KEY, WEBHOOK_KEY)
        assert row.last_four == "7f~c"
        assert row in Credential.objects.serving(cast.team)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"key": ""}, "Enter the key"),
            ({"key": "two words"}, "A key has no blanks"),
            ({"base_url": "http://api.keyed.test"}, "Keys travel by https only"),
            ({"label": "Taken"}, "has this name"),
        ],
    )
    def test_is_refused_without_giving_the_key_back(
        self, cast: Cast, desk: Client, changes: dict[str, str], said: str
    ) -> None:
        add(None, "Taken")
        answer = desk.post(reverse(NEW), {**FORM, **changes})
        page = answer.content.decode()

        assert answer.status_code == 200
        assert said in page
        assert KEY not in page
        assert WEBHOOK_KEY not in page

    def test_needs_a_sealing_key(self, cast: Cast, desk: Client, settings: Any) -> None:
        settings.FIELD_KEYS = []
        assert "Set FIELD_KEYS" in desk.post(reverse(NEW), FORM).content.decode()

    def test_is_changed_without_being_entered_again(self, cast: Cast, desk: Client) -> None:
        shared = add(None, "Everybody")
        facts = {**FORM, "key": "", "webhook_key": "", "label": "All of us", "running_max": "4", "position": 3}
        assert desk.post(page_of(shared), facts).status_code == 302

        row = now(shared)
        assert (row.label, row.running_max, row.position) == ("All of us", 4, 3)
        assert opened(shared) == KEY

    def test_is_replaced_without_a_pause(self, cast: Cast, desk: Client) -> None:
        shared = add(None, "Everybody")
        occupy(shared, cast.ben)
        desk.post(page_of(shared), {**FORM, "key": OTHER_KEY, "webhook_key": ""})

        assert now(shared).state == CredentialState.DRAINING
        assert opened(Credential.objects.get(label="Everybody")) == OTHER_KEY

    def test_that_is_the_same_is_said_to_be(self, cast: Cast, desk: Client) -> None:
        shared = add(None, "Everybody")
        answer = desk.post(page_of(shared), {**FORM, "webhook_key": ""}, follow=True)
        assert "the key in use already" in answer.content.decode()

    def test_shows_its_end_and_nothing_else(self, cast: Cast, desk: Client) -> None:
        shared = add(None, webhook_key=WEBHOOK_KEY)
        row = now(shared)
        for page in (desk.get(page_of(shared)), desk.get(reverse(LIST))):
            text = page.content.decode()
            assert "7f~c" in text
            for secret in (KEY, WEBHOOK_KEY, row.sealed_key, row.sealed_webhook_key):
                assert secret not in text


class TestAnotherAddress:
    """S38."""

    def test_stops_the_key_until_it_is_entered_again(self, cast: Cast, desk: Client) -> None:
        shared = add(None, "Everybody")
        elsewhere = {**FORM, "webhook_key": "", "base_url": "https://proxy.example.org/keyed"}
        desk.post(page_of(shared), {**elsewhere, "key": ""})
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(now(shared))
        desk.post(page_of(shared), {**elsewhere, "key": KEY})

        assert connections.account_of(now(shared)).base_url == "https://proxy.example.org/keyed"

    def test_may_be_given_to_a_teams_key_and_nothing_else_may(self, cast: Cast, desk: Client) -> None:
        mine = add(cast.team)
        page = desk.get(page_of(mine)).content.decode()
        assert 'name="base_url"' in page
        assert 'name="key"' not in page
        desk.post(page_of(mine), {**FORM, "label": "Stolen", "base_url": "https://proxy.example.org"})

        row = now(mine)
        assert (row.base_url, row.label, row.sealed_key) == ("https://proxy.example.org", "Main", mine.sealed_key)

    def test_that_is_private_is_for_the_environment_to_allow(
        self, cast: Cast, desk: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outgoing, "look_up", lambda host, port: ["127.0.0.1"])
        inside = {**FORM, "base_url": "https://inside.example.org"}
        assert "ALLOW_PRIVATE_HOSTS" in desk.post(reverse(NEW), inside).content.decode()
        settings.ALLOW_PRIVATE_HOSTS = frozenset({"inside.example.org"})
        assert desk.post(reverse(NEW), inside).status_code == 302

    def test_without_https_is_worth_nothing_once_the_environment_forgets_it(
        self, cast: Cast, desk: Client, settings: Any
    ) -> None:
        settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
        desk.post(reverse(NEW), {**FORM, "base_url": "http://127.0.0.1:8900"})
        row = Credential.objects.get(team=None)
        assert connections.account_of(row).secret == KEY
        settings.ALLOW_PRIVATE_HOSTS = frozenset()
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(row)


class TestActions:
    def test_switch_off_and_on(self, cast: Cast, desk: Client) -> None:
        shared = add(None)
        assert "until somebody switches it on" in act(desk, "switch_off", shared, confirmed="")
        assert now(shared).state == CredentialState.ACTIVE
        act(desk, "switch_off", shared)
        assert now(shared).state == CredentialState.PAUSED
        act(desk, "switch_on", shared)
        assert now(shared).state == CredentialState.ACTIVE
        assert "removed or replaced meanwhile" not in act(desk, "switch_on", shared)
        credentials.remove(credential=shared, actor="test")
        assert "removed or replaced meanwhile" in act(desk, "switch_on", shared)

    def test_remove_and_what_is_removed_is_read_only(self, cast: Cast, desk: Client) -> None:
        shared = add(None)
        asked = act(desk, "remove", shared, confirmed="")
        assert "cannot be brought back" in asked
        assert f'name="_selected_action" value="{shared.pk}"' in asked
        assert now(shared).state == CredentialState.ACTIVE
        act(desk, "remove", shared)
        assert (now(shared).state, now(shared).sealed_key) == (CredentialState.RETIRED, "")
        page = desk.get(page_of(shared)).content.decode()
        assert 'name="_save"' not in page
        assert desk.post(page_of(shared), FORM).status_code == 403

    def test_test(self, cast: Cast, desk: Client) -> None:
        shared = add(None)
        Lease.objects.all().delete()
        assert "1 being tested" in act(desk, "test", shared)


def test_an_operator_looks_tests_and_switches_and_changes_nothing(cast: Cast) -> None:
    shared = add(None)
    client = seated(person_of("operator"))

    assert client.get(page_of(shared)).status_code == 200
    assert 'name="base_url"' not in client.get(page_of(shared)).content.decode()
    assert client.post(page_of(shared), FORM).status_code == 403
    assert client.get(reverse(NEW)).status_code == 403
    act(client, "switch_off", shared)
    assert now(shared).state == CredentialState.PAUSED
    act(client, "remove", shared)
    assert now(shared).state == CredentialState.PAUSED


def test_others_of_the_staff_see_no_key_whatever_permission_they_were_given(cast: Cast) -> None:
    shared = add(None)
    moderator = person_of("moderator")
    moderator.user_permissions.set(permissions())
    client = seated(moderator)

    assert client.get(page_of(shared)).status_code == 403
    act(client, "switch_off", shared)
    assert now(shared).state == CredentialState.ACTIVE


def permissions() -> Any:
    """All there are for credentials: they are not enough."""
    return Permission.objects.filter(content_type__app_label="generations", content_type__model="credential")
