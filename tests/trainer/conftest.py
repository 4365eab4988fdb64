from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import open_database

QUICK: dict[str, Any] = {
    "threads": 1,
    "als_sweeps": 5,
    "bayesian_rank": 4,
    "bayesian_burn_in": 4,
    "bayesian_samples": 4,
    "bayesian_spacing": 1,
    "ials_rank": 8,
    "ials_sweeps": 3,
    "ials_shrinkage": 0.45,
    "recency": 5.0,
}
"""Settings for tests whose data is small and whose models need not be good."""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A migrated database without rows."""
    return open_database(sa.make_url(f"sqlite:///{tmp_path / 'test.sqlite'}"))
