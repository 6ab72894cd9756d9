"""Which critical points a function has, and what they are."""

from __future__ import annotations

import pytest
from curvature.documents import derivations, points, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, sin

from symdl.errors import SymdlError, UnsolvedError

SMOOTH = {
    "nine points": (
        r"f(x, y) = x^4 - 32 x^2 + y^4 - 18 y^2",
        {(("0", "0"), "maximum")}
        | {((x, "0"), "saddle") for x in ("-4", "4")}
        | {(("0", y), "saddle") for y in ("-3", "3")}
        | {((x, y), "minimum") for x in ("-4", "4") for y in ("-3", "3")},
    ),
    "a bilinear form has a saddle off the origin": (
        r"f(x, y) = 2 x y + 3 x + 4 y",
        {(("-2", "-3/2"), "saddle")},
    ),
    "a cubic with a saddle only": (
        r"f(x, y) = (x - y)^3 - 2 (x^2 - y) + x^2 + y^2",
        {(("3/2", "1/2"), "saddle")},
    ),
    "no critical point": (r"f(p, q, r) = 3 p^3 + 3 q^2 + 4 r + 5", set()),
    "a fourth power": (r"f(x) = x^4", {(("0",), "minimum")}),
    "a fifth power is an inflection": (r"f(x) = x^5", {(("0",), "saddle")}),
    "a cubic beside a square": (r"f(x, y) = x^3 + y^2", {(("0", "0"), "saddle")}),
    "the monkey saddle": (r"f(x, y) = x^3 - 3 x y^2", {(("0", "0"), "saddle")}),
    "a square beside a fourth power": (r"f(x, y) = x^2 + y^4", {(("0", "0"), "minimum")}),
    "two parabolas": (r"f(x, y) = (y - x^2)(y - 3 x^2)", {(("0", "0"), "saddle")}),
    "a semidefinite form with a deciding next term": (
        r"f(x, y) = (x - y^2)^2 + y^5",
        {(("0", "0"), "saddle")},
    ),
    "two lines of minima": (r"f(x, y) = x^2 y^2", {(("0", "y"), "minimum"), (("x", "0"), "minimum")}),
    "a hyperbola of minima": (
        r"f(v, w) = (v w - 1)^2",
        {(("0", "0"), "saddle"), (("v", "1/v"), "minimum")},
    ),
    "a root of a cubic": (r"f(x) = x^4 + x", {(("-2**(1/3)/2",), "minimum")}),
    "an exponential": (r"f(x) = e^x - 2 x", {(("log(2)",), "minimum")}),
    "a logarithm": (r"f(x) = x \log x", {(("exp(-1)",), "minimum")}),
    "a damped line": (r"f(x) = x e^{-x}", {(("1",), "maximum")}),
    "a sine repeats": (
        r"f(x) = \sin x",
        {(("2*pi*k + pi/2",), "maximum"), (("2*pi*k - pi/2",), "minimum")},
    ),
    "a product of sines has saddles at the nodes": (
        r"f(x, y) = \cos x + y^2",
        {(("2*pi*k", "0"), "saddle"), (("2*pi*k + pi", "0"), "minimum")},
    ),
    "an exponential of what has two lines of minima": (
        r"f(x, y) = e^{x^2 y^2}",
        {(("0", "y"), "minimum"), (("x", "0"), "minimum")},
    ),
    "elimination leaves one transcendental equation": (r"f(x, y) = e^x + x y + y^2", set()),
    "a function of one direction is stationary on lines": (
        r"f(x, y) = \cos(x + y)",
        {(("2*pi*k - y", "y"), "maximum"), (("2*pi*k - y + pi", "y"), "minimum")},
    ),
    "a squared error on a sigmoid": (r"f(w) = (\sigma(w) - \frac{1}{4})^2", {(("-log(3)",), "minimum")}),
}  # fmt: skip

ROOTS = {
    "a root against a line": (r"f(x) = \sqrt{x^2 + 1} - x / 2", {(("sqrt(3)/3",), "minimum")}),
    "two different roots": (r"f(x) = \sqrt{x^2 + 1} + \sqrt{(x - 3)^2 + 4}", {(("1",), "minimum")}),
    "a root of a sum of squares": (
        r"f(x, y) = \sqrt{x^2 + y^2 + 1} - x / 3",
        {(("sqrt(2)/4", "0"), "minimum")},
    ),
    "a sum of logistic losses of three directions": (
        r"f(w, b) = \log(1 + e^{-w - b}) + \log(1 + e^{2 w + b}) + \log(1 + e^{-3 w - b})",
        {(("0", "log(2)"), "minimum")},
    ),
}

