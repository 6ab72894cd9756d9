"""Bad and hostile input is refused with a reason and a place, at once, and nothing else happens."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from symdl.errors import Place, ReadError
from symdl.problem import Block, Givens
from symdl.read import problem_from, read_all, read_chains, read_expression, read_text
from symdl.read.inline import delimited, value_behind
from symdl.read.layout import statement
from symdl.read.listed import listed_moments
from symdl.read.sentences import worded_equations
from symdl.read.source import Source
from symdl.read.stacks import spoken_stacks
from symdl.read.stops import _relating
from symdl.read.tokens import tokens

ITEMS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text())["items"]
SECONDS = 5.0
LONG = 100_000


def text_of(item: dict[str, Any]) -> str:
    if "text" in item:
        return str(item["text"])
    build = item["build"]
    n = build["n"]
    parts = build.get("pre", ""), build.get("open", "") * n, build.get("mid", ""), build.get("close", "") * n
    return "".join(parts) + build.get("post", "")


FORMULAS = [i for i in ITEMS if i["channel"] in ("expr", "proof") and ("text" in i or "build" in i)]
REFUSED = ("H01", "H02", "H04", "H05", "H07", "H19", "H20", "H23", "H28", "H31", "H40", "H41", "H43", "H46", "H56")


@pytest.mark.parametrize("item", FORMULAS, ids=lambda i: i["id"])
def test_a_hostile_formula_is_answered_in_time(item: dict[str, Any]) -> None:
    started = time.perf_counter()
    chains = read_chains(Block("display", text_of(item), Place("f.md", 1, 1)), Givens())
    assert time.perf_counter() - started < SECONDS
    if item["id"] in REFUSED:
        assert any(s.error is not None for c in chains for s in c.sides)


@pytest.mark.parametrize("item", [i for i in FORMULAS if i["channel"] == "proof"], ids=lambda i: i["id"])
def test_a_hostile_proof_is_answered_in_time(item: dict[str, Any]) -> None:
    started = time.perf_counter()
    try:
        read_text(f"# P\n\n## Given\n$a = b$\n\n## Find\n$a$\n\n## Proof\n$$\n{text_of(item)}\n$$\n", "f.md")
    except ReadError as error:
        assert error.place is not None
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    "latex",
    [
        "9^{9^{9^9}}",
        r"10^{99999}",
        r"e^{10^{60} \ln 2}",
        r"\exp(3 - 10^{60} \ln 5)",
        r"2^{10^{60} \frac{\ln 3}{\ln 2}}",
        "(9^{9})^{9999}",
        "a^{99999}",
        r"\frac{1}{0}",
        "0^{-1}",
        r"\sqrt{-1}",
        r"\log_1 a",
        "a!!",
        "1 2",
        r"2\frac{1}{2}",
        "a +",
        "+",
        "",
        "(a",
        "a)",
        "(a]",
        "a_",
        "a^",
        "a_1_2",
        r"\frac{a}",
        r"\frac{\partial L}{\partial}",
        r"\partial",
        r"\sum",
        r"\sum_i",
        r"\sum_{i=1}^{K}",
        r"\log",
        r"\max(a)",
        r"\mathrm{exit}()",
        r"\operatorname{foo}(a)",
        r"\foo",
        r"\begin{foo} a \end{foo}",
        r"\begin{cases} a \end{cases}",
        r"a = b",
        "a, b",
        r"\left( a",
        r"a \right)",
        "a^{b",
        "а",
        "w\u200b",
        "１",
        "a\u202eb",
        "a \\in b",
        r"\mathbb{E}[a]",
        r"\log a / b",
        "a / b c",
        r"1/2\pi a",
        r"\log a (b + c)",
        r"\log -a",
        r"\sin^{-1} a",
        r"\int a",
        "a | b",
        r"a \Big|_{a=1}^{b}",
        "$a$",
        "a @ b",
        r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}",
        r"\det A",
        r"\nabla L",
        r"\lim_{n \to \infty} a",
        "a % b \n +",
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(latex: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_expression(latex, Givens(), None, Place("f.md", 3, 5))
    assert caught.value.place is not None
    assert caught.value.place.line >= 3


def test_an_error_shows_the_line_and_points_into_it() -> None:
    with pytest.raises(ReadError) as caught:
        problem_from([r"L = a + \fraq{1}{2}"], ["L"])
    text = str(caught.value)
    assert text.splitlines() == [
        r"--given:1:9: the command \fraq is not known here",
        r"    L = a + \fraq{1}{2}",
        "            ^",
        r"    did you mean \frac?",
    ]


PIECES = st.sampled_from(
    [
        "a",
        "b",
        "z",
        "i",
        "K",
        "T",
        "_",
        "^",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "|",
        r"\|",
        "+",
        "-",
        "*",
        "/",
        "=",
        "<",
        ",",
        "&",
        r"\\",
        "1",
        "2.5",
        ".",
        "'",
        " ",
        "\n",
        r"\frac",
        r"\sum",
        r"\prod",
        r"\partial",
        "d",
        r"\log",
        r"\exp",
        r"\sigma",
        r"\left",
        r"\right",
        r"\Big",
        r"\begin{cases}",
        r"\end{cases}",
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\text{if}",
        r"\mathbf{1}",
        r"\top",
        r"\nabla",
        r"\dots",
        r"\hat",
        r"\mathrm",
        "e",
        r"\max",
        r"\in",
        r"\neq",
        r"\qquad",
        r"\boxed",
        r"\mathbb{R}",
        r"\delta",
        r"\cdot",
        r"\odot",
        r"\sqrt",
        "_i",
        "_{i=1}",
        "^{K}",
        r"\sum_{i=1}^{K}",
        "z_i",
        "p_{ij}",
        "W",
    ]
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_soup_of_signs_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ReadError):
        problem_from([text], ["L"])
    for chain in read_chains(Block("display", text, Place("f.md", 1, 1)), Givens()):
        assert len(chain.signs) == len(chain.sides) - 1
        assert all((s.expr is None) != (s.error is None) for s in chain.sides)


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ReadError):
        read_text(f"## Given\n${text}$\n## Find\n$$L$$\n", "f.md")


def test_a_file_that_is_not_utf8_is_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "f.md"
    path.write_bytes(bytes.fromhex("78203d20fffe5c66726163eda0800d0a"))
    with pytest.raises(ReadError, match="byte 5"):
        read_all(path)


@pytest.mark.parametrize(
    "matter",
    [
        "a: &a x\nb: *a",
        "title: !!python/object/apply:os.system [ls]",
        "title: a\ntitle: b",
        "colour: red",
        "- a\n- b",
        "title: [a, b]",
        "title: {a: {b: c}}",
        "title: 'open",
    ],
)
def test_front_matter_is_a_short_list_of_words(matter: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_text(f"---\n{matter}\n---\n# P\n", "f.md")
    assert caught.value.place is not None


def test_scalars_in_front_matter_stay_words() -> None:
    (problem,) = read_text("---\ntitle: no\nmarks: 010\n---\n## Given\n$a = b^2$\n## Find\n$a$\n", "f.md")
    assert (problem.title, problem.matter["marks"]) == ("no", "010")


def test_a_formula_full_of_signs_is_found_in_time() -> None:
    started = time.perf_counter()
    [found] = delimited("$" + "= " * 50_000 + "x$ GB")
    assert found.text.endswith("x")
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize("text", ["1" * LONG, "a-" * (LONG // 2), "P(X = k) = p" + " " * LONG, "$X$ " * (LONG // 4)])
def test_words_are_searched_in_time(text: str) -> None:
    began = time.process_time()
    list(spoken_stacks(f"row {text}"))
    list(listed_moments(text))
    value_behind("K", f" = {text}z", 0)
    assert time.process_time() - began < SECONDS
    list(worded_equations(Block("words", text, Place("f.md", 1, 1))))


@pytest.mark.parametrize("sign", ["1. ", "1 ", "a . "])
def test_a_formula_of_many_stops_and_digits_is_answered_in_time(sign: str) -> None:
    began = time.process_time()
    read_chains(Block("display", "a = " + sign * (10_000 // len(sign)), Place("f.md", 1, 1)), Givens())
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "latex",
    ["a . b = c, d", "(a = b) . c", "a . (b, c) = d", "x . y) = 2", "(x . y = 2", r"\left[ a . b ; c = d", "a, b, c"],
)
def test_a_relation_is_told_of_every_place_of_its_statement(latex: str) -> None:
    found = tokens(Source(latex), lenient=True)
    expected = [any(t.kind == "relation" for t in statement(found, n)) for n in range(len(found))]
    assert _relating(found)[: len(found)] == expected
