"""What the races at the doors run on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
