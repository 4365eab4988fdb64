"""What a record is made over: sets of data, each trained, served and asked in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.checkouts.requests.request import ADMIN_KEY, WRITE_KEY

MODELS = ("popularity", "bias", "als", "bayesian", "ials", "ease", "blend")
NO_DATA = "nothing"
ML_100K = "ml-100k"


@dataclass(frozen=True)
class Scenario:
    """A set of data, its settings, and the number of requests that each endpoint gets.

    `writes`: whether the API is written to as well. `rules`: whether rules steer its lists.
    """

    name: str
    source: str
    requests: int
    trained_with: Mapping[str, str] = field(default_factory=dict)
    served_with: Mapping[str, str] = field(default_factory=dict)
    writes: bool = True
    rules: bool = False

    @property
    def has_data(self) -> bool:
        return self.source != NO_DATA


# More keys are guessed than an address may.
KEYS = {"API_KEY": WRITE_KEY, "ADMIN_API_KEY": ADMIN_KEY, "WRONG_KEY_RATE": "0"}

SCENARIOS = (
    Scenario("generated", "generated", 500, rules=True),
    Scenario("ml-100k", ML_100K, 500, {"USER_FEATURES": "age,gender"}),
    Scenario("implicit", "implicit", 100, served_with=KEYS),
    *(Scenario(f"small-{name}", "small", 40, {"MODEL": name}, writes=False) for name in MODELS),
    Scenario("empty", NO_DATA, 1, writes=False),
)
