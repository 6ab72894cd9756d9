"""Deciding 20 true and 20 false identities, against SymPy's `simplify` of the difference of their sides.

SymPy gets the sides as they stand, without the definitions that the judge unfolds, so that the ratio flatters it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from time import process_time

from judge.problems import FALSE, TRUE
from sympy import Expr, Sum, simplify, symbols

from symdl.judge import decide
from symdl.language import Sigma, open_fresh, walk


def rows() -> list[tuple[str, str, float, float]]:
    """For each identity its name, the judge's answer, and the CPU seconds of the judge and of `simplify`, asked once."""
    found = []
    for lines in (TRUE, FALSE):
        for name, (lhs, rhs, givens, ranges) in lines.items():
            began = process_time()
            answer = decide(lhs, rhs, givens, ranges).answer
            ours = process_time() - began
            began = process_time()
            simplify(_plain(lhs) - _plain(rhs))
            found.append((name, answer, ours, process_time() - began))
    return found


def _plain(term: Expr) -> Expr:
    """The term with sums that SymPy knows."""

    def visit(t: Expr) -> Expr | None:
        if not isinstance(t, Sigma):
            return None
        (letter,), body = open_fresh(t, "abcdefgh", frozenset(symbols("i j k t", integer=True)))
        return Sum(walk(body, visit), (letter, t.lo, t.hi))

    return walk(term, visit)


if __name__ == "__main__":
    table = rows()
    for name, answer, ours, theirs in table:
        print(f"{name:50} {answer:8} {1000 * ours:9.2f} ms {1000 * theirs:9.2f} ms")
    print(f"simplify / ours, sums of all: {sum(r[3] for r in table) / sum(r[2] for r in table):.1f}")
