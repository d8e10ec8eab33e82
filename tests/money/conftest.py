"""What the tests of money stand on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
