"""What the races of people who say something about one picture run on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
