"""How a training in a test is kept short."""

from typing import Any

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
