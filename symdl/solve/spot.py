"""A spot check for the page: one small instance at which two sides of an equation give the same number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import takewhile
from typing import Any

from sympy import Expr

from symdl.judge import sample
from symdl.language import At
from symdl.problem import Derivation, Display, Line, Text

MOST_NUMBERS = 28
"""An instance with more numbers than this is not shown."""

MOST_TRIED = 6
"""So many displayed equations are tried for a check of what was classified."""


def with_spot_check(derivation: Derivation) -> Derivation:
    """The derivation with one more check, where a small instance has one to show.

    A result is compared with the definitions; an identity side by side. Where nothing else checks what was classified,
    the displayed equations are tried from the last one back.
    """
    check: Text | None = None
    task = derivation.task
    if task.kind == "find" and not derivation.result.is_number:
        ranges = {**derivation.problem.givens.positions, **task.ranges}
        check = _compared(
            derivation, Display(task.goal, (Line(derivation.result),), ranges), "the definitions and the formula both"
        )
    elif task.kind == "show" and task.relation is not None:
        relation = task.relation
        if relation.sign == "=":
            ranges = {**derivation.problem.givens.positions, **task.ranges}
            check = _compared(
                derivation, Display(relation.lhs, (Line(relation.rhs),), ranges), "both sides of the claim"
            )
    if check is None and task.kind in ("show", "classify") and not derivation.checks:
        equal = [tuple(takewhile(lambda line: line.sign == "=", d.lines)) for d in derivation.displays]
        shown = [replace(d, lines=own) for d, own in zip(derivation.displays, equal, strict=True) if own]
        shown = [d for d in shown if not d.lhs.has(At) and not d.end.is_number]
        tried = (
            _compared(derivation, d, "both sides of the equation for ", d.lhs) for d in reversed(shown[-MOST_TRIED:])
        )
        check = next((words for words in tried if words is not None), None)
    return derivation if check is None else replace(derivation, checks=(*derivation.checks, check))


def _compared(derivation: Derivation, display: Display, *what: str | Expr) -> Text | None:
    """An instance at which the first and the last term of a chain have the same value, in words."""
    givens = derivation.problem.givens
    found = sample(display.lhs, display.end, givens, display.ranges, display.conditions)
    if found is None or found.left != found.right:
        return None
    if not _is_plain(found.instance) or sum(1 for _ in _leaves(found.instance)) > MOST_NUMBERS:
        return None
    at = ", ".join(f"${name} = {_shown(value)}$" for name, value in found.instance.items())
    return (f"At {at}, " if at else "In numbers, ", *what, f" give ${_scientific(found.left)}$.")


def _leaves(value: Any) -> Iterator[str]:
    """The numbers of an instance, one by one."""
    inside = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, str):
        yield value
    else:
        for part in inside:
            yield from _leaves(part)


def _is_plain(instance: Mapping[str, Any]) -> bool:
    """Whether the instance holds numbers only, in lists and matrices."""
    for value in instance.values():
        rows = [] if isinstance(value, str) else [x for x in value if not isinstance(x, str)]
        if any(not isinstance(x, str) for row in rows for x in row):
            return False
    return all(set(text) <= set("0123456789/-") for text in _leaves(instance))


def _shown(value: str | Sequence[Any]) -> str:
    if isinstance(value, str):
        return _number(value)
    if any(not isinstance(x, str) for x in value):
        rows = r" \\ ".join(" & ".join(_number(x) for x in row) for row in value)
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
    return "(" + ", ".join(_number(x) for x in value) + ")"


def _number(text: str) -> str:
    """A rational as LaTeX: a decimal where it ends soon, else a fraction."""
    number = Fraction(text)
    if (number * 100).denominator == 1:
        return f"{float(number):g}"
    sign = "-" if number < 0 else ""
    return rf"{sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}"


def _scientific(text: str) -> str:
    """A decimal number as LaTeX: an exponent as a power of ten."""
    mantissa, mark, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if mark else text
