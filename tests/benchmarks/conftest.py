import os
from pathlib import Path

import pytest


@pytest.fixture
def public_data() -> Path:
    """The folder of the public data sets; without one the test is skipped."""
    folder = os.environ.get("PUBLIC_DATA")
    if not folder:
        pytest.skip("PUBLIC_DATA names no folder of public data sets")
    return Path(folder)
