"""Medians of interleaved runs in CPU time: what else the machine does then counts little, and ratios hold."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Contenders = Mapping[str, Callable[[], object]]

SLICE = 0.0008
"""Seconds for which a contender runs at least in a round."""

BUDGET = 0.25
"""Seconds for which it runs in all, once it has been seen to take longer than a slice."""


def compare(contenders: Contenders, rounds: int = 9) -> dict[str, float]:
    """Seconds of one call of each contender, the median of several interleaved rounds."""
    repeats, counts = {}, {}
    for name, action in contenders.items():
        action()
        begin = time.perf_counter()
        action()
        once = max(time.perf_counter() - begin, 1e-7)
        if once < SLICE:
            begin = time.perf_counter()
            for _ in range(8):
                action()
            once = max((time.perf_counter() - begin) / 8, 1e-8)
        repeats[name] = max(1, round(SLICE / once))
        counts[name] = rounds if once <= SLICE else min(rounds, max(3, round(BUDGET / once)))
    found: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            for name, action in contenders.items():
                if number < counts[name]:
                    begin = time.process_time()
                    for _ in range(repeats[name]):
                        action()
                    found[name].append((time.process_time() - begin) / repeats[name])
    finally:
        gc.enable()
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def commands(calls: Mapping[str, list[str]], rounds: int = 7) -> dict[str, float]:
    """Seconds of one run of each command of this Python, the median of several interleaved rounds."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, arguments in calls.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
            found[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in found.items()}
