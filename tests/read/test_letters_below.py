"""Letters below names that are indices without being plain ones, and labels that are classes of such members."""

import pytest
from check.checking import under, verdicts

LETTERS = [
    r"\ell", r"\mu", r"\alpha", r"\beta", r"\omega", r"\kappa", r"\sigma", r"\hat{k}", r"\hat k", "{k'}", "c",
]  # fmt: skip
STARRED = ["{k^*}", r"{k^\star}"]
BATCH = r"$$p_{nk} = \frac{\exp(z_{nk})}{\sum_{k'=1}^K \exp(z_{nk'})}$$"
CLASSES = r"$$p_k = \frac{\exp(z_k)}{\sum_{j=1}^K \exp(z_j)}, \quad L = -\sum_{k=1}^K %s \log p_k$$"
EXAMPLES = (
    r"$$\phi_k^{(i)} = \frac{\exp(z_k^{(i)})}{\sum_{j=1}^K \exp(z_j^{(i)})}$$"
    "\n\n"
    r"$$L = -\sum_{i=1}^m \sum_{k=1}^K %s\{y^{(i)} = k\}\log\phi_k^{(i)}$$"
    "\n\n"
    r"$$y^{(i)} \in \{1, \dots, K\}$$"
)


@pytest.mark.parametrize("letter", LETTERS)
def test_any_letter_below_an_array_is_the_index_of_a_member(letter: str) -> None:
    given = under(rf"$$p_{letter} = \frac{{e^{{a_{letter}}}}}{{\sum_{{i=1}}^n e^{{a_i}}}}$$")
    slope = rf"\frac{{\partial p_{letter}}}{{\partial a_{letter}}}"
    right = rf"$${slope} = p_{letter}(1 - p_{letter})$$"
    assert verdicts(given, right) == ["proved"]
    assert verdicts(given, rf"$${slope} = p_{letter}$$") == ["wrong"]


