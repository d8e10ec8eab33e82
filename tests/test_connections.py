"""A credential becomes an account, and an order names its source only while people may see it."""

from typing import Any, ClassVar

import pytest

from generations import connections, providers, reach
from generations.models import Credential, Image, clock
from generations.services import credentials, ordering
from generations.vault import Unreadable
from tests.conftest import Cast
from tests.keys import KEY, WEBHOOK_KEY, add, keyed
from tests.making import finish_one

__all__ = ["keyed"]


@pytest.fixture
def sealed(cast: Cast) -> Credential:
    credential = Credential.objects.create(team=cast.team, provider="demo", label="Sealed")
    credential.sealed_key = connections.vault().seal("a secret", binding=f"credential:{credential.pk}:key")
    credential.save()
    return credential


def test_a_sealed_key_is_opened(sealed: Credential) -> None:
    assert connections.account_of(sealed).secret == "a secret"


@pytest.mark.parametrize("keys", [[], ["not a key"]])
def test_without_a_usable_sealing_key_only_sealed_credentials_stop(
    cast: Cast, sealed: Credential, settings: Any, keys: list[str]
) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(Unreadable):
        connections.account_of(sealed)

    assert connections.account_of(Credential.objects.get(team=cast.team, label="Demo")).secret == ""


@pytest.mark.parametrize("mark", ["deleted_at", "hidden_at"])
def test_a_source_nobody_may_see_is_missing(cast: Cast, mark: str) -> None:
    offer = providers.offer("demo", "enlarge-2x")
    batch = ordering.order_upscale(
        member=cast.ada, image=finish_one(cast.ada), provider="demo", offer=offer, request_key="u"
    )
    key = Credential.objects.get(team=cast.team)
    wanted: dict[str, Any] = {"credential": key, "offer": offer, "reference": "r"}
    assert connections.order_for(batch.generations.get(), **wanted).source is not None
    Image.objects.update(**{mark: clock.now()})

    with pytest.raises(connections.SourceMissing):
        connections.order_for(batch.generations.get(), **wanted)


class TestTheAddress:
    """S38: a superuser's, else the environment's, else the vendor's own; the key goes only where it was entered for."""

    @pytest.fixture
    def key(self, cast: Cast, keyed: object) -> Credential:
        return add(cast.team)

    def test_of_a_vendor_is_its_own_until_somebody_says_otherwise(self, key: Credential, settings: Any) -> None:
        assert reach.base_url_of(key) == "https://api.keyed.test/v1"
        settings.PROVIDER_BASE_URLS = {"keyed": "https://proxy.example.org"}
        assert reach.base_url_of(key) == "https://proxy.example.org"
        key.base_url = "https://desk.example.org/api"
        assert reach.base_url_of(key) == "https://desk.example.org/api"
        assert connections.origin_of(key) == "https://desk.example.org"

    @pytest.mark.parametrize(
        "url",
        [
            "https://elsewhere.example.org/v1",
            "http://api.keyed.test/v1",
            "https://api.keyed.test:8443/v1",
            "https://api.keyed.test.example.org",
        ],
    )
    def test_that_changed_is_sent_no_key(self, key: Credential, settings: Any, url: str) -> None:
        settings.PROVIDER_BASE_URLS = {"keyed": url}
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(key)

    @pytest.mark.parametrize("url", ["https://API.keyed.test:443/v2", "https://api.keyed.test"])
    def test_on_the_same_host_is_sent_the_key(self, key: Credential, settings: Any, url: str) -> None:
        settings.PROVIDER_BASE_URLS = {"keyed": url}
        assert connections.account_of(key).secret == KEY

    def test_without_a_host_of_its_own_sends_no_key_at_all(self, key: Credential, settings: Any) -> None:
        settings.PROVIDER_BASE_URLS = {"keyed": "https://keyed.test@elsewhere.example.org"}
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(key)

    def test_that_a_superuser_typed_may_only_be_public_unless_the_environment_lists_its_host(
        self, key: Credential, settings: Any
    ) -> None:
        """Its own and the environment's are nobody's typing."""
        assert not connections.account_of(key).public_only
        settings.PROVIDER_BASE_URLS = {"keyed": "https://api.keyed.test/v2"}
        assert not connections.account_of(key).public_only
        key.base_url = "https://API.keyed.test/v3"
        assert connections.account_of(key).public_only
        settings.ALLOW_PRIVATE_HOSTS = frozenset({"api.keyed.test"})
        assert not connections.account_of(key).public_only


class TestTheAddressForFiles:
    """S38 holds for it as well: uploads carry the key."""

    ELSEWHERE: ClassVar = {"keyed": "https://files.example.org"}

    def test_is_the_environments(self, cast: Cast, keyed: object, settings: Any) -> None:
        assert connections.account_of(add(cast.team)).upload_url == ""
        settings.PROVIDER_UPLOAD_URLS = self.ELSEWHERE
        key = add(cast.team, "Second")
        assert connections.account_of(key).upload_url == "https://files.example.org"
        assert key.key_host == "api.keyed.test files.example.org"

    def test_that_was_set_later_is_sent_no_key_until_it_is_entered_again(
        self, cast: Cast, keyed: object, settings: Any
    ) -> None:
        key = add(cast.team)
        settings.PROVIDER_UPLOAD_URLS = self.ELSEWHERE
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(key)

        again = credentials.replace(credential=key, key=KEY, actor="test")
        assert connections.account_of(again).upload_url == "https://files.example.org"

    def test_that_changed_is_sent_no_key(self, cast: Cast, keyed: object, settings: Any) -> None:
        settings.PROVIDER_UPLOAD_URLS = self.ELSEWHERE
        key = add(cast.team)
        settings.PROVIDER_UPLOAD_URLS = {"keyed": "https://files.example.com"}
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(key)

    def test_that_is_no_longer_needed_stops_nobody(self, cast: Cast, keyed: object, settings: Any) -> None:
        settings.PROVIDER_UPLOAD_URLS = self.ELSEWHERE
        key = add(cast.team)
        settings.PROVIDER_UPLOAD_URLS = {"keyed": "https://api.keyed.test/files"}
        assert connections.account_of(key).upload_url == "https://api.keyed.test/files"
        settings.PROVIDER_UPLOAD_URLS = {}
        assert connections.account_of(key).secret == KEY

    def test_is_not_for_a_key_that_a_superuser_sends_elsewhere(self, cast: Cast, keyed: object, settings: Any) -> None:
        """The host for files belongs to the vendor of the environment: it must not see a key to somebody else."""
        settings.PROVIDER_UPLOAD_URLS = self.ELSEWHERE
        key = add(cast.team, base_url="https://desk.example.org/api")
        assert key.key_host == "desk.example.org"
        assert connections.account_of(key).upload_url == ""


def test_a_webhook_key_that_cannot_be_opened_stops_its_credential(cast: Cast, keyed: object) -> None:
    """An unsigned callback must not be believed only because we lost the key to check it with."""
    credential = add(cast.team, webhook_key=WEBHOOK_KEY)
    credential.sealed_webhook_key = "broken"
    with pytest.raises(Unreadable):
        connections.account_of(credential)


def test_the_demo_has_no_address(cast: Cast) -> None:
    demo = Credential.objects.get(team=cast.team, label="Demo")
    assert reach.base_url_of(demo) == ""
    assert connections.origin_of(demo) is None