BENT = {
    "an absolute value": (r"f(x) = |x|", {(("0",), "minimum")}),
    "a kink that the slope pushes past": (r"f(x) = |x| + (x - 2)^2", {(("3/2",), "minimum")}),
    "a hinge is flat beyond its kink": (r"f(x) = \max(0, 1 - x)", {(("x",), "minimum")}),
    "a rectifier against a line": (r"f(x) = \mathrm{ReLU}(x) - x / 2", {(("0",), "minimum")}),
    "the absolute value of a parabola": (
        r"f(x) = |x^2 - 1|",
        {(("-1",), "minimum"), (("0",), "maximum"), (("1",), "minimum")},
    ),
    "the larger of two parabolas": (r"f(x) = \max(x^2, (x - 2)^2)", {(("1",), "minimum")}),
    "a sum of absolute values": (r"f(x, y) = |x| + |y - 1| + x^2", {(("0", "1"), "minimum")}),
    "a constant part beside a maximum": (
        r"f(x, y) = \max(0, x) - y^2",
        {(("x", "0"), "maximum"), (("0", "0"), "saddle")},
    ),
    "the largest of three lines": (r"f(x) = \max(x, -2 x, 1)", {(("x",), "minimum")}),
    "a root of an absolute value": (r"f(x) = \sqrt{|x|}", {(("0",), "minimum")}),
    "a power between one and two of an absolute value": (r"f(x) = |x|^{3/2}", {(("0",), "minimum")}),
    "the tip of a cone": (r"f(x, y) = \sqrt{x^2 + y^2}", {(("0", "0"), "minimum")}),
    "a kink along a diagonal": (r"f(x, y) = |x - y| + x^2 + y^2", {(("0", "0"), "minimum")}),
    "the absolute value of a product": (r"f(x, y) = |x y|", {(("0", "y"), "minimum"), (("x", "0"), "minimum")}),
    "the larger of two squares": (r"f(x, y) = \max(x^2, y^2)", {(("0", "0"), "minimum")}),
    "a kink along a circle": (
        r"f(x, y) = |x^2 + y^2 - 1|",
        {(("0", "0"), "maximum")} | {(("x", f"{s}sqrt(1 - x**2)"), "minimum") for s in ("", "-")},
    ),
    "a kink along a parabola": (r"f(x, y) = |x^2 - y|", {(("x", "x**2"), "minimum")}),
    "a kink across which the sign of the slope changes": (
        r"f(x, y) = x |y|",
        {(("0", "0"), "saddle"), (("x", "0"), "minimum"), (("x", "0"), "maximum")},
    ),
    "two kinks through a point that is not critical": (
        r"f(x, y) = |x y| + x^2 + y^2 - 2 x",
        {(("1", "0"), "minimum")},
    ),
    "three lines through a point": (r"f(x, y) = \max(x, y, -x - y)", {(("0", "0"), "minimum")}),
    "the larger of two letters": (r"f(x, y) = \max(x, y)", set()),
    "a kink that ties three variables": (
        r"f(x, y, z) = |x + y + z| + x^2 + y^2 + z^2 - 2 x",
        {(("2/3", "-1/3", "-1/3"), "minimum")},
    ),
    "two kinks that tie three variables": (
        r"f(x, y, z) = |x - y| + |y - z| + x^2 + y^2 + z^2 - 2 z",
        {(("1/4", "1/4", "1/2"), "minimum")},
    ),
    "a kink inside the condition of another": (
        r"f(r) = \begin{cases} \frac{1}{2} r^2 & |r| \le 1 \\ |r| - \frac{1}{2} & |r| > 1 \end{cases}",
        {(("0",), "minimum")},
    ),
    "absolute values in one another": (
        r"f(x) = ||x| - 1|",
        {(("-1",), "minimum"), (("0",), "maximum"), (("1",), "minimum")},
    ),
    "a root of an absolute value beside a line": (
        r"f(x) = \sqrt{|x|} - x",
        {(("0",), "minimum"), (("1/4",), "maximum")},
    ),
    "a difference of absolute values": (r"f(x, y) = |x| - |y|", {(("0", "0"), "saddle")}),
}  # fmt: skip


@pytest.mark.parametrize("case", [*SMOOTH.values(), *ROOTS.values(), *BENT.values()], ids=[*SMOOTH, *ROOTS, *BENT])
def test_the_points_of_a_function_are_these(case: tuple[str, set[tuple[tuple[str, ...], str]]]) -> None:
    body, expected = case
    head = body.split(" = ")[0]
    assert seen(points(body, head)) == expected


