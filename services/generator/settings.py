"""The generator's settings."""

from pydantic import NonNegativeInt, PositiveInt

from shared.database.event_types import EVENT_WEIGHTS, EventWeights
from shared.settings import Settings


class GeneratorSettings(Settings):
    """What `generate` makes where its options do not say otherwise."""

    demo_data: bool = True
    """Whether a stack that starts empty is filled with generated data; off: with one's own."""

    generate_users: PositiveInt = 1_000
    """How many users."""

    generate_items: PositiveInt = 600
    """How many items, a third in each category."""

    generate_interactions: PositiveInt = 50_000
    """How many interactions, up to ten million in the same memory."""

    generate_seed: NonNegativeInt = 42
    """Same seed, same data."""

    event_weights: EventWeights = EVENT_WEIGHTS
    """The types of events that an import takes are those that have a weight here."""
