"""Programs as processes of their own, with what they took."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What a process that has ended took; `peak_mib` is its largest resident size."""

    seconds: float
    peak_mib: float


def run(environment: Mapping[str, str], *arguments: str) -> Run:
    """Run Python once with these variables added; CalledProcessError where it fails.

    The peak is at least what this process holds when it starts the other.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], env=os.environ | environment, stderr=subprocess.DEVNULL
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Run(seconds, usage.ru_maxrss / 1024)
