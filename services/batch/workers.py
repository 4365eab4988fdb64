"""Work on several cores whose results come in the order in which it was handed out."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

Task = TypeVar("Task")
Result = TypeVar("Result")

CORES = os.cpu_count() or 1
AHEAD = 16  # tasks a thread: so many are done while a group of rows is being written


def in_order(
    work: Callable[[Task], Result], tasks: Iterable[Task], threads: int = CORES
) -> Iterator[Result]:
    """`work` of each task; what nobody has taken yet is bounded.

    Each thread has one BLAS thread to itself: numpy works outside of Python's lock, and threads of
    BLAS would wait for one another at the end of every product.
    """
    running: deque[Future[Result]] = deque()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        for task in tasks:
            running.append(pool.submit(work, task))
            if len(running) >= AHEAD * threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
