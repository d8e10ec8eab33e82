"""A credential becomes an account, and an order names its source only while people may see it."""

from typing import Any

import pytest

from generations import connections, providers
from generations.models import Credential, Image, clock
from generations.services import ordering
from generations.vault import Unreadable
from tests.conftest import Cast
from tests.making import finish_one


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
    assert connections.order_for(batch.generations.get(), offer=offer, reference="r").source is not None
    Image.objects.update(**{mark: clock.now()})

    with pytest.raises(connections.SourceMissing):
        connections.order_for(batch.generations.get(), offer=offer, reference="r")
