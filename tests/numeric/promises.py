r"""What symdl promises about the last digits, and the table that shows what is measured.

Run as `python tests/numeric/promises.py docs/accuracy.md` from the root of the checkout.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from symdl.judge.balls import NoValueError
from symdl.numeric.accuracy import Errs, Subject, errors, exact_values, subject_of
from symdl.problem import Derivation
from symdl.read import problem_from

MOST = 4.0
"""The promise, in units in the last place."""

FORMS = ("float64", "float32")
CLASSES = (3, 10, 100, 1000)
MOST_VALUES = 20_000
"""How many values of a function are looked at for one number of classes."""
ROWS = 17
"""How many rows a batch has in which a point is measured again: enough for the loops over columns."""


@dataclass(frozen=True)
class Promise:
    """One function of the promise: what is given and found, and the grid of its arguments.

    The unit is in the last place of the exact value, or of the formula `near_zero` where this is larger: it is the
    size of what cancels at a zero that no rounding of the arguments leaves where it is.
    """

    name: str
    given: tuple[str, ...]
    find: str
    grid: str
    near_zero: str = ""


SOFTMAX = (r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",)
LOG_SOFTMAX = (r"\ell_i = \log\frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",)
ENTROPY = (*SOFTMAX, r"L = -\sum_{k=1}^{K} y_k \log p_k", r"\sum_{k=1}^{K} y_k = 1")
LABEL = (r"L = \log\sum_{j=1}^{K} e^{z_j} - z_y",)
OTHERS = (r"L = \log\sum_{k\ne y} e^{z_k - z_y}", r"z \in \mathbb{R}^K")
BCE = (r"a = \frac{1}{1+e^{-z}}", r"L = -y\log a - (1-y)\log(1-a)")
KL_LOG = (r"D = \frac{1}{2}(e^{\ell} + \mu^2 - 1 - \ell)",)
KL_ONE = (r"D = \frac{1}{2}(s^2 + \mu^2 - 1 - \log s^2)", "s > 0")
KL_TWO = (r"D = \log\frac{s_2}{s_1} + \frac{s_1^2 + (\mu_1-\mu_2)^2}{2 s_2^2} - \frac{1}{2}", "s_1 > 0", "s_2 > 0")


def _d(of: str, *by: str) -> str:
    power = f"^{len(by)}" if len(by) > 1 else ""
    below = rf"\partial {by[0]}^2" if len(by) == 2 and by[0] == by[1] else " ".join(rf"\partial {x}" for x in by)
    return rf"\frac{{\partial{power} {of}}}{{{below}}}"


def _three(name: str, given: tuple[str, ...], of: str, by: str, zeros: tuple[str, str] = ("", "")) -> list[Promise]:
    """A function of one variable with its first two derivatives."""
    return [
        Promise(name, given, of, by),
        Promise(f"{name}, first derivative", given, _d(of, by), by, zeros[0]),
        Promise(f"{name}, second derivative", given, _d(of, by, by), by, zeros[1]),
    ]


PROMISES = (
    *_three("sigmoid", (r"a = \frac{1}{1+e^{-z}}",), "a", "z"),
    *_three("tanh", (r"h = \tanh z",), "h", "z"),
    *_three("tanh by exponentials", (r"h = \frac{e^z-e^{-z}}{e^z+e^{-z}}",), "h", "z"),
    *_three("softplus", (r"h = \log(1+e^z)",), "h", "z"),
    *_three("SiLU", (r"h = z\sigma(z)",), "h", "z", (r"\sigma(z)", r"\sigma(z)\sigma(-z)")),
    *_three("SiLU by exponentials", (r"h = \frac{z}{1+e^{-z}}",), "h", "z", (r"\sigma(z)", r"\sigma(z)\sigma(-z)")),
    Promise("softmax", SOFTMAX, "p_i", "logits"),
    Promise("softmax, first derivative", SOFTMAX, _d("p_i", "z_j"), "logits"),
    Promise("softmax, second derivative", SOFTMAX, _d("p_i", "z_j", "z_k"), "logits", r"p_i(\delta_{ij} - p_j)p_k"),
    Promise("log-softmax", LOG_SOFTMAX, r"\ell_i", "logits"),
    Promise("log-softmax, first derivative", LOG_SOFTMAX, _d(r"\ell_i", "z_j"), "logits"),
    Promise("log-softmax, second derivative", LOG_SOFTMAX, _d(r"\ell_i", "z_j", "z_k"), "logits"),
    Promise("log-sum-exp", (r"m = \log\sum_{j=1}^{K} e^{z_j}",), "m", "logits", "largest input"),
    Promise("cross-entropy, one-hot", ENTROPY, "L", "one-hot"),
    Promise("cross-entropy, one-hot, gradient", ENTROPY, _d("L", "z_i"), "one-hot"),
    Promise("cross-entropy, Hessian", ENTROPY, _d("L", "z_i", "z_j"), "logits"),
    Promise("cross-entropy, soft labels", ENTROPY, "L", "soft"),
    Promise("cross-entropy, soft labels, gradient", ENTROPY, _d("L", "z_i"), "soft", "y_i"),
    Promise("cross-entropy of a class", LABEL, "L", "class"),
    Promise("cross-entropy of a class, gradient", LABEL, _d("L", "z_i"), "class"),
    Promise("cross-entropy of a class, Hessian", LABEL, _d("L", "z_i", "z_j"), "logits"),
    Promise("log-sum of the other classes", OTHERS, "L", "class", "largest input"),
    Promise("log-sum of the other classes, gradient", OTHERS, _d("L", "z_i"), "class"),
    Promise("BCE with logits", BCE, "L", "binary"),
    Promise("BCE with logits, first derivative", BCE, _d("L", "z"), "binary"),
    Promise("BCE with logits, second derivative", BCE, _d("L", "z", "z"), "z"),
    Promise("BCE with logits, soft labels", BCE, "L", "between"),
    Promise("BCE with logits, soft labels, first derivative", BCE, _d("L", "z"), "between", "y"),
    Promise("Gaussian KL by log-variance", KL_LOG, "D", "log-variance"),
    Promise("Gaussian KL, by log-variance", KL_LOG, _d("D", r"\ell"), "log-variance"),
    Promise("Gaussian KL, by mean", KL_LOG, _d("D", r"\mu"), "log-variance"),
    Promise("Gaussian KL, twice by log-variance", KL_LOG, _d("D", r"\ell", r"\ell"), "log-variance"),
    Promise("Gaussian KL by deviation", KL_ONE, "D", "deviation"),
    Promise("Gaussian KL, by deviation", KL_ONE, _d("D", "s"), "deviation"),
    Promise("Gaussian KL, twice by deviation", KL_ONE, _d("D", "s", "s"), "deviation"),
    Promise("KL of two Gaussians", KL_TWO, "D", "two"),
    Promise("KL of two Gaussians, by first deviation", KL_TWO, _d("D", "s_1"), "two"),
    Promise(
        "KL of two Gaussians, by second deviation", KL_TWO, _d("D", "s_2"), "two", r"\frac{(\mu_1-\mu_2)^2}{s_2^3}"
    ),
    Promise("KL of two Gaussians, by mean", KL_TWO, _d("D", r"\mu_1"), "two"),
    Promise("KL of two Gaussians, twice by first deviation", KL_TWO, _d("D", "s_1", "s_1"), "two"),
    Promise("KL of two Gaussians, twice by second deviation", KL_TWO, _d("D", "s_2", "s_2"), "two", r"\frac{1}{s_2^2}"),
)

_SIZES = (
    0.0, 5e-324, 1e-310, 2.3e-308, 1e-300, 1e-100, 1e-45, 1e-38, 1e-20, 1e-16, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 0.3, 0.5,
    0.7, 1.0, 1.2, 1.25, 1.3, 1.5, 2.0, 2.3, 2.39, 2.41, 2.5, 3.0, 5.0, 8.0, 10.0, 16.6, 17.0, 20.0, 30.0, 36.0, 37.0,
    38.0, 40.0, 43.5, 44.0, 50.0, 52.0, 87.0, 88.0, 88.7, 90.0, 100.0, 103.0, 104.0, 200.0, 300.0, 350.0, 354.0, 360.0,
    372.0, 373.0, 400.0, 500.0, 600.0, 690.0, 700.0, 705.0, 708.0, 708.5, 709.5, 710.0, 720.0, 740.0, 744.0, 745.0,
    746.0, 750.0, 800.0, 1e3, 1e4,
)  # fmt: skip
_BESIDE = (
    -2.4220311312220693, -2.41386485783007, 3.4241478218104633, 5.539196968078613, -17.369030869718216,
    -4.775685142414119, -8.252787590026855, 4.131150008814481, -4.130046224138268, -2.0665009564616375,
    -12.124494552612305, -64.45917468090441, -309.3289196289827, -372.0173034066366, -1.2658746603332636,
)  # fmt: skip
"""Points at which climbing on the error has ended."""
_LOGITS = (
    (0.0, 0.0, 0.0), (1.0, 2.0, 3.0), (0.0, 40.0, 0.0), (40.0, 0.0, 0.0), (0.0, 0.0, 90.0), (700.0, 0.0, -30.0),
    (0.0, 745.0, 3.0), (1e4, 0.0, 1.0), (1e4, 1e4, 0.0), (-1e4, 0.0, 1e4), (1e3, 1e3 + 1e-8, 1e3), (1e-8, -1e-8, 0.0),
    (5e-324, 0.0, 1e-310), (17.3, 0.1, -3.0), (0.3, 0.1, 0.7), (-1e3, -1e3, -1e3), (37.0, 1e-9, -0.2),
    (36.7, 36.7, 0.0), (123.456, 0.987, -55.0), (300.1, -333.3, 12.0), (1e-3, -2e-3, 5e-4), (88.0, 0.3, -15.0),
    (0.1, 103.3, 52.0), (-0.5, -1.5, -1.0986122886681098),
)  # fmt: skip
_LOG_VARIANCES = (
    0.0, 1e-300, 1e-20, -1e-16, 1e-16, 1e-8, -1e-8, 1e-4, -1e-3, 0.01, 0.1, -0.1, 0.3, -0.3, 0.5, -0.5, 0.69, -0.69,
    0.71, -0.71, 0.9, 1.0, -1.0, 1.1, 2.0, -2.0, 5.0, -5.0, 20.0, -20.0, -37.0, 40.0, 80.0, -100.0, 100.0, 700.0,
    -700.0,
)  # fmt: skip
_MEANS = (0.0, 1e-9, 1e-3, 0.5, -2.0, 1e5)
_DEVIATIONS = (
    1.0, 1 + 2.0**-52, 1 - 2.0**-53, 1 + 2.0**-23, 1 - 2.0**-24, 1 + 1e-12, 1 - 1e-9, 1 + 1e-8, 1.001, 0.999, 1.1, 0.9,
    1.5, 0.5, 2.0, 0.3, 0.4033750171239447, 3.0, 5.0, 0.01, 1e-5, 1e5, 1e-9, 1e9, 1e-70, 1e70,
)  # fmt: skip
_PAIRS_BESIDE = (
    (0.400074496903947, 1.0013376414978978, -0.009269931039040918, -2.0717501294116115e-06),
    (1.0019690369384666, 32.22435044690092, 0.3, 0.3),
    (0.00456918401068778, 1.618146612530336, 0.2094638733103586, 32.99384249755076),
    (1.8774358036510377, 16.363808043353693, 13.29113926969602, 1.1584693204574261e-08),
)
_PAIRS = (1.0, 1 + 2.0**-52, 1 + 2.0**-23, 1.00000001, 1.001, 0.9, 1.5, 0.5, 3.0, 0.01, 1e5, 1e-7)


@cache
def grid(kind: str, classes: int) -> tuple[Mapping[str, Any], ...]:
    """The arguments of a grid, in a fixed order."""
    return tuple(_grid(kind, classes))


def _grid(kind: str, classes: int) -> Iterator[Mapping[str, Any]]:
    rng = random.Random(4)
    scalars = [s * x for x in _SIZES for s in (1.0, -1.0)] + [
        rng.uniform(-b, b) for b in (3, 50, 500) for _ in range(40)
    ]
    scalars += _BESIDE
    if kind == "z":
        yield from ({"z": z} for z in scalars)
    elif kind == "logits":
        yield from ({"z": z} for z in _rows(classes, rng))
    elif kind in ("one-hot", "soft"):
        labels = _one_hot(classes) if kind == "one-hot" else (*_soft(classes), _dense(classes))
        yield from ({"z": z, "y": y} for z in _rows(classes, rng) for y in labels)
    elif kind == "class":
        yield from ({"z": z, "y": y} for z in _rows(classes, rng) for y in range(3))
    elif kind in ("binary", "between"):
        shares = (0.0, 1.0) if kind == "binary" else (0.25, 0.75, 1e-3, 0.9, 0.10019871712616289)
        yield from ({"z": z, "y": y} for z in scalars for y in shares)
    elif kind == "log-variance":
        yield from ({"ell": v, "mu": m} for v in _LOG_VARIANCES for m in _MEANS)
    elif kind == "deviation":
        yield from ({"s": s, "mu": m} for s in _DEVIATIONS for m in _MEANS)
    else:
        means = ((0.3, 0.3), (0.3, 0.30000001), (0.3, -1.0), (1e-3, 7.0))
        yield from ({"s_1": a, "s_2": b, "mu_1": m, "mu_2": n} for a in _PAIRS for b in _PAIRS for m, n in means)
        yield from (dict(zip(("s_1", "s_2", "mu_1", "mu_2"), point, strict=True)) for point in _PAIRS_BESIDE)


def _rows(classes: int, rng: random.Random) -> list[tuple[float, ...]]:
    """Rows of logits: for three classes those that are listed and random ones, for more random ones, ties and gaps."""
    if classes == 3:
        return [*_LOGITS, *(tuple(rng.uniform(-b, b) for _ in range(classes)) for b in (3, 30, 300) for _ in range(8))]
    drawn = [tuple(rng.gauss(0, b) for _ in range(classes)) for b in (1, 3, 0.01, 10, 300, 0.3)]
    made = [
        [2.0 * (k == 1) + 45 * (k == 0) + rng.gauss(0, 1) for k in range(classes)],
        [-40.0 * k / classes for k in range(classes)],
        [float(k % 3) for k in range(classes)],
        [1e4 - 700.0 * (k % 2) + rng.uniform(0, 1) for k in range(classes)],
        [0.1] * classes,
        [-0.5 * k for k in range(classes)],
        [20.0 * (k < 2) + rng.uniform(-1, 1) for k in range(classes)],
    ]
    return [*drawn, *map(tuple, made)]


def _one_hot(classes: int) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(k == at) for k in range(classes)) for at in range(3))


def _dense(classes: int) -> tuple[float, ...]:
    """Labels of all sizes, which add up to 1 but for rounding."""
    rng = random.Random(classes)
    drawn = [rng.random() ** 3 for _ in range(classes)]
    return tuple(x / math.fsum(drawn) for x in drawn)


def _soft(classes: int) -> tuple[tuple[float, ...], ...]:
    """Labels that add up to 1 exactly."""
    if classes == 3:
        return (0.25, 0.5, 0.25), (0.125, 0.125, 0.75), (2.0**-20, 0.5, 0.5 - 2.0**-20)
    small = 2.0**-11
    return (1 - (classes - 1) * small, *[small] * (classes - 1)), (0.5, *[0.0] * (classes - 2), 0.5)


@cache
def derived(given: tuple[str, ...], find: str) -> tuple[Derivation, Subject]:
    """The derivation of a formula and what its function computes."""
    (derivation,) = problem_from(list(given), [find]).solve()
    return derivation, subject_of(derivation)


def points(promise: Promise) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The points of a promise, each with the number of classes: the more values there are, the fewer points."""
    _, subject = derived(promise.given, promise.find)
    for classes in CLASSES if subject.sizes else CLASSES[:1]:
        values = classes ** len(subject.indices)
        most = MOST_VALUES // values if classes > CLASSES[0] else None
        yield from ((classes, point) for point in grid(promise.grid, classes)[:most])


