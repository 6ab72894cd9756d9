"""Lines that are caught by what surrounds them, each beside its right twin: by shapes, sentences, demands, values."""

import pytest
from check.checking import lines

LOSS = r"""$$L(\mathbf{w}) = \sum_{n=1}^N \left[
\log(1 + e^{\mathbf{x}_n^\top\mathbf{w}}) - y_n\mathbf{x}_n^\top\mathbf{w}\right]$$

$$\sigma(\eta) = \frac{e^\eta}{1 + e^\eta}$$"""
INNER = r"""$$f(w) := \frac{1}{2}(\langle w, x\rangle - y)^2 + \frac{\lambda}{2}\langle w, w\rangle$$

$$w, x \in \mathbb{R}^d, \lambda > 0$$"""
RIDGE = r"""$$J(\mathbf{w}) = \frac{1}{2N}\|\mathbf{y} - \mathbf{X}\mathbf{w}\|_2^2 + \lambda\|\mathbf{w}\|_2^2$$

$$\mathbf{X} \in \mathbb{R}^{N \times D}, \mathbf{y} \in \mathbb{R}^N, \lambda > 0$$"""
RIDGE_SLOPE = r"""$$\nabla J(\mathbf{w}) = \frac{1}{N}(\mathbf{X}^\top\mathbf{X} + 2N\lambda\mathbf{I})\mathbf{w}
- \frac{1}{N}\mathbf{X}^\top\mathbf{y}$$

Setting the gradient to zero gives
$\mathbf{w}^\star = (\mathbf{X}^\top\mathbf{X} + @\lambda\mathbf{I})^{-1}\mathbf{X}^\top\mathbf{y}$."""
SIGMOID = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
GAME = r"$$V(D) = p\log D + q\log(1 - D)$$ $$0 < D < 1, p > 0, q > 0$$"
GAME_SLOPE = r"$$V'(D) = \frac{p}{D} - \frac{q}{1 - D}$$"
COUNTS = r"$l(\gamma) = \sum_{i=1}^{n}(y_i \gamma - e^{\gamma})$"
SCALED = r"""$$J(w) = L(w) + \frac{\lambda}{2}w^2$$

$$w = 2, \lambda = 0.5, \frac{\partial L}{\partial w} = 1$$"""
BELLMAN = r"$$V_1 = 1 + \gamma V_2$$ $$V_2 = \gamma V_1$$ $$0 < \gamma < 1$$"
HUBER = r"""$$\ell(r) = \begin{cases} \frac{1}{2}r^2 & |r| \leq c \\ c(|r| - \frac{1}{2}c) & |r| > c \end{cases}$$

$$c > 0$$"""
LINEAR = r"$$y = v_1 h_1 + v_2 h_2$$ $$v_1 = 1, v_2 = -2, h_1 = 2, h_2 = 1$$"
NOISE = r"$$f(z) = z^2, z = \mu + s \epsilon$$"
LASSO = r"$$f(w) = \frac{1}{2}(w - a)^2 + \lambda |w|$$ $\lambda > 0$."
LASSO_CASE = r"""For $w > 0$: $f'(w) = w - a + \lambda$.

If $a > \lambda$, then $w^* = a - \lambda$.

For $w < 0$: $f'(w) = w - a - \lambda$.

"""
CROSS = r"""$$C = -\sum_{i}{y_i \log(p_i)}$$ $$p_i = \frac{e^{\theta_i}}{\sum_{j}{e^{\theta_j}}}$$

$y$ is one-hot with $y_k=1$ and $y_i=0$ for $i\neq k$."""

