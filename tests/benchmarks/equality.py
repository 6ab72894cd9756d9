"""Deciding 20 true and 20 false identities, against evaluating their sides with Arb and against SymPy's `simplify`.

SymPy gets the sides as they stand, without the definitions that the judge unfolds, so that the ratio flatters it.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from page import Goal, Section, ratio
from timing import compare

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from judge.problems import FALSE, TRUE
from sympy import Expr, Sum, simplify, symbols

from symdl.judge import decide
from symdl.judge.instances import instances, separation
from symdl.judge.world import Instance, Question
from symdl.language import Sigma, open_fresh, walk

POINTS = 2


def section() -> Section:
    """The table of both halves, and the goals."""
    made = Section("Equality", f"Arb alone evaluates both sides at {POINTS} instances that are chosen before.")
    rows, decided, proofs = [], 0, 0
    whole = dict.fromkeys(("ours", "Arb", "simplify"), 0.0)
    for name, lines, answer in (("true", TRUE, "proved"), ("false", FALSE, "refuted")):
        sums = dict.fromkeys(whole, 0.0)
        right = 0
        for lhs, rhs, givens, ranges in lines.values():
            held = list(instances(Question((lhs, rhs), givens, ranges, ()), POINTS))
            gap = _plain(lhs) - _plain(rhs)
            ours, arb = partial(decide, lhs, rhs, givens, ranges), partial(_evaluated, lhs, rhs, held)
            seconds = compare({"ours": ours, "Arb": arb}, rounds=5)
            # What simplify leaves in the caches of the machine and of SymPy is no part of what the others take.
            seconds |= compare({"simplify": partial(simplify, gap)}, rounds=5)
            for key in sums:
                sums[key] += seconds[key]
            right += decide(lhs, rhs, givens, ranges).answer == answer
        row = (ratio(sums["ours"] / sums["Arb"]), ratio(sums["simplify"] / sums["ours"]))
        rows.append((name, str(len(lines)), f"{right} {answer}", *row))
        whole = {key: whole[key] + sums[key] for key in whole}
        decided, proofs = decided + len(lines), proofs + right
    made.tables.append((("identities", "number", "decided", "ours / Arb", "simplify / ours"), rows))
    over_arb, faster = whole["ours"] / whole["Arb"], whole["simplify"] / whole["ours"]
    made.goals = [
        Goal(
            "7. 40 identities within 3 times bare Arb evaluation",
            ratio(over_arb),
            over_arb <= 3,
            "a proof takes the normal form too, not only values",
        ),
        Goal("7. all decided, every verdict a proof", f"{proofs} of {decided}", proofs == decided),
        Goal(
            "40 identities at least 50 times faster than SymPy's `simplify`",
            ratio(faster),
            faster >= 50,
            "the normal form is built of SymPy terms",
        ),
    ]
    return made


def _evaluated(lhs: Expr, rhs: Expr, held: list[Instance]) -> list[bool | None]:
    """What Arb says of two sides at instances."""
    return [separation(lhs, rhs, instance) for instance in held]


def _plain(term: Expr) -> Expr:
    """The term with sums that SymPy knows."""

    def visit(t: Expr) -> Expr | None:
        if not isinstance(t, Sigma):
            return None
        (letter,), body = open_fresh(t, "abcdefgh", frozenset(symbols("i j k t", integer=True)))
        return Sum(walk(body, visit), (letter, t.lo, t.hi))

    return walk(term, visit)
