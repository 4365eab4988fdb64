import logging

import anyio
import pytest

from services.api.live.circuit_breaker import Gate

pytestmark = pytest.mark.anyio


class Neighbour:
    """Answers, fails or hangs, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.hangs = False

    async def answer(self) -> str:
        self.asked += 1
        if self.hangs:
            await anyio.sleep_forever()
        if self.error is not None:
            raise self.error
        return "answer"


@pytest.fixture
def gate() -> Gate:
    return Gate("neighbour", failures=(ConnectionError,), timeout=0.02)


async def test_an_answer_passes(gate: Gate) -> None:
    assert await gate.ask(Neighbour().answer) == "answer"
    assert gate.problem is None


async def test_after_a_failure_nobody_asks_until_a_probe_succeeds(gate: Gate) -> None:
    neighbour = Neighbour()
    neighbour.error = ConnectionError("refused")
    assert [await gate.ask(neighbour.answer) for _ in range(3)] == [None, None, None]
    assert (neighbour.asked, gate.problem) == (1, "refused")

    await gate.probe(neighbour.answer)
    assert (neighbour.asked, gate.problem) == (2, "refused")

    neighbour.error = None
    assert await gate.ask(neighbour.answer) is None
    await gate.probe(neighbour.answer)
    assert await gate.ask(neighbour.answer) == "answer"


async def test_silence_is_a_failure(gate: Gate) -> None:
    neighbour = Neighbour()
    neighbour.hangs = True
    assert await gate.ask(neighbour.answer) is None
    assert gate.problem == "no answer within 0.02 s"


async def test_a_defect_is_not_taken_for_an_outage(gate: Gate) -> None:
    neighbour = Neighbour()
    neighbour.error = KeyError("defect")
    with pytest.raises(KeyError):
        await gate.ask(neighbour.answer)
    assert gate.problem is None


async def test_an_outage_is_logged_once(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    neighbour = Neighbour()
    neighbour.error = ConnectionError("refused")
    for _ in range(3):
        await gate.probe(neighbour.answer)
        await gate.ask(neighbour.answer)
    neighbour.error = None
    with caplog.at_level(logging.INFO):
        await gate.probe(neighbour.answer)
        await gate.probe(neighbour.answer)
    assert caplog.messages == [
        "neighbour is away, requests go on without it: refused",
        "neighbour answers again",
    ]
