"""What the API does beside answering: the same short action again and again."""

import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

import anyio

logger = logging.getLogger(__name__)


async def repeat(action: Callable[[], Awaitable[None]], seconds: float) -> NoReturn:
    """Run `action`, wait, and so on until cancelled."""
    while True:
        try:
            await action()
        except Exception:
            # Only a defect comes here. One bad round must not end the watch for good: the API would
            # go on answering and never notice a new model or a neighbour's return.
            logger.exception("A round of %s failed; the next one comes", action.__qualname__)
        await anyio.sleep(seconds)
