"""Judging the labelled hand proofs: one relation to a document, whole proofs, and submissions against one key.

It is measured in a worker of `symdl check`, once that is up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from page import Goal, Section, ratio

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from check.scores import SIGNS, cases, document

from symdl.check import check_bytes
from symdl.check.marks import marked
from symdl.cli.pool import Report, run
from symdl.errors import ReadError

ROUNDS = 3
LIMIT = 1800.0

Work = tuple[str, str]
"""What is checked: a text, and the key that it is a submission to, if any."""

ALONE, WHOLE, GRADED = (
    "each relation alone, in a document of its own",
    "whole proofs",
    "each relation alone, to a known key",
)


@dataclass
class Measured:
    """What is checked in one way: the works, each with its proof; how many relations a second; seconds by verdict."""

    works: list[tuple[str, Work]]
    rates: list[float] = field(default_factory=list)
    right: dict[str, list[float]] = field(default_factory=dict)
    wrong: dict[str, list[float]] = field(default_factory=dict)

    def add(self, found: Sequence[tuple[float, list[str]]]) -> None:
        """Adds the seconds and the verdicts of one round."""
        count, spent = 0, 0.0
        for (name, _), (taken, verdicts) in zip(self.works, found, strict=True):
            count, spent = count + len(verdicts), spent + taken
            if set(verdicts) - {"given"} and set(verdicts) <= {"given", "proved", "rounded"}:
                self.right.setdefault(name, []).append(taken)
            elif "wrong" in verdicts:
                self.wrong.setdefault(name, []).append(taken)
        self.rates.append(count / spent)

    @property
    def ratio(self) -> float:
        """What a document with a wrong relation takes over one in which all are right."""
        right, wrong = ([t for every in kind.values() for t in every] for kind in (self.right, self.wrong))
        return median(wrong) / median(right)

    @property
    def beside(self) -> str:
        """The same for what is of one proof, where both occur: those with errors are the ones with long givens."""
        usual = {name: median(taken) for name, taken in self.right.items()}
        found = [t / usual[name] for name, taken in self.wrong.items() if name in usual for t in taken]
        return ratio(median(found)) if found else ""


def timed(works: list[Work], report: Report) -> list[list[tuple[float, list[str]]]]:
    """For each round the seconds that each work takes, with the verdicts on its relations."""
    rounds: list[list[tuple[float, list[str]]]] = []
    for _ in range(ROUNDS):
        rounds.append([])
        for text, key in works:
            begin = time.process_time()
            verdicts = _verdicts(text, key)
            rounds[-1].append((time.process_time() - begin, verdicts))
    return rounds


def _verdicts(text: str, key: str) -> list[str]:
    try:
        found = marked(key, "key.md", text, "proof.md").document if key else check_bytes(text.encode(), "proof.md")
    except ReadError:  # a key that shows nothing
        return []
    return [r.verdict for r in found.relations]


def section() -> Section:
    """Relations judged in a second, and what a wrong one costs over a right one."""
    made = Section(
        "Checking",
        "Published answer keys, in a worker of `check`: each relation in a document of its own with its givens; the "
        "proofs as their authors wrote them; and each relation as a submission to its proof as the key, which is read "
        "and judged with the first of them.",
    )
    lines = [(c, f"$${r['lhs']} {SIGNS.get(r['rel'], '=')} {r['rhs']}$$") for c in cases() for r in c["relations"]]
    ways = {
        ALONE: Measured([(c["id"], (document(c, [line]), "")) for c, line in lines]),
        WHOLE: Measured([(c["id"], (document(c, c["chain"]), "")) for c in cases()]),
        GRADED: Measured([(c["id"], (line, document(c, c["chain"]))) for c, line in lines]),
    }
    requests = [[work for _, work in way.works] for way in ways.values()]
    for number, outcome in run(f"{__name__}:timed", requests, workers=1, limit=LIMIT):
        if outcome.status != "done":
            raise RuntimeError(outcome.value)
        for measured in outcome.value:
            list(ways.values())[number].add(measured)
    rows: list[Sequence[str]] = [
        (name, str(len(way.works)), ", ".join(f"{rate:.0f}" for rate in way.rates), ratio(way.ratio), way.beside)
        for name, way in ways.items()
    ]
    made.tables.append((("what is checked", "texts", "relations a second", "wrong / right", "of the same proof"), rows))
    for name, reason in ((ALONE, "reading the givens"), (WHOLE, "explaining what is wrong")):
        rate = median(ways[name].rates)
        made.goals.append(Goal(f"100 relations a second on one core: {name}", f"{rate:.0f}", rate >= 100, reason))
    over = ways[ALONE].ratio
    reason = "what would be right is worked out, and the slip that explains the line"
    made.goals.append(Goal("a wrong relation takes no longer than a right one", ratio(over), over <= 1, reason))
    return made
