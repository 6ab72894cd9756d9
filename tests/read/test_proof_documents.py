r"""Given lists as they stand in hand proofs: what cannot be read is passed over and told, the rest is read aright."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Rational, exp, log

from symdl.errors import GivensError, Place, ReadError
from symdl.language import Chain, D, Delta, Prod, Sigma, Step, family, free_symbols, index, scalar, size
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Block, Problem, Range
from symdl.read import problem_from, read_chains, read_expression, read_text

i, j, k, t = map(index, "ijkt")


def proof(*givens: str, lines: str = "a = a") -> Problem:
    """A proof document with these givens: formulas as displays, what holds a dollar sign as a sentence."""
    blocks = [g if "$" in g else f"$${g}$$" for g in givens]
    text = "# P\n\n## Given\n\n" + "\n\n".join(blocks) + f"\n\n## Proof\n\n$${lines}$$\n"
    (problem,) = read_text(text, "p.md")
    return problem


def sides(problem: Problem, latex: str) -> list[Expr | str]:
    found = []
    for chain in read_chains(Block("display", latex, Place("p.md", 1, 1)), problem.givens):
        found += [s.expr if s.expr is not None else str(s.error and s.error.message) for s in chain.sides]
    return found


def test_a_given_that_cannot_be_read_leaves_the_others() -> None:
    problem = proof(r"a = 2 b", r"300 \to 512", r"c = \foo{b}", "b = 3")
    assert [d.label.name for d in problem.givens.definitions] == ["a"]
    assert [v.number for v in problem.givens.values] == [3]
    assert [block.text for block, _ in problem.unread] == [r"c = \foo{b}"]


def test_the_same_given_is_an_error_where_something_is_to_be_found() -> None:
    with pytest.raises(ReadError):
        problem_from([r"c = \foo{b}"], [r"\frac{dc}{db}"])


def test_two_values_for_one_name_are_both_passed_over() -> None:
    problem = proof("a = 1", "b = 2", "a = 3")
    assert [v.quantity for v in problem.givens.values] == [scalar("b")]
    assert [block.text for block, _ in problem.unread] == ["a = 1", "a = 3"]


def test_facts_that_exclude_each_other_are_both_passed_over() -> None:
    problem = proof("x > 0", "a = 1", "x < 0")
    assert not problem.givens.facts
    assert [block.text for block, _ in problem.unread] == ["x > 0", "x < 0"]


def test_a_given_under_a_condition_is_no_fact() -> None:
    problem = proof(r"f = 0 \text{ for } x \leq 0,\ a = 1", "The output is 1 if $a > 5$ and 0 if $a < 5$.")
    assert not problem.givens.facts
    assert [v.quantity for v in problem.givens.values] == [scalar("a")]
    with pytest.raises(ReadError, match="condition"):
        problem_from([r"f = 0 \text{ for } x \leq 0"], [r"\frac{df}{dx}"])


def test_a_family_whose_range_nothing_fixes_has_a_size_of_its_own() -> None:
    problem = proof(r"h_t = \tanh(V h_{t-1} + W x_t)")
    (definition,) = problem.givens.definitions
    assert definition.pattern == (t,)
    run = problem.givens.families[scalar("h")][0]
    assert run.lo == 0 and run.hi.is_positive


@pytest.mark.parametrize(
    ("givens", "latex", "expected"),
    [
        pytest.param(
            [r"z \in \mathbb{R}^{3}", "y = 2"],
            r"p = z_1 - [y = 2]",
            [scalar("p"), family("z", Integer(1)) - (1 - Step(scalar("y") - 2)) * (1 - Step(2 - scalar("y")))],
            id="brackets around a condition are its indicator",
        ),
        pytest.param(
            ["y = w x"],
            r"d = 1(y > 0) w",
            [scalar("d"), Step(scalar("y")) * scalar("w")],
            id="a one before a condition",
        ),
        pytest.param(
            [r"\text{output size} = 3 n"],
            r"\text{output size} = 3 n",
            [scalar(r"\text{output size}"), 3 * scalar("n")],
            id="words may name a quantity",
        ),
        pytest.param(
            [r"\text{LReLU}(x) = \begin{cases} x & x \geq 0 \\ 0.1 x & \text{otherwise} \end{cases}"],
            r"\text{LReLU}(-2)",
            [Rational(-1, 5)],
            id="a function of the problem hides the built-in one of that name",
        ),
        pytest.param(
            ["Here $\\log$ is the logarithm to base 10."],
            r"\log(100)",
            [log(100) / log(10)],
            id="the base of the logarithm",
        ),
        pytest.param(
            ["Here $\\log$ is the natural logarithm."], r"\log(x)", [log(scalar("x"))], id="the natural logarithm"
        ),
        pytest.param(
            ["$\\phi$ denotes the logistic sigmoid."],
            r"\phi(x)",
            [Sigmoid(scalar("x"))],
            id="words say which function a letter is",
        ),
        pytest.param(
            ["Here $\\sigma$ is the sigmoid."],
            r"\sigma(2)",
            [Sigmoid(2)],
            id="sigma stays the sigmoid where it is only mentioned",
        ),
        pytest.param(["$e$ and $f$ are unknown."], "3 e", [3 * scalar("e")], id="e may be an unknown"),
        pytest.param(["The base $e$ is Euler's number."], "e", [exp(1)], id="or Euler's number"),
        pytest.param(
            ["h_t = w h_{t-1}", "h_{in} = 2"], "h_{in}", [scalar("h_{in}")], id="in is a label, not two indices"
        ),
        pytest.param(
            [r"\mathbf{W} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"y = \mathbf{W}_1 x"],
            r"\mathbf{W}_1",
            [scalar(r"\mathbf{W}_1")],
            id="a bold name with a number is no entry",
        ),
        pytest.param(
            [r"h_i = i, i = 1, \dots, 4"],
            r"\sum h_i",
            [Sigma.over(i, Integer(1), Integer(4), family("h", i))],
            id="a sum without its letter runs over the only one",
        ),
        pytest.param(["a = 2"], r"2 \log_2 8", [2 * log(8) / log(2)], id="a base without braces"),
        pytest.param(["a = 2"], r"\log 6 / \log 2", [log(6) / log(2)], id="a quotient of logarithms"),
        pytest.param(
            ["a = 2"], r"\lfloor \frac{7}{2} \rfloor + \lceil 2.5 \rceil", [Integer(6)], id="numbers are rounded"
        ),
        pytest.param([r"L = -\log p_{a\_b}"], r"p_{a\_b}", [scalar(r"p_{\text{a-b}}")], id="underscores in a label"),
        pytest.param(
            ["BCE = w x"],
            r"\frac{\partial BCE}{\partial w}",
            [D(scalar(r"\mathrm{BCE}"), scalar("w"))],
            id="capitals are one name",
        ),
        pytest.param(
            ["a = 2"],
            r"RF(\text{conv}) = 3",
            [scalar(r"\mathrm{RF}(\text{conv})"), Integer(3)],
            id="words in brackets are part of the name",
        ),
        pytest.param(
            [r"z \in \mathbb{R}^{3}"],
            r"\text{softmax}(z_i) = z_i",
            [exp(family("z", i)) / Sigma.over(j, Integer(1), Integer(3), exp(family("z", j))), family("z", i)],
            id="softmax of an entry is the entry of softmax",
        ),
        pytest.param(
            ["Here $lr$ is the learning rate.", "w = 2 lr"],
            "3 lr",
            [3 * scalar(r"\mathrm{lr}")],
            id="letters that a sentence mentions together are one name",
        ),
        pytest.param(
            ["y = u x"],
            r"\frac{\delta y}{\delta u}",
            [D(scalar("y"), scalar("u"))],
            id="a variation over a variation is a derivative",
        ),
        pytest.param(
            ["y = u x"],
            r"y = u x \rightarrow \textcircled{A}",
            [scalar("y"), scalar("u") * scalar("x")],
            id="an arrow to a mark is passed over",
        ),
        pytest.param(["y = 5"], r"y = 5(\text{bias}) + 2", [scalar("y"), Integer(7)], id="a remark in brackets"),
        pytest.param(
            [r"x \in \mathbb{R}^{3}", "y = 2"],
            r"x = 0 \quad -1 \quad 1",
            [family("x", i), Delta(3, i) - Delta(2, i)],
            id="numbers side by side are a row",
        ),
        pytest.param(
            ["All entries are numbered from 0: $x = (5, 6)$."],
            "x_1 = 6",
            [family("x", Integer(1)), Integer(6)],
            id="from 0",
        ),
        pytest.param(
            ["x_1 = 2, x_2 = 3"],
            r"\left.\frac{\partial}{\partial x} \text{ReLU}(x)\right|_{x=0} + x_1",
            None,
            id="a letter at a bar only holds a place",
        ),
    ],
)
def test_hand_written_notation_is_read(givens: list[str], latex: str, expected: list[Expr] | None) -> None:
    found = sides(proof(*givens), latex)
    if expected is None:
        assert all(isinstance(x, Expr) for x in found), found
    else:
        assert found == expected


def test_a_vector_of_names_only_names_the_entries_of_one_that_is_given() -> None:
    found = proof(r"p = (q_{1,0}, q_{1,1})", "p = (0.25, 0.75)", "L = q_{1,1}").givens
    (name,) = [d for d in found.definitions if d.label.name == "q_{1,1}"]
    assert name.body == family("p", Integer(2))
    assert [v.number for v in found.values if v.quantity == name.body] == [Rational(3, 4)]


@pytest.mark.parametrize(
    ("givens", "latex", "message"),
    [
        (["y_i = 2 i, i = 1, \\dots, 3"], "y_0 = 0", "runs from 1 to 3, but 0 is used"),
        (["a = 2"], r"\text{maxpool} \begin{bmatrix} 1 & 2 \end{bmatrix}", "not a known function"),
        (["a_i = 2 i, i = 1, \\dots, 3"], r"\lfloor a_1 \rfloor", "only a number is rounded"),
        (["a = 2"], r"a \to 3", "was expected"),
    ],
)
def test_what_is_not_understood_is_refused(givens: list[str], latex: str, message: str) -> None:
    assert any(isinstance(x, str) and message in x for x in sides(proof(*givens), latex))


def test_the_letter_of_an_axis_is_not_captured_by_a_sum() -> None:
    problem = proof(r"a \in \mathbb{R}^{2 \times 2}", r"b \in \mathbb{R}^2", r"c = 1")
    (chain,) = read_chains(Block("display", r"v = \sum_i b_i a_i", Place("p.md", 1, 1)), problem.givens)
    (axis,) = chain.ranges
    right = chain.sides[1].expr
    assert right == Sigma.over(k, Integer(1), Integer(2), family("b", k) * family("a", k, axis))


def test_a_plain_name_with_a_number_that_is_given_is_no_entry_of_the_bold_vector() -> None:
    found = proof(r"\mathbf{s} = \mathbf{W} \mathbf{h} + \mathbf{b}", "b_2 = 0", "y = b_2").givens
    assert {d.label.name: d.body for d in found.definitions}["y"] == scalar("b_2")


def test_what_is_differentiated_in_a_proof_may_be_an_undeclared_function() -> None:
    assert sides(proof("a = 2"), r"\frac{d f(x)}{dx} = a") == [D(scalar("f"), scalar("x")), scalar("a")]


def test_entries_written_out_follow_the_numbering_of_what_they_equal() -> None:
    problem = proof("The entries of $p$ are numbered from 0: $p = (5, 6)$.", "q = (1, 2)")
    assert [f[0].lo for f in problem.givens.families.values()] == [0, 1]
    assert sides(problem, r"\begin{bmatrix} 7 & 8 \end{bmatrix} = p")[0] == 7 * Delta(0, i) + 8 * Delta(1, i)
    assert sides(problem, r"q = (3, 4)")[1] == 3 * Delta(1, i) + 4 * Delta(2, i)
    assert "entries" in str(sides(problem, "q = (3, 4, 5)")[1])


def test_what_one_vector_is_numbered_from_holds_for_all_that_stands_beside_it() -> None:
    text = "The entries of $p$ are numbered from 0: $p = (q_0, q_1)$."
    found = proof(r"p = W h", r"W = \begin{bmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{bmatrix}", text).givens
    assert found.families[scalar("W")] == (Range(Integer(0), Integer(1)), Range(Integer(1), Integer(3)))
    assert [str(v.quantity) for v in found.values] == ["W[0, 1]", "W[0, 2]", "W[0, 3]", "W[1, 1]", "W[1, 2]", "W[1, 3]"]
    assert {d.label.name: d.body for d in found.definitions}["q_1"] == family("p", Integer(1))


def test_a_condition_in_brackets_after_a_side_is_a_chain_of_its_own() -> None:
    problem = proof(r"p = \operatorname{softmax}(z), z \in \mathbb{R}^{3}")
    line = r"\frac{\partial p_i}{\partial z_k} = -p_i p_k (i \neq k)"
    first, second = read_chains(Block("display", line, Place("p.md", 1, 1)), problem.givens)
    assert first.sides[1].expr == -family("p", i) * family("p", k)
    assert second.signs == ("!=",)


def test_a_derivative_at_a_kink_may_be_given_in_words() -> None:
    (convention,) = proof(
        r"y = \text{ReLU}(x)", "The derivative of ReLU at 0 is taken as 1, as in $y$."
    ).givens.conventions
    assert (convention.head, convention.at, convention.value) == (ReLU, 0, 1)


def test_a_derivative_given_as_a_matrix_shows_the_shapes() -> None:
    (fact,) = proof(r"\frac{\partial L}{\partial V} = \begin{bmatrix} 2 & -2.5 \\ 1.5 & 3 \end{bmatrix}").givens.facts
    a, b = fact.ranges
    assert fact.relation.lhs == D(scalar("L"), family("V", a, b))


def test_a_function_whose_definition_is_not_read_does_not_multiply() -> None:
    problem = proof(r"g(x) = \foo{x}", "a = 2")
    assert sides(problem, "g(2) a") == [r"g is known at its own argument only"]


RECURRENCE = problem_from(
    [r"h_t = \tanh(w h_{t-1} + u x_t), t = 1, \dots, T"], [r"\frac{\partial h_T}{\partial w}"]
).givens
T = size("T")
h = scalar("h")


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("h_0", family(h, Integer(0))),
        (r"\sum_{i=1}^{0} h_{i-1}", Sigma.over(i, Integer(1), Integer(0), family(h, i - 1))),
        (r"\prod_{i=k+1}^{t} (1 - h_i^2)", Prod.over(i, k + 1, t, 1 - family(h, i) ** 2)),
        (
            r"\sum_{i=1}^{t-1} h_{i-1} \prod_{j=i}^{0} h_j",
            Sigma.over(i, Integer(1), t - 1, family(h, i - 1) * Prod.over(j, i, Integer(0), family(h, j))),
        ),
        ("t - 1", t - 1),
    ],
)
def test_parts_of_known_ranges_are_read(latex: str, expected: Expr) -> None:
    assert read_expression(latex, RECURRENCE, {k: Range(Integer(0), T)}) == expected


def test_an_ordered_product_of_matrices_is_read_from_its_entries() -> None:
    givens = problem_from(
        [r"h_t = \tanh(W h_{t-1}), h_t \in \mathbb{R}^n, t = 1, \dots, T"], [r"\frac{\partial h_T}{\partial h_k}"]
    ).givens
    found = read_expression(r"\left[\prod_{t=T}^{k+1} \left[W_{ab} h_{t,a}\right]_{a,b=1}^{n}\right]_{ij}", givens)
    a, b, n = index("a"), index("b"), size("n")
    assert found == Chain.over((t, a, b), k + 1, T, n, family("W", a, b) * family(h, t, a), i, j)
    with pytest.raises(ReadError, match="order of its factors"):
        read_expression(r"[\prod_{t=1}^{T} W]_{ij}", givens)


def test_an_indicator_may_have_its_own_value_at_zero() -> None:
    u = scalar("u")
    givens = problem_from(["L = u"], [r"\frac{dL}{du}"]).givens
    assert read_expression(r"\mathbf{1}_{1/2}[u > 0]", givens) == Step(u, Rational(1, 2))


def test_ranges_of_letters_fall_back_on_the_author_s_use_of_them() -> None:
    (chain,) = read_chains(Block("display", r"h_{t-1} = h_{t-1}", Place("p.md", 1, 1)), RECURRENCE)
    assert chain.ranges == {t: Range(Integer(1), T)}


def test_a_delta_equal_to_one_is_its_condition() -> None:
    givens = problem_from(
        [r"p = \operatorname{softmax}(z), z \in \mathbb{R}^K"], [r"\frac{\partial p_i}{\partial z_k}"]
    ).givens
    found = read_expression(
        r"\begin{cases} z_i & \text{if } \delta_{ik} = 1 \\ 0 & \text{otherwise} \end{cases}", givens
    )
    assert found.args[1] == Delta(i, k)
    assert index("i") in free_symbols(found)


def test_an_unread_range_conflict_is_told_with_its_place() -> None:
    problem = proof(r"a \in \mathbb{R}^3", "b = a_5")
    ((block, error),) = problem.unread
    assert block.place.line > 1 and isinstance(error, GivensError)
