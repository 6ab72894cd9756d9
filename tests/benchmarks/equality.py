"""Deciding 20 true and 20 false identities, against evaluating their two sides with Arb."""

from __future__ import annotations

import sys
from pathlib import Path

from page import Goal, Section, ratio
from timing import compare

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from judge.problems import FALSE, TRUE

from symdl.judge import decide
from symdl.judge.instances import instances, separation
from symdl.judge.satisfying import Question

POINTS = 2


def section() -> Section:
    """The table of both halves, and goal 7."""
    made = Section("Equality", f"Arb alone evaluates both sides at {POINTS} instances that are chosen before.")
    rows, ours, arb, decided, proofs = [], 0.0, 0.0, 0, 0
    for name, lines, answer in (("true", TRUE, "proved"), ("false", FALSE, "refuted")):
        sums = [0.0, 0.0]
        right = 0
        for lhs, rhs, givens, ranges in lines.values():
            held = list(instances(Question((lhs, rhs), givens, ranges, ()), POINTS))
            seconds = compare({
                "ours": lambda a=lhs, b=rhs, g=givens, r=ranges: decide(a, b, g, r),  # type: ignore[misc]
                "Arb": lambda a=lhs, b=rhs, at=held: [separation(a, b, i) for i in at],  # type: ignore[misc]
            }, rounds=5)  # fmt: skip
            sums[0] += seconds["ours"]
            sums[1] += seconds["Arb"]
            right += decide(lhs, rhs, givens, ranges).answer == answer
        rows.append((name, str(len(lines)), f"{right} {answer}", ratio(sums[0] / sums[1])))
        ours, arb = ours + sums[0], arb + sums[1]
        decided, proofs = decided + len(lines), proofs + right
    made.tables.append((("identities", "number", "decided", "ours / Arb"), rows))
    made.goals = [
        Goal(
            "7. 40 identities within 3 times bare Arb evaluation",
            ratio(ours / arb),
            ours / arb <= 3,
            "a proof takes the normal form too, not only values",
        ),
        Goal("7. all decided, every verdict a proof", f"{proofs} of {decided}", proofs == decided),
    ]
    return made
