"""The demo organisation on a database of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Database
from tests.support.region import Region


@pytest.fixture
def region(database: Database, tmp_path: Path, travel: object) -> Region:
    """The demo organisation on the day that `travel` stands at, 15 February 2021."""
    return Region(database, tmp_path)
