"""The stage of the journeys that go to the real vendors' stand-ins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generations.services import auditing
from tests.conftest import Cast
from tests.journeys import street as streets
from tests.journeys.street import Street


@pytest.fixture
def street(cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """The three vendors, a key of North's for each, and books that add up whatever a test did."""
    with streets.street(cast, settings, tmp_path, monkeypatch) as made:
        for provider in made.vendors:
            made.keys[provider] = made.add_key(provider)
        yield made
        findings = auditing.audit()
        assert findings == [], findings
