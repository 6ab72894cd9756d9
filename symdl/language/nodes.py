"""Inert derivatives, indicators, case splits, limits, integrals, extremes and opaque quantities over SymPy scalars."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Function, Integer, S, Symbol
from sympy.core.sorting import default_sort_key


class _Term(Expr):
    """A term of our own, printed as its class and its arguments."""

    is_commutative = True

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self.args))})"


class _Taken(_Term):
    """What an operation takes of a term f, the first argument."""

    @property
    def of(self) -> Expr:
        return self.args[0]


class _Run(_Taken):
    """What an operation takes of f while a variable, the second argument, runs."""

    @property
    def variable(self) -> Expr:
        return self.args[1]


class D(_Taken):
    r"""The inert total derivative \partial f/\partial x.  `args` = (f, x), x a `Symbol` or an `Indexed`.

    Total: through all definitions, down to x; where x is itself a defined quantity it is cut, that is, independent.
    A second derivative is nested: \partial^2 f/(\partial x \partial y) is D(D(f, y), x).
    """

    is_real = True

    def __new__(cls, f: Expr, x: Expr) -> D:
        return Expr.__new__(cls, f, x)

    @property
    def wrt(self) -> Expr:
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        top, below = printer._print(self.of), printer._print(self.wrt)
        if self.of.is_Symbol or self.of.is_Indexed:
            return rf"\frac{{\partial {top}}}{{\partial {below}}}"
        return rf"\frac{{\partial}}{{\partial {below}}}\left[{top}\right]"


class DPlus(D):
    r"""The immediate partial derivative \partial^+ f/\partial x: every other defined quantity in f's body is held."""


class Delta(_Term):
    """The Kronecker delta of two integer expressions: 1 where they are equal, else 0.  Symmetric by construction."""

    is_real = True
    is_integer = True
    is_nonnegative = True

    def __new__(cls, a: Expr | int, b: Expr | int) -> Expr:
        return _delta(_expr(a), _expr(b))

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_Integer and exponent.is_positive else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"\delta_{{{','.join(printer._print(a) for a in self.args)}}}"


@lru_cache(maxsize=16384)
def _delta(left: Expr, right: Expr) -> Expr:
    gap = left - right
    if gap.is_Integer:
        return S.One if gap == 0 else S.Zero
    left, right = sorted((left, right), key=default_sort_key)
    made: Expr = Expr.__new__(Delta, left, right)
    return made


class Step(_Term):
    """The indicator of u > 0, with the value `at_zero` (0, 1 or 1/2) at u = 0.  `args` = (u, at_zero).

    Step(u, 0) is the indicator of u > 0 and Step(u, 1) that of u >= 0; every order relation is written with these two.
    """

    is_real = True
    is_nonnegative = True

    def __new__(cls, u: Expr, at_zero: Expr | int = 0) -> Expr:
        value = _expr(at_zero)
        if u.is_Rational:
            return S.One if u > 0 else S.Zero if u < 0 else value
        return Expr.__new__(cls, u, value)

    @property
    def u(self) -> Expr:
        return self.args[0]

    @property
    def at_zero(self) -> Expr:
        return self.args[1]

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_Integer and exponent.is_positive and self.at_zero in (0, 1) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        sign = r"\geq" if self.at_zero == 1 else ">"
        return rf"\mathbf{{1}}[{printer._print(self.u)} {sign} 0]"


