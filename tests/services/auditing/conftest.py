"""What the planted faults run on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
