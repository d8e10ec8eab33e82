"""What tests of boards on both databases run on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