@pytest.mark.parametrize("letter", LETTERS + STARRED)
def test_the_member_of_one_class_is_one_of_those_in_the_sum(letter: str) -> None:
    given = under(r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$$" + "\n\n" + rf"$$L = -\log p_{letter}$$")
    right = rf"$$\frac{{\partial L}}{{\partial z_{letter}}} = p_{letter} - 1$$"
    assert verdicts(given, right) == ["proved"]
    assert verdicts(given, right.replace("- 1", "+ 1")) == ["wrong"]


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (BATCH, r"\sum_{k=1}^K p_{nk} = 1", "proved"),
        (BATCH, r"\frac{\partial p_{nk}}{\partial z_{nk}} = p_{nk}(1 - p_{nk})", "proved"),
        (BATCH, r"\frac{\partial p_{nk}}{\partial z_{nk}} = p_{nk}", "wrong"),
        (BATCH, r"\frac{\partial p_{nk}}{\partial z_{nk'}} = p_{nk}(\delta_{kk'} - p_{nk'})", "proved"),
        (BATCH, r"\frac{\partial p_{nk}}{\partial z_{nk'}} = p_{nk}(\delta_{kk'} - p_{nk})", "wrong"),
        (r"$$y_i = \sum_{i'=1}^n A_{ii'} x_{i'}$$", r"\frac{\partial y_i}{\partial x_{i'}} = A_{ii'}", "proved"),
        (r"$$y_i = \sum_{i'=1}^n A_{ii'} x_{i'}$$", r"\frac{\partial y_i}{\partial x_{i'}} = 2 A_{ii'}", "wrong"),
        (r"$$L = \sum_{\alpha=1}^n v_\alpha^2$$", r"\frac{\partial L}{\partial v_\beta} = 2 v_\beta", "proved"),
        (r"$$L = \sum_{\alpha=1}^n v_\alpha^2$$", r"\frac{\partial L}{\partial v_\beta} = v_\beta", "wrong"),
        # What stands alone too is a quantity: whether the letter below is its label or an index is not known.
        (
            r"$$q = \sum_{i=1}^n w_i + \lambda w_\lambda$$",
            r"\frac{\partial q}{\partial w_\lambda} = \lambda",
            "undecided",
        ),
    ],
)
def test_letters_side_by_side_below_a_name_are_two_indices(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize("one", ["1", r"\mathbb{1}", r"\mathbb{I}", "I"])
def test_a_one_before_a_comparison_is_an_indicator(one: str) -> None:
    given = under(r"$$y \in \{1, 2, \dots, K\}$$" + "\n\n" + CLASSES % (one + r"\{k = y\}"))
    right = rf"$$\frac{{\partial L}}{{\partial z_l}} = p_l - {one}\{{l = y\}}$$"
    assert verdicts(given, right) == ["proved"]
    assert verdicts(given, right.replace("p_l -", "p_l +")) == ["wrong"]


@pytest.mark.parametrize("one", ["1", r"\mathbb{1}", r"\mathbb{I}"])
def test_a_label_of_an_example_is_one_of_the_classes(one: str) -> None:
    given = under(EXAMPLES % one)
    right = rf"$$\frac{{\partial L}}{{\partial z_k^{{(i)}}}} = \phi_k^{{(i)}} - {one}\{{y^{{(i)}} = k\}}$$"
    assert verdicts(given, right) == ["proved"]
    assert verdicts(given, right.replace(r"\phi_k^{(i)} -", r"\phi_k^{(i)} +")) == ["wrong"]


@pytest.mark.parametrize("label", ["z_i", "z^{(i)}"])
def test_every_label_is_counted_in_one_class(label: str) -> None:
    given = rf"$${label} \in \{{1, \dots, K\}}$$" "\n\n" rf"$$N_k = \sum_{{i=1}}^n \mathbb{{I}}({label} = k)$$"
    assert verdicts(under(given), r"$$\sum_{k=1}^K N_k = n$$") == ["proved"]
    assert verdicts(under(given), r"$$\sum_{k=1}^K N_k = n + 1$$") == ["wrong"]


@pytest.mark.parametrize("label", ["y_i", "y^{(i)}"])
def test_the_values_of_members_are_kept(label: str) -> None:
    given, total = under(rf"$${label} \in \{{0, 1\}}$$"), rf"\sum_{{i=1}}^m {label}"
    assert verdicts(given, rf"$$\sum_{{i=1}}^m ({label})^2 = {total}$$") == ["proved"]
    assert verdicts(given, rf"$$\sum_{{i=1}}^m ({label})^2 = 2 {total}$$") == ["wrong"]
    assert verdicts(given, rf"$${total} = \sum_{{i=1}}^m 1\{{{label} = 1\}}$$") == ["agrees"]


PAIRS = "L = (x_1 - x_2)^2 + (x_1 - x_3)^2 + (x_2 - x_3)^2"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (r"L = \sum_{i < j} (x_i - x_j)^2, \quad x \in \mathbb{R}^3", PAIRS, "proved"),
        (r"L = \sum_{i < j} (x_i - x_j)^2, \quad x \in \mathbb{R}^3", PAIRS + " + 1", "wrong"),
        (r"L = \sum_{1 \leq i < j \leq 3} (x_i - x_j)^2", PAIRS, "proved"),
        (r"L = \sum_{1 \leq i < j \leq 3} (x_i - x_j)^2", PAIRS.replace("2)^2 +", "2)^2 -"), "wrong"),
        (r"L = \sum_{i \leq j} x_i x_j, \quad x \in \mathbb{R}^2", "L = x_1^2 + x_1 x_2 + x_2^2", "proved"),
        (r"L = \sum_{i \leq j} x_i x_j, \quad x \in \mathbb{R}^2", "L = x_1^2 + 2 x_1 x_2 + x_2^2", "wrong"),
        # The letter on the left is that of the rule.
        (r"P_j = \sum_{i < j} x_i x_j", "P_3 = (x_1 + x_2) x_3", "proved"),
        (r"P_j = \sum_{i < j} x_i x_j", "P_3 = x_1 x_2 + (x_1 + x_2) x_3", "wrong"),
        # Over all pairs of three, or of more.
        (r"L = \sum_{i < j} (x_i - x_j)^2", PAIRS, "undecided"),
    ],
)
def test_a_sum_over_pairs_binds_both_letters(given: str, line: str, expected: str) -> None:
    assert verdicts(under(f"$${given}$$"), f"$${line}$$") == [expected]


