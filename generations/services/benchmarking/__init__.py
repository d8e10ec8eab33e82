"""A team with as many pictures as one wants to measure with: rows and search index as the studio has them, no files.

The database writes the rows itself, from a deck of orders and one of prompts. Nobody paid for any of them: they have no
holds, no trail and no files, and an audit of such a studio names every one. So it is for a studio one throws away.
"""

from generations.services.benchmarking.filling import StudioInUse, fill, seat

__all__ = ["StudioInUse", "fill", "seat"]