def conditions(given_: str | list[str], asked: str) -> set[tuple[str, str, tuple[str, ...]]]:
    return {
        (str(next(iter(p.at.values()))), p.kind, tuple(f"{c.lhs} {c.sign} {c.rhs}" for c in p.conditions))
        for p in points(given_, asked)
    }


def test_a_parameter_splits_the_cases() -> None:
    found = conditions(r"f(x) = x^4 + a x^2", "f(x)")
    assert ("0", "minimum", ("a >= 0",)) in found
    assert ("0", "maximum", ("a < 0",)) in found
    assert len(found) == 4


def test_a_fact_about_a_parameter_leaves_one_case() -> None:
    found = conditions([r"f(w) = (a w - b)^2 + \lambda w^2", r"\lambda > 0"], "f(w)")
    assert found == {("a*b/(\\lambda + a**2)", "minimum", ())}


def test_the_soft_threshold_has_three_cases() -> None:
    found = conditions([r"f = H(\theta - c)^2 + \alpha |\theta|", r"H > 0, \alpha > 0"], r"f(\theta)")
    assert found == {
        ("c - \\alpha/(2*H)", "minimum", ("\\alpha < 2*H*c",)),
        ("0", "minimum", ("\\alpha >= 2*H*c", "\\alpha >= -2*H*c")),
        ("c + \\alpha/(2*H)", "minimum", ("\\alpha < -2*H*c",)),
    }


def test_without_a_penalty_a_separable_sample_has_no_minimiser() -> None:
    assert points(r"f(w) = \log(1 + e^{-w})", "f(w)") == []
    (found,) = points([r"f(w) = \log(1 + e^{-w}) + \frac{\lambda}{2} w^2", r"\lambda > 0"], "f(w)")
    assert found.kind == "minimum"


def test_a_strongly_convex_function_of_two_weights_has_one_minimum_without_a_formula() -> None:
    body = r"f(u, v) = \log(1 + e^{-u - v}) + \frac{\lambda}{2}(u^2 + v^2)"
    (found,) = points([body, r"\lambda > 0"], "f(u, v)")
    assert found.kind == "minimum" and not found.conditions


def test_knots_that_repeat_are_listed_in_the_box() -> None:
    found = points(r"f(x) = |\sin x|", "f(x)")
    assert len(found) == 13 and {p.kind for p in found} == {"minimum", "maximum"}


@pytest.mark.parametrize(("entry", "kind"), [("3", "minimum"), ("-3", "saddle")])
def test_a_form_with_a_matrix_of_numbers_has_the_point_of_these(entry: str, kind: str) -> None:
    given_ = [
        rf"A = \begin{{pmatrix}} 2 & 1 \\ 1 & {entry} \end{{pmatrix}}",
        r"f(x) = \frac12 x^\top A x - x_1",
        r"x \in \mathbb{R}^2",
    ]
    (point,) = points(given_, "f")
    assert point.kind == kind


def test_a_constraint_is_kept_by_a_multiplier() -> None:
    found = seen(points([r"f(x, y) = x y", r"x^2 + y^2 = 2"], "f(x, y)"))
    assert found == {
        (("1", "1"), "maximum"), (("-1", "-1"), "maximum"), (("1", "-1"), "minimum"), (("-1", "1"), "minimum")
    }  # fmt: skip


def test_a_point_that_is_not_critical_is_answered_with_its_gradient() -> None:
    asked = r"f \text{ at } (0, 0), \qquad f \text{ at } (-2, -3/2)"
    first, second = derivations(r"f(x_1, x_2) = 2 x_1 x_2 + 3 x_1 + 4 x_2", asked)
    assert first.result == []
    assert "3" in first.text() and "not a critical point" in first.text()
    assert [p.kind for p in second.result] == ["saddle"]


