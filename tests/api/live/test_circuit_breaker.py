import logging

import anyio
import pytest

from services.api.live.circuit_breaker import CircuitBreaker

pytestmark = pytest.mark.anyio


class Neighbour:
    """Answers, fails or hangs, and counts how often it is asked."""

    def __init__(self) -> None:
        self.options = 0
        self.error: Exception | None = None
        self.hangs = False

    async def answer(self) -> str:
        self.options += 1
        if self.hangs:
            await anyio.sleep_forever()
        if self.error is not None:
            raise self.error
        return "answer"


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker("neighbour", failures=(ConnectionError,), timeout=0.02)


async def test_an_answer_passes(breaker: CircuitBreaker) -> None:
    assert await breaker.call(Neighbour().answer) == "answer"
    assert breaker.problem is None


async def test_after_a_failure_nobody_asks_until_a_probe_succeeds(breaker: CircuitBreaker) -> None:
    neighbour = Neighbour()
    neighbour.error = ConnectionError("refused")
    assert [await breaker.call(neighbour.answer) for _ in range(3)] == [None, None, None]
    assert (neighbour.options, breaker.problem) == (1, "refused")

    await breaker.probe(neighbour.answer)
    assert (neighbour.options, breaker.problem) == (2, "refused")

    neighbour.error = None
    assert await breaker.call(neighbour.answer) is None
    await breaker.probe(neighbour.answer)
    assert await breaker.call(neighbour.answer) == "answer"


async def test_silence_is_a_failure(breaker: CircuitBreaker) -> None:
    neighbour = Neighbour()
    neighbour.hangs = True
    assert await breaker.call(neighbour.answer) is None
    assert breaker.problem == "no answer within 0.02 s"


async def test_a_defect_is_not_taken_for_an_outage(breaker: CircuitBreaker) -> None:
    neighbour = Neighbour()
    neighbour.error = KeyError("defect")
    with pytest.raises(KeyError):
        await breaker.call(neighbour.answer)
    assert breaker.problem is None


async def test_an_outage_is_logged_once(
    breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture
) -> None:
    neighbour = Neighbour()
    neighbour.error = ConnectionError("refused")
    for _ in range(3):
        await breaker.probe(neighbour.answer)
        await breaker.call(neighbour.answer)
    neighbour.error = None
    with caplog.at_level(logging.INFO):
        await breaker.probe(neighbour.answer)
        await breaker.probe(neighbour.answer)
    assert caplog.messages == [
        "neighbour is away, requests go on without it: refused",
        "neighbour answers again",
    ]
