"""How the API is, component by component."""

from typing import Literal

from services.api.live.served_version import NO_VERSION
from services.api.schemas.health import Component, Components, HealthResponse
from services.api.state import State


def examine(state: State) -> HealthResponse:
    """What the background probes last found: asking costs no neighbour anything."""
    version = state.served.version
    components = Components(
        database=_neighbour(
            state.database.breaker.problem,
            away="does not answer: lists are made from the history known at training alone",
        ),
        cache=_neighbour(state.cache.problem, away="does not answer: every list is computed"),
        model=_model(state),
    )
    return HealthResponse(
        status=_overall(components),
        model_loaded=version is not None,
        model_version=version and version.name,
        num_users=version.content.users.num_ids if version else 0,
        num_items=len(version.content.items) if version else 0,
        components=components,
    )


def _neighbour(problem: str | None, away: str) -> Component:
    if problem is None:
        return Component(status="healthy", detail="answers")
    return Component(status="unhealthy", detail=away)


def _model(state: State) -> Component:
    version, problem = state.served.version, state.served.problem
    if version is None:
        return Component(status="unhealthy", detail=problem or NO_VERSION)
    if problem is not None:
        return Component(status="degraded", detail=f"{problem}; {version.name} is served on")
    return Component(status="healthy", detail=f"serves {version.name}")


def _overall(components: Components) -> Literal["healthy", "degraded", "unhealthy"]:
    if components.model.status == "unhealthy":
        return "unhealthy"
    all_healthy = all(part.status == "healthy" for _, part in components)
    return "healthy" if all_healthy else "degraded"
