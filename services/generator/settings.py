"""The generator's settings."""

from pydantic import NonNegativeInt, PositiveInt

from shared.settings import Settings


class GeneratorSettings(Settings):
    """What `generate` makes where its options do not say otherwise."""

    generate_users: PositiveInt = 1_000
    """How many users."""

    generate_items: PositiveInt = 600
    """How many items, a third in each category."""

    generate_interactions: PositiveInt = 50_000
    """How many interactions, up to ten million in the same memory."""

    generate_seed: NonNegativeInt = 42
    """Same seed, same data."""
