"""The torch target on a GPU against PyTorch's own cross-entropy, where there is one."""

from __future__ import annotations

from typing import Any

from functions import found
from page import Goal, Section, ratio
from problems import CROSS_ENTROPY, derivations

SHAPE = (8192, 128256)


def section() -> Section:
    """Time and memory at (8192, 128256), or that this was not run."""
    made = Section("On a GPU", "The gradient of cross-entropy by the torch target over "
                   "`torch.nn.functional.cross_entropy` forward and backward, at (8192, 128256).")  # fmt: skip
    torch = found("torch")
    if torch is None or not torch.cuda.is_available():
        made.words += " Not run: no GPU was at hand."
        made.goals.append(Goal("GPU: cross-entropy gradient against `torch.nn.functional`", "no GPU at hand", None))
        return made
    rows = [_measured(torch, kind) for kind in ("bfloat16", "float32")]
    made.tables.append((("precision", "time, ours / torch", "memory, ours / torch"), rows))
    made.goals.append(
        Goal("GPU: cross-entropy gradient against `torch.nn.functional`", f"time {rows[0][1]}, {rows[1][1]}", None)
    )
    return made


def _measured(torch: Any, kind: str) -> tuple[str, str, str]:
    gradient = derivations(CROSS_ENTROPY)[0].function("torch")
    z = torch.randn(SHAPE, device="cuda", dtype=getattr(torch, kind))
    y = torch.randint(0, SHAPE[1], SHAPE[:1], device="cuda")

    def theirs() -> object:
        held = z.detach().requires_grad_()
        torch.nn.functional.cross_entropy(held, y, reduction="sum").backward()
        return held.grad

    figures = []
    for action in (lambda: gradient(z=z, y=y), theirs):
        action()
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(5):
            action()
        end.record()
        torch.cuda.synchronize()
        figures.append((begin.elapsed_time(end), torch.cuda.max_memory_allocated()))
    (time, memory), (time_, memory_) = figures
    return kind, ratio(time / time_), ratio(memory / memory_)
