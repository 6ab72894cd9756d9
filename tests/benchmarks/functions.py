"""Cross-entropy, logistic loss and divergence: our functions, the best peers, and the limit of the machine."""

from __future__ import annotations

import importlib
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from page import Goal, Section, ratio
from problems import CROSS_ENTROPY, DIVERGENCE, LOGISTIC, derivations
from timing import Contenders, compare

from symdl.language import scalar
from symdl.numeric import generate

ROWS = (1, 128, 4096)
CLASSES = (3, 10, 1000)
KINDS = ("float64", "float32")
MOST_ENTRIES = 5_000_000
LIMITS = ("copy", "exp")
OURS = ("numba", "numba, new array", "numpy")
TARGETS = ("numba", "numpy")
CALL = (
    "a call costs as much as several hundred exponentials; what comes besides the exponential, the largest term, the "
    "sum of the others without rounding and a correction for each share, costs as much as the exponential, and the "
    "exponentials of a Hessian in more digits half as much again; entries of rows of 9 to 16 are added one by one, "
    "and results of more than 8 numbers for a row are put one by one"
)
COPIED = "a call costs as much as several hundred exponentials, and the logistic form divides once for each of them"
CHECKS = "the arguments are checked in Python, and large results lie in memory that is new at every call"
PASSES = (
    "exponentials in float32 are taken in float64 for their last digits, sums in float64 are worked out in two parts, "
    "every step is a pass over an array, and NumPy's passes in which each row has a number of its own, as the division "
    "by its sum, take some three times as long as others"
)
CALLS = "a row of more than 16 entries goes through some twenty calls of array functions"
LONG = "of a row of 1000 entries the exponentials alone take that long"
PEERS = {"jax": "JAX", "torch": "PyTorch", "scipy": "SciPy", "autograd": "HIPS autograd", "sympy": "lambdify"}


@dataclass(frozen=True)
class Cell:
    """Times of all contenders at one operation, size and precision."""

    operation: str
    kind: str
    rows: int
    classes: int
    seconds: dict[str, float]

    @property
    def size(self) -> str:
        """How many rows there are, and of how many entries where these are more than one."""
        return f"{self.rows} x {self.classes}" if self.classes > 1 else str(self.rows)

    @property
    def limit(self) -> float:
        return max(self.seconds[x] for x in LIMITS)

    @property
    def peers(self) -> dict[str, float]:
        return {n: s for n, s in self.seconds.items() if n not in (*LIMITS, *OURS)}


def found(module: str) -> Any:
    """A peer's module, set to one thread; None where it is not installed."""
    try:
        made = importlib.import_module(module)
    except ImportError:
        return None
    if module == "torch":
        made.set_num_threads(1)
    if module == "jax":
        made.config.update("jax_enable_x64", True)
    return made


def cells() -> Iterator[Cell]:
    """Every cell, one after the other."""
    gradient, hessian = derivations(CROSS_ENTROPY)
    value = generate(scalar("L"), (), gradient.problem.givens)
    compiled = generate(scalar("L"), (), gradient.problem.givens, target="numba")
    pairs: dict[str, dict[str, Any]] = {
        "value": {"numpy": value.function(), "numba": compiled.function()},
        "gradient": {t: gradient.function(t) for t in TARGETS},
        "Hessian": {t: hessian.function(t) for t in TARGETS},
        "Hessian times vector": {t: hessian.function(t, along=True) for t in TARGETS},
    }
    rng = np.random.default_rng(0)
    for kind in KINDS:
        for classes in CLASSES:
            for rows in ROWS:
                z = (3 * rng.standard_normal((rows, classes))).astype(kind)
                y, v = rng.integers(0, classes, rows), rng.standard_normal((rows, classes)).astype(kind)
                for operation, ours in pairs.items():
                    entries = rows * classes * (classes if operation == "Hessian" else 1)
                    if entries <= MOST_ENTRIES:
                        contenders = _cross_entropy(operation, ours, z, y, v)
                        yield Cell(operation, kind, rows, classes, compare(contenders))
    for kind in KINDS:
        for rows in (1, 1280, 1_000_000):
            z = (3 * rng.standard_normal(rows)).astype(kind)
            y = rng.integers(0, 2, rows).astype(kind)
            yield Cell("logistic gradient", kind, rows, 1, compare(_logistic(z, y)))
            yield Cell("KL gradient", kind, rows, 1, compare(_divergence(z)))


