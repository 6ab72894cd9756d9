"""Runs one function over many requests in worker processes that may hang, crash or run out of memory one by one.

Each worker is a process of its own session, so that a request that is late can be killed with all it started, and the
interrupt of a terminal reaches only the parent.  Workers start from a fork server that has the libraries loaded and a
fixed hash seed.  A request reports where it is; its clock starts anew at each report.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

Report = Callable[[Any], None]
"""Says how far a request is."""

MEMORY = 6 << 30
"""The address space of a worker; more than any honest document needs."""

COLLECTED = 50_000
"""How many objects a worker makes before it looks which of them are left over."""


@dataclass(frozen=True)
class Outcome:
    """What came of a request.

    `value` is the result where it is done, the traceback as text at a fault, and the last mark where the request
    was late or its process ended.
    """

    status: Literal["done", "fault", "late", "died"]
    value: Any


def run(
    work: str,
    requests: Sequence[Any],
    *,
    workers: int,
    limit: float,
    again: Callable[[Any, Outcome], Any] = lambda request, outcome: None,
) -> Iterator[tuple[int, Outcome]]:
    """Each request's number with its outcome, as they finish.

    `work` is `module:function`, called with a request and a `Report`; only the workers load that module.
    A request that reports nothing for `limit` seconds is killed.  `again` may give a changed request to run instead of
    one that was late or died; None keeps the outcome.  With no workers all runs in this process, without a limit.
    """
    if workers < 1:
        for number, request in enumerate(requests):
            yield number, _inside(_loaded(work), request)
        return
    todo = [(n, r) for n, r in enumerate(requests)][::-1]
    busy: dict[Connection, _Worker] = {}
    idle: list[_Worker] = []
    context = _context(work)
    try:
        while todo or busy:
            while todo and len(busy) < workers:
                worker = idle.pop() if idle else _Worker(context, work)
                number, request = todo.pop()
                if worker.give(number, request, limit):
                    busy[worker.link] = worker
                else:
                    worker.kill()
                    todo.append((number, request))
            now = time.monotonic()
            ready = wait(list(busy), max(0.0, min(w.deadline for w in busy.values()) - now))
            for link in [k for k in busy if k in ready]:
                worker = busy[link]
                outcome = worker.listen(limit)
                if outcome is None:
                    continue
                del busy[link]
                if outcome.status == "died":
                    worker.kill()
                else:
                    idle.append(worker)
                yield from _settle(worker, outcome, todo, again)
            now = time.monotonic()
            for link, worker in [(k, w) for k, w in busy.items() if w.deadline <= now]:
                del busy[link]
                worker.kill()
                yield from _settle(worker, Outcome("late", worker.mark), todo, again)
    finally:
        for worker in (*busy.values(), *idle):
            worker.kill()


def _settle(
    worker: _Worker, outcome: Outcome, todo: list[tuple[int, Any]], again: Callable[[Any, Outcome], Any]
) -> Iterator[tuple[int, Outcome]]:
    retry = again(worker.request, outcome) if outcome.status in ("late", "died") else None
    if retry is not None:
        todo.append((worker.number, retry))
    else:
        yield worker.number, outcome


class _Worker:
    """A worker process, the link to it, and the request it is at."""

    def __init__(self, context: Any, work: str) -> None:
        self.link, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, work), daemon=True)
        with _settings():
            self.process.start()
        other.close()
        self.number = 0
        self.request: Any = None
        self.mark: Any = None
        self.deadline = 0.0

    def give(self, number: int, request: Any, limit: float) -> bool:
        self.number, self.request, self.mark = number, request, None
        self.deadline = time.monotonic() + limit
        try:
            self.link.send(request)
        except OSError:
            return False
        return True

    def listen(self, limit: float) -> Outcome | None:
        """The outcome if there is one; None after a report, which winds the clock up again."""
        try:
            kind, value = self.link.recv()
        except (EOFError, OSError):
            return Outcome("died", self.mark)
        if kind == "mark":
            self.mark = value
            self.deadline = time.monotonic() + limit
            return None
        return Outcome(kind, value)

    def kill(self) -> None:
        """End the process with all it started."""
        self.link.close()
        if self.process.pid is not None and self.process.is_alive():
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg") and os.getpgid(self.process.pid) == self.process.pid:
                    os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        self.process.join(5)


def _serve(link: Connection, work: str) -> None:
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    try:
        function = _loaded(work)
    except ImportError as error:
        # A broken installation is said for every request, and not by a traceback of every process.
        function = _broken(str(error))
    # The libraries stay until the end, and a request leaves few circles behind: to look for them again and again in
    # all that there is takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(COLLECTED)
    while True:
        try:
            request = link.recv()
        except EOFError:
            return
        outcome = _inside(function, request, lambda mark: link.send(("mark", mark)))
        link.send((outcome.status, outcome.value))


def _broken(reason: str) -> Callable[[Any, Report], Any]:
    """A function that only says why it cannot do its work."""

    def fail(request: Any, report: Report) -> Any:
        raise ImportError(reason)

    return fail


def _inside(function: Callable[[Any, Report], Any], request: Any, report: Report = lambda mark: None) -> Outcome:
    try:
        return Outcome("done", function(request, report))
    except Exception:  # whatever a request runs into must not end the others
        return Outcome("fault", traceback.format_exc())


def _loaded(work: str) -> Callable[[Any, Report], Any]:
    module, name = work.split(":")
    return getattr(import_module(module), name)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        bound = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _context(work: str) -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.split(":")[0]])
    # The tracker, which the server needs, lifts what is blocked when it starts.
    resource_tracker.ensure_running()
    with _settings(), _deaf():
        forkserver.ensure_running()
    return context


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Processes started inside do not hear the interrupt of a terminal, not even while they load the libraries."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


SETTINGS = {"PYTHONHASHSEED": "0", "SYMPY_CACHE_SIZE": "20000"}
"""The environment of the workers.

They hash alike on every run, so that no order of a set differs from run to run; and SymPy keeps the terms that a
document brings again and again, which are many more than the thousand that it keeps otherwise.
"""


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    """Processes started inside have the settings of workers."""
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
