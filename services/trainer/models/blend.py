"""Implicit matrix factorization and EASE together: the one knows tastes, the other which items go
with which, and lists by both are better than by either."""

from services.trainer.data.dataset import Dataset
from services.trainer.models import ease, ials
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.scorers import Blend
from shared.scorers.histories import Histories


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Blend:
    """Both, fitted with the same settings; for a catalogue that EASE can take."""
    return Blend(ials.fit(dataset, settings, workers), ease.fit(dataset, settings, workers))


def with_recency(scorer: Blend, histories: Histories, recency: float, workers: Workers) -> Blend:
    """Both, with users of whom `recency` leaves less."""
    return Blend(
        ials.with_recency(scorer.factors, histories, recency, workers),
        ease.with_recency(scorer.items, recency),
    )