@pytest.mark.parametrize(
    ("given_", "asked", "words"),
    [
        (r"f(x) = 3", "f(x)", "does not depend"),
        (r"f(x) = \log x", r"f \text{ at } (0)", "no value|outside"),
        (r"f(x, y) = x y", r"f \text{ at } (1)", "1 coordinate, the function 2 variables"),
        (r"f(x) = \log(-1 - x^2)", "f(x)", "defined nowhere"),
        (r"f(x) = \max(x, y, z, u, v, w)", "f(x)", "so many expressions"),
        (r"f(x) = x^{1/3}", "f(x)", "a root of order 3"),
        (r"f(x) = \sqrt{x}", r"f \text{ at } (0)", "not differentiable"),
        (r"f(x) = x^{2/3}", "f(x)", "root of order 3"),
        (
            [r"f(x, y) = |x - y| + x^2", "x + y > 0"],
            r"f \text{ at } (0, 0)",
            "outside the domain: x \\+ y is not positive",
        ),
        ([r"f(x, y) = x^2 + y^2", "x + y > 0"], r"f \text{ at } (0, 0)", "outside the domain: x \\+ y is not positive"),
    ],
)
def test_what_cannot_be_classified_is_said_in_words(given_: str | list[str], asked: str, words: str) -> None:
    with pytest.raises(UnsolvedError, match=words):
        derivations(given_, asked)


def test_a_function_is_classified_by_the_arguments_it_is_given_with() -> None:
    (point,) = points([r"f(w) = w^2 + \lambda w", r"\lambda > 0"], "f")
    assert seen([point]) == {(("-\\lambda/2",), "minimum")}


def test_an_irrational_point_has_certified_digits() -> None:
    found = sorted(points(r"f(x) = x^2 + \cos(3 x)", "f(x)"), key=lambda p: float(p.at["x"]))
    assert [p.kind for p in found] == ["minimum", "maximum", "minimum"]
    x = found[2].at["x"]
    assert abs(2 * x - 3 * sin(3 * x)).evalf(20) < Rational(1, 10**12)


NUMBERS = st.integers(-4, 4)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_quadratic_is_what_its_determinant_says(a: int, b: int, c: int) -> None:
    body = f"f(x, y) = {a} x^2 + ({b}) x y + ({c}) y^2"
    try:
        found = points(body, "f(x, y)")
    except SymdlError:
        assert (a, b, c) == (0, 0, 0) or a == b == 0 or b == c == 0
        return
    det = 4 * a * c - b * b
    kind = "saddle" if det < 0 else "minimum" if a + c > 0 else "maximum"
    assert {p.kind for p in found} == {kind}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.sets(st.integers(-5, 5), min_size=1, max_size=4))
def test_a_function_of_one_variable_turns_where_its_derivative_changes_sign(roots: set[int]) -> None:
    x = Symbol("x", real=True)
    slope = 1
    for r in roots:
        slope = slope * (x - r)
    from sympy import Poly, latex

    body = latex(Poly(slope, x).integrate(x).as_expr())
    found = points(f"f(x) = {body}", "f(x)")
    ordered = sorted(roots, reverse=True)
    expected = {((str(r),), "minimum" if n % 2 == 0 else "maximum") for n, r in enumerate(ordered)}
    assert seen(found) == expected


