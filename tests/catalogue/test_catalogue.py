"""Each worked problem of the catalogue is read, solved, proved, evaluated, written and checked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unseen.differences import Draw, derivative, difference
from unseen.harness import call, check_function

import symdl
from catalogue.layers import LAYERS
from catalogue.references import REFERENCES as NAMED
from symdl.errors import NoFunctionError
from symdl.problem import catalogue

PATHS = [p for p in sorted(catalogue().glob("*.md")) if "## Classify" not in p.read_text(encoding="utf-8")]
"""What asks to classify has no number to compare; tests/curvature goes through it."""
STEMS = [path.stem for path in PATHS]
REFERENCES = {**NAMED, **LAYERS}
SHOWN = [
    "arithmetic-geometric-mean", "cross-entropy-log-sum-exp", "entropy-bound", "gibbs-inequality", "kl-vae-bound",
    "momentum", "normal-equations", "rnn-gradient-bound", "rnn-jacobian-singular-values", "rnn-orthogonal",
    "rnn-singular-values", "rnn-spectral", "sigmoid-slope", "sigmoid-symmetry", "softmax-shift", "tanh-from-sigmoid",
]  # fmt: skip
OPAQUE = ["rnn-loss"]
SIZES = (1, 2, 4)


def problems(stem: str) -> list[Any]:
    return list(symdl.read_all(catalogue() / f"{stem}.md"))


@cache
def derivations(stem: str) -> tuple[tuple[Any, ...], ...]:
    """The derivations of each problem of a file."""
    return tuple(tuple(problem.solve()) for problem in problems(stem))


def lines(derivation: Any) -> Iterator[Any]:
    """Every displayed line of a derivation and of its lemmas."""
    for display in (*derivation.displays, *(d for lemma in derivation.lemmas for d in lemma.displays)):
        yield from display.lines


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line program in a process of its own."""
    start = "import sys; from symdl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", start, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=dict(os.environ), check=False)


def test_every_file_has_a_reference_or_asks_for_no_number() -> None:
    assert sorted([*REFERENCES, *SHOWN, *OPAQUE]) == sorted(STEMS)


@pytest.mark.parametrize("path", PATHS, ids=STEMS)
def test_a_file_states_a_problem_and_no_proof(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sections = re.findall(r"(?m)^## (\w+)$", text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.md", path.name)
    assert len(sections) == 2 * len(re.findall(r"(?m)^# ", text))
    assert set(sections[::2]) == {"Given"}
    assert set(sections[1::2]) <= {"Find", "Show", "Evaluate", "Solve"}


@pytest.fixture(scope="module", params=STEMS)
def stem(request: pytest.FixtureRequest) -> str:
    """Each file in turn; the scope keeps the tests of one file together, so that it is solved once."""
    return str(request.param)


def test_a_file_is_read(stem: str) -> None:
    for problem in problems(stem):
        assert problem.tasks
        assert problem.proof is None


def test_every_expression_asked_gets_its_derivation(stem: str) -> None:
    for problem, found in zip(problems(stem), derivations(stem), strict=True):
        assert [d.task.source for d in found] == [task.source for task in problem.tasks]


def test_every_line_is_proved_or_at_least_agrees(stem: str) -> None:
    accepted = {"proved"} if stem in SHOWN else {"proved", "agrees"}
    for found in derivations(stem):
        for derivation in found:
            judged = [line.decision for line in lines(derivation)]
            assert all(decision is not None for decision in judged)
            assert {decision.answer for decision in judged} <= accepted


def test_each_function_agrees_with_differences_of_the_forward_pass(stem: str) -> None:
    if stem not in REFERENCES:
        pytest.skip("asks for no number")
    for found, reference in zip(derivations(stem), REFERENCES[stem], strict=True):
        for derivation, find in zip(found, reference.finds, strict=True):
            check_function(derivation.function("numpy"), find, reference, SIZES)


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_a_reference_gives_finite_values(name: str) -> None:
    for reference in REFERENCES[name]:
        inputs = reference.inputs(Draw(3), 3)
        for find in reference.finds:
            assert np.all(np.isfinite(derivative(find, inputs)))


@pytest.mark.parametrize(("name", "slope"), [("rnn-relu-zero", 0.0), ("rnn-relu-one", 1.0)])
def test_the_slope_at_the_kink_is_the_one_that_the_problem_states(name: str, slope: float) -> None:
    at_the_kink = {"w": 1.0, "u": 1.0, "x": np.array([-2.0]), "h_0": 2.0, "T": 1}
    expected = [np.array(2 * slope), np.array(-2 * slope), np.array([slope, 1.0])]
    for derivation, value in zip(derivations(name)[0], expected, strict=True):
        assert difference(call(derivation.function("numpy"), at_the_kink), value) == ""


@pytest.mark.parametrize("name", OPAQUE)
def test_an_opaque_loss_leaves_a_proof_but_no_function(name: str) -> None:
    for derivation in derivations(name)[0]:
        with pytest.raises(NoFunctionError, match=r"ell"):
            derivation.function("numpy")


def test_the_recurrence_on_numbers_has_the_values_of_the_forward_and_backward_pass() -> None:
    assert [d.result for d in derivations("rnn-numbers")[0]] == [11, 37, -37, -20]


def test_what_is_written_reads_back_and_holds(tmp_path: Path) -> None:
    solved = run("solve", catalogue(), "-o", tmp_path / "answers", "--to", "md,tex")
    assert solved.returncode == 0, solved.stderr
    checked = run("check", "--format", "json", tmp_path / "answers")
    documents = json.loads(checked.stdout)["documents"]
    names = [path.stem + suffix for path in catalogue().glob("*.md") for suffix in (".md", ".tex")]
    assert {Path(d["path"]).name: d["verdict"] for d in documents} == dict.fromkeys(names, "holds")
    verdicts = Counter(r["verdict"] for d in documents for r in d["relations"])
    judged = sum(count for verdict, count in verdicts.items() if verdict != "given")
    assert verdicts["wrong"] == verdicts["unreadable"] == 0
    assert verdicts["proved"] + verdicts["rounded"] >= 0.95 * judged > 0
    assert checked.returncode == 0, checked.stderr
