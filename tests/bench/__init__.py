"""Measures the running studio: real web server, real worker, real browser, and a vendor that always takes as long.

Run by hand with `python -m tests.bench`; see `__main__.py` for how, and for how to read what it prints.
"""

NOTHING = "nothing/"
"""The address of a view that does nothing, for comparison."""
