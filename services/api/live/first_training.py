"""How far it is to the first training, for whoever asks how the API is."""

from functools import partial

from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.untrained import is_trained
from shared.database.training_data import count_interactions


class FirstTraining:
    """Counts interactions until a trained version is served, up to the `train_after` that the
    first training waits for; None where it is over, or while nothing is known."""

    def __init__(self, served: ServedVersion, database: DatabaseReader, train_after: int) -> None:
        self.train_after = train_after
        self.interactions: int | None = None
        self._served = served
        self._database = database

    async def poll(self) -> None:
        """Count anew; while the database is away the number stays."""
        if is_trained(self._served.version):
            self.interactions = None
            return
        count = partial(count_interactions, most=self.train_after)
        counted = await self._database.read(count)
        self.interactions = self.interactions if counted is None else counted
