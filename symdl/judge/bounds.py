"""Inequalities that are given, the bounds of single terms that follow, and intervals that hold all values of a term.

An end of an interval is an exact rational, or missing.  It may be open: then the value never reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import fmpq
from sympy import Abs, Add, Expr, Mul, Symbol

from symdl.language import Sigma
from symdl.problem import Range

End = Any
"""An `fmpq`, or None where there is no bound."""


@dataclass(frozen=True)
class Inequality:
    """`greater` is at least `less` for all values of `letters`.

    Where `slack`, a whole number, is positive it is more.
    """

    greater: Expr
    less: Expr
    slack: Expr
    letters: Mapping[Symbol, Range]


@dataclass(frozen=True)
class Bound:
    """`term` is at least (`is_lower`) or at most `end`, for all values of `letters`.

    Where `slack`, a whole number, is positive it is never equal to it.
    """

    term: Expr
    end: Expr
    is_lower: bool
    slack: Expr
    letters: Mapping[Symbol, Range]


@dataclass(frozen=True)
class Interval:
    """The reals from `lo` to `hi`."""

    lo: End = None
    hi: End = None
    lo_open: bool = False
    hi_open: bool = False

    def __add__(self, other: Interval) -> Interval:
        lo = None if self.lo is None or other.lo is None else self.lo + other.lo
        hi = None if self.hi is None or other.hi is None else self.hi + other.hi
        return Interval(lo, hi, self.lo_open or other.lo_open, self.hi_open or other.hi_open)

    def __neg__(self) -> Interval:
        lo, hi = (None if e is None else -e for e in (self.hi, self.lo))
        return Interval(lo, hi, self.hi_open, self.lo_open)

    def scaled(self, factor: End) -> Interval:
        """All values times a number."""
        if factor == 0:
            return point(0)
        if factor < 0:
            return (-self).scaled(-factor)
        lo, hi = (None if e is None else e * factor for e in (self.lo, self.hi))
        return Interval(lo, hi, self.lo_open, self.hi_open)

    def __mul__(self, other: Interval) -> Interval:
        if self.lo is not None and self.lo == self.hi:
            return other.scaled(self.lo)
        if other.lo is not None and other.lo == other.hi:
            return self.scaled(other.lo)
        if self.is_nonpositive() and not self.is_nonnegative():
            return -(-self * other)
        if other.is_nonpositive() and not other.is_nonnegative():
            return -(self * -other)
        if self.is_nonnegative() and other.is_nonnegative():
            hi = None if self.hi is None or other.hi is None else self.hi * other.hi
            lo = self.lo * other.lo
            lo_open = self.excludes_zero() and other.excludes_zero() if lo == 0 else self.lo_open or other.lo_open
            return Interval(lo, hi, lo_open, hi != 0 and (self.hi_open or other.hi_open))
        if None in (self.lo, self.hi, other.lo, other.hi):
            return Interval()
        ends = [a * b for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        return Interval(min(ends), max(ends))

    def power(self, n: int) -> Interval:
        """The n-th power of each value, n at least 1."""
        if n % 2 == 0 and not self.is_nonnegative():
            if self.is_nonpositive():
                return (-self).power(n)
            if self.lo is None or self.hi is None:
                return Interval(fmpq(0))
            largest = max(-self.lo, self.hi)
            reached = (-self.lo == largest and not self.lo_open) or (self.hi == largest and not self.hi_open)
            return Interval(fmpq(0), largest**n, False, not reached)
        lo, hi = (None if e is None else e**n for e in (self.lo, self.hi))
        return Interval(lo, hi, self.lo_open, self.hi_open)

    def inverse(self) -> Interval:
        """One over each value; no bounds where a value may be zero."""
        if self.is_nonpositive() and self.excludes_zero():
            return -(-self).inverse()
        if not self.excludes_zero():
            return Interval()
        hi = None if self.lo == 0 else 1 / self.lo
        return Interval(fmpq(0) if self.hi is None else 1 / self.hi, hi, self.hi is None or self.hi_open, self.lo_open)

    def hull(self, other: Interval) -> Interval:
        """The least interval with the values of both."""
        lo = None if self.lo is None or other.lo is None else min(self.lo, other.lo)
        hi = None if self.hi is None or other.hi is None else max(self.hi, other.hi)
        lo_open = all(i.lo_open or i.lo != lo for i in (self, other))
        hi_open = all(i.hi_open or i.hi != hi for i in (self, other))
        return Interval(lo, hi, lo_open, hi_open)

    def meet(self, other: Interval) -> Interval:
        """The values that both hold."""
        lo, lo_open = self.lo, self.lo_open
        if other.lo is not None and (lo is None or other.lo > lo or (other.lo == lo and other.lo_open)):
            lo, lo_open = other.lo, other.lo_open
        hi, hi_open = self.hi, self.hi_open
        if other.hi is not None and (hi is None or other.hi < hi or (other.hi == hi and other.hi_open)):
            hi, hi_open = other.hi, other.hi_open
        return Interval(lo, hi, lo_open, hi_open)

    def is_nonnegative(self) -> bool:
        """Whether no value is below zero."""
        return bool(self.lo is not None and self.lo >= 0)

    def is_nonpositive(self) -> bool:
        """Whether no value is above zero."""
        return bool(self.hi is not None and self.hi <= 0)

    def excludes_zero(self) -> bool:
        """Whether zero is no value."""
        above = self.lo is not None and (self.lo > 0 or (self.lo == 0 and self.lo_open))
        below = self.hi is not None and (self.hi < 0 or (self.hi == 0 and self.hi_open))
        return bool(above or below)

    def is_within(self, lo: int, hi: int) -> bool:
        """Whether every value lies from `lo` to `hi`."""
        return bool(self.lo is not None and self.lo >= lo and self.hi is not None and self.hi <= hi)


def triangle(inner: Expr) -> Expr | None:
    """What |inner| is at most: |a + b| is at most |a| + |b|, and so for finite sums; None for anything else."""
    if inner.is_Add:
        return Add(*[Abs(a) for a in inner.args])
    if isinstance(inner, Sigma):
        return Sigma(inner.lo, inner.hi, Abs(inner.body))
    if inner.is_Mul and any(isinstance(a, Sigma) for a in inner.args):
        return Mul(*[triangle(a) if isinstance(a, Sigma) else Abs(a) for a in inner.args])
    return None


def point(value: Any) -> Interval:
    """The interval of one number."""
    return Interval(fmpq(value), fmpq(value))


def at_least(value: Any, is_open: bool = False) -> Interval:
    """The interval upwards from a number."""
    return Interval(fmpq(value), None, is_open)


def between(lo: Any, hi: Any, is_open: bool = False) -> Interval:
    """The interval between two numbers."""
    return Interval(fmpq(lo), fmpq(hi), is_open, is_open)
