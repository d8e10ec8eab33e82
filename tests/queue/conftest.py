"""What the tests of the queue stand on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
