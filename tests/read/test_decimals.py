"""Commas in numbers: decimal signs where the document shows it, else lists and thousands, else not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdl.check import check
from symdl.read.decimals import with_points

SOFTMAX = r"$$z = (1; 2; 3), \quad p_k = \frac{e^{z_k}}{e^{z_1} + e^{z_2} + e^{z_3}}, \quad k = 1, 2, 3$$"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param(r"$a = 0,25$", r"$a = 0.25$", id="a nought and two digits"),
        pytest.param(r"$\frac{42}{9} \approx 4,667$ and $0,3 + 1,5$", r"$\frac{42}{9} \approx 4.667$ and $0.3 + 1.5$",
                     id="all, where two are sure"),
        pytest.param(r"$z = (1; 2; 3)$, $\sqrt{5} \approx 2,236$", r"$z = (1; 2; 3)$, $\sqrt{5} \approx 2.236$",
                     id="a list with semicolons"),
        pytest.param(r"We use decimal commas. $a = 0,5$", r"We use decimal commas. $a = 0.5$", id="words say it"),
        pytest.param(r"$0,25 \cdot 2{,}718$", r"$0.25 \cdot 2{.}718$", id="in braces"),
        pytest.param(r"$0,25 + 1,5$, $y \in \{0,1\}$, $N(0,1)$, $w_{1,2}$, $[0,1]$",
                     r"$0.25 + 1.5$, $y \in \{0,1\}$, $N(0,1)$, $w_{1,2}$, $[0,1]$", id="lists in brackets stay"),
    ],
)  # fmt: skip
def test_commas_that_are_decimal_signs_become_points(text: str, meant: str) -> None:
    assert with_points(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        r"$k = 1,2$ and $t = 0,1$", r"$n = 12,000 + 1,500$", r"$f(2,5) = g(3,7)$", r"$a = 0.5$, $k = 2,5$, $m = 0,25$",
        r"$y \in \{0,1\}$, $x \in [0,25]$", r"$k = 1,3,5$", r"$a = 0,5$",
    ],
)  # fmt: skip
def test_other_commas_stay(text: str) -> None:
    assert with_points(text) == text


@given(st.lists(st.sampled_from(["0,25", "1,5", "(1; 2)", " ", "$", "1,000", "0{,}5", "{", "}", "N(0,1)", "2.5"])))
def test_every_place_stays_what_it_is(parts: list[str]) -> None:
    text = "".join(parts)
    assert len(with_points(text)) == len(text)


@pytest.mark.parametrize(
    ("line", "verdicts"),
    [
        (r"e^1 + e^2 + e^3 = 2,718 + 7,389 + 20,086 = 30,193", ["rounded", "proved"]),
        (r"e^1 + e^2 + e^3 = 2,718 + 7,389 + 20,086 = 31,093", ["rounded", "wrong"]),
        (r"p_3 = 0,5 + 0,165 = 0,665", ["rounded", "proved"]),
        (r"p_3 = 0,5 + 0,165 = 0,656", ["rounded", "wrong"]),
    ],
)
def test_a_proof_with_decimal_commas_is_judged(line: str, verdicts: list[str]) -> None:
    (document,) = check(f"## Given\n\n{SOFTMAX}\n\n## Proof\n\n$${line}$$\n").documents
    assert [r.verdict for r in document.relations] == verdicts


@pytest.mark.parametrize("line", [r"a = 0,5 b", r"\ln(2 \pi) = 1,838", r"-1,838 - 1 = -2,838"])
def test_a_comma_that_nothing_settles_is_not_read(line: str) -> None:
    (document,) = check(f"## Given\n\n$$a = 2 b, b > 0$$\n\n## Proof\n\n$${line}$$\n").documents
    assert "unreadable" in [r.verdict for r in document.relations]
    assert not {"wrong", "proved"} & {r.verdict for r in document.relations}
