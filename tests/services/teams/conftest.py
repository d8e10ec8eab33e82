"""What the races of teams run on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
