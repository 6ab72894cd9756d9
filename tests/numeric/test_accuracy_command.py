"""`symdl accuracy`: what it prints, and how it ends."""

from __future__ import annotations

import pytest

from symdl.cli import run

SIGMOID = ["--given", r"a = \frac{1}{1+e^{-z}}", "--find", r"\frac{\partial a}{\partial z}"]


def test_the_worst_point_of_a_formula_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["accuracy", *SIGMOID, "--box", "z=-800:800", "--points", "50"]) == 0
    text = capsys.readouterr().out
    assert "float64, 50 values at 50 points" in text
    assert "worst:" in text and " ulp" in text and "z = " in text


def test_the_same_command_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for _ in range(2):
        run(["accuracy", *SIGMOID, "--points", "20", "--dtype", "float32"])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "options",
    [
        ["--box", "z"],
        ["--box", "z=1"],
        ["--box", "z=2:1"],
        ["--box", "q=0:1"],
        ["--size", "K=0"],
        ["--target", "fortran"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_named(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["accuracy", *SIGMOID, *options]) == 2
    assert options[1].split("=")[0] in capsys.readouterr().err


def test_nothing_measured_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["accuracy", "--given", r"f = \log x", "--find", "f", "--box", "x=-2:-1", "--points", "5"]) == 3
    assert "nothing could be measured" in capsys.readouterr().out
