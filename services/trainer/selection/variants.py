"""The settings of a model that are chosen on held-out interactions, not by a search."""

from collections.abc import Iterator

from services.trainer.data.dataset import Dataset
from services.trainer.models import fit, with_recency
from services.trainer.models.ials import LARGE, SHRINKAGE, shrinkage
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.scorers import Blend, ImplicitFactorization, ItemWeights, Scorer

SHRINKAGES = (0.3, SHRINKAGE, 0.6)  # of ials; the best lies between on five data sets
RECENCIES = (20.0, 10.0, 5.0)  # items; none is best where order means little, 5 on MovieLens


def variants(
    name: str, dataset: Dataset, settings: TrainerSettings, workers: Workers
) -> Iterator[tuple[Scorer, TrainerSettings]]:
    """The model fitted with each choice that is left to auto, and the settings that make it again.

    Recency costs one solve of the users each, a shrinkage a whole fit: large data keeps one.
    """
    for chosen in _shrinkages(name, dataset, settings):
        scorer = fit(name, dataset, chosen, workers)
        yield scorer, chosen
        if settings.recency != "auto" or not dataset.is_timed:
            continue
        if isinstance(scorer, ImplicitFactorization | ItemWeights | Blend):
            for recency in RECENCIES:
                again = with_recency(scorer, dataset.histories, recency, workers)
                yield again, chosen.model_copy(update={"recency": recency})


def _shrinkages(
    name: str, dataset: Dataset, settings: TrainerSettings
) -> Iterator[TrainerSettings]:
    plain = {"recency": "off"} if settings.recency == "auto" else {}
    if name not in ("ials", "blend") or settings.ials_shrinkage != "auto":
        yield settings.model_copy(update=plain)
        return
    one = (shrinkage(dataset, settings),)
    for chosen in SHRINKAGES if len(dataset.interactions) < LARGE else one:
        yield settings.model_copy(update={**plain, "ials_shrinkage": chosen})
