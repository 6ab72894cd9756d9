"""Every document of the catalogue that asks to classify something is answered, and every line of it proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from symdl.problem import catalogue
from symdl.read import read_all
from symdl.solve import solve, tally
from symdl.write import render
from symdl.write.story import Page

DOCUMENTS = [p for p in sorted(catalogue().glob("*.md")) if "## Classify" in p.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_every_line_is_proved_and_the_answer_can_be_written(path: Path) -> None:
    for problem in read_all(path):
        found = solve(problem)
        for derivation in found:
            assert tally(derivation).proved == tally(derivation).total
            if derivation.task.kind == "classify":
                assert all(point.kind != "undecided" for point in derivation.result)
        page = Page(problem, tuple(found))
        assert render("md", page) == render("md", page)
        assert b"## Proof" in render("md", page)