ENDS = {
    "an interval": (
        [r"f(x) = x^3 - 3 x", r"0 \le x \le 3"],
        "f(x)",
        {(("0",), "maximum"), (("1",), "minimum"), (("3",), "maximum")},
    ),
    "a half line": ([r"f(x) = x^2", r"x \ge 1"], "f(x)", {(("1",), "minimum")}),
    "an exponential on an interval": (
        [r"f(x) = e^x - x", r"-1 \le x \le 1"],
        "f(x)",
        {(("-1",), "maximum"), (("0",), "minimum"), (("1",), "maximum")},
    ),
    "a kink on an interval": (
        [r"f(x) = |x - 1|", r"0 \le x \le 3"],
        "f(x)",
        {(("0",), "maximum"), (("1",), "minimum"), (("3",), "maximum")},
    ),
    "a sine over one period": (
        [r"f(x) = \sin x", r"0 \le x \le 2 \pi"],
        "f(x)",
        {(("0",), "minimum"), (("pi/2",), "maximum"), (("3*pi/2",), "minimum"), (("2*pi",), "maximum")},
    ),
    "a disc": (
        [r"f(x, y) = x^2 + 2 y^2", r"x^2 + y^2 \le 1"],
        "f(x, y)",
        {(("0", "0"), "minimum"), (("0", "-1"), "maximum"), (("0", "1"), "maximum")},
    ),
    "a saddle on a disc": (
        [r"f(x, y) = x^2 - y^2", r"x^2 + y^2 \le 1"],
        "f(x, y)",
        {(("0", "0"), "saddle"), (("-1", "0"), "maximum"), (("1", "0"), "maximum")}
        | {(("0", "-1"), "minimum"), (("0", "1"), "minimum")},
    ),
    "a rectangle": (
        [r"f(x, y) = x^2 + y^2 - 2 x", r"0 \le x \le 2, 0 \le y \le 3"],
        "f(x, y)",
        {(("1", "0"), "minimum"), (("0", "3"), "maximum"), (("2", "3"), "maximum")},
    ),
    "an arc": (
        [r"f(x, y) = x + y", r"x^2 + y^2 = 2", r"x \ge 0"],
        "f(x, y)",
        {(("1", "1"), "maximum"), (("0", "-sqrt(2)"), "minimum"), (("0", "sqrt(2)"), "minimum")},
    ),
    "a triangle": (
        [r"f(x, y) = x y", r"x \ge 0, y \ge 0, x + y \le 1"],
        "f(x, y)",
        {(("1/2", "1/2"), "maximum"), (("0", "y"), "minimum"), (("x", "0"), "minimum")}
        | {(("0", "0"), "minimum"), (("0", "1"), "minimum"), (("1", "0"), "minimum")},
    ),
    "kinks on a circle": (
        [r"f(x, y) = |x| + |y|", r"x^2 + y^2 = 1"],
        "f(x, y)",
        {((x, y), "minimum") for x, y in (("1", "0"), ("-1", "0"), ("0", "1"), ("0", "-1"))}
        | {((f"{a}sqrt(2)/2", f"{b}sqrt(2)/2"), "maximum") for a in ("", "-") for b in ("", "-")},
    ),
    "a kink that ties two variables on a disc": (
        [r"f(x, y) = \max(x, y)", r"x^2 + y^2 \le 1"],
        "f(x, y)",
        {(("1", "0"), "maximum"), (("0", "1"), "maximum"), (("-sqrt(2)/2", "-sqrt(2)/2"), "minimum")},
    ),
    "a segment of the boundary on which a kinked function is least": (
        [r"f(x, y) = |x| + |y|", r"x + y \ge 1"],
        "f(x, y)",
        {(("1 - y", "y"), "minimum")},
    ),
    "an exponential on an ellipse": (
        [r"f(x, y) = e^{-x y}", r"x^2 + 4 y^2 \le 1"],
        "f(x, y)",
        {(("0", "0"), "saddle")}
        | {((f"{s}sqrt(2)/2", f"{s}sqrt(2)/4"), "minimum") for s in ("", "-")}
        | {((f"{s}sqrt(2)/2", f"{t}sqrt(2)/4"), "maximum") for s, t in (("", "-"), ("-", ""))},
    ),
    "the rate of an exponential is a letter": (
        [r"f(x) = e^{a x} - x", r"a > 0"],
        "f(x)",
        {(("-log(a)/a",), "minimum")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS.values(), ids=ENDS.keys())
def test_what_is_given_of_the_variables_is_respected(
    case: tuple[list[str], str, set[tuple[tuple[str, ...], str]]],
) -> None:
    given_, asked, expected = case
    assert seen(points(given_, asked)) == expected


def test_on_a_compact_domain_the_extremes_are_global() -> None:
    (found,) = derivations([r"f(x) = x^3 - 3 x", r"0 \le x \le 3"], "f(x)")
    assert "the global minimum is −2" in " ".join(found.text().split())


def test_a_convex_function_on_a_half_line_has_its_global_minimum_at_the_end() -> None:
    (found,) = derivations([r"f(x) = x^2", r"x \ge 1"], "f(x)")
    assert "domain convex: the minimum found is global" in " ".join(found.text().split())


def test_a_parameter_moves_the_minimum_to_the_boundary() -> None:
    found = conditions([r"f(x) = (x - a)^2", r"x \ge 0"], "f(x)")
    assert found == {("a", "minimum", ("a > 0",)), ("0", "maximum", ("a > 0",)), ("0", "minimum", ("a <= 0",))}


def test_a_point_on_the_boundary_is_judged_in_the_domain() -> None:
    first, second = derivations([r"f(x) = x^2", r"x \ge 1"], r"f \text{ at } (1), \qquad f(x)")
    assert [p.kind for p in first.result] == [p.kind for p in second.result] == ["minimum"]


def test_where_the_boundary_has_no_derivative_it_is_said_not_to_be_examined() -> None:
    (found,) = derivations([r"f(p) = -p \log p - (1 - p) \log(1 - p)", r"0 \le p \le 1"], "f(p)")
    assert [p.kind for p in found.result] == ["maximum"]
    assert "not examined" in found.text()


def test_an_open_part_of_a_circle_has_no_global_statement() -> None:
    (found,) = derivations([r"f(x, y) = x + y", r"x^2 + y^2 = 2", r"x > 0"], "f(x, y)")
    assert [p.kind for p in found.result] == ["maximum"]
    assert "global" not in found.text()