def _limits(z: Any, out: Any) -> dict[str, Callable[[], object]]:
    """The slower of these is as fast as anything can be: the result has to be written, the exponential taken."""
    held, target = np.empty_like(z), np.empty_like(out)
    source = np.ones_like(out)
    return {"copy": lambda: np.copyto(target, source), "exp": lambda: np.exp(z, out=held)}


def _calls(function: Any, held: Any, z: Any, y: Any = None, v: Any = None) -> list[Callable[[], object]]:
    """The function with a new array, and into one, called as people write it: a call by `**` costs as much again."""
    into = getattr(function, "into", None)
    if v is not None:
        return [lambda: function(v=v, z=z), lambda: into(held, v=v, z=z)]
    if y is not None:
        return [lambda: function(y=y, z=z), lambda: into(held, y=y, z=z)]
    return [lambda: function(z=z), lambda: into(held, z=z)]


def _ours(compiled: Any, arrays: Any, arguments: dict[str, Any], out: Any) -> dict[str, Callable[[], object]]:
    """Our functions; a result without axes is a number, for which there is no array to write into."""
    new, into = _calls(compiled, np.array(out), **arguments)
    return {
        "numba": into if np.ndim(out) else new,
        "numba, new array": new,
        "numpy": _calls(arrays, None, **arguments)[0],
    }


def _cross_entropy(operation: str, ours: dict[str, Any], z: Any, y: Any, v: Any) -> Contenders:
    single = len(z) == 1
    arguments = {"z": z[0] if single else z}
    if operation in ("value", "gradient"):
        arguments["y"] = int(y[0]) if single else y
    if operation == "Hessian times vector":
        arguments["v"] = v[0] if single else v
    out = ours["numpy"](**arguments)
    made: dict[str, Callable[[], object]] = _limits(z, np.asarray(out))
    made |= _ours(ours["numba"], ours["numpy"], arguments, out)
    places = np.arange(len(z))

    def share() -> Any:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        e /= e.sum(axis=1, keepdims=True)
        return e

    def plain() -> Any:
        if operation == "value":
            m = z.max(axis=1)
            return np.log(np.exp(z - m[:, None]).sum(axis=1)) + m - z[places, y]
        p = share()
        if operation == "gradient":
            p[places, y] -= 1
            return p
        if operation == "Hessian":
            h = -p[:, :, None] * p[:, None, :]
            d = np.arange(z.shape[1])
            h[:, d, d] += p
            return h
        return p * (v - (p * v).sum(axis=1, keepdims=True))

    made["NumPy by hand"] = plain
    made |= _by_jax(operation, z, y, v) | _by_torch(operation, z, y, v) | _by_others(operation, z, y, v)
    return made


def _by_jax(operation: str, z: Any, y: Any, v: Any) -> dict[str, Callable[[], object]]:
    jax = found("jax")
    if jax is None:
        return {}
    jnp = jax.numpy
    one = lambda z, y: jax.nn.logsumexp(z) - z[y]  # noqa: E731
    z, y, v = jnp.asarray(z), jnp.asarray(y), jnp.asarray(v)
    if operation == "value":
        run = jax.jit(jax.vmap(one))
        return {"JAX": lambda: run(z, y).block_until_ready()}
    if operation == "gradient":
        run = jax.jit(jax.grad(lambda z, y: jnp.sum(jax.vmap(one)(z, y))))
        return {"JAX": lambda: run(z, y).block_until_ready()}
    if operation == "Hessian":
        run = jax.jit(jax.vmap(jax.hessian(one)))
        return {"JAX": lambda: run(z, y).block_until_ready()}
    times = lambda z, y, v: jax.jvp(jax.grad(lambda z: one(z, y)), (z,), (v,))[1]  # noqa: E731
    product = jax.jit(jax.vmap(times))
    return {"JAX": lambda: product(z, y, v).block_until_ready()}


def _by_torch(operation: str, z: Any, y: Any, v: Any) -> dict[str, Callable[[], object]]:
    torch = found("torch")
    if torch is None:
        return {}
    cross_entropy = torch.nn.functional.cross_entropy
    t, labels, direction = torch.from_numpy(z.copy()), torch.from_numpy(y), torch.from_numpy(v)
    kept = t.clone().requires_grad_()
    if operation == "value":
        return {"PyTorch": lambda: cross_entropy(t, labels, reduction="none")}
    places = torch.arange(len(y))

    def by_graph() -> object:
        return torch.autograd.grad(cross_entropy(kept, labels, reduction="sum"), kept)[0]

    def closed() -> object:
        p = torch.softmax(t, 1)
        p[places, labels] -= 1
        return p

    if operation == "gradient":
        return {"PyTorch autograd": by_graph, "PyTorch by hand": closed}
    if operation == "Hessian times vector":

        def twice() -> object:
            loss = cross_entropy(kept, labels, reduction="sum")
            (g,) = torch.autograd.grad(loss, kept, create_graph=True)
            return torch.autograd.grad(g, kept, direction)[0]

        return {"PyTorch autograd": twice}

    def dense() -> object:
        p = torch.softmax(t, 1)
        return torch.diag_embed(p) - p[:, :, None] * p[:, None, :]

    return {"PyTorch by hand": dense}