TWINS = {
    "an inner product in a Hessian": (
        LOSS, r"$$\nabla^2 L(\mathbf{w}) = \sum_{n=1}^N \sigma(\mathbf{x}_n^\top\mathbf{w})"
        r"(1 - \sigma(\mathbf{x}_n^\top\mathbf{w}))@$$",
        r"\mathbf{x}_n\mathbf{x}_n^\top", r"\mathbf{x}_n^\top\mathbf{x}_n",
    ),
    "a vector left out": (INNER, r"$$\nabla f(w) = (\langle w, x\rangle - y)@ + \lambda w$$", "x", ""),
    "an outer product for an inner one": (INNER, r"$$\nabla^2 f(w) = @ + \lambda I$$", r"xx^\top", r"x^\top x"),
    "a bound for all values": (
        SIGMOID, r"As $\sigma(x)(1 - \sigma(x)) \leq @$ for all $x$, the slope is bounded.",
        r"\frac{1}{4}", r"\frac{1}{5}",
    ),
    "a bound for all values in a display": (
        SIGMOID, r"$$\sigma(x)(1 - \sigma(x)) \leq @ \quad \forall x$$", r"\frac{1}{4}", r"\frac{1}{5}"
    ),
    "a function at a number": (
        SIGMOID, r"At the origin the slope is $\sigma'(0) = @$.", r"\frac{1}{4}", r"\frac{1}{2}"
    ),
    "what should be so": (LINEAR, r"$y = 1 \cdot 2 @ 2 \cdot 1$, as it should be.", "-", "+"),
    "derivatives with a trick": (
        NOISE, r"With the reparameterization trick the gradient inside is $\frac{\partial f}{\partial s} = @$.",
        r"2 z \epsilon", "2 z",
    ),
    "a labelled gradient": (
        NOISE, r"3. Output gradient $\frac{\partial f}{\partial \mu} = @ = 2 (\mu + s \epsilon)$.", "2 z", "z"
    ),
    "where a maximum is": (
        GAME, GAME_SLOPE + "\n\n" + r"The maximum is at $D^\star = @$.", r"\frac{p}{p+q}", r"\frac{q}{p+q}"
    ),
    "solved for a name": (
        GAME,
        r"We set the derivative to zero: $$V'(D) = \frac{p}{D} - \frac{q}{1 - D} = 0$$ Solving for $D$: $$D = @$$",
        r"\frac{p}{p+q}", r"\frac{q}{p+q}",
    ),
    "a mean lost in a solution": (
        COUNTS,
        r"We set the first derivative to zero: "
        r"$$0 = \sum_{i=1}^{n} [y_i - e^\gamma] \\ \gamma = \log(@\sum_{i=1}^{n} y_i)$$",
        r"\frac{1}{n}", "",
    ),
    "a number lost in an inverse": (RIDGE, RIDGE_SLOPE, "2N", "2"),
    "a slope that is given as a number": (
        SCALED, r"$$\frac{\partial J}{\partial w} = \frac{\partial L}{\partial w} + @ w$$",
        r"\lambda", r"\frac{\lambda}{2}",
    ),
    "equations that determine their unknowns": (
        BELLMAN, r"$$V_1 = @$$", r"\frac{1}{1-\gamma^2}", r"\frac{1}{1+\gamma^2}"
    ),
    "the second of two cases": (
        HUBER, r"For $|r| < c$ we have $\ell'(r) = r$, and for $r > c$ we have $\ell'(r) = @$.", "c", r"\frac{1}{2}c"
    ),
    "what cancels in a chain": (
        r"$y_1 = 1, y_2 = 3, \alpha = \frac{1}{4}$",
        r"$$h - \alpha \sum_{i=1}^{2}(h - y_i) = h - \alpha(2h - 4) = h - @(2h - 4)$$", r"\frac{1}{4}", r"\frac{1}{2}",
    ),
    "a percentage": ("$x > 0$", r"$$\frac{25-15}{25}\times100 = @\%$$", "40", "45"),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_a_right_line_holds_and_its_twin_is_wrong(name: str) -> None:
    given, frame, right, wrong = TWINS[name]
    held, failed = (lines(given, frame.replace("@", other)) for other in (right, wrong))
    assert {line.verdict for line in held} <= {"proved", "rounded", "given"}
    assert any(line.verdict in ("proved", "rounded") for line in held)
    assert "wrong" in [line.verdict for line in failed]


@pytest.mark.parametrize(
    ("given", "proof"),
    [
        # An expectation under a density that is written out is no free number.
        (
            r"$$p(x) = \frac{1}{\sqrt{2\pi}} e^{-\frac{(x - m)^2}{2}}$$ $$J = \mathbb{E}_{x \sim p}[a x + b]$$",
            "$$J = a m + b$$",
        ),
        # How many of the data have which value is said in words.
        (
            r"$$\ell(p) = \sum_{i=1}^{n} \left[ x_i \log p + (1 - x_i) \log(1 - p) \right]$$ "
            r"There are $n = 16$ pixels $x_i \in \{0, 1\}$, and 9 of them are 1.",
            r"$$\ell(p) = 9 \log p + 7 \log(1 - p)$$",
        ),
        # The bound is wanted and not claimed.
        (SIGMOID, r"We look for $c$ such that $\sigma(x) \leq c$ for all $x$."),
        (SIGMOID, r"If $\sigma(x) \leq \frac{1}{2}$ for all $x$, nothing is predicted."),
        (SIGMOID, r"If we had $\sigma'(0) = \frac{1}{2}$, learning would be faster."),
        # Two inputs have equal values; neither is made of the other.
        (
            "$$L = (v_1 + v_2 - t)^2$$ $$v_1 = v_2$$",
            r"$$\frac{\partial L}{\partial v_1} = \frac{\partial L}{\partial v_2}$$",
        ),
        # E(t) is the energy at w(t).
        (
            r"$$E(w) = \frac{k}{2} w^2$$ The flow is $\dot w = -\partial_w E$.",
            r"With $w(t) = w(0) e^{-kt}$ it decays as $E(t) = E(0) e^{-2kt}$.",
        ),
        # A name of which nothing read is said may be what solves the equation.
        (
            r"$$E(\mathbf{w}) = \frac{1}{2}\sum_{n=1}^{N} (t_n - \mathbf{w}^{\mathrm{T}}\boldsymbol{\phi}_n)^2"
            r" + \frac{\lambda}{2}\mathbf{w}^{\mathrm{T}}\mathbf{w}$$ "
            r"The matrix $\boldsymbol{\Phi}$ of size $N \times M$ has the rows $\boldsymbol{\phi}_n^{\mathrm{T}}$.",
            r"$$\nabla E(\mathbf{w}) = -\sum_{n=1}^{N}"
            r"(t_n - \mathbf{w}^{\mathrm{T}}\boldsymbol{\phi}_n)\boldsymbol{\phi}_n"
            r" + \lambda\mathbf{w}$$ Setting this gradient to zero and solving for $\mathbf{w}$ we find "
            r"$$\mathbf{w}^{\star} = (\lambda\mathbf{I} + \boldsymbol{\Phi}^{\mathrm{T}}\boldsymbol{\Phi})^{-1}"
            r"\boldsymbol{\Phi}^{\mathrm{T}}\mathbf{t}$$",
        ),
        # Rows, for which another product is the outer one.
        (INNER + " All vectors are rows.", r"$$\nabla^2 f(w) = x^\top x + \lambda I$$"),
    ],
)
def test_what_is_meant_in_another_way_is_not_wrong(given: str, proof: str) -> None:
    assert "wrong" not in [line.verdict for line in lines(given, proof)]


@pytest.mark.parametrize(
    ("given", "proof"),
    [
        # A solution in one case is none in another one, and none without a case.
        (LASSO, LASSO_CASE + r"If $a < -\lambda$, then $w^* = a - \lambda$."),
        (LASSO, LASSO_CASE + r"Hence $w^* = a - \lambda$."),
        # A line written by cases speaks of all of them, under whatever heading.
        (
            CROSS,
            r"2) $i \neq k$:"
            "\n\n"
            r"$$\frac{\partial C}{\partial\theta_i}=\begin{cases} 1-p_i & i=k \\ p_i & i\neq k \end{cases}$$",
        ),
    ],
)
def test_what_holds_in_one_case_is_not_confirmed_in_another(given: str, proof: str) -> None:
    assert lines(given, proof)[-1].verdict in ("wrong", "undecided")


def test_a_line_by_cases_holds_under_the_heading_of_one_of_them() -> None:
    cases = r"\frac{\partial C}{\partial\theta_i}=\begin{cases} p_i - 1 & i=k \\ p_i & i\neq k \end{cases}"
    assert lines(CROSS, r"2) $i \neq k$:" + f"\n\n$${cases}$$")[-1].verdict == "proved"


NEGATIVES = r"""$$J = -\log \sigma(u_o^T v) - \sum_{k=1}^{K} \log \sigma(-u_k^T v)$$ $\sigma(x) = \frac{1}{1 + e^{-x}}$,
$u_o, u_k, v \in \mathbb{R}^d$, and @."""
DISTANCE = r"$$D = \mu^2 + (\sigma - \tau)^2$$"
DISTANCES = r"$$D = \sum_{j=1}^{d} (\mu_j^2 + (\sigma_j - \tau_j)^2)$$"
WORKED = r"""$$W = \begin{pmatrix} w_1 \\ w_2 \end{pmatrix} = \begin{pmatrix} 0.4 \\ 0.5 \end{pmatrix}$$
$$a_1 = \frac{1}{1+e^{-0.21}}, a_2 = \frac{1}{1+e^{-0.19}}$$ $$p = w_1 a_1 + w_2 a_2$$"""
SHOWN = r"$$p = w_1 a_1 + w_2 a_2 = 0.4 \times 0.552 + 0.5 \times 0.547 = 0.4943$$ $$(0.7 - p)^2 = (0.7 - @)^2$$"
EXPANDED = "$$(x + 1)^2 = (x + 1)(x + 1)$$\n\n@\n\n$$= x^2 + # + 1$$"
ODDS = r"$$p = \frac{1}{1 + e^{-(a + b x)}}$$"


@pytest.mark.parametrize(
    ("given", "proof", "verdict"),
    [
        # The member that stands beside a sum is none of those summed, as words say.
        *(
            (NEGATIVES.replace("@", words), rf"$$\frac{{\partial J}}{{\partial u_{at}}} = {slope}$$", verdict)
            for words in (
                "$o$ is none of $1, \\dots, K$",
                r"$o \notin \{1, \dots, K\}$",
                "the samples are different from $o$",
            )
            for at, slope, verdict in (
                ("o", r"(\sigma(u_o^T v) - 1) v", "proved"),
                ("o", r"(1 - \sigma(u_o^T v)) v", "wrong"),
                ("k", r"\sigma(u_k^T v) v", "proved"),
                ("k", r"-\sigma(u_k^T v) v", "wrong"),
            )
        ),
        # Every equation behind an `if` says where the line holds.
        (DISTANCE, r"$$D = 0 \text{ if } \mu = 0 \text{ and } \sigma = \tau$$", "proved"),
        (DISTANCE, r"$$D = 1 \text{ if } \mu = 0 \text{ and } \sigma = \tau$$", "wrong"),
        (DISTANCES, r"$$D = 0 \text{ if } \mu_j = 0 \text{ and } \sigma_j = \tau_j \text{ for all } j$$", "proved"),
        (DISTANCES, r"$$D = 1 \text{ if } \mu_j = 0 \text{ and } \sigma_j = \tau_j \text{ for all } j$$", "undecided"),
        # Values that are given entry by entry.
        (WORKED, SHOWN.replace("@", "0.4943"), "rounded"),
        (WORKED, SHOWN.replace("@", "0.4953"), "wrong"),
        # A sentence that says by what a formula is changed names no other left side.
        (SIGMOID, EXPANDED.replace("@", "Expand the product:").replace("#", "2x"), "proved"),
        (SIGMOID, EXPANDED.replace("@", "Expand the product:").replace("#", "3x"), "wrong"),
        (SIGMOID, EXPANDED.replace("@", "The second term is:").replace("#", "3x"), "undecided"),
        # What words say with an equation is not confirmed.
        (ODDS, r"The decision boundary $p = \frac{1}{2}$ is at $x = \frac{a}{b}$.", "undecided"),
        # What the exponent would have to be is sought where bases have no real roots.
        (
            r"$$F = -(1 - p)^\gamma \log p$$ $0 < p < 1$ and $\gamma > 0$.",
            r"$$\frac{dF}{dp} = -\gamma(1 - p)^{\gamma - 1}\log p - \frac{(1 - p)^\gamma}{p}$$",
            "wrong",
        ),
        # A name of which what is given could not be read is no new one.
        (r"$$\text{IoU} = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}$$", r"$$\text{IoU} = \frac{30}{90}$$", "undecided"),
        (SIGMOID, r"$$\text{IoU} = \frac{30}{90}$$", "given"),
    ],
)
def test_words_say_where_a_line_holds_and_of_what(given: str, proof: str, verdict: str) -> None:
    assert lines(given, proof)[-1].verdict == verdict
