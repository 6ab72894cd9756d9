r"""Problems as textbooks state them, from the document to the line a person would write, with every line proved."""

from __future__ import annotations

import pytest

from symdl.judge import decide
from symdl.read import read_text
from symdl.solve import attempt
from symdl.write import latex_of

SOFTMAX = r"$$q_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \qquad i = 1, \dots, K$$"

TEXTBOOK = {
    "Tversky index": (
        r"""$$T = \frac{\sum_{i=1}^{n} p_i g_i}{\sum_{i=1}^{n} p_i g_i + \alpha \sum_{i=1}^{n} p_i (1 - g_i)
        + \beta \sum_{i=1}^{n} (1 - p_i) g_i}$$""",
        r"\frac{\partial T}{\partial p_i}",
        r"""\frac{g_i + T((\alpha + \beta - 1) g_i - \alpha)}{\sum_{j=1}^{n} p_j g_j
        + \alpha \sum_{j=1}^{n} p_j(1 - g_j) + \beta \sum_{j=1}^{n} g_j(1 - p_j)}""",
    ),
    "divisive normalisation": (
        r"""$$s = \beta + \sum_{k=1}^{n} w_k x_k^2, \qquad y_i = \frac{x_i}{\sqrt{s}}, \qquad i = 1, \dots, n$$""",
        r"\frac{\partial y_i}{\partial x_j}",
        r"\frac{\delta_{ij} - w_j y_i y_j}{\sqrt{s}}",
    ),
    "weight normalisation": (
        r"""$$r = \sqrt{\sum_{j=1}^{n} v_j^2}, \qquad w_i = g \frac{v_i}{r}, \qquad i = 1, \dots, n$$
        $$a = \sum_{i=1}^{n} w_i x_i, \qquad L = \frac{1}{2}(a - t)^2$$""",
        r"\frac{\partial L}{\partial v_i}",
        r"\frac{(a - t)(g r x_i - a v_i)}{r^2}",
    ),
    "variance of a scalar Kalman filter": (
        r"""$$m_t = P_{t-1} + q, \qquad k_t = \frac{m_t}{m_t + r}, \qquad P_t = (1 - k_t) m_t, \qquad t = 1, \dots, T$$
        $$P_0 > 0, \qquad q > 0, \qquad r > 0, \qquad P_0 \text{ constant}$$""",
        r"\frac{\partial P_T}{\partial r}",
        r"\sum_{t=1}^{T} k_t^2 \prod_{s=t+1}^{T} (1 - k_s)^2",
    ),
    "noisy or, where a factor may be zero": (
        r"$$P = 1 - \prod_{i=1}^{n} (1 - p_i x_i)$$",
        r"\frac{\partial P}{\partial p_k}",
        r"x_k \prod_{i \neq k} (1 - p_i x_i)",
    ),
    "independent units keep a product of numbers": (
        r"""$$h_{t,i} = \tanh(u_i h_{t-1,i} + x_{t,i}), \qquad t = 1, \dots, T, \qquad i = 1, \dots, n$$
        $$h_{0,i} = 0$$""",
        r"\frac{\partial h_{T,i}}{\partial h_{s,k}}",
        r"u_i^{T - s} \delta_{ik} \prod_{t=s+1}^{T} (1 - h_{ti}^2)",
    ),
    "linear attention carries a matrix": (
        r"""$$S_{t,a,b} = g_t S_{t-1,a,b} + k_{t,a} v_{t,b}, \qquad t = 1, \dots, T, \qquad a = 1, \dots, d, \qquad
        b = 1, \dots, m$$
        $$S_{0,a,b} = 0, \qquad o_b = \sum_{a=1}^{d} q_a S_{T,a,b}$$""",
        r"\frac{\partial o_b}{\partial v_{s,c}}",
        r"\delta_{bc}\left(\prod_{t=s+1}^{T} g_t\right) \sum_{a=1}^{d} k_{sa} q_a",
    ),
    "value of a state, backward in time": (
        r"$$V_t = r_t + \gamma V_{t+1}, \qquad t = 1, \dots, T, \qquad V_{T+1} = 0$$",
        r"\frac{\partial V_1}{\partial \gamma}",
        r"\sum_{t=1}^{T} \gamma^{t - 1} V_{t+1}",
    ),
    "a vector state backward in time": (
        r"""$$g_{t,i} = d_{t,i} + \sum_{j=1}^{n} A_{ji} g_{t+1,j}, \qquad t = 1, \dots, T, \qquad i = 1, \dots, n$$
        $$g_{T+1,i} = 0$$""",
        r"\frac{\partial g_{1,i}}{\partial d_{s,j}}",
        None,
    ),
    "one step of a vector recurrence": (
        r"""$$h_{t,i} = \tanh(\sum_{j=1}^{n} W_{ij} h_{t-1,j} + x_{t,i}), \qquad t = 1, \dots, T, \qquad
        i = 1, \dots, n$$""",
        r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}}",
        r"W_{ij}(1 - h_{ti}^2)",
    ),
    "base and exponent of a power both vary": (
        r"$$f = \left(1 + \frac{a}{x}\right)^x, \qquad x > 0, \qquad a > 0$$",
        r"\frac{\partial f}{\partial x}",
        r"f\left(\log\left(\frac{a}{x} + 1\right) - \frac{a}{a + x}\right)",
    ),
    "what a convolution hands back to its inputs": (
        r"""$$y_i = \sum_{k=1}^{K} w_k x_{i+k-1}, \qquad i = 1, \dots, n$$
        $$x \in \mathbb{R}^m, \qquad m = n + K - 1, \qquad L = \sum_{i=1}^{n} g_i y_i$$""",
        r"\frac{\partial L}{\partial x_j}",
        r"\sum_{i=1}^{n} w_{j-i+1} g_i \mathbf{1}[K + i - j - 1 \geq 0] \mathbf{1}[j - i \geq 0]",
    ),
    "what words say of a matrix is given": (
        r"""$$q = \frac{1}{2} w^\top A w - b^\top w$$ where $A \in \mathbb{R}^{n \times n}$ is symmetric and
        $w, b \in \mathbb{R}^n$.""",
        r"\nabla_w q",
        r"\sum_{j=1}^{n} w_j A_{ij} - b_i",
    ),
    "two layers with a kink, and sizes that letters of indices would hide": (
        r"""$$Z = X W, \qquad A = \max(0, Z), \qquad S = A V, \qquad G = \frac{\partial L}{\partial S}$$
        $X \in \mathbb{R}^{n \times d}$, $W \in \mathbb{R}^{d \times m}$, $V \in \mathbb{R}^{m \times k}$""",
        r"\frac{\partial L}{\partial W}",
        r"\sum_{l=1}^{n} X_{li} \mathbf{1}[Z_{lj} > 0] \sum_{r=1}^{k} V_{jr} G_{lr}",
    ),
    "a density of several classes, beside whose weights pi is the number": (
        r"""$$D = \sum_{k=1}^{K} \pi_k \frac{1}{\sqrt{2 \pi} \sigma_k} e^{-\frac{(x - \mu_k)^2}{2 \sigma_k^2}}, \qquad
        \ell = \log D$$""",
        r"\frac{\partial \ell}{\partial \mu_k}",
        r"\frac{\pi_k e^{-\frac{(x - \mu_k)^2}{2 \sigma_k^2}}(x - \mu_k)}{D \sigma_k^3 \sqrt{2 \pi}}",
    ),
    "a step of a recurrence of which nothing says how far it runs": (
        r"$$a_t = 1 - b_t, \qquad x_t = \sqrt{a_t} x_{t-1} + \sqrt{1 - a_t} e_t$$",
        r"\frac{\partial x_t}{\partial x_{t-1}}",
        r"\sqrt{a_t}",
    ),
    "policy gradient with an entropy bonus": (
        r"""$$\pi_a = \frac{e^{\theta_a}}{\sum_{b=1}^{K} e^{\theta_b}}, \qquad a = 1, \dots, K$$
        $$J = \sum_{a=1}^{K} \pi_a (R_a - \beta \log \pi_a)$$""",
        r"\frac{\partial J}{\partial \theta_a}",
        r"\pi_a(R_a - \beta \log \pi_a - J)",
    ),
    "a density of any number beside the samples": (
        r"""$p(x) = \frac{1}{\sqrt{2\pi}} e^{-(x - \mu)^2 / 2}$, $\ell = \sum_{i=1}^n \log p(x_i)$""",
        r"\frac{\partial \ell}{\partial \mu}",
        r"\sum_{i=1}^{n} x_i - \mu n",
    ),
    "a width that is positive needs no bars": (
        r"""$p(x) = \frac{1}{\sqrt{2\pi\sigma^2}} e^{-(x - \mu)^2 / (2\sigma^2)}$, $\sigma > 0$,
        $\ell = \sum_{i=1}^n \log p(x_i)$""",
        r"\frac{\partial \ell}{\partial \sigma^2}",
        r"\frac{\sum_{i=1}^{n} (x_i - \mu)^2 - \sigma^2 n}{2 \sigma^4}",
    ),
    "a divergence of both orders": (
        SOFTMAX
        + r"""
        $$J = \sum_{i=1}^{K} (p_i - q_i) \log\frac{p_i}{q_i}, \qquad \sum_{i=1}^{K} p_i = 1, \qquad p_i > 0$$""",
        r"\frac{\partial J}{\partial z_i}",
        r"q_i\left(1 + \sum_{j=1}^{K} q_j \log\frac{p_j}{q_j} - \log\frac{p_i}{q_i}\right) - p_i",
    ),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_result_is_what_a_textbook_writes_and_every_line_is_proved(name: str) -> None:
    stated, asked, expected = TEXTBOOK[name]
    (problem,) = read_text(f"# Test\n\n## Given\n{stated}\n\n## Find\n$${asked}$$\n", "test")
    done = attempt(problem)
    assert not done.failures
    assert done.tally.proved == done.tally.total
    (derivation,) = done.derivations
    if expected is not None:
        written = latex_of(derivation.result, problem.givens, derivation.task.ranges)
        assert "".join(written.split()) == "".join(expected.split())


