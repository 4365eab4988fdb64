"""The numpy scorers that versions are served and evaluated with; scoring needs no training."""

from shared.scorers.bayesian_factorization import BayesianFactorization
from shared.scorers.blend import Blend
from shared.scorers.contract import Linear, Rater, Scorer, Uncertain
from shared.scorers.implicit_factorization import ImplicitFactorization
from shared.scorers.item_weights import ItemWeights
from shared.scorers.matrix_factorization import MatrixFactorization
from shared.scorers.popularity import Popularity

__all__ = [
    "POPULARITY",
    "SCORERS",
    "BayesianFactorization",
    "Blend",
    "ImplicitFactorization",
    "ItemWeights",
    "Linear",
    "MatrixFactorization",
    "Popularity",
    "Rater",
    "Scorer",
    "ScorerType",
    "Uncertain",
    "kind_of",
]

POPULARITY = "popularity"
"""The model that every version has, and its kind of scorer."""

ScorerType = (
    type[Popularity]
    | type[MatrixFactorization]
    | type[BayesianFactorization]
    | type[ImplicitFactorization]
    | type[ItemWeights]
    | type[Blend]
)

SCORERS: dict[str, ScorerType] = {
    POPULARITY: Popularity,
    "matrix_factorization": MatrixFactorization,
    "bayesian_factorization": BayesianFactorization,
    "implicit_factorization": ImplicitFactorization,
    "item_weights": ItemWeights,
    "blend": Blend,
}
"""The kinds of scorers, by the names that manifests call them by."""


def kind_of(scorer: Scorer) -> str:
    """The name of a scorer's kind; KeyError for one that no version can hold."""
    kinds: dict[type, str] = {scorer_type: kind for kind, scorer_type in SCORERS.items()}
    return kinds[type(scorer)]
