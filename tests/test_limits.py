"""A credential's own limits count where it has them: 0 is none, nothing is the offer's."""

import pytest

from generations.limits import Loads
from generations.models import Credential
from tests.making import PAINTER


@pytest.mark.parametrize(
    ("limits", "free"),
    [
        ({}, min(PAINTER.running_max, PAINTER.hourly_max)),
        ({"running_max": 0}, 0),
        ({"hourly_max": 0}, 0),
        ({"running_max": 1}, 1),
    ],
)
def test_own_limits_come_first(limits: dict[str, int], free: int) -> None:
    assert Loads().free(Credential(pk=1, provider="demo", **limits), PAINTER) == free
