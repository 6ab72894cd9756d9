"""The torch target on a GPU against PyTorch's own cross-entropy, where there is one.

A machine with one has a page of its own: `python tests/benchmarks accelerator --page docs/accelerator.md`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from functions import found
from page import Goal, Section, ratio
from problems import CROSS_ENTROPY, derivations
from timing import ROOT

SHAPE = (8192, 128256)
KINDS = {"bfloat16": 8, "float32": 24}
"""The precisions, and how many digits they have."""

PAGE = "docs/accelerator.md"
GOAL = "GPU: cross-entropy gradient no slower than `torch.nn.functional`, and in less memory"
ROUNDS = 15
ROWS = 64
"""How many rows are compared with float64."""

PEER, OURS, COMPILED, COPY = "`torch.nn.functional`", "symdl", "symdl, by `torch.compile`", "a copy of the logits"


def section() -> Section:
    """Time, memory and errors at (8192, 128256), or that this was not run."""
    made = Section("On a GPU", "The gradient of cross-entropy by the torch target, and by "
                   f"`torch.nn.functional.cross_entropy` forward and backward, at {SHAPE}.", method="")  # fmt: skip
    torch = found("torch")
    if torch is None or not torch.cuda.is_available():
        made.words += (
            f" Not run: no GPU was at hand; `python tests/benchmarks accelerator --page {PAGE}` runs it on one."
        )
        if (ROOT / PAGE).exists():
            made.words += " What was measured on one is in [accelerator.md](accelerator.md)."
        made.goals.append(Goal(GOAL, "no GPU at hand", None))
        return made
    made.method = "Times are medians of interleaved rounds, after a call of each; memory is that beside the arguments."
    made.words += f" On one {torch.cuda.get_device_name()}; errors are against float64, in units in the last place."
    for kind in KINDS:
        figures = measured(torch, kind, SHAPE, "cuda")
        rows = [(name, *cells(name, figures)) for name in figures]
        head = (kind, "milliseconds", "over the peer", "GB beside the arguments", "over the result", "largest error")
        made.tables.append((head, rows))
        (time_, memory_, _), (time, memory, _) = figures[PEER], figures[OURS]
        figure = f"{kind}: time {ratio(time / time_)}, memory {ratio(memory / memory_)}"
        made.goals.append(Goal(GOAL, figure, time <= time_ and memory < memory_, "each step is a pass over memory"))
    return made


def measured(torch: Any, kind: str, shape: tuple[int, int], device: str) -> dict[str, tuple[float, int, float]]:
    """Seconds of a call, bytes at most beside the arguments, and the largest error, of each contender."""
    gradient = derivations(CROSS_ENTROPY)[0].function("torch")
    torch.manual_seed(0)
    z = torch.randn(shape, device=device).to(getattr(torch, kind))
    y = torch.randint(0, shape[1], shape[:1], device=device)
    compiled = torch.compile(gradient)

    def peer() -> Any:
        held = z.detach().requires_grad_()
        torch.nn.functional.cross_entropy(held, y, reduction="sum").backward()
        return held.grad

    contenders: dict[str, Callable[[], Any]] = {
        PEER: peer,
        OURS: lambda: gradient(z=z, y=y),
        COMPILED: lambda: compiled(z=z, y=y),
        COPY: z.clone,
    }
    errors = {n: _error(torch, action(), z, y, KINDS[kind]) if n != COPY else 0.0 for n, action in contenders.items()}
    bytes_ = {n: _memory(torch, action) for n, action in contenders.items()}
    seconds: dict[str, list[float]] = {n: [] for n in contenders}
    for _ in range(ROUNDS):
        for name, action in contenders.items():
            _wait(torch)
            begin = time.perf_counter()
            action()
            _wait(torch)
            seconds[name].append(time.perf_counter() - begin)
    return {n: (statistics.median(seconds[n]), bytes_[n], errors[n]) for n in contenders}


def cells(name: str, figures: dict[str, tuple[float, int, float]]) -> tuple[str, ...]:
    """What the table says of a contender; a copy writes as much as the result has, and rounds nothing."""
    seconds, most, error = figures[name]
    return (
        f"{1e3 * seconds:.2f}",
        ratio(seconds / figures[PEER][0]),
        f"{most / 1e9:.2f}",
        ratio(most / max(figures[COPY][1], 1)),
        "" if name == COPY else f"{error:.2f}",
    )


def _wait(torch: Any) -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _memory(torch: Any, action: Callable[[], Any]) -> int:
    """The most bytes that are held while something is worked out, less those that were before."""
    if not torch.cuda.is_available():
        return 0
    _wait(torch)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    action()
    _wait(torch)
    return int(torch.cuda.max_memory_allocated() - before)


def _error(torch: Any, gradient: Any, z: Any, y: Any, digits: int) -> float:
    """The largest error of the first rows; of a share near 1 what is left is the sum of the others."""
    wanted = torch.softmax(z[:ROWS].double(), -1)
    at = y[:ROWS, None]
    wanted.scatter_(-1, at, 0.0)
    wanted.scatter_(-1, at, -wanted.sum(-1, keepdim=True))
    exponent = torch.floor(torch.log2(wanted.abs())).clamp_min(-126.0)
    return float(((gradient[:ROWS].double() - wanted).abs() / torch.exp2(exponent - digits + 1)).max())
