"""Requests that go well and badly, for the worker pool."""

import gc
import os
import sys
import time
from typing import Any

from symdl.cli.pool import Report


def obey(request: str, report: Report) -> Any:
    """Do what the request says: return, raise, end the process, hang, or report now and then."""
    if request == "raise":
        raise ValueError("as asked")
    if request == "exit":
        report("before the end")
        os._exit(7)
    if request == "hang":
        report("before the hang")
        time.sleep(600)
    if request == "slow":
        for n in range(6):
            report(n)
            time.sleep(0.2)
    if request == "deep":
        return obey_deeply(0)
    if request == "hash":
        return hash("symdl")
    if request == "frozen":
        return gc.get_freeze_count()
    return request.upper()


def obey_deeply(n: int) -> int:
    return obey_deeply(n + 1) if n < sys.getrecursionlimit() * 2 else n
