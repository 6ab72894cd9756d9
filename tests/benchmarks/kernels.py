"""What accuracy costs: the stable gradients against naive ones in the same compiled kernel, and their errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from page import Goal, Section, ratio
from problems import CROSS_ENTROPY, LOGISTIC, derivations
from timing import compare

from symdl.numeric import scalars
from symdl.numeric.accuracy import exact_values, subject_of, ulps

COST = "the terms below the largest are added again where it dominates, and each share is corrected for the rounded sum"
GAPS = (0.0, 1e-8, 1.0, 17.0, 40.0, 90.0, 700.0, 1e3, 1e4)


def section() -> Section:
    """The table of costs and errors, and goal 1."""
    gradient, hessian = derivations(CROSS_ENTROPY)
    (logistic,) = derivations(LOGISTIC)
    words = (
        "Naive is p - 1 after p has rounded, in a kernel with the same exponential; errors are in units in the last "
        "place against Arb, at logits with gaps from 0 to 1e4."
    )
    made = Section("Accuracy and its cost", words)
    costs = _costs(gradient, logistic)
    table = [[name, ratio(cost)] for name, cost in costs.items()]
    made.tables.append((("gradient", "stable / naive"), table))
    figure = ", ".join(f"{n} {ratio(c)}" for n, c in costs.items())
    made.goals.append(
        Goal("1. stable over naive in the same kernel: at most 1.2", figure, max(costs.values()) <= 1.2, COST)
    )
    errors = []
    for name, derivation in (("cross-entropy gradient", gradient), ("cross-entropy Hessian", hessian),
                             ("logistic gradient", logistic)):  # fmt: skip
        for target in ("numpy", "numba"):
            largest, digitless, count = _errors(derivation, target)
            errors.append((f"{name}, {target}", ratio(largest), f"{digitless} of {count}"))
    made.tables.append((("function", "largest error", "not finite or without a digit"), errors))
    most = max(float(e) for _, e, _ in errors)
    bad = sum(int(d.split()[0]) for _, _, d in errors)
    made.goals.append(Goal("1. error at most 4 units, no entry that is not finite or has no digit",
                           f"{ratio(most)}, {bad} entries", most <= 4 and bad == 0))  # fmt: skip
    return made


def _costs(gradient: Any, logistic: Any) -> dict[str, float]:
    import numba

    scope: dict[str, Any] = {}
    exec(_head(gradient), scope)
    options, below, order, number, wide = (scope[n] for n in ("EXACT", "exp_below", "order", "number", "wide"))
    plus = scope["plus"]

    @numba.njit(**options)  # type: ignore[untyped-decorator]
    def naive(count, y, z, out, K):  # type: ignore[no-untyped-def]
        wide()
        e = np.empty(K)
        for n in range(count):
            largest = order(-np.inf)
            for k in range(K):
                largest = max(largest, order(z[n, k]))
            m, total = number(largest), 0.0
            for k in range(K):
                e[k] = below(z[n, k] - m)
                total = plus(total, e[k])
            scale = 1.0 / total
            for k in range(K):
                out[n, k] = e[k] * scale - (1.0 if k == y[n] else 0.0)

    found = {}
    rng = np.random.default_rng(0)
    stable = gradient.function("numba").into
    for name, scale in (("cross-entropy, ordinary rows", 3.0), ("cross-entropy, confident rows", 30.0)):
        z, y, out = scale * rng.standard_normal((128, 1000)), rng.integers(0, 1000, 128), np.empty((128, 1000))
        y = z.argmax(axis=1) if scale > 3 else y
        gradient.function("numba")(y=y, z=z)
        seconds = compare({
            "stable": lambda y=y, z=z, out=out: stable(out, y=y, z=z),  # type: ignore[misc]
            "naive": lambda y=y, z=z, out=out: naive(128, y, z, out, 1000),  # type: ignore[misc]
        })  # fmt: skip
        found[name] = seconds["stable"] / seconds["naive"]
    inner: dict[str, Any] = {}
    head = _head(logistic)
    exec("\n".join([head, *scalars.sources(["np.exp"], "").values()]), inner)
    exp = inner["exp"]

    @numba.njit(**options)  # type: ignore[untyped-decorator]
    def plain(count, y, z, out):  # type: ignore[no-untyped-def]
        wide()
        for n in range(count):
            out[n] = 1.0 / (1.0 + exp(-z[n])) - y[n]

    z, y, out = 3 * rng.standard_normal(40960), rng.integers(0, 2, 40960).astype(float), np.empty(40960)
    rows = logistic.function("numba").into
    seconds = compare({"stable": lambda: rows(out, y=y, z=z), "naive": lambda: plain(40960, y, z, out)})
    found["logistic"] = seconds["stable"] / seconds["naive"]
    return found


def _head(derivation: Any) -> str:
    """The beginning of a module, up to its kernels."""
    return str(derivation.source("numba").split("@functools.cache")[0])


def _errors(derivation: Any, target: str) -> tuple[float, int, int]:
    """The largest error, how many entries have no digit or are not finite, and how many there are."""
    subject, function = subject_of(derivation), derivation.function(target)
    largest, bad, count = 0.0, 0, 0
    for gap in GAPS:
        for label in (0, 1):
            arguments: dict[str, Any] = {"z": [gap, 0.0, -gap / 3]} if "K" in map(str, subject.sizes) else {"z": gap}
            if "y" in subject.inputs:
                arguments["y"] = label
            value = np.asarray(function(**{n: np.asarray(a) if n == "z" and isinstance(a, list) else a
                                           for n, a in arguments.items()}))  # fmt: skip
            for at, exact in exact_values(subject, arguments, {"K": 3}):
                count += 1
                if 0 < abs(float(exact.mid())) < np.finfo(float).tiny:
                    continue
                error = ulps(float(value[at]), exact)
                bad += not error < 2**52
                largest = max(largest, error if error < 2**52 else largest)
    return largest, bad, count
