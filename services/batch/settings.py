"""The settings of the lists of all users, beyond those that every service has."""

from pydantic import NonNegativeInt

from shared.artifacts.content import UNDESCRIBED_ITEM_USERS
from shared.settings import Settings


class BatchSettings(Settings):
    """What a batch reads from its environment."""

    undescribed_item_users: NonNegativeInt = UNDESCRIBED_ITEM_USERS
    """As for the API: so many people make up for a description that an item does not have."""
