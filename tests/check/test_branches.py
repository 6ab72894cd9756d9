"""Lines that hold in one case of what is given, alone under it; and what words and equations before a line settle."""

import pytest
from check.checking import lines, under, verdicts

from symdl.check.basis import Basis
from symdl.check.branches import cases
from symdl.check.context import Context
from symdl.language import free_symbols, is_index
from symdl.read import read_chains, read_text

NET = r"""$$y = \max(\alpha x, x), \quad 0 < \alpha < 1, \quad E = \frac{1}{2} (y - t)^2$$"""
LASSO = r"""$$J = \frac{1}{2} \sum_{j=1}^p (\beta_j - c_j)^2 + \lambda \sum_{j=1}^p |\beta_j|, \quad \lambda > 0$$"""
MARGINS = (
    r"""$$L = \sum_{j \neq y} \max(0, s_j - s_y + 1), \quad j = 1, \dots, C$$"""
    "\n\n"
    r"""$$m_j = \mathbf{1}[s_j - s_y + 1 > 0]$$"""
)
CLASSES = r"""$$L = -\log p_y, \quad p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$$"""
PAIR = r"""$$L = -\log \frac{e^{s_1}}{\sum_{j=1}^N e^{s_j}}, \quad q_j = \frac{e^{s_j}}{\sum_{k=1}^N e^{s_k}}$$"""
WEIGHTED = r"""$$L = \alpha (x - a)^2 + (1 - \alpha) (x - b)^2$$"""