def measured(promise: Promise, form: str, step: int = 1, target: str = "numpy", rows: int = 0) -> list[Errs]:
    """The errors of every entry at every `step`-th point of the grid at which the function is defined.

    With `rows` each point is one of so many rows of a batch: these go another way than a row alone.
    """
    derivation, subject = derived(promise.given, promise.find)
    function = in_batch(derivation.function(target), rows) if rows else derivation.function(target)
    found: list[Errs] = []
    for classes, point in islice(points(promise), 0, None, step):
        sizes = {str(s.name): classes for s in subject.sizes}
        arguments = {name: _rounded(point[name], form) for name in subject.inputs}
        if all(math.isfinite(x) for a in arguments.values() for x in (a if isinstance(a, tuple) else (a,))):
            try:
                found += errors(subject, function, arguments, sizes, form, _scale(promise, point, form, sizes))
            except NoValueError:
                # A deviation that the format rounds to 0 is outside the domain.
                continue
    return found


def in_batch(function: Any, rows: int) -> Any:
    """The function by way of a batch of equal rows."""
    import numpy as np

    def found(**arguments: Any) -> Any:
        held = {n: np.asarray(a) for n, a in arguments.items()}
        return function(**{n: np.broadcast_to(a, (rows, *a.shape)).copy() for n, a in held.items()})[-1]

    return found


