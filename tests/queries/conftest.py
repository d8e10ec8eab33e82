"""What statements are asked of that must say the same on both databases."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