PAIRED = r"""$$L = y d^2 + (1 - y) m, \quad y \in \{0, 1\}$$"""
SIGNED = r"""$$L = \max(0, 1 - y s), \quad y \in \{-1, 1\}$$"""
ONE_HOT = (
    r"""$$L = -\sum_{k=1}^K y_k \log p_k, \quad y_k \in \{0, 1\}, \quad \sum_{k=1}^K y_k = 1$$"""
    "\n\n"
    r"""$$p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$$"""
)
UNITS = r"""$$h_i = \max(0, z_i), \quad i = 1, \dots, n$$"""
POOL = r"""$$m = \max(x_1, x_2, x_3)$$"""
CLIPPED = r"""$$L = \min(r A, (1 + \epsilon) A)$$"""
ENTROPY = r"""$$H = -\sum_{i=1}^n p_i \log p_i, \quad \sum_{i=1}^n p_i = 1$$"""
RIDGE = r"""$$J = (w - a)^2 + \lambda w^2, \quad \lambda > 0$$"""


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(PAIRED, "L = d^2", "undecided", id="one value of a label"),
        pytest.param(PAIRED, "L = 2 d^2", "wrong", id="no value of a label"),
        pytest.param(SIGNED, r"\frac{\partial L}{\partial s} = -1", "undecided", id="a label and a side of a kink"),
        pytest.param(SIGNED, r"\frac{\partial L}{\partial s} = s", "wrong", id="no label and side of a kink"),
        pytest.param(ONE_HOT, r"\frac{\partial L}{\partial z_k} = p_k - 1", "undecided", id="the true class"),
        pytest.param(ONE_HOT, r"L = -\log p_c", "undecided", id="a letter for the true class"),
        pytest.param(ONE_HOT, r"L = \log p_c", "wrong", id="a letter for the true class and a sign"),
        pytest.param(ONE_HOT, r"\frac{\partial L}{\partial z_k} = 1 - p_k", "wrong", id="the true class and a sign"),
        pytest.param(
            UNITS, r"\frac{\partial h_i}{\partial z_j} = 1", "undecided", id="equal indices, one side of a kink"
        ),
        pytest.param(UNITS, r"\frac{\partial h_i}{\partial z_j} = 2", "wrong", id="no case of indices and a kink"),
        pytest.param(POOL, r"\frac{\partial m}{\partial x_2} = 1", "undecided", id="the greatest of three"),
        pytest.param(POOL, r"\frac{\partial m}{\partial x_2} = 2", "wrong", id="none of three"),
        pytest.param(CLIPPED, r"\frac{\partial L}{\partial r} = A", "undecided", id="a kink with a factor of any sign"),
        pytest.param(CLIPPED, r"\frac{\partial L}{\partial r} = r", "wrong", id="no side of it"),
        pytest.param(ENTROPY, r"H = \log n", "undecided", id="shares that are alike"),
        pytest.param(ENTROPY, r"H = -\log n", "wrong", id="shares that are alike and a sign"),
        pytest.param(RIDGE, r"J = \frac{\lambda a^2}{1 + \lambda}", "undecided", id="the value at the optimum"),
        pytest.param(RIDGE, r"J = \frac{a^2}{1 + \lambda}", "wrong", id="no value at the optimum"),
        pytest.param(NET, r"y = \alpha x", "undecided", id="one side of a kink"),
        pytest.param(NET, r"\frac{\partial E}{\partial x} = \alpha (y - t)", "undecided", id="its slope"),
        pytest.param(NET, r"\frac{\partial E}{\partial x} = 2 (y - t)", "wrong", id="no side of the kink"),
        pytest.param(
            LASSO, r"\frac{\partial J}{\partial \beta_k} = \beta_k - c_k + \lambda", "undecided", id="in a sum"
        ),
        pytest.param(LASSO, r"\frac{\partial J}{\partial \beta_k} = \beta_k + \lambda", "wrong", id="a term lost"),
        pytest.param(MARGINS, r"\frac{\partial L}{\partial s_j} = m_j", "undecided", id="the other classes"),
        pytest.param(MARGINS, r"\frac{\partial L}{\partial s_j} = 2 m_j", "wrong", id="a factor too many"),
        pytest.param(CLASSES, r"\frac{\partial L}{\partial z_i} = p_i - 1", "undecided", id="the class itself"),
        pytest.param(CLASSES, r"\frac{\partial L}{\partial z_i} = 1 - p_i", "wrong", id="a sign"),
        pytest.param(PAIR, r"\frac{\partial L}{\partial s_j} = q_j", "undecided", id="all but the first"),
        pytest.param(PAIR, r"\frac{\partial L}{\partial s_j} = -q_j", "wrong", id="a sign at all but the first"),
        pytest.param(WEIGHTED, r"L = \frac{1}{2} (x - a)^2 + \frac{1}{2} (x - b)^2", "undecided", id="a weight put in"),
        pytest.param(WEIGHTED, r"L = \frac{1}{2} (x - a)^2 + \frac{1}{3} (x - b)^2", "wrong", id="no weight"),
    ],
)
def test_a_line_may_be_that_of_one_case_only_where_it_holds_in_one(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "letters"),
    [pytest.param("h_2 = 2", set(), id="a time"), pytest.param("h_t = 2", {"t"}, id="a letter for any time")],
)
def test_a_case_speaks_of_no_letter_that_stands_nowhere_in_the_line(line: str, letters: set[str]) -> None:
    given = r"$$h_t = \max(0, z_t), \quad z_t = v h_{t-1} + w x_t, \quad t = 1, \dots, T$$"
    [problem] = read_text(f"{under(given)}$${line}$$", "<text>")
    assert problem.proof is not None
    [chain] = read_chains(problem.proof[0], problem.givens)
    left, right = (side.expr for side in chain.sides)
    assert left is not None
    assert right is not None
    basis = Basis(Context(problem.givens), frozenset(), frozenset())
    found = [r for case in cases(basis, left, right, chain.ranges) for r in case]
    assert {s.name for r in found for side in r.sides for s in free_symbols(side) if is_index(s)} == letters


def test_a_line_that_goes_by_the_chain_rule_is_meant_for_all_cases() -> None:
    given = r"$$h_t = \text{ReLU}(z_t), \quad z_t = v h_{t-1} + w x_t$$"
    line = r"\frac{\partial h_t}{\partial v} = h_{t-1} + v \frac{\partial h_{t-1}}{\partial v}"
    assert verdicts(under(given), f"$${line}$$") == ["wrong"]


def test_a_label_that_is_given_by_its_square_is_no_positive_root() -> None:
    proof = "$$L = d^2$$\n\n$$L^2 = d^4$$"
    assert verdicts(under(r"$$L = y d^2, \quad y^2 = 1$$"), proof) == ["wrong", "proved"]
    assert verdicts(under(r"$$v = s^3, \quad s^2 = a$$"), r"$$v = a \sqrt{a}$$") == ["proved"]


