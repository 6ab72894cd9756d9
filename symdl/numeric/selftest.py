"""What a generated module tests itself with: one point, and the exact value there, enclosed by Arb."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symdl.errors import NoFunctionError
from symdl.judge.balls import NoValueError
from symdl.numeric.accuracy import (
    Subject,
    TooVagueError,
    exact_values,
    positions_of,
    satisfies,
    shape_of,
    subject_of,
    ulps,
)
from symdl.problem import Derivation

SIZE = 3
"""What every size is at the point."""

MOST_ENTRIES = 100
"""Of a value that stands in a module."""

MAIN = """
if __name__ == "__main__":
    import numpy as np

    for function, arguments, exact in [
{cases}
    ]:
        found, wanted = np.asarray(function(**arguments)), np.asarray(exact)
        units = np.max(np.abs(found - wanted) / np.spacing(np.abs(wanted).astype(found.dtype)))
        print(f"{{function.__name__}}: {{units:.2f}} units in the last place, in {{found.dtype}}")
        if not np.allclose(found, wanted, rtol=1e-4, atol=1e-6):
            raise SystemExit(f"{{function.__name__}}{{arguments}} is {{exact}}, not {{found.tolist()}}")
"""


@dataclass(frozen=True)
class Sample:
    """A point, the value there rounded to floats, and the largest error of the NumPy function there, in units."""

    arguments: dict[str, Any]
    value: Any
    units: float


def sample(derivation: Derivation, function: Any) -> Sample | None:
    """A point that meets the facts, and what the result is there; None where none is found.  `function` is NumPy's."""
    import numpy as np

    try:
        subject = subject_of(derivation)
        sizes = {str(s.name): SIZE for s in subject.sizes}
        for arguments in _points(subject, sizes):
            if not satisfies(subject, arguments, sizes):
                continue
            exact = dict(exact_values(subject, arguments, sizes))
            if len(exact) > MOST_ENTRIES:
                return None
            shape = tuple(max(at[n] for at in exact) + 1 for n in range(len(subject.indices)))
            value = np.empty(shape)
            for at, ball in exact.items():
                value[at] = float(ball.mid())
            needed = dict(arguments)
            for p, default in (function.__kwdefaults__ or {}).items():
                needed.setdefault(p, default)
            wanted = function.__wrapped__.__code__ if hasattr(function, "__wrapped__") else function.__code__
            names = wanted.co_varnames[: wanted.co_kwonlyargcount]
            needed |= {n: SIZE for n in names if n not in needed}
            found = np.asarray(function(**needed))
            if not np.all(np.isfinite(value)):
                return None
            return Sample(needed, value.tolist(), max(ulps(float(found[at]), ball) for at, ball in exact.items()))
    except (NoFunctionError, NoValueError, TooVagueError):
        pass
    return None


def _points(subject: Subject, sizes: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Points to try: plain ones, and ones whose numbers add up to 1 along the last axis."""
    names = list(subject.inputs)
    for summing in ((), *((n,) for n in names), tuple(names)):
        found: dict[str, Any] = {}
        for start, (name, i) in enumerate(subject.inputs.items()):
            shape = shape_of(subject, i, sizes)
            if i.kind == "label":
                found[name] = _filled(shape, [min(1, positions_of(subject, name, sizes) - 1)], 0)
            elif name in summing:
                found[name] = _filled(shape, [0.25, 0.5, 0.25], 0)
            else:
                found[name] = _filled(shape, [0.5, 1.25, 0.375, 0.75, 0.625, 1.5, 0.875], start)
        yield found


def _filled(shape: tuple[int, ...], numbers: list[float], start: int) -> Any:
    if not shape:
        return numbers[start % len(numbers)]
    return [_filled(shape[1:], numbers, start + n) for n in range(shape[0])]


def main(samples: list[tuple[str, Sample]]) -> str:
    """The end of a module, which tests its functions where the module is run; empty where there is no sample."""
    if not samples:
        return ""
    cases = "\n".join(f"        ({name}, {s.arguments!r}, {s.value!r})," for name, s in samples)
    return "\n" + MAIN.format(cases=cases)
