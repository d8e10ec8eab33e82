"""Whatever people do in whatever order, the ledger agrees with a model of it and the audit stays clean."""

import pytest

from tests.engines import Engine
from tests.ledger.machine import play


@pytest.mark.django_db
def test_the_ledger_follows_its_model() -> None:
    play()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_ledger_follows_its_model_on_postgresql_too(engine: Engine) -> None:
    assert engine.ask("tests.ledger", "play") == "played"