SOFT = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^3 e^{z_j}}$$"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(
            "$$z = (1, 0, -1)$$\n\n$$y = (0, 1, 0)$$\n\n" + SOFT,
            "$$p = (0.665, 0.245, 0.090)$$\n\n$$z - 0.1 (p - y) = (0.934, 0.076, -1.009)$$", "rounded", id="vectors",
        ),
        pytest.param(
            "$$z = (1, 0, -1)$$\n\n$$y = (0, 1, 0)$$\n\n" + SOFT,
            "$$p = (0.665, 0.245, 0.090)$$\n\n$$z - 0.1 (p - y) = (0.934, 0.076, -1.019)$$", "wrong",
            id="a wrong entry",
        ),
        pytest.param(SOFT + "\n\n$$p = (0.2, 0.3, 0.5)$$", r"$$\frac{\partial p_1}{\partial z_2} = -0.06$$", "proved",
                     id="a derivative at values of what is defined"),
        pytest.param(SOFT + "\n\n$$p = (0.2, 0.3, 0.5)$$", r"$$\frac{\partial p_1}{\partial z_2} = 0.06$$", "wrong",
                     id="its sign"),
        pytest.param(r"$$x = (3, 4)$$", r"$$\frac{x}{9} = (0.3, 0.444)$$", "undecided",
                     id="fewer digits than beside"),
    ],
)  # fmt: skip
def test_rounded_vectors_are_carried_on_entry_by_entry(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


LAGRANGE = (
    r"To maximise $G$ under the constraint $\sum_{j=1}^n q_j = 1$ we need"
    "\n\n"
    r"$$\frac{\partial G}{\partial q_j} = \frac{c_j}{q_j} - \mu = 0 \Rightarrow q_j = \frac{c_j}{\mu}$$"
    "\n\nSumming over $j$,\n\n"
    r"$$1 = \frac{1}{\mu} \sum_{j=1}^n c_j$$"
    "\n\n"
    r"$$\mu = \sum_{j=1}^n c_j$$"
    "\n\n"
)
PENALISED = under(r"$$G = \sum_{j=1}^n c_j \log q_j + \mu (1 - \sum_{j=1}^n q_j)$$")


def test_a_multiplier_is_eliminated_by_the_constraint_named_in_words() -> None:
    found = verdicts(PENALISED, LAGRANGE + r"$$\hat{q}_j = \frac{c_j}{\sum_{k=1}^n c_k}$$")
    assert set(found) <= {"proved", "given"}
    assert found[-1] == "proved"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(r"$$p = \sigma(a + b x), \quad a = -3, b = 0.5$$", r"$$p = 0.5 \Leftrightarrow x = 6$$", "proved",
                     id="solved through a definition"),
        pytest.param(r"$$p = \sigma(a + b x), \quad a = -3, b = 0.5$$", r"$$p = 0.5 \Leftrightarrow x = 7$$", "wrong",
                     id="not solved"),
        pytest.param(r"$$f = x^2 + y^2, \quad x + y = 1$$", "$$2x = 2y$$", "undecided", id="two slopes of one f"),
        pytest.param("$$u_{k+1} = 0.5 u_k + 1, u_0 = 0$$", "$$u = 0.5 u + 1$$", "undecided", id="a limit"),
        pytest.param(r"$$J = \frac{1}{2} (\tanh(w x) - t)^2$$",
                     "At $w = 0$ the loss is flat in $t$. The product rule gives\n\n"
                     r"$$\frac{\partial J}{\partial w} = -t x$$", "undecided", id="a point of another sentence"),
        pytest.param(r"$$d = 256$$", r"The block has $2 \cdot d \cdot 4d = 4 d^2 = 262144$ weights.", "proved",
                     id="the last step of a sum in a sentence"),
        pytest.param(r"$$D = m^2$$", "For $m = 2$: $D = 5$", "wrong", id="a case and its value in one sentence"),
        pytest.param(r"$$h = \max(0, z)$$", "At $z = 0$ we take\n\n" r"$$\frac{d h}{d z} = \frac{1}{2}$$", "undecided",
                     id="a value at the kink"),
        pytest.param(r"$$h = \max(0, z)$$", "At $z = 0$ we take\n\n" r"$$\frac{d h}{d z} = 2$$", "wrong",
                     id="no slope at the kink"),
        pytest.param("$$u = 1$$", r"stride 3: $(7 - 3)/3 + 1 = 2.67$, it does not fit", "wrong",
                     id="numbers before a no"),
    ],
)  # fmt: skip
def test_what_stands_before_a_line_settles_it_as_far_as_it_goes(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


def test_a_wrong_step_of_a_sum_in_a_sentence_is_wrong_whatever_the_words() -> None:
    found = lines("$$d = 256$$", r"The block has $2 \cdot d \cdot 4d = 4 d^2 = 262144$ weights.")
    assert [r.verdict for r in found] == ["wrong", "proved"]


@pytest.mark.parametrize(
    ("first", "second", "verdicts_"),
    [
        (r"\text{If } z > 0: & f'(z) &= 2 z", r"\text{otherwise: } & f'(z) &= 0", ["given", "proved", "proved"]),
        (r"\text{If } z > 0: & f'(z) &= 2 z", r"\text{sonst: } & f'(z) &= 2 z", ["given", "proved", "wrong"]),
        (r"z > 0: \quad & f'(z) = 2 z", r"z < 0: \quad & f'(z) = 0", ["given", "proved", "given", "proved"]),
    ],
)
def test_a_row_holds_in_the_case_at_its_beginning(first: str, second: str, verdicts_: list[str]) -> None:
    rows = rf"$$\begin{{aligned}} {first} \\ {second} \end{{aligned}}$$"
    assert verdicts(under(r"$$f(z) = \max(0, z)^2$$"), rows) == verdicts_


@pytest.mark.parametrize("other", [r"\text{otherwise: }", r"i \neq j:"])
def test_rows_with_index_letters_that_agree_or_not_are_cases(other: str) -> None:
    slope = r"\frac{\partial p_i}{\partial z_j}"
    rows = rf"i = j: & {slope} = p_i (1 - p_i) \\ {other} & {slope} = -p_i p_j"
    given = under(r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}$$")
    assert set(verdicts(given, rf"$$\begin{{aligned}} {rows} \end{{aligned}}$$")) == {"given", "proved"}


def test_a_factor_of_what_is_0_in_a_case_explains_no_error() -> None:
    given = r"$$L = \max(0, 1 - y s), \quad y = 1$$"
    (found,) = (r for r in lines(given, "For $y s > 1$:\n\n$$\\frac{\\partial L}{\\partial s} = y$$") if r.lhs)
    assert (found.verdict, found.expected) == ("wrong", "0")
    assert "slip" not in found.reason


@pytest.mark.parametrize(("of", "verdict"), [("x_1", "proved"), ("x_2", "wrong")])
def test_a_case_that_the_givens_exclude_is_not_meant(of: str, verdict: str) -> None:
    given = "$$m = \\max(x_1, x_2)$$\n\nThe inputs satisfy $x_1 > x_2$."
    assert verdicts(under(given), f"$$m = {of}$$") == [verdict]


KINKED = under(r"$$f(x) = \begin{cases} x & \text{if } x \geq 0 \\ 0.1 x & \text{otherwise} \end{cases}$$")


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ("0.1", "1", ["proved", "proved"]),
        ("1", "1", ["wrong", "proved"]),
        ("0.1", "0", ["proved", "wrong"]),
        ("1", "0.1", ["wrong", "wrong"]),
    ],
)
def test_each_case_of_a_sentence_is_judged_in_itself(below: str, above: str, expected: list[str]) -> None:
    sentence = f"For $x < 0$ we have $f'(x) = {below}$, and for $x > 0$ we have $f'(x) = {above}$."
    assert verdicts(KINKED, sentence) == expected


@pytest.mark.parametrize(("line", "verdict"), [("4 - x", "proved"), ("3", "wrong")])
def test_a_point_outside_of_a_case_says_nothing_in_it(line: str, verdict: str) -> None:
    head = under(r"$$f(x) = \max(2 x + 1, 4 - x, 3)$$")
    proof = f"The first two meet where $2 x + 1 = -x + 4$, that is at $x = 1$.\n\nFor $x < 1$ we have $f(x) = {line}$."
    assert verdicts(head, proof) == ["proved", verdict]


@pytest.mark.parametrize(("above", "verdict"), [(r"\frac{x}{1 + x}", "proved"), (r"\frac{1}{1 + x}", "wrong")])
def test_words_name_no_case_of_a_side_that_is_written_case_by_case(above: str, verdict: str) -> None:
    line = rf"$$\nabla f(x) = \begin{{cases}} {above}, & x \ge 0 \\ \frac{{x}}{{1 - x}}, & x < 0 \end{{cases}}$$"
    proof = f"then we can get $\\nabla f(x)$:\n\n{line}"
    assert verdicts(under(r"$f(x) = |x| - \ln (1 + |x|)$"), proof) == [verdict]