class Cases(_Term):
    """A case split: `args` = (v1, c1, v2, c2, …, v) is v1 where c1 is 1, else v2 where c2 is 1, …, else v.

    A condition is an expression with values 0 and 1 only, built from `Step`, `Delta`, products (and) and 1 - c (not).
    A branch that is not taken is not evaluated, so it may lie outside its domain.
    """

    is_real = True

    def __new__(cls, *args: Expr | int) -> Expr:
        parts = [_expr(a) for a in args]
        if len(parts) % 2 == 0:
            raise ValueError("a case split ends with the value of the remaining case")
        kept: list[Expr] = []
        for value, condition in zip(parts[:-1:2], parts[1::2], strict=True):
            if condition == 0:
                continue
            if condition == 1:
                parts[-1] = value
                break
            kept += [value, condition]
        while kept and kept[-2] == parts[-1]:
            del kept[-2:]
        return Expr.__new__(cls, *kept, parts[-1]) if kept else parts[-1]

    @property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        """The pairs (value, condition), in order, without the remaining case."""
        return tuple(zip(self.args[:-1:2], self.args[1::2], strict=True))

    @property
    def otherwise(self) -> Expr:
        return self.args[-1]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        rows = [rf"{printer._print(v)} & {printer._print(c)}=1" for v, c in self.branches]
        rows.append(rf"{printer._print(self.otherwise)} & \text{{otherwise}}")
        return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}"


class At(_Taken):
    r"""The evaluation bar: f\big|_{x_1=v_1, …}.  `args` = (f, x_1, v_1, …): f is worked out, then each x set."""

    is_real = True

    def __new__(cls, f: Expr, *pairs: Expr) -> At:
        return Expr.__new__(cls, f, *pairs)

    @property
    def settings(self) -> tuple[tuple[Expr, Expr], ...]:
        return tuple(zip(self.args[1::2], self.args[2::2], strict=True))

    def _latex(self, printer: Any) -> str:
        where = ",".join(f"{printer._print(x)}={printer._print(v)}" for x, v in self.settings)
        return rf"\left.{printer._print(self.of)}\right|_{{{where}}}"


class Limit(_Run):
    r"""What f tends to while x tends to a: \lim_{x \to a} f.  `args` = (f, x, a, side).

    x is let run through all definitions, as behind an evaluation bar; `side` is 1 from above, -1 from below, 0 from
    both.  a may be infinite.
    """

    def __new__(cls, f: Expr, x: Expr, a: Expr, side: Expr | int = 0) -> Limit:
        return Expr.__new__(cls, f, x, a, _expr(side))

    @property
    def point(self) -> Expr:
        return self.args[2]

    @property
    def side(self) -> int:
        return int(self.args[3])

    def _latex(self, printer: Any) -> str:
        mark = {1: "^{+}", -1: "^{-}", 0: ""}[self.side]
        where = rf"{printer._print(self.variable)} \to {printer._print(self.point)}{mark}"
        return rf"\lim_{{{where}}} {_bracketed(self.of, printer)}"


class Integral(_Run):
    r"""The integral of f over x from lo to hi: \int_{lo}^{hi} f\,dx.  `args` = (f, x, lo, hi).

    x is let run through all definitions, as behind an evaluation bar; it is a symbol that stands nowhere else, so that
    nothing which is put into f is caught.  Either end may be infinite.
    """

    is_real = True

    def __new__(cls, f: Expr, x: Expr, lo: Expr, hi: Expr) -> Integral:
        return Expr.__new__(cls, f, x, lo, hi)

    @property
    def ends(self) -> tuple[Expr, Expr]:
        return self.args[2], self.args[3]

    def _latex(self, printer: Any) -> str:
        lo, hi = map(printer._print, self.ends)
        return rf"\int_{{{lo}}}^{{{hi}}} {_bracketed(self.of, printer)} \, d{printer._print(self.variable)}"


