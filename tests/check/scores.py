"""Scores the checker on labelled hand proofs, and writes the page that shows the scores with every miss.

Run as `python tests/check/scores.py docs/scores.md` from the root of the checkout.  The data are in `data/`; the scores
mean what `score.py` of the shared folder prints: in relation mode each labelled relation stands alone under the givens
of its proof, in chain mode the proof stands as its author wrote it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from symdl.check import DocumentReport, check_bytes

DATA = Path(__file__).parent / "data" / "exam-keys.yaml"
SIGNS = {"=": "=", "approx": r"\approx", "implies": r"\Rightarrow", "assign": r"\leftarrow"}
PROVED = {"proved", "rounded"}
HOLDS = PROVED | {"agrees"}

_WORDS = re.compile(r"(?<![A-Za-z\\])[A-Za-z][a-z]{2,}(?![A-Za-z(])")
_NO_WORDS = re.compile(
    r"\\(?:begin|end)\{[^}]*\}|\\(?:text|textbf|mathrm|mathbf|operatorname)\*?\{[^{}]*\}|[_^]\{[^{}]*\}|\\[A-Za-z]+"
)
_DISPLAY = re.compile(r"\\begin\{(?:align|gather|equation|eqnarray|multline)\*?\}")
_LAYOUT = re.compile(r"\\begin\{(?:aligned|align|split|gather|equation|eqnarray|multline)")


@dataclass
class Score:
    """How often what was right or wrong was called so, and what was not."""

    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    proved: int = 0
    definitions: int = 0
    misses: list[str] = field(default_factory=list)

    def share(self, truth: str, said: str) -> float:
        return self.tally[truth, said] / max(self.count(truth), 1)

    def count(self, truth: str) -> int:
        return sum(n for (t, _), n in self.tally.items() if t == truth)

    @property
    def proved_share(self) -> float:
        return self.proved / max(self.tally["right", "holds"], 1)


def cases() -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[dict[str, Any]] = yaml.load(DATA.read_text(), Loader=loader)
    return found


def relation_mode(data: list[dict[str, Any]]) -> Score:
    score = Score()
    for case in data:
        for n, relation in enumerate(case["relations"]):
            if relation["verdict"] not in ("correct", "wrong", "rounding"):
                continue
            line = f"{relation['lhs']} {SIGNS.get(relation['rel'], '=')} {relation['rhs']}"
            report = check_bytes(document(case, [f"$${line}$$"]).encode(), "case.md")
            claims = {r.verdict for r in report.relations} - {"given"}
            truth = "wrong" if relation["verdict"] == "wrong" else "right"
            if truth == "right" and report.relations and not claims:
                score.definitions += 1
                continue
            said = "wrong" if "wrong" in claims else "holds" if claims and claims <= HOLDS else "open"
            score.tally[truth, said] += 1
            score.proved += truth == "right" and said == "holds" and claims <= PROVED
            if (truth, said) not in (("right", "holds"), ("wrong", "wrong")):
                score.misses.append(f"{case['id']} [{n}]: {truth}, judged {said}: `{_flat(line)}`{_why(report)}")
    return score


def chain_mode(data: list[dict[str, Any]]) -> Score:
    score = Score()
    for case in data:
        labels = {r["verdict"] for r in case["relations"]}
        if not labels <= {"correct", "wrong", "rounding"}:
            continue
        report = check_bytes(document(case, case["chain"]).encode(), "case.md")
        found = {r.verdict for r in report.relations}
        truth = "wrong" if "wrong" in labels else "right"
        said = "wrong" if "wrong" in found else "holds" if found and found <= HOLDS | {"given"} else "open"
        score.tally[truth, said] += 1
        score.proved += truth == "right" and said == "holds" and found <= PROVED | {"given"}
        if (truth, said) not in (("right", "holds"), ("wrong", "wrong")):
            score.misses.append(f"{case['id']}: {truth}, judged {said}{_why(report)}")
    return score


def document(case: dict[str, Any], lines: list[str]) -> str:
    """A case as a proof document: its givens, then these lines, one display or paragraph each."""
    parts = [f"# {case['id']}", "## Given", *(g if is_prose(g) else f"$${g}$$" for g in case.get("given", []))]
    return "\n\n".join([*parts, "## Proof", *_paragraphs(lines)]) + "\n"


def is_prose(text: str) -> bool:
    """Whether a line is a sentence: it has delimiters of its own, or two plain words."""
    return "$" in text or len(_WORDS.findall(_NO_WORDS.sub(" ", text))) >= 2


def _paragraphs(lines: list[str]) -> Iterator[str]:
    whole = "\n".join(lines)
    if _LAYOUT.search(whole):
        yield whole if "$" in whole or _DISPLAY.search(whole) else f"$$\n{whole}\n$$"
        return
    block: list[str] = []
    for line in lines:
        is_words = "\t" in line or line.lstrip().startswith(("|", "<")) or is_prose(line)
        goes_on = block and (
            re.match(r"\s*(=|\\approx|\\left\.|\\leq?\b|\\geq?\b|<|>)", line)
            or re.search(r"(=|\+|-|\*|\\times|\\cdot|\\right\.)\s*$", block[-1])
        )
        if is_words or not goes_on:
            yield from _display(block)
            block = []
        if is_words:
            yield line
        else:
            block.append(line)
    yield from _display(block)


def _display(block: list[str]) -> Iterator[str]:
    if len(block) == 1:
        yield f"$${block[0]}$$"
    elif block:
        yield "\n".join(["$$", r"\begin{aligned}", *(rf"{line} \\" for line in block), r"\end{aligned}", "$$"])


def _why(report: DocumentReport) -> str:
    reasons = [f"{r.verdict}: {r.reason}" for r in report.relations if r.verdict not in ("proved", "given", "rounded")]
    if report.error:
        reasons.insert(0, report.error.splitlines()[0])
    return f" ({_flat('; '.join(dict.fromkeys(reasons)))})" if reasons else " (no relation was found)"


def _flat(text: str) -> str:
    plain = " ".join(text.replace("`", "'").split())
    return plain if len(plain) <= 180 else plain[:179] + "…"


def page(relations: Score, chains: Score) -> str:
    def row(name: str, number: object, wanted: str) -> str:
        shown = f"{number:.1%}" if isinstance(number, float) else str(number)
        return f"| {name} | {shown} | {wanted} |"

    head = ["| | measured | wanted |", "|---|---|---|"]
    return "\n".join([
        "# Scores on labelled hand proofs",
        "",
        "Written by `python tests/check/scores.py docs/scores.md`; the data are `tests/check/data/exam-keys.yaml`.",
        "",
        "## Each relation alone",
        "",
        *head,
        row("right relations", relations.count("right"), ""),
        row("definitions, left out", relations.definitions, ""),
        row("right relations confirmed", relations.share("right", "holds"), "85 %"),
        row("of these proved or rounded", relations.proved_share, "90 %"),
        row("false alarms", relations.share("right", "wrong"), "0"),
        row("wrong relations", relations.count("wrong"), ""),
        row("wrong relations caught", relations.share("wrong", "wrong"), "90 %"),
        row("wrong relations confirmed", relations.share("wrong", "holds"), "0"),
        "",
        "## Whole proofs",
        "",
        *head,
        row("right proofs", chains.count("right"), ""),
        row("right proofs confirmed whole", chains.share("right", "holds"), "70 %"),
        row("false alarms", chains.share("right", "wrong"), "at most 2 %"),
        row("wrong proofs", chains.count("wrong"), ""),
        row("wrong proofs caught", chains.share("wrong", "wrong"), "85 %"),
        row("wrong proofs confirmed", chains.share("wrong", "holds"), "0"),
        "",
        "## Misses, relations",
        "",
        *(f"- {miss}" for miss in relations.misses),
        "",
        "## Misses, proofs",
        "",
        *(f"- {miss}" for miss in chains.misses),
        "",
    ])  # fmt: skip


def main() -> None:
    data = cases()
    Path(sys.argv[1]).write_text(page(relation_mode(data), chain_mode(data)))


if __name__ == "__main__":
    main()
