"""Which models a training fits for each role, and which of them it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.trainer.data.dataset import Dataset, NothingToLearnError
from services.trainer.models import MODELS, main_role
from services.trainer.models.contract import DivergedError
from services.trainer.selection.fitting import EvaluatedModel, by_loss
from services.trainer.settings import AUTO, TrainerSettings


@dataclass(frozen=True)
class Candidates:
    """The models for each role, the one to take where nothing can be evaluated first.

    `baselines` are evaluated beside them; `unsuited` are those of MODEL=auto that the data or its
    size rules out, by name with the reason.
    """

    rating: tuple[str, ...]
    ranker: tuple[str, ...]
    baselines: tuple[str, ...] = ()
    unsuited: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All that are fitted and evaluated."""
        return tuple(dict.fromkeys((*self.baselines, *self.rating, *self.ranker)))

    def choose(self, evaluated: Mapping[str, EvaluatedModel]) -> tuple[str | None, str]:
        """The rating model, None without ratings, and the ranker: the best that was evaluated."""
        rating = self.preferred("rating", evaluated)[0] if self.rating else None
        return rating, self.preferred("ranker", evaluated)[0]

    def preferred(self, role: str, evaluated: Mapping[str, EvaluatedModel]) -> list[str]:
        """The candidates that did not diverge, best first; DivergedError where there are none."""
        names = self.rating if role == "rating" else self.ranker
        fitted = {name: evaluated[name] for name in names if name in evaluated}
        if not fitted:
            raise none_left(names)
        return list(dict.fromkeys((*by_loss(fitted, role), *fitted)))


def none_left(names: Sequence[str]) -> DivergedError:
    """What is raised where every candidate for a role diverged."""
    return DivergedError(
        f"No model came to finite numbers ({', '.join(names)}), and nothing was published: "
        "look for ratings far off the scale, or for penalties that are huge."
    )


def candidates(dataset: Dataset, settings: TrainerSettings) -> Candidates:
    """Those that suit the data's kind and size; a model that is named takes every role it has.

    NothingToLearnError where a rating model is named and the data has no ratings.
    """
    reasons = {name: MODELS[name].unsuited(dataset, settings) for name in MODELS}
    unsuited = {name: reason for name, reason in reasons.items() if reason is not None}
    suited = [name for name in MODELS if name not in unsuited]
    rating = tuple(name for name in suited if main_role(name) == "rating")
    ranker = tuple(name for name in suited if main_role(name) == "ranker")
    baselines = tuple(name for name in (*rating, *ranker) if MODELS[name].BASELINE)
    if settings.model == AUTO:
        return Candidates(rating, ranker, baselines, unsuited)
    named, roles = (settings.model,), MODELS[settings.model].SCORER.roles
    if "rating" in roles and dataset.ratings is None:
        raise NothingToLearnError(
            f"Config 'MODEL' has value '{settings.model}', which learns from ratings, and the data "
            "has none: use auto, or a ranker (ials, ease, popularity)."
        )
    return Candidates(
        rating=named if "rating" in roles else rating,
        ranker=named if "ranker" in roles else ranker,
        baselines=baselines,
    )


def suits(name: str, dataset: Dataset, settings: TrainerSettings) -> bool:
    """Whether the data has what a model learns from, and no more than the model can take."""
    return MODELS[name].unsuited(dataset, settings) is None