class Extreme(_Taken):
    r"""The greatest or least value of f over real variables: \max_x f, \inf_x f.

    `args` = (f, where, side, reached, *xs).  `side` is 1 for the greatest, -1 for the least value; `reached` is 1 where
    it has to be a value of f (max, min) and 0 where it is a bound (sup, inf).  The variables run through all
    definitions and take the values that the facts allow and for which the 0/1-valued `where` is 1.
    """

    def __new__(cls, f: Expr, where: Expr | int, side: Expr | int, reached: Expr | int, *xs: Expr) -> Extreme:
        return Expr.__new__(cls, f, _expr(where), _expr(side), _expr(reached), *xs)

    @property
    def where(self) -> Expr:
        return self.args[1]

    @property
    def side(self) -> int:
        return int(self.args[2])

    @property
    def is_reached(self) -> bool:
        return self.args[3] == 1

    @property
    def variables(self) -> tuple[Expr, ...]:
        return self.args[4:]

    def _latex(self, printer: Any) -> str:
        name = {(1, True): "max", (-1, True): "min", (1, False): "sup", (-1, False): "inf"}[self.side, self.is_reached]
        below = ", ".join(printer._print(x) for x in self.variables)
        return rf"\{name}_{{{below}}} {_bracketed(self.of, printer)}"


class ArgExtreme(_Term):
    r"""Where an `Extreme` is reached: entry `number`, from 0, of \arg\min_x f.  `args` = (extreme, number)."""

    is_real = True

    def __new__(cls, extreme: Extreme, number: Expr | int = 0) -> ArgExtreme:
        return Expr.__new__(cls, extreme, _expr(number))

    @property
    def extreme(self) -> Extreme:
        return self.args[0]

    @property
    def variable(self) -> Expr:
        return self.extreme.variables[int(self.args[1])]

    def _latex(self, printer: Any) -> str:
        return rf"\arg{printer._print(self.extreme)}"


class Opaque(_Term):
    r"""The value of an undefined differentiable function: ℓ_t(h_t) is Opaque(ℓ, 1, t, h_t).

    `args` = (label, number of indices, *indices, *arguments).  Nothing is known of it but what it depends on, so its
    derivative by an argument stays inert.  It occurs only as the body of a definition: `\ell_t` is a quantity whose
    definition is opaque, and D(ℓ_t, h_t) is as far as it can be differentiated.
    """

    is_real = True

    def __new__(cls, label: Symbol, count: Expr | int, *rest: Expr) -> Opaque:
        return Expr.__new__(cls, label, _expr(count), *rest)

    @property
    def label(self) -> Symbol:
        return self.args[0]

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[2 : 2 + int(self.args[1])]

    @property
    def arguments(self) -> tuple[Expr, ...]:
        return self.args[2 + int(self.args[1]) :]

    def _latex(self, printer: Any) -> str:
        below = f"_{{{','.join(printer._print(i) for i in self.indices)}}}" if self.indices else ""
        return (
            rf"{printer._print(self.label)}{below}\left({', '.join(printer._print(a) for a in self.arguments)}\right)"
        )


class Applied(_Term):
    """The value at u of the n-th derivative of an undefined function f of one number.  `args` = (f, n, u).

    Nothing is known of f but that it is differentiable as often as it is differentiated.
    """

    is_real = True

    def __new__(cls, label: Symbol, order: Expr | int, argument: Expr) -> Applied:
        return Expr.__new__(cls, label, _expr(order), argument)

    @property
    def label(self) -> Symbol:
        return self.args[0]

    @property
    def order(self) -> int:
        return int(self.args[1])

    @property
    def argument(self) -> Expr:
        return self.args[2]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        value = rf"{printer._print(self.label)}{chr(39) * self.order}\left({printer._print(self.argument)}\right)"
        return value if exp is None else rf"{value}^{{{exp}}}"


class Maximum(Function):
    """The larger of its arguments, which are two or more; a kink where the two largest are equal."""

    is_real = True


class Minimum(Function):
    """The smaller of its arguments, which are two or more; a kink where the two smallest are equal."""

    is_real = True


def _expr(value: Any) -> Expr:
    return Integer(value) if isinstance(value, int) else value


def _bracketed(f: Expr, printer: Any) -> str:
    inside = printer._print(f)
    return rf"\left({inside}\right)" if f.is_Add else str(inside)
