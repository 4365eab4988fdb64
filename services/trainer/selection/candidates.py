"""Which models a training tries for each role, and which of them it takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.trainer.data.dataset import Dataset, NothingToLearnError
from services.trainer.models import SCORER_TYPES, DivergedError
from services.trainer.selection.evaluation import Trial, best
from services.trainer.settings import TrainerSettings

BASELINES = ("bias", "popularity")
ITEM_ITEM = ("ease", "blend")  # hold a weight for each pair of items
BAYESIAN_MOST_RATINGS = 5_000_000  # 35 s of one core per million, twice


@dataclass(frozen=True)
class Candidates:
    """The models for each role, the one to take where nothing can be measured first."""

    rating: tuple[str, ...]
    ranker: tuple[str, ...]

    def tried(self, dataset: Dataset) -> tuple[str, ...]:
        """All that are fitted, the baselines that the data allows among them."""
        baselines = BASELINES if dataset.ratings is not None else BASELINES[1:]
        return tuple(dict.fromkeys((*baselines, *self.rating, *self.ranker)))

    def choose(self, trials: Mapping[str, Trial]) -> tuple[str | None, str]:
        """The rating model, None without ratings, and the ranker: the best by trial."""
        rating = _best_of(self.rating, trials, "rating") if self.rating else None
        return rating, _best_of(self.ranker, trials, "ranker")


def _best_of(names: tuple[str, ...], trials: Mapping[str, Trial], role: str) -> str:
    fitted = {name: trials[name] for name in names if name in trials}
    if not fitted:
        raise DivergedError(
            f"No model came to finite numbers ({', '.join(names)}), and nothing was published: "
            "look for ratings far off the scale, or for penalties that are huge."
        )
    return best(fitted, role) or next(iter(fitted))


def candidates(dataset: Dataset, settings: TrainerSettings) -> Candidates:
    """Those that suit the data's kind and size; a model that is named takes every role it has.

    NothingToLearnError where a rating model is named and the data has no ratings.
    """
    fitting = Candidates(
        rating=_suiting(("bias", "als", "bayesian"), dataset, settings),
        ranker=_suiting(("popularity", "ials", "ease", "blend"), dataset, settings),
    )
    if settings.model == "auto":
        return fitting
    named, roles = (settings.model,), SCORER_TYPES[settings.model].roles
    if "rating" in roles and dataset.ratings is None:
        raise NothingToLearnError(
            f"Config 'MODEL' has value '{settings.model}', which learns from ratings, and the data "
            "has none: use auto, or a ranker (ials, ease, popularity)."
        )
    return Candidates(
        rating=named if "rating" in roles else fitting.rating,
        ranker=named if "ranker" in roles else fitting.ranker,
    )


def _suiting(
    names: tuple[str, ...], dataset: Dataset, settings: TrainerSettings
) -> tuple[str, ...]:
    return tuple(name for name in names if suits(name, dataset, settings))


def suits(name: str, dataset: Dataset, settings: TrainerSettings) -> bool:
    """Whether the data has what a model learns from, and no more than the model can take."""
    if "rating" in SCORER_TYPES[name].roles and dataset.ratings is None:
        return False
    if name == "bayesian" and dataset.ratings is not None:
        return len(dataset.ratings) <= BAYESIAN_MOST_RATINGS
    return name not in ITEM_ITEM or len(dataset.items) <= settings.ease_max_items
