"""A small HTTP load generator: keep-alive connections, one request after another on each."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Outcome:
    """What the clients saw: `milliseconds` of each answered request, and how many failed."""

    seconds: float = 0.0
    failures: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def mean(self) -> float:
        return float(np.mean(self.milliseconds))

    def percentile(self, q: float) -> float:
        return float(np.percentile(self.milliseconds, q))


def post(
    port: int, path: str, bodies: Iterable[dict[str, object]], *, clients: int, seconds: float
) -> Outcome:
    """POST `bodies` in turn to 127.0.0.1 until they or the seconds run out.

    An answer other than 200, a broken connection and an answer later than 10 s are failures.
    """
    return asyncio.run(_post(port, path, iter(bodies), clients, seconds))


async def _post(
    port: int, path: str, bodies: Iterator[dict[str, object]], clients: int, seconds: float
) -> Outcome:
    outcome = Outcome()
    begin = time.perf_counter()
    deadline = begin + seconds
    await asyncio.gather(
        *(_client(port, path, bodies, deadline, outcome) for _client_number in range(clients))
    )
    outcome.seconds = time.perf_counter() - begin
    return outcome


async def _client(
    port: int, path: str, bodies: Iterator[dict[str, object]], deadline: float, outcome: Outcome
) -> None:
    while time.perf_counter() < deadline:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await _converse(reader, writer, path, bodies, deadline, outcome)
            writer.close()
            return
        except (OSError, EOFError, TimeoutError):
            outcome.failures += 1


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    bodies: Iterator[dict[str, object]],
    deadline: float,
    outcome: Outcome,
) -> None:
    for body in bodies:
        if time.perf_counter() >= deadline:
            return
        content = json.dumps(body).encode()
        begin = time.perf_counter()
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        status = await asyncio.wait_for(_answer(reader), timeout=10)
        if status == 200:
            outcome.milliseconds.append((time.perf_counter() - begin) * 1000)
        else:
            outcome.failures += 1


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.split("content-length:", 1)[1].split("\r\n", 1)[0]
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])
