"""What a term means, worked out number by number with mpmath: slow, and nothing in common with the generated code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath as mp
import numpy as np
from sympy import Add, Expr, Indexed, Integer, Mul, NumberSymbol, Pow, Symbol

from symdl.errors import Place
from symdl.language import (
    Cases,
    Chain,
    Delta,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    family,
    free_symbols,
    indices_of,
    label_of,
    put,
    scalar,
)
from symdl.problem import Definition, Givens, Range

NOWHERE = Place("", 1, 1)

SIMPLE = {
    "exp": mp.exp, "log": mp.log, "tanh": mp.tanh, "sin": mp.sin, "cos": mp.cos, "cosh": mp.cosh, "sinh": mp.sinh,
    "erf": mp.erf, "Abs": abs, "atan": mp.atan, "tan": mp.tan,
    "Sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "Softplus": lambda x: mp.log(1 + mp.exp(x)),
    "ReLU": lambda x: max(x, 0),
    "Sign": mp.sign,
    "SiLU": lambda x: x / (1 + mp.exp(-x)),
    "GELU": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
    "LeakyReLU": lambda x, a: x if x > 0 else a * x,
    "ELU": lambda x, a: x if x > 0 else a * (mp.exp(x) - 1),
}  # fmt: skip


def define(label: str, pattern: tuple[Any, ...], body: Expr, **ranges: Range) -> Definition:
    """A definition; `ranges` by the names of the letters."""
    runs = {p: ranges[p.name] for p in pattern if isinstance(p, Symbol) and p.name in ranges}
    return Definition(
        scalar(label), tuple(Integer(p) if isinstance(p, int) else p for p in pattern), body, runs, "", NOWHERE
    )


def given(*definitions: Definition, **families: tuple[Range, ...]) -> Givens:
    """Givens of definitions and the ranges of families by label."""
    return Givens(definitions=definitions, families={scalar(k): v for k, v in families.items()})


class World:
    """Numbers for the free quantities and sizes; arrays start at the first index of their range."""

    def __init__(self, givens: Givens, values: Mapping[str, Any], sizes: Mapping[Symbol, int], **labels: int) -> None:
        self.givens = givens
        self.values = values
        self.sizes = {k: Integer(v) for k, v in sizes.items()}
        self.labels = labels
        self.known: dict[Expr, Any] = {}

    def fixed(self, expr: Expr) -> Expr:
        labels = {s: Integer(self.labels[s.name]) for s in free_symbols(expr) if s.name in self.labels}
        return put(expr, {**self.sizes, **labels})

    def integer(self, expr: Expr) -> int:
        return int(self.value(self.fixed(expr)))

    def array(self, result: Expr, indices: tuple[tuple[Symbol, Range], ...]) -> Any:
        """The whole array of a result with these axes, as floats."""
        result = self.fixed(result)
        if not indices:
            return float(self.value(result))
        (i, run), rest = indices[0], indices[1:]
        lo, hi = self.integer(run.lo), self.integer(run.hi)
        return np.array([self.array(put(result, {i: Integer(n)}), rest) for n in range(lo, hi + 1)], dtype=float)

    def value(self, e: Expr) -> Any:
        if e.is_Rational:
            return mp.mpf(int(e.p)) / int(e.q)
        if isinstance(e, NumberSymbol):
            return mp.mpf(str(e.evalf(60)))
        if isinstance(e, (Symbol, Indexed)):
            if e not in self.known:
                self.known[e] = self.quantity(e)
            return self.known[e]
        if isinstance(e, Add):
            return mp.fsum(self.value(a) for a in e.args)
        if isinstance(e, Mul):
            masks = [a for a in e.args if a.has(Delta) or a.has(Step)]
            if any(self.value(a) == 0 for a in masks):
                return mp.mpf(0)
            values = [self.value(a) for a in e.args if a.func.__name__ != "log"]
            if any(v == 0 for v in values):
                return mp.mpf(0)
            return mp.fprod([*values, *(self.value(a) for a in e.args if a.func.__name__ == "log")])
        if isinstance(e, Pow):
            return self.value(e.base) ** self.value(e.exp)
        if isinstance(e, (Sigma, Prod)):
            lo, hi = self.integer(e.lo), self.integer(e.hi)
            terms = [self.value(e.open(Integer(n))) for n in range(lo, hi + 1)]
            return mp.fsum(terms) if isinstance(e, Sigma) else mp.fprod(terms)
        if isinstance(e, Chain):
            return self.chain(e)
        if isinstance(e, Delta):
            return mp.mpf(self.integer(e.args[0]) == self.integer(e.args[1]))
        if isinstance(e, Step):
            u = self.value(e.u)
            return mp.mpf(1) if u > 0 else mp.mpf(0) if u < 0 else self.value(e.at_zero)
        if isinstance(e, Cases):
            taken = next((v for v, c in e.branches if self.value(c) == 1), e.otherwise)
            return self.value(taken)
        if isinstance(e, (Maximum, Minimum)):
            return (max if isinstance(e, Maximum) else min)(self.value(a) for a in e.args)
        return SIMPLE[e.func.__name__](*(self.value(a) for a in e.args))

    def chain(self, e: Chain) -> Any:
        n = self.integer(e.size)
        found = mp.eye(n)
        for t in range(self.integer(e.lo), self.integer(e.hi) + 1):
            step = mp.matrix(n, n)
            for a in range(n):
                for b in range(n):
                    step[a, b] = self.value(self.fixed(e.open(Integer(t), Integer(a + 1), Integer(b + 1))))
            found = step * found
        return found[self.integer(e.row) - 1, self.integer(e.column) - 1]

    def quantity(self, e: Expr) -> Any:
        label = label_of(e)
        at = tuple(Integer(self.integer(i)) for i in indices_of(e))
        if not at and e in self.sizes:
            return mp.mpf(int(self.sizes[e]))
        if at and family(label, *at) != e:
            return self.value(family(label, *at))
        for d in self.givens.definitions_of(label):
            if label.name in self.values:
                break
            pairs = list(zip(d.pattern, at, strict=True))
            if all(self._fits(p, a, d) for p, a in pairs):
                return self.value(self.fixed(put(d.body, {p: a for p, a in pairs if p in d.ranges})))
        if label.name not in self.values:
            # A free initial state.
            base = self.values[f"{label.name}_{at[0]}"]
            return mp.mpf(float(np.asarray(base)[tuple(int(a) - 1 for a in at[1:])]))
        runs = self.givens.families.get(label, ())
        where = tuple(int(a) - self.integer(r.lo) for a, r in zip(at, runs, strict=True))
        assert all(w >= 0 for w in where)
        return mp.mpf(float(np.asarray(self.values[label.name])[where]))

    def _fits(self, pattern: Expr, at: Integer, d: Definition) -> bool:
        if pattern not in d.ranges:
            return bool(self.integer(pattern) == int(at))
        run = d.ranges[pattern]
        return bool(self.integer(run.lo) <= int(at) <= self.integer(run.hi))
