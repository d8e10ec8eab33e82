"""Whatever a team does with its credits, in whatever order, the studio agrees with a model of it."""

from tests.engines import Engine


def test_the_studio_follows_its_model(engine: Engine) -> None:
    assert engine.ask("tests.money", "play") == "played"
