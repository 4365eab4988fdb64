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
    "Uncertain",
]

POPULARITY = "popularity"

SCORERS: dict[
    str,
    type[Popularity]
    | type[MatrixFactorization]
    | type[BayesianFactorization]
    | type[ImplicitFactorization]
    | type[ItemWeights]
    | type[Blend],
] = {
    POPULARITY: Popularity,
    "bias": MatrixFactorization,
    "als": MatrixFactorization,
    "bayesian": BayesianFactorization,
    "ials": ImplicitFactorization,
    "ease": ItemWeights,
    "blend": Blend,
}
"""The scorer of each model, by the model's name."""
