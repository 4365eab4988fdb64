"""The items that nobody described, to be looked through for mistyped ids."""

from functools import partial

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.catalogue_updates import LiveCatalogue
from services.api.live.reader import DatabaseReader
from services.api.live.trend import LiveTrend
from services.api.live.undescribed.held_back import UndescribedItems
from services.api.live.undescribed.usage import read_usage
from services.api.problems import DatabaseAway
from services.api.schemas.undescribed import UndescribedItem, UndescribedResponse


class UndescribedListing:
    """Answers `GET /items?undescribed=true`."""

    def __init__(
        self,
        catalogue: LiveCatalogue,
        trend: LiveTrend,
        database: DatabaseReader,
        undescribed_item_users: int,
    ) -> None:
        self._catalogue = catalogue
        self._trend = trend
        self._database = database
        self._undescribed = UndescribedItems(undescribed_item_users)

    async def page(self, limit: int, cursor: str) -> UndescribedResponse:
        """Those whose ids come after `cursor`, in the byte order of their ids; DatabaseAway."""
        catalogue = await self._catalogue.latest()
        held_back = self._undescribed.held_back(catalogue, self._trend.trend).mask
        ids = undescribed_ids(catalogue)
        after = [item_id for item_id in ids if item_id > cursor]
        page = after[:limit]
        usage = await self._database.read(partial(read_usage, item_ids=page))
        if usage is None:
            raise DatabaseAway("The database does not answer. Try again in a few seconds.")
        return UndescribedResponse(
            items=[
                UndescribedItem(
                    item_id=item_id,
                    is_held_back=held_back is not None and bool(held_back[catalogue.find(item_id)]),
                    **usage[item_id]._asdict(),
                )
                for item_id in page
            ],
            total_count=len(ids),
            next_cursor=page[-1] if len(after) > limit else None,
            model_version=catalogue.version.name,
        )


def undescribed_ids(catalogue: Catalogue) -> list[str]:
    """Their ids in order, which is that of their bytes in UTF-8."""
    return sorted(map(catalogue.item_id, np.flatnonzero(~catalogue.is_described).tolist()))
