"""What the tests of the ledger stand on."""

from tests.engines import engine

__all__ = ["engine"]