def _scale(promise: Promise, point: Mapping[str, Any], form: str, sizes: Mapping[str, int]) -> Any:
    if promise.near_zero == "largest input":
        return max(abs(x) for x in _rounded(point["z"], form))
    if not promise.near_zero:
        return 0.0
    _, unit = derived(promise.given, promise.near_zero)
    arguments = {name: _rounded(point[name], form) for name in unit.inputs}
    values = {entry: float(abs(ball).mid()) for entry, ball in exact_values(unit, arguments, sizes)}
    return values.get((), values)


def _rounded(value: Any, form: str) -> Any:
    import numpy as np

    if isinstance(value, tuple):
        return tuple(_rounded(x, form) for x in value)
    with np.errstate(over="ignore"):
        return value if isinstance(value, int) else float(np.dtype(form).type(value))


def page() -> str:
    """The table of all promises, each with its worst point."""
    lines = [
        "# Accuracy",
        "",
        "Written by `python tests/numeric/promises.py docs/accuracy.md`. The functions are those that symdl generates",
        "for NumPy from the definitions below, each point as a row alone and in a batch. References are Arb balls,",
        "enclosed with rising precision until they are narrower than a thousandth of the last place.",
        "",
        f"The promise is at most {MOST:g} units in the last place (ulp) of the exact value at the floating-point",
        "arguments, on grids of logit gaps from 0 to 10,000, ties, one-hot and soft labels, tiny and huge scales, and",
        "arguments near 0, at the ends of the exponent range and subnormal. Below the normal numbers a unit is the",
        "smallest subnormal one. Where rounding the arguments moves a zero of the function, the unit is that of what",
        "cancels there if it is larger; the column *near a zero* names it. All else is measured in units of the value.",
        "A formula in which more than four roundings could add up is worked out with what each step loses. Among the",
        "points are those at which climbing on the error ended before that was done.",
        "",
        "| function | near a zero | values | worst, float64 | worst, float32 | worst float64 point |",
        "|---|---|---|---|---|---|",
    ]
    worst = dict.fromkeys(FORMS, 0.0)
    by_classes = []
    for promise in PROMISES:
        found = {form: [*measured(promise, form), *measured(promise, form, rows=ROWS)] for form in FORMS}
        top = {form: max(e.ulps for e in f) for form, f in found.items()}
        worst = {form: max(worst[form], top[form]) for form in FORMS}
        at = max(found["float64"], key=lambda e: e.ulps)
        unit = f"${promise.near_zero}$" if "\\" in promise.near_zero or "_" in promise.near_zero else promise.near_zero
        lines.append(
            f"| {promise.name} | {unit} | {len(found['float64'])} | {top['float64']:.2f} | {top['float32']:.2f} | "
            f"{_shown(at)} |"
        )
        if derived(promise.given, promise.find)[1].sizes:
            by_classes.append(f"| {promise.name} | {' | '.join(_by_classes(found))} |")
    lines += ["", f"Worst of all: {worst['float64']:.2f} ulp in float64, {worst['float32']:.2f} ulp in float32.", ""]
    heads = [f"{n} classes" for n in CLASSES]
    lines += [
        "## By the number of classes",
        "",
        "The worst of each, in float64 and in float32. Exponentials are added so that the sum of their leading digits",
        "is exact; where there are more results than shares, or something is taken from them, these are rounded once.",
        f"Of results with more than {MOST_VALUES:,} entries nothing is looked at.",
        "",
        f"| function | {' | '.join(heads)} |",
        f"|{'---|' * (len(heads) + 1)}",
        *by_classes,
        "",
    ]
    lines += ["## Definitions", ""]
    for given in dict.fromkeys(p.given for p in PROMISES):
        name = next(p.name for p in PROMISES if p.given == given)
        lines.append(f"- {name}: {', '.join(f'${g}$' for g in given)}")
    return "\n".join(lines) + "\n"


def _by_classes(found: Mapping[str, list[Errs]]) -> Iterator[str]:
    """The worst in both formats for each number of classes."""
    for classes in CLASSES:
        of = [[e.ulps for e in found[form] if len(e.arguments["z"]) == classes] for form in FORMS]
        yield ", ".join(f"{max(ulps):.2f}" for ulps in of if ulps)


def _shown(at: Errs) -> str:
    parts = []
    for name, value in at.arguments.items():
        numbers = value if isinstance(value, list) else [value]
        text = ", ".join(repr(x) for x in numbers[:10])
        text += f", … of {len(numbers)}" if len(numbers) > 10 else ""
        parts.append(f"{name} = ({text})" if isinstance(value, list) else f"{name} = {text}")
    entry = f"entry {', '.join(map(str, at.entry))} at " if at.entry else ""
    return f"`{entry}{'; '.join(parts)}`"


if __name__ == "__main__":
    text = page()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)
