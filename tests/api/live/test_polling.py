import logging

import anyio
import pytest

from services.api.live.polling import repeat

pytestmark = pytest.mark.anyio


async def test_a_failed_round_is_logged_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds = 0
    async with anyio.create_task_group() as tasks:

        async def action() -> None:
            nonlocal rounds
            rounds += 1
            if rounds == 1:
                raise KeyError("defect")
            tasks.cancel_scope.cancel()

        tasks.start_soon(repeat, action, 0)
    assert rounds == 2
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "KeyError" in caplog.text
