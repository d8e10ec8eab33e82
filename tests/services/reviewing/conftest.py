"""The bench of reviewers, for every test here, and what its races run on."""

import pytest

from tests.conftest import Cast
from tests.engines import engine, template
from tests.services.reviewing.bench import Bench, seat

__all__ = ["bench", "engine", "template"]


@pytest.fixture
def bench(cast: Cast) -> Bench:
    return seat(cast)
