"""What real papers say among their givens: a right line holds under it, and its wrong twin does not."""

import pytest
from check.checking import under, verdicts

SOFTMAX = r"$$L = -\sum_{k=1}^K y_k \log p_k, \quad p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \quad \sum_k y_k = 1$$"
DOMAIN = r"$$H(q) = -q \log_2 q - (1 - q) \log_2 (1 - q) \text{ for } 0 < q < 1$$"
DRAWN = r"$X_1, ..., X_n$ are i.i.d. with mean $\mu$ and variance $\sigma^2$."
MASKED = (
    r"$$\mathbf{h}_d = \gamma \mathbf{d} \circ \mathbf{h}, \quad \mathbb{E}[\mathbf{h}_d] = \mathbf{h}$$"
    "\n\n" r"Each element of $\mathbf{d}$ is $0$ with probability $p$ and $1$ with probability $1-p$."
)  # fmt: skip


@pytest.mark.parametrize(
    "given, right, wrong",
    [
        (
            r"$$v_{-1} = w_1 = 1, \quad v_0 = w_2 = 3$$" "\n\n" r"$$v_1 = v_{-1}^2 v_0$$",
            r"\frac{\partial v_1}{\partial w_1} = 2 v_{-1} v_0",
            r"\frac{\partial v_1}{\partial w_1} = 3 v_{-1} v_0",
        ),
        (
            r"$$a = b = 2, \quad f = a^2 b$$",
            r"\frac{\partial f}{\partial b} = 4",
            r"\frac{\partial f}{\partial b} = 12",
        ),
        (DOMAIN, "H(1/4) = H(3/4)", "H(1/4) = H(1/2)"),
        (
            r"$\sum_{k=1}^c n_k = n$, $n_k > 0$, $t_k = n_k / n$.",
            r"\sum_{k=1}^c t_k = 1",
            r"\sum_{k=1}^c t_k = n",
        ),
        (
            r"$\Sigma \in \mathbb{R}^{d \times d}$ is invertible, $f = \ln \det \Sigma$.",
            r"\frac{\partial f}{\partial \Sigma} = \Sigma^{-T}",
            r"\frac{\partial f}{\partial \Sigma} = \Sigma^{-1}",
        ),
        (
            r"$A \in \mathbb{R}^{n \times n}$ is invertible, $g \in \mathbb{R}^n$.",
            r"(A^\top A)^{-1} g = A^{-1} A^{-\top} g",
            r"(A^\top A)^{-1} g = A^{-\top} A^{-1} g",
        ),
        (r"$P = R^{-T}$, $R > 0$, $T > 0$", "P R^T = 1", "P = R^T"),
        (r"$x, y \in \mathbb{R}^d$.", r"\braket{x, y} = \braket{y, x}", r"\braket{x, y} = 2 \braket{y, x}"),
        ("$a = 2$", r"5\frac{25}{2} a = 125", r"5\frac{25}{2} a = 35"),
        (
            r"$X$ follows a binomial distribution $B(2, 1/4)$.",
            r"\mathrm{Var}(X) = 2 \cdot \frac{1}{4} \cdot \frac{3}{4}",
            r"\mathrm{Var}(X) = 2 \cdot \frac{1}{16} \cdot \frac{3}{4}",
        ),
        (
            r"$X$ is binomial with parameters $n$ and $p$.",
            r"\mathrm{Var}(X) = n p (1 - p)",
            r"\mathrm{Var}(X) = n p^2",
        ),
        (DOMAIN, "H(q) = H(1 - q)", "H(q) = H(q / 2)"),
        (
            r"The probabilities $q_a$ are functions of $\theta$, and $q_a > 0$.",
            r"\frac{\partial \ln q_a}{\partial \theta} = \frac{1}{q_a} \frac{\partial q_a}{\partial \theta}",
            r"\frac{\partial \ln q_a}{\partial \theta} = q_a \frac{\partial q_a}{\partial \theta}",
        ),
        (
            r"$E_0$ is a differentiable function of the weights $w_j$. $E = E_0 + \frac{\lambda}{2} \sum_j w_j^2$.",
            r"\frac{\partial E}{\partial w_k} = \frac{\partial E_0}{\partial w_k} + \lambda w_k",
            r"\frac{\partial E}{\partial w_k} = 3 \frac{\partial E_0}{\partial w_k} + \lambda w_k",
        ),
        (
            r"$q$ depends on $\theta$ and $x > 0$.",
            r"\frac{\partial q^2}{\partial \theta} = 2 q \frac{\partial q}{\partial \theta}",
            r"\frac{\partial q^2}{\partial \theta} = 3 q \frac{\partial q}{\partial \theta}",
        ),
        (
            SOFTMAX + "\n\n" r"$\delta_k$ denotes the gradient of the loss $L$ with respect to the logit $z_k$.",
            r"\delta_k = p_k - y_k",
            r"\delta_k = y_k - p_k",
        ),
        (
            r"$$v = \ln(u)$$" "\n\n" r"Here $\dot{v}$ is the derivative of $v$ with respect to $u$, $u = 3$.",
            r"\dot{v} = \frac{1}{3}",
            r"\dot{v} = 3",
        ),
        (
            DRAWN,
            r"\frac{1}{n^2} \sum_i^n \mathrm{Var}(X_i) = \frac{\sigma^2}{n}",
            r"\frac{1}{n^2} \sum_i^n \mathrm{Var}(X_i) = \frac{\sigma^2}{n^2}",
        ),
        ("A coin lands heads with probability $p$.", r"p^2 \le p", r"p^2 \ge p"),
        (
            "$X$ and $Y$ are random variables.",
            r"\mathrm{Var}(X + Y) = \mathrm{Var}(X) + \mathrm{Var}(Y) + 2 \mathrm{Cov}(X, Y)",
            r"\mathrm{Var}(X + Y) = \mathrm{Var}(X) + \mathrm{Var}(Y) + \mathrm{Cov}(X, Y)",
        ),
        (
            "$X$ and $Y$ are random variables.",
            r"\mathbb{E}[(X + Y)^2] = \mathbb{E}[X^2] + 2 \mathbb{E}[XY] + \mathbb{E}[Y^2]",
            r"\mathbb{E}[(X + Y)^2] = \mathbb{E}[X^2] + \mathbb{E}[Y^2]",
        ),
        (
            r"$\hat{y} = w x$, $x$ and $y$ are random variables.",
            r"\mathbb{E}_{x,y}[(y - \hat{y})^2] = \mathbb{E}[y^2] - 2 w \mathbb{E}[y x] + w^2 \mathbb{E}[x^2]",
            r"\mathbb{E}_{x,y}[(y - \hat{y})^2] = \mathbb{E}[y^2] - w \mathbb{E}[y x] + w^2 \mathbb{E}[x^2]",
        ),
        (
            DRAWN + r" $\Bar{X} = \frac{1}{n} \sum_{i=1}^n X_i$.",
            r"\mathbb{E}\bar{X} = \frac{1}{n} \sum_{i=1}^n \mathbb{E} X_i",
            r"\mathbb{V}\bar{X} = \frac{1}{n} \sum_{i=1}^n \mathbb{E} X_i",
        ),
        (
            r"$D_t(i) \ge 0$, $\sum_{i=1}^n D_t(i) = 1$, $y_i, h_t(x_i) \in \{-1, 1\}$",
            r"\sum_{y_i \neq h_t(x_i)} D_t(i) + \sum_{y_i = h_t(x_i)} D_t(i) = 1",
            r"\sum_{y_i \neq h_t(x_i)} D_t(i) - \sum_{y_i = h_t(x_i)} D_t(i) = 1",
        ),
        (
            r"$$y_k = |x_k - a|, \quad x_{k+1} = x_k - \frac{1}{3} (x_k - a)$$",
            r"\mid x_k - a \mid = (\frac{2}{3})^k \mid x_0 - a \mid",
            r"\mid x_k - a \mid = (\frac{1}{3})^k \mid x_0 - a \mid",
        ),
        (
            r"$X$ is a random variable with $\mathbb{E}[X] = \mu$.",
            r"\mathbb{E}[X^2 - 2 \mu X] + \mathbb{E}[\mu^2] = \mathbb{E}[X^2] - 2 \mu \mathbb{E}[X] + \mu^2",
            r"\mathbb{E}[X^2 - 2 \mu X] + \mathbb{E}[\mu^2] = \mathbb{E}[X^2] - \mu \mathbb{E}[X] + \mu^2",
        ),
        (
            r"$p_1 = p_3 = p_5$, $p_2 = p_4 = p_6$ and $p_2 = 2 \cdot p_1$, $p_1 + p_2 + p_3 + p_4 + p_5 + p_6 = 1$",
            r"p_1 + p_2 + p_3 = \frac{4}{9}",
            r"p_1 + p_2 + p_3 = \frac{5}{9}",
        ),
        (r"$P(X=1, Y=1) = 0.2$, $P(X=1) = 0.5$", "P(Y=1, X=1) = 0.2", "P(Y=1, X=1) = 0.3"),
        (r"$p(C_1) = p(C_2) = 0.5$, $p(T \mid C_1) = 0.4$", r"p(T \mid C_1) p(C_1) = 0.2", r"p(C_2) = 0.4"),
        (
            r"$x \in \mathbb{R}^n$, $c$ is a constant.",
            r"\text{softmax}(x + c)_i = \text{softmax}(x)_i",
            r"\text{softmax}(x + c)_i = e^c \text{softmax}(x)_i",
        ),
        (
            r"$x = [1.0, 0.5]^T$",
            r"\begin{bmatrix} -2 \\ 4 \end{bmatrix} [1.0, 0.5] = \begin{bmatrix} -2 & -1 \\ 4 & 2 \end{bmatrix}",
            r"\begin{bmatrix} -2 \\ 4 \end{bmatrix} [1.0, 0.5] = \begin{bmatrix} -2 & 4 \\ -1 & 2 \end{bmatrix}",
        ),
        (r"$\epsilon \geq 0$, $V \geq W - \epsilon$", "V - ε ≥ W - 2ε", "V - ε ≥ W + 2ε"),
        (
            r"$L = \sum\_{i=1}^m (h\_i - y\_i)^2, \quad h\_i = \sum\_j w\_j x\_{ij}$",
            r"\frac{\partial L}{\partial w\_j} = 2 \sum\_{i=1}^m (h\_i - y\_i) x\_{ij}",
            r"\frac{\partial L}{\partial w\_j} = \sum\_{i=1}^m (h\_i - y\_i) x\_{ij}",
        ),
        (
            r"$$Q(s_1, a_1) = 1 + \gamma V(s_1), \quad Q(s_2, a_2) = 3 + \gamma V(s_2)$$"
            "\n\n"
            r"$$V(s_1) = 2, \quad V(s_2) = 3, \quad \gamma = 0.5$$",
            "Q(s_2, a_2) = 4.5",
            "Q(s_2, a_2) = 2",
        ),
        ("$a = 12 000$ and $b = 3 500$.", "a + b = 15 500", "a + b = 15 600"),
        (
            r"$l(\lambda | x_1, \dots, x_n) = n \log \lambda - \lambda \sum_{i=1}^n x_i$",
            r"\frac{\partial l(\lambda | x_1, \dots, x_n)}{\partial \lambda} = \frac{n}{\lambda} - \sum_{i=1}^n x_i",
            r"\frac{\partial l(\lambda | x_1, \dots, x_n)}{\partial \lambda} = \frac{n}{\lambda} + \sum_{i=1}^n x_i",
        ),
        (
            r"$$l(\lambda | x) = \sum_{i=1}^N \ln f(x_i | \lambda), f(x_i | \lambda) = \lambda e^{-\lambda x_i}$$",
            r"\frac{\partial l(\lambda | x)}{\partial \lambda} = \frac{N}{\lambda} - \sum_{i=1}^N x_i",
            r"\frac{\partial l(\lambda | x)}{\partial \lambda} = \frac{N}{\lambda} + \sum_{i=1}^N x_i",
        ),
        (
            r"$X$ is an $n \times d$ matrix, $y \in \mathbb{R}^n$, $w \in \mathbb{R}^d$",
            r"\boldsymbol{\nabla}_w \|Xw - y\|^2 = 2 X^T (X w - y)",
            r"\boldsymbol{\nabla}_w \|Xw - y\|^2 = X^T (X w - y)",
        ),
        (
            r"$z = \sum_{i=1}^n w_i x_i$. $w_i$ and $x_i$ are independent with mean 0, "
            r"$\mathrm{Var}(w_i) = \mathrm{Var}(w)$, $\mathrm{Var}(x_i) = \mathrm{Var}(x)$.",
            r"\mathrm{Var}(z) = n \mathrm{Var}(w) \mathrm{Var}(x)",
            r"\mathrm{Var}(z) = n^2 \mathrm{Var}(w) \mathrm{Var}(x)",
        ),
        (
            "$m_i = 1$ with probability $q$ and $m_i = 0$ with probability $1 - q$.",
            r"\mathbb{E}[m_i] = q",
            r"\mathbb{E}[m_i] = 1 - q",
        ),
        ("The dropout probability is $p$.", r"p (1 - p) \ge 0", r"p (1 - p) < 0"),
    ],
)
def test_what_is_said_holds_and_no_more(given: str, right: str, wrong: str) -> None:
    assert verdicts(under(given), f"$${right}$$") == ["proved"]
    assert verdicts(under(given), f"$${wrong}$$")[0] in ("wrong", "undecided")


