"""Who operates, and what the races run on."""

import pytest

from generations.models import Person
from tests.conftest import Cast
from tests.desk import person_of
from tests.engines import engine, template

__all__ = ["engine", "operator", "template"]


@pytest.fixture
def operator(cast: Cast) -> Person:
    return person_of("operator")
