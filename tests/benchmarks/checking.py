"""Judging the labelled hand proofs, one relation to a document, the givens read anew for each."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from page import Goal, Section, ratio

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from check.scores import SIGNS, cases, document

from symdl.check import check_bytes

ROUNDS = 3


def section() -> Section:
    """Relations judged in a second, and what a wrong one costs over a right one."""
    made = Section("Checking", "Relations of published answer keys, each in a document of its own with its givens.")
    texts = [
        document(case, [f"$${r['lhs']} {SIGNS.get(r['rel'], '=')} {r['rhs']}$$"]).encode()
        for case in cases()
        for r in case["relations"]
    ]
    rates: list[float] = []
    seconds: dict[str, list[float]] = {"right": [], "wrong": []}
    for _ in range(ROUNDS):
        count, spent = 0, 0.0
        for text in texts:
            begin = time.process_time()
            report = check_bytes(text, "proof.md")
            taken = time.process_time() - begin
            count, spent = count + len(report.relations), spent + taken
            verdicts = {r.verdict for r in report.relations}
            if verdicts and verdicts <= {"proved", "rounded"}:
                seconds["right"].append(taken)
            elif "wrong" in verdicts:
                seconds["wrong"].append(taken)
        rates.append(count / spent)
    over = median(seconds["wrong"]) / median(seconds["right"])
    made.tables.append((
        ("documents", "relations a second", "wrong / right"),
        [(str(len(texts)), ", ".join(f"{rate:.0f}" for rate in rates), ratio(over))],
    ))  # fmt: skip
    made.goals = [
        Goal("100 relations a second on one core", f"{median(rates):.0f}", median(rates) >= 100, "reading the givens"),
        Goal(
            "a wrong relation takes no longer than a right one",
            ratio(over),
            over <= 1,
            "what would be right is worked out, and the slip that explains the line",
        ),
    ]
    return made