def _by_others(operation: str, z: Any, y: Any, v: Any) -> dict[str, Callable[[], object]]:
    made: dict[str, Callable[[], object]] = {}
    places = np.arange(len(z))
    special = found("scipy.special")
    if special is not None and operation in ("value", "gradient"):

        def by_scipy() -> object:
            if operation == "value":
                return special.logsumexp(z, axis=1) - z[places, y]
            p = special.softmax(z, axis=1)
            p[places, y] -= 1
            return p

        made["SciPy"] = by_scipy
    autograd = found("autograd")
    if autograd is not None and operation == "gradient":
        anp = importlib.import_module("autograd.numpy")
        special_of = importlib.import_module("autograd.scipy.special")
        slope = autograd.grad(lambda z: anp.sum(special_of.logsumexp(z, axis=1) - z[places, y]))
        made["HIPS autograd"] = lambda: slope(z)
    sympy = found("sympy")
    if sympy is not None and operation == "gradient" and z.shape[1] <= 10:
        made["lambdify"] = _lambdified(sympy, z, y)
    return made


def _lambdified(sympy: Any, z: Any, y: Any) -> Callable[[], object]:
    letters = sympy.symbols(f"z:{z.shape[1]}")
    labels = sympy.symbols(f"y:{z.shape[1]}")
    loss = -sum(
        b * sympy.log(sympy.exp(a) / sum(map(sympy.exp, letters))) for a, b in zip(letters, labels, strict=True)
    )
    made = sympy.lambdify((*letters, *labels), [sympy.diff(loss, a) for a in letters], cse=True)
    columns = [*np.ascontiguousarray(z.T), *np.eye(z.shape[1], dtype=z.dtype)[:, y]]
    return lambda: made(*columns)


def _logistic(z: Any, y: Any) -> Contenders:
    (gradient,) = derivations(LOGISTIC)
    compiled, arrays = gradient.function("numba"), gradient.function("numpy")
    a, b = (float(z[0]), float(y[0])) if len(z) == 1 and z.dtype == np.float64 else (z, y)
    made: dict[str, Callable[[], object]] = _limits(z, z)
    made |= _ours(compiled, arrays, {"z": a, "y": b}, arrays(z=a, y=b))
    made |= {
        "NumPy by hand": lambda: 1 / (1 + np.exp(-z)) - y,
    }
    if special := found("scipy.special"):
        made["SciPy"] = lambda: special.expit(z) - y
    if jax := found("jax"):
        run = jax.jit(jax.grad(lambda z, y: jax.numpy.sum(jax.nn.softplus(z) - z * y)))
        p, q = jax.numpy.asarray(z), jax.numpy.asarray(y)
        made["JAX"] = lambda: run(p, q).block_until_ready()
    if torch := found("torch"):
        s, t = torch.from_numpy(z), torch.from_numpy(y)
        made["PyTorch by hand"] = lambda: torch.sigmoid(s).sub_(t)
    return made


def _divergence(s: Any) -> Contenders:
    (gradient,) = derivations(DIVERGENCE)
    compiled, arrays = gradient.function("numba"), gradient.function("numpy")
    a = float(s[0]) if len(s) == 1 and s.dtype == np.float64 else s
    half = s.dtype.type(0.5)
    made: dict[str, Callable[[], object]] = _limits(s, s)
    made |= _ours(compiled, arrays, {"z": a}, arrays(z=a))
    made |= {
        "NumPy by hand": lambda: half * (np.exp(s) - 1),
    }
    if jax := found("jax"):
        run = jax.jit(jax.grad(lambda s: 0.5 * jax.numpy.sum(jax.numpy.exp(s) - 1 - s)))
        p = jax.numpy.asarray(s)
        made["JAX"] = lambda: run(p).block_until_ready()
    return made


