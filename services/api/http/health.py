"""How the API is, component by component."""

from typing import Literal

from services.api.live.catalogue_updates import NOTHING_KNOWN
from services.api.live.first_training import FirstTraining
from services.api.live.untrained import is_trained
from services.api.schemas.health import (
    Component,
    Components,
    HealthResponse,
    TrainingProgress,
)
from services.api.state import State

POPULAR_ONES = "lists are popular ones"


def examine(state: State) -> HealthResponse:
    """What the background probes last found: asking costs no neighbour anything."""
    version = state.served.version
    components = Components(
        database=_neighbour(
            state.database.breaker.problem,
            away="does not answer: lists are made from the history known at training alone"
            if is_trained(version)
            else "does not answer: lists are of what was popular before",
        ),
        cache=_neighbour(state.cache.problem, away="does not answer: every list is computed"),
        model=_model(state),
    )
    return HealthResponse(
        status=_overall(components),
        model_loaded=is_trained(version),
        model_version=version.name,
        num_users=version.content.users.num_ids,
        num_items=len(version.content.items),
        first_training=_progress(state.first_training),
        components=components,
    )


def _neighbour(problem: str | None, away: str) -> Component:
    if problem is None:
        return Component(status="healthy", detail="answers")
    return Component(status="unhealthy", detail=away)


def _model(state: State) -> Component:
    version, problem = state.served.version, state.served.problem
    if not state.catalogue.is_known:
        detail = NOTHING_KNOWN if problem is None else f"{problem}. {NOTHING_KNOWN}"
        return Component(status="unhealthy", detail=detail)
    if problem is not None:
        meanwhile = f"{version.name} is served on" if is_trained(version) else POPULAR_ONES
        return Component(status="degraded", detail=f"{problem}; {meanwhile}")
    if is_trained(version):
        return Component(status="healthy", detail=f"serves {version.name}")
    return Component(status="healthy", detail=_untrained(state.first_training))


def _untrained(first: FirstTraining) -> str:
    """What is served before the first training, and what is to come."""
    sentence = f"no model is trained yet: {POPULAR_ONES}"
    if first.interactions is None:
        return sentence
    if first.interactions < first.train_after:
        counts = f"{first.interactions:,} of {first.train_after:,} interactions"
        return f"{sentence}; {counts} until the first training"
    return (
        f"{sentence}; there are interactions enough for the first training: a waiting trainer "
        "begins it by itself and says in its log how far it is, make train does it now"
    )


def _progress(first: FirstTraining) -> TrainingProgress | None:
    if first.interactions is None:
        return None
    return TrainingProgress(interactions=first.interactions, train_after=first.train_after)


def _overall(components: Components) -> Literal["healthy", "degraded", "unhealthy"]:
    if components.model.status == "unhealthy":
        return "unhealthy"
    all_healthy = all(part.status == "healthy" for _, part in components)
    return "healthy" if all_healthy else "degraded"
