from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database.engine import open_database


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A migrated database without rows."""
    return open_database(sa.make_url(f"sqlite:///{tmp_path / 'test.sqlite'}"))
