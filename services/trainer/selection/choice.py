"""Why these models: what metrics.json and the report say of the choice."""

from services.trainer.selection.candidates import Candidates
from services.trainer.selection.fitting import Evaluated, by_loss
from services.trainer.selection.refitting import Refitted
from shared.artifacts.metrics import DECIDING, Choice, RoleChoice

DIVERGED = "its training or its predictions came to no finite numbers"
DIVERGED_LATER = "it came to no finite numbers when it was refitted on all interactions"


def choice_of(candidates: Candidates, evaluated: Evaluated, refitted: Refitted) -> Choice:
    """The model of each role beside the next best, and whoever was left out."""
    left = {name: model for name, model in evaluated.items() if name not in refitted.diverged}
    rating = refitted.rating_model
    return Choice(
        rating=rating and _role("rating", rating, candidates.rating, left),
        ranker=_role("ranker", refitted.ranker, candidates.ranker, left),
        left_out={
            **candidates.unsuited,
            **dict.fromkeys((n for n in candidates.names if n not in evaluated), DIVERGED),
            **dict.fromkeys(refitted.diverged, DIVERGED_LATER),
        },
    )


def _role(role: str, name: str, names: tuple[str, ...], evaluated: Evaluated) -> RoleChoice:
    own = evaluated[name]
    competitors = {n: evaluated[n] for n in names if n in evaluated and n != name}
    runner_up = next(iter(by_loss(competitors, role)), None)
    loss = own.loss(role)
    next_loss = evaluated[runner_up].loss(role) if runner_up else None
    return RoleChoice(
        model=name,
        metric=DECIDING[role],
        figure=own.figure(role),
        runner_up=runner_up,
        difference=None if loss is None or next_loss is None else next_loss - loss,
        settings=dict(own.chosen),
    )
