"""What the tests of the ledger stand on."""

from tests.engines import engine, template

__all__ = ["engine", "template"]