def section() -> Section:
    """The table of all cells and goals 2, 3 and 4."""
    table, every = [], []
    for cell in cells():
        every.append(cell)
        best = min(cell.peers, key=lambda n: cell.peers[n])
        table.append([cell.operation, cell.kind, cell.size, *(ratio(cell.seconds[name] / cell.limit) for name in OURS),
                      best, ratio(cell.peers[best] / cell.seconds["numba, new array"])])  # fmt: skip
        print("  ".join(table[-1]), flush=True)
    words = (
        "`limit` is the slower of copying the result and `np.exp` of the logits, each into an array that is there. So "
        "does `numba`, by `into`; beside it stands the same function with a new array for the result, as the peers "
        "have it: a peer's ratio above 1 says that this is faster than the best of them."
    )
    made = Section("Functions", words, [(("operation", "precision", "rows x classes", "numba / limit",
                   "with a new array", "numpy / limit", "best peer", "best peer / numba"), table)])  # fmt: skip
    made.missing = [name for module, name in PEERS.items() if found(module) is None]
    made.goals = [*_limit_goals(every), *_peer_goals(every), *_call_goals(every)]
    return made


def _limit_goals(every: list[Cell]) -> Iterator[Goal]:
    many = [c for c in every if c.rows > 1]
    groups = (
        ("elementwise", 1.0, [c for c in many if c.classes == 1], COPIED),
        ("row-wise float64", 1.5, [c for c in many if c.classes > 1 and c.kind == "float64"], CALL),
        ("row-wise float32", 2.5, [c for c in many if c.classes > 1 and c.kind == "float32"], CALL),
    )
    for name, goal, group, reason in groups:
        ratios = [c.seconds["numba"] / c.limit for c in group]
        middle, least, most = statistics.median(ratios), min(ratios), max(ratios)
        part = f"{sum(r <= goal for r in ratios)} of {len(ratios)} cells"
        figure = f"median {ratio(middle)} ({ratio(least)} to {ratio(most)}{_at(group, ratios)}), {part}"
        yield Goal(f"2. numba over the limit, {name}: at most {goal}", figure, most <= goal, reason)


def _spread(group: list[Cell], ratios: list[float]) -> str:
    """The mean of ratios and the largest, with its cell."""
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    return f"geometric mean {ratio(mean)}, worst {ratio(max(ratios))}{_at(group, ratios)}"


def _at(group: list[Cell], ratios: list[float]) -> str:
    """Which cell the largest ratio is of."""
    cell = group[ratios.index(max(ratios))]
    return f" for {cell.operation}, {cell.kind}, {cell.size}"


def _peer_goals(every: list[Cell]) -> Iterator[Goal]:
    faster = [c for c in every if min(c.peers.values()) >= c.seconds["numba, new array"]]
    part = len(faster) / len(every)
    yield Goal(
        "3. best peer over ours at least 1 in 95 % of the cells", f"{part:.0%} of {len(every)}", part >= 0.95, CHECKS
    )


def _call_goals(every: list[Cell]) -> Iterator[Goal]:
    batches = [c for c in every if "JAX" in c.peers and c.rows > 1 and c.operation != "Hessian"]
    ones = [c for c in every if "JAX" in c.peers and c.rows == 1]
    if batches:
        ratios = [c.seconds["numpy"] / c.peers["JAX"] for c in batches]
        part = f"{sum(r <= 1.6 for r in ratios)} of {len(ratios)} cells"
        figure = f"{_spread(batches, ratios)}, {part}"
        yield Goal("4. numpy target at most 1.6 times JAX in batches", figure, max(ratios) <= 1.6, PASSES)
        ratios = [c.seconds["numpy"] / c.peers["JAX"] for c in ones]
        yield Goal("4. numpy target faster than JAX for one row", _spread(ones, ratios), max(ratios) < 1, CALLS)
    else:
        yield Goal("4. numpy target against JAX", "JAX is not installed", None)
    single = [c for c in ones or every if c.rows == 1 and c.operation == "gradient" and c.kind == "float64"]
    ratios = [c.seconds["numba"] / c.seconds["copy"] for c in single]
    figure = ", ".join(f"{ratio(r)} with {c.classes} entries" for c, r in zip(single, ratios, strict=True))
    longest = max(single, key=lambda c: c.classes)
    figure += f", where `np.exp` alone takes {ratio(longest.seconds['exp'] / longest.seconds['copy'])}"
    yield Goal("4. numba gradient of one row at most 1.5 times `np.copyto`", figure, max(ratios) <= 1.5, LONG)