WEIGHTED = (
    r"$$X \in \mathbb{R}^{m \times n},\ \theta \in \mathbb{R}^n,\ y \in \mathbb{R}^m$$"
    "\n\n"
    r"$$J = \frac{1}{2}(X\theta - y)^T W(X\theta - y)$$"
)


@pytest.mark.parametrize(
    "entries", [r"w_1, \dots, w_m", r"w_1, w_2, \ldots, w_m", r"w^{(1)}, \dots, w^{(m)}", r"w_1^2, \dots, w_m^2"]
)
def test_a_list_with_dots_is_the_diagonal_of_a_matrix(entries: str) -> None:
    given = under(rf"$$W = \mathrm{{diag}}({entries})$$" + "\n\n" + WEIGHTED)
    assert verdicts(given, r"$$\nabla_\theta J = X^T W(X\theta - y)$$") == ["proved"]
    assert verdicts(given, r"$$\nabla_\theta J = X^T W(X\theta + y)$$") == ["wrong"]
    assert verdicts(given, "$$W^T = W$$") == ["proved"]


@pytest.mark.parametrize("size", ["n_{in}", r"n_{\text{in}}", r"d_{\mathrm{in}}", "d_k"])
def test_a_sum_ends_at_a_length_with_a_label(size: str) -> None:
    given = under(
        rf"$$s = \sum_{{i=1}}^{{{size}}} q_i k_i$$"
        "\n\n$q_i$ and $k_i$ are independent random variables with mean $0$ and variance $1$."
    )
    assert verdicts(given, rf"$$\mathrm{{Var}}(s) = {size}$$") == ["proved"]
    assert verdicts(given, rf"$$\mathrm{{Var}}(s) = \sqrt{{{size}}}$$") == ["wrong"]


def test_a_number_for_each_class_is_no_length() -> None:
    given = r"$$\mu_k = \frac{1}{n_k} \sum_{i=1}^{n_k} x_{ki}$$" "\n\n" r"$$N = \sum_{k=1}^K n_k$$"
    assert verdicts(under(given), r"$$N = K n_k$$") == ["wrong"]


def test_a_standard_deviation_is_no_logistic_function() -> None:
    given = under(r"$$z = \sum_{i=1}^{d_k} q_i k_i$$")
    claim = r"$$\sigma(z) = \sqrt{d_k}$$"
    assert verdicts(given, f"The standard deviation is:\n\n{claim}") == ["undecided"]
    assert verdicts(given, claim) == ["wrong"]


@pytest.mark.parametrize("total", [r"\sum_{j=1}^K", r"\sum_j"])
@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (r"y_k = \delta_{ck}", r"p_k - y_k = p_k - \delta_{ck}", r"p_k - y_k = p_k + \delta_{ck}"),
        (r"t_k = 2 q_k", r"p_k t_k = 2 p_k q_k", r"p_k t_k = p_k q_k"),
    ],
)
def test_the_letter_of_a_member_is_an_index_of_other_rules(total: str, given: str, right: str, wrong: str) -> None:
    head = under(rf"$$p_k = \frac{{e^{{z_k}}}}{{{total} e^{{z_j}}}}$$" + f"\n\n$${given}$$")
    assert [verdicts(head, f"$${line}$$") for line in (right, wrong)] == [["proved"], ["wrong"]]
