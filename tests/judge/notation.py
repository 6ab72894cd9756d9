"""Short names in which the judge's tests write problems."""

from collections.abc import Mapping, Sequence

from sympy import Expr, Integer, Symbol, exp

from symdl.errors import Place
from symdl.language import Prod, Sigma, family, index, scalar, size
from symdl.problem import Definition, Fact, Givens, Range, Ranges, Relation

HERE = Place("test", 1, 1)
K, T, n, m = size("K"), size("T"), size("n"), size("m")
i, j, k, s, t, p_, q_ = (index(x) for x in ("i", "j", "k", "s", "t", "p", "q"))
w, u, b, v, x, a, c, y0, S0, L = (scalar(x) for x in ("w", "u", "b", "v", "x", "a", "c", "Y", "S", "L"))
IN_K, IN_T, FROM_0, IN_N = Range(Integer(1), K), Range(Integer(1), T), Range(Integer(0), T), Range(Integer(1), n)


def z(*at: Expr) -> Expr:
    return family("z", *at)


def y(*at: Expr) -> Expr:
    return family("y", *at)


def p(*at: Expr) -> Expr:
    return family("p", *at)


def h(*at: Expr | int) -> Expr:
    return family("h", *[Integer(x) if isinstance(x, int) else x for x in at])


def xs(*at: Expr) -> Expr:
    return family("x", *at)


def total(index: Symbol, lo: Expr | int, hi: Expr, body: Expr) -> Expr:
    return Sigma.over(index, Integer(lo) if isinstance(lo, int) else lo, hi, body)


def product(index: Symbol, lo: Expr | int, hi: Expr, body: Expr) -> Expr:
    return Prod.over(index, Integer(lo) if isinstance(lo, int) else lo, hi, body)


def define(label: str | Symbol, pattern: Sequence[Expr | int], body: Expr, ranges: Ranges | None = None) -> Definition:
    symbol = scalar(label) if isinstance(label, str) else label
    return Definition(
        symbol, tuple(Integer(q) if isinstance(q, int) else q for q in pattern), body, ranges or {}, "", HERE
    )


def fact(lhs: Expr, sign: str, rhs: Expr, ranges: Ranges | None = None) -> Fact:
    return Fact(Relation(lhs, sign, rhs), ranges or {}, "", HERE)


def families(ranges: Mapping[str, tuple[Range, ...]]) -> dict[Symbol, tuple[Range, ...]]:
    return {scalar(name): r for name, r in ranges.items()}


def softmax(at: Expr) -> Expr:
    return exp(z(at)) / total(j, 1, K, exp(z(j)))


IN_CLASSES = families(dict.fromkeys(("z", "y", "p", "q"), (IN_K,)))
PLAIN = Givens(families=IN_CLASSES)