def test_a_second_route_goes_through_an_earlier_result() -> None:
    text = (
        f"# Test\n\n## Given\n{SOFTMAX}\n"
        r"$$H = -\sum_{k=1}^{K} q_k \log q_k + \left(\sum_{k=1}^{K} q_k^2\right)^2$$"
        "\n\n## Find\n"
        r"$$\frac{\partial H}{\partial q_i}, \qquad \frac{\partial H}{\partial z_i}$$"
    )
    (problem,) = read_text(text, "test")
    first, second = attempt(problem).derivations
    reasons = [line.reason for display in second.displays for line in display.lines]
    assert any(reason and str(reason[0]).startswith("chain rule through") for reason in reasons)
    assert len(reasons) <= 6
    assert decide(first.task.goal, first.result, problem.givens, first.task.ranges).answer == "proved"


DIVISORS = {
    "a weight that may be zero": (
        r"""$$r = \sqrt{\sum_{j=1}^{n} v_j^2}, \qquad w_i = g \frac{v_i}{r}, \qquad i = 1, \dots, n$$
        $$a = \sum_{i=1}^{n} w_i x_i, \qquad L = \frac{1}{2}(a - t)^2$$""",
        r"\frac{\partial L}{\partial g}",
        "g",
    ),
}


@pytest.mark.parametrize("name", DIVISORS)
def test_no_name_is_put_back_at_the_price_of_a_division_by_what_may_be_zero(name: str) -> None:
    stated, asked, divisor = DIVISORS[name]
    (problem,) = read_text(f"# Test\n\n## Given\n{stated}\n\n## Find\n$${asked}$$\n", "test")
    (derivation,) = attempt(problem).derivations
    below = {str(q.base) for q in derivation.result.atoms() | set(_powers(derivation.result)) if q.is_Pow}
    assert divisor not in below


def _powers(expr):
    from symdl.language import subterms

    return [term for term in subterms(expr) if term.is_Pow and term.exp.is_negative]


@pytest.mark.parametrize(("said", "count"), [(r", \quad s > 0", 0), ("", 1)])
def test_a_kink_that_the_facts_exclude_is_no_assumption(said: str, count: int) -> None:
    (problem,) = read_text(f"# T\n\n## Given\n$$f = |s| {said}$$\n\n## Find\n$$\\frac{{df}}{{ds}}$$\n", "test")
    (derivation,) = attempt(problem).derivations
    assert len(derivation.assumes) == count