@pytest.mark.parametrize(
    "given, verdict",
    [
        ("$r$ is the probability ratio.", "wrong"),
        ("The unnormalised probability $r$ is a count.", "wrong"),
        ("The probability of the label $r$ is high.", "wrong"),
        ("$r$ is the probability density at $0$.", "undecided"),
        ("$r$ is the negative log probability.", "undecided"),
        ("The probability of success $r$ is low.", "proved"),
        ("$r$ is the prior probability of the class.", "proved"),
    ],
)
def test_only_a_probability_is_at_most_one(given: str, verdict: str) -> None:
    assert verdicts(under(given), r"$$r^2 \le r$$") == [verdict]


def test_bold_names_are_drawn_as_plain_ones_are() -> None:
    assert verdicts(under(MASKED), r"$$(1 - p) \gamma \mathbf{h} = \mathbf{h}$$") == ["proved"]
    # It is so where h is zero.
    assert verdicts(under(MASKED), r"$$(1 - p) \gamma \mathbf{h} = 2 \mathbf{h}$$") == ["agrees"]


@pytest.mark.parametrize(
    "given, line",
    [
        (r"$$f(x) = 2x \text{ for } 0 < x < 1$$", "f(2) = 4"),
        (r"$$f(x) = 2x \text{ for } 0 \le x \le 1$$" "\n\nand $4$ otherwise.", "f(3) = 6"),
        (r"$$G = f(4) - f(3) - f(1)$$", "G = 0"),
        (r"$$G = f(4) - f(3) - f(1)$$", "G = 1"),
        (r"The unit vector of $\mathbf{w}$ is $\mathbf{u} = (0, 1)$.", r"\|\mathbf{w}\|_2 = \frac{2}{3}"),
        (r"$p$ is the probability distribution of $x \in \mathbb{R}^n$.", r"\sum_i x_i = 2"),
    ],
)
def test_what_is_not_said_is_open(given: str, line: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == ["undecided"]


def test_a_fence_without_a_language_is_a_display_where_it_holds_formulas_alone() -> None:
    given = under("A coin with $P(H) = 0.8$ and $P(T) = 0.2$.")
    entropy = "```\nH(X) = -[0.8·log₂(0.8) + 0.2·log₂(0.2)]\n     = -[0.8·(-0.322) + 0.2·(-2.322)]\n     = {} bits\n```"
    assert verdicts(given, entropy.format("0.722")) == ["undecided", "rounded", "proved"]
    assert verdicts(given, entropy.format("0.822")) == ["undecided", "rounded", "wrong"]
    assert verdicts(given, "```\n5 * 5 * 6 + 6 = 156\n2 * 2 = 5\n```") == ["proved", "wrong"]


@pytest.mark.parametrize("sign", ["", r"\cdot"])
def test_what_binds_the_index_anew_lies_outside_of_a_product(sign: str) -> None:
    given = under(r"$x_i > 0$ for $i = 1, \dots, n$")
    line = r"$$(\prod_{i=1}^n x_i) \exp(-\sum_{i=1}^n x_i) = \prod_{i=1}^n x_i @ \exp(-\sum_{i=1}^n x_i)$$"
    right = line.replace("@", sign)
    assert verdicts(given, right) == ["proved"]
    assert verdicts(given, right.replace(r"= \prod_{i=1}^n x_i", r"= \prod_{i=1}^n x_i^2")) == ["wrong"]


@pytest.mark.parametrize("code", ["loss = criterion(out, target)\nx = 2", "x = 5 * 3\nassert x == 15", "n += 2\nm = 3"])
def test_a_program_in_a_fence_is_none(code: str) -> None:
    assert verdicts(under("$x$ is real."), f"```\n{code}\n```\n\n$$1 + 1 = 2$$") == ["proved"]
