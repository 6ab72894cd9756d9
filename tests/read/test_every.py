"""What words say of every quantity."""

import pytest
from check.checking import under, verdicts

LAYERS = (
    r"$$z^{(1)} = W^{(1)} x,\quad h = \tanh(z^{(1)}),\quad E = \frac{1}{2}\|h - t\|^2$$"
    "\n\n$W^{(1)} \\in \\mathbb{R}^{m \\times n}$, $x \\in \\mathbb{R}^n$.\n\n"
)


@pytest.mark.parametrize(
    "words",
    [
        r"For every variable $v$ we write $\overline{v} = \frac{\partial E}{\partial v}$.",
        r"We write $\bar{v}$ for $\partial E/\partial v$.",
        r"For any quantity $v$, let $\overline{v}$ denote $\frac{\partial E}{\partial v}$.",
        "The bar of a variable is the derivative of $E$ with respect to it.",
    ],
)
@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\overline{h} = h - t", "proved"),
        (r"\bar{h} = t - h", "wrong"),
        (r"\overline{z^{(1)}} = (h - t) \odot (1 - h^2)", "proved"),
        (r"\overline{W}^{(1)} = \overline{z}^{(1)} x^\top", "proved"),
        (r"\bar{x} = (W^{(1)})^\top \bar{z}^{(1)}", "proved"),
        (r"\bar{x} = -(W^{(1)})^\top \bar{z}^{(1)}", "wrong"),
    ],
)
def test_a_rule_for_every_variable_says_what_each_is(words: str, line: str, verdict: str) -> None:
    assert verdicts(under(LAYERS + words), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\delta_h = h - t", "proved"),
        (r"\delta_{z^{(1)}} = \delta_h \odot (1 - h^2)", "proved"),
        (r"\delta_{z^{(1)}} = \delta_h \odot (1 - h)", "wrong"),
    ],
)
def test_a_rule_may_set_the_variable_below_a_name(line: str, verdict: str) -> None:
    assert verdicts(under(LAYERS + r"We write $\delta_v$ for $\partial E/\partial v$."), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("words", "mean"),
    [
        (r"The gradient of the weight is $\bar{w} = \frac{\partial L}{\partial w}$.", "given"),
        (r"For any variable $w$ we write $\bar{w} = \frac{\partial L}{\partial w}$.", "wrong"),
    ],
)
def test_what_is_said_of_a_quantity_that_is_given_is_no_rule(words: str, mean: str) -> None:
    proof = "$$\\bar{w} = 2 z x$$\n\n$$\\bar{x} = \\frac{1}{2}(x + 4)$$"
    assert verdicts(under(f"$$z = wx,\\quad L = z^2$$\n\n{words}"), proof) == ["proved", mean]


def test_a_bar_of_which_no_rule_speaks_stays_a_name() -> None:
    assert verdicts(under(LAYERS), r"$$\bar{h} = h - t$$") == ["given"]
