"""How long derivations take, against SymPy and against the size.

Every figure is the least of several, in a warm process on a problem that it has not seen.
"""

from __future__ import annotations

import subprocess
import sys
import time

from page import Section, ratio

SYMPY_LIMIT = 60
"""Seconds that SymPy gets in a process of its own."""

LOSS = r"""
# Problem

## Given

$$%(p)s_i = \frac{e^{%(z)s_i}}{\sum_{j=1}^{%(K)s} e^{%(z)s_j}}, \qquad i = 1, \dots, %(K)s$$

$$%(L)s = -\sum_{k=1}^{%(K)s} %(y)s_k \log %(p)s_k, \qquad \sum_{k=1}^{%(K)s} %(y)s_k = 1$$

## Find

$$%(find)s$$
"""

GRADIENT_OF_LOSS = r"\frac{\partial %(L)s}{\partial %(z)s_i}"
HESSIAN_OF_LOSS = r"\frac{\partial^2 %(L)s}{\partial %(z)s_i \partial %(z)s_j}"

RECURRENCE = r"""
# Problem

## Given

$$%(h)s_t = \tanh(w %(h)s_{t-1} + u x_t + b), \qquad t = 1, \dots, %(T)s$$

## Find

$$\frac{\partial %(h)s_{%(T)s}}{\partial w}$$
"""

SYMPY = """
import time
from sympy import diff, exp, log, simplify, symbols
K = {K}
z, y = symbols(f"z:{{K}}"), symbols(f"y:{{K}}")
loss = -sum(y[k] * log(exp(z[k]) / sum(exp(v) for v in z)) for k in range(K))
begin = time.perf_counter()
for i in range(K):
    for result in {results}:
        simplify(result)
print(time.perf_counter() - begin)
"""

GRADIENT = "[diff(loss, z[i])]"
HESSIAN = "[diff(loss, z[i], z[j]) for j in range(i, K)]"


def section() -> Section:
    """Derivations against SymPy, and their growth."""
    words = (
        "Softmax cross-entropy with symbolic K, derived and judged, against SymPy's diff and simplify at a fixed K; "
        "then the same with a number for the size; least of several runs, wall time."
    )
    made = Section("Derivations", words)
    rows = []
    for name, find, results in (("gradient", GRADIENT_OF_LOSS, GRADIENT), ("Hessian", HESSIAN_OF_LOSS, HESSIAN)):
        derived, judged = timed_loss(find)
        rows.append((f"{name}: derived and judged", ratio(judged / derived)))
        for K in (3, 10):
            seconds = sympy_seconds(K, results)
            mark = "" if seconds else "over "
            rows.append((f"{name}: SymPy at K = {K}", mark + ratio((seconds or SYMPY_LIMIT) / derived)))
    made.tables.append((("cross-entropy", "over the derivation"), rows))
    growth = []
    for title, template, letter in (("softmax gradient", LOSS, "K"), ("tanh recurrence", RECURRENCE, "T")):
        base = 0.0
        for number, size in enumerate((letter, "3", "30", "3000")):
            seconds = timed(template, size, names(number), judge=False)[0]
            base = base or seconds
            growth.append((f"{title}, {letter} = {size}", ratio(seconds / base)))
    made.tables.append((("size", "over a symbolic size"), growth))
    return made


def names(number: int) -> dict[str, str]:
    """Letters that no other problem of this run has in these places, so that no cache knows its terms."""
    return dict(zip("pzyLh", ("pzyLh", "quvJs", "rxmEg", "acdMr")[number], strict=True))


def timed_loss(find: str) -> tuple[float, float]:
    """Seconds to derive, and to derive and judge, the least of three problems after a first one."""
    samples = [timed(LOSS, "K", {**names(n), "find": find % names(n)}) for n in range(4)][1:]
    return min(s[0] for s in samples), min(s[1] for s in samples)


def timed(template: str, size: str, letters: dict[str, str], *, judge: bool = True) -> tuple[float, float]:
    """Seconds to derive, and to derive and judge, one problem."""
    from symdl.engine import derive
    from symdl.read import read_text
    from symdl.solve import judged

    text = template % {"find": GRADIENT_OF_LOSS % letters, **letters, "K": size, "T": size}
    [problem] = read_text(text, "benchmark")
    begin = time.perf_counter()
    derivation = derive(problem, problem.tasks[0], ())
    middle = time.perf_counter()
    if judge:
        judged(derivation)
    return middle - begin, time.perf_counter() - begin


def sympy_seconds(K: int, results: str) -> float | None:
    """Seconds that SymPy needs in a process of its own; None where it is not done within the limit."""
    code = SYMPY.format(K=K, results=results)
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SYMPY_LIMIT)
    except subprocess.TimeoutExpired:
        return None
    return float(done.stdout) if done.returncode == 0 else None
