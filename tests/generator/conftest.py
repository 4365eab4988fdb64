import pytest

from services.generator.generating.size import Size
from tests.generator.world import World, make_world


@pytest.fixture(scope="session")
def world() -> World:
    """What the defaults make."""
    return make_world(Size(users=1000, items=600, interactions=50_000))
