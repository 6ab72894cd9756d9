"""Judging the labelled hand proofs, one relation to a document, the givens read anew for each.

It is measured in a worker of `symdl check`, once that is up.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from page import Goal, Section, ratio

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from check.scores import SIGNS, cases, document

from symdl.check import check_bytes
from symdl.cli.pool import Report, run

ROUNDS = 3
LIMIT = 1800.0


def timed(texts: list[bytes], report: Report) -> list[list[tuple[float, list[str]]]]:
    """For each round the seconds that each document takes, with the verdicts on its relations."""
    rounds: list[list[tuple[float, list[str]]]] = []
    for _ in range(ROUNDS):
        rounds.append([])
        for text in texts:
            begin = time.process_time()
            found = check_bytes(text, "proof.md")
            rounds[-1].append((time.process_time() - begin, [r.verdict for r in found.relations]))
    return rounds


def section() -> Section:
    """Relations judged in a second, and what a wrong one costs over a right one."""
    made = Section(
        "Checking",
        "Relations of published answer keys, each in a document of its own with its givens, in a worker of `check`.",
    )
    texts = [
        (case["id"], document(case, [f"$${r['lhs']} {SIGNS.get(r['rel'], '=')} {r['rhs']}$$"]).encode())
        for case in cases()
        for r in case["relations"]
    ]
    rates: list[float] = []
    seconds: dict[str, dict[str, list[float]]] = {"right": {}, "wrong": {}}
    ((_, outcome),) = run(f"{__name__}:timed", [[text for _, text in texts]], workers=1, limit=LIMIT)
    if outcome.status != "done":
        raise RuntimeError(outcome.value)
    for measured in outcome.value:
        count, spent = 0, 0.0
        for (name, _), (taken, found) in zip(texts, measured, strict=True):
            count, spent = count + len(found), spent + taken
            verdicts = set(found)
            if verdicts and verdicts <= {"proved", "rounded"}:
                seconds["right"].setdefault(name, []).append(taken)
            elif "wrong" in verdicts:
                seconds["wrong"].setdefault(name, []).append(taken)
        rates.append(count / spent)
    right, wrong = ([t for every in seconds[kind].values() for t in every] for kind in ("right", "wrong"))
    over = median(wrong) / median(right)
    # The proofs with errors are those with long givens, which cost most of the time: beside them stands what a wrong
    # relation takes over a right one of the same proof.
    usual = {name: median(taken) for name, taken in seconds["right"].items()}
    beside = [t / usual[name] for name, taken in seconds["wrong"].items() if name in usual for t in taken]
    made.tables.append((
        ("documents", "relations a second", "wrong / right", "of the same proof"),
        [(str(len(texts)), ", ".join(f"{rate:.0f}" for rate in rates), ratio(over), ratio(median(beside)))],
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
