"""Sends what waits and watches what runs: one pump per shard of credentials in the whole installation.

The main thread does all the database work; a second thread talks to the vendors. Nobody ever waits for one vendor.
"""

from generations.services.pumping.pump import run

__all__ = ["run"]
