"""Speed as ratios within one run: `python tests/benchmarks` in the checkout.  No part of the timed tests.

Every figure is the least of several; derivations are timed in a warm process on a problem that it has not seen.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SYMPY_LIMIT = 120

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


def main() -> None:
    print("Start-up, against `python -c pass`")
    bare = least(lambda: command("-c", "pass"))
    for name, arguments in (("import symdl", ("-c", "import symdl")), ("symdl --help", ("-m", "symdl.cli", "--help"))):
        row(name, least(lambda a=arguments: command(*a)), bare)  # type: ignore[misc]

    print("\nSoftmax cross-entropy with symbolic K, derived and judged, against SymPy's diff + simplify")
    ours = {
        "gradient": timed_loss(GRADIENT_OF_LOSS),
        "Hessian": timed_loss(HESSIAN_OF_LOSS),
    }
    for name, results in (("gradient", GRADIENT), ("Hessian", HESSIAN)):
        derived, judged = ours[name]
        row(f"{name}: derivation", derived, derived)
        row(f"{name}: derivation and judgement", judged, derived)
        for K in (3, 10):
            seconds = sympy_seconds(K, results)
            row(f"{name}: SymPy at K = {K}", seconds if seconds else SYMPY_LIMIT, derived, at_least=seconds is None)

    print("\nGrowth with the size, against symbolic size")
    for title, template, letter in (("softmax gradient", LOSS, "K"), ("tanh recurrence", RECURRENCE, "T")):
        base = 0.0
        for number, size in enumerate((letter, "3", "30", "3000")):
            seconds = timed(template, size, names(number), judge=False)[0]
            base = base or seconds
            row(f"{title}, {letter} = {size}", seconds, base)

    print("\nThe whole catalogue")
    with tempfile.TemporaryDirectory() as folder:
        seconds = least(
            lambda: command(
                "-m", "symdl.cli", "solve", str(ROOT / "derivations"), "-o", folder, "--to", "md,tex,html", "--force"
            ),
            repeat=1,
        )
    row("symdl solve --to md,tex,html", seconds, bare)


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


def command(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)


def least(action: Callable[[], None], repeat: int = 7) -> float:
    def seconds() -> Iterator[float]:
        for _ in range(repeat):
            begin = time.perf_counter()
            action()
            yield time.perf_counter() - begin

    return min(seconds())


def row(name: str, seconds: float, base: float, *, at_least: bool = False) -> None:
    mark = ">" if at_least else " "
    print(f"  {name:48} {mark}{seconds * 1000:12.1f} ms {mark}{seconds / base:10.1f} x", flush=True)


if __name__ == "__main__":
    main()
