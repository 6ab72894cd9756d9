"""A spot check for the page: one small instance at which the definitions and the formula give the same number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symdl.judge import sample
from symdl.problem import Derivation

MOST_NUMBERS = 14
"""An instance with more numbers than this is not shown."""


def with_spot_check(derivation: Derivation) -> Derivation:
    """The derivation with one more check, where a small instance has one to show."""
    task = derivation.task
    if task.kind != "find" or derivation.result.is_number:
        return derivation
    givens = derivation.problem.givens
    found = sample(task.goal, derivation.result, givens, {**givens.positions, **task.ranges})
    if found is None or not _is_plain(found.instance) or sum(1 for _ in _leaves(found.instance)) > MOST_NUMBERS:
        return derivation
    at = ", ".join(f"${name} = {_shown(value)}$" for name, value in found.instance.items())
    words = f"At {at}, the definitions and the formula both give ${found.left}$."
    return replace(derivation, checks=(*derivation.checks, (words,)))


def _leaves(value: Any) -> Iterator[str]:
    """The numbers of an instance, one by one."""
    inside = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, str):
        yield value
    else:
        for part in inside:
            yield from _leaves(part)


def _is_plain(instance: Mapping[str, Any]) -> bool:
    """Whether the instance holds numbers only, and no matrix."""
    if any(not isinstance(v, str) and any(not isinstance(x, str) for x in v) for v in instance.values()):
        return False
    return all(set(text) <= set("0123456789/-") for text in _leaves(instance))


def _shown(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return _number(value)
    return "(" + ", ".join(_number(x) for x in value) + ")"


def _number(text: str) -> str:
    """A rational as LaTeX: a decimal where it ends soon, else a fraction."""
    number = Fraction(text)
    if (number * 100).denominator == 1:
        return f"{float(number):g}"
    sign = "-" if number < 0 else ""
    return rf"{sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}"
