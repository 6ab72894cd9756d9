"""Claims on the derivatives of a vector state through time, and the sums within sums that prove them."""

from __future__ import annotations

import pytest
from sympy import Symbol

from symdl.engine import derive
from symdl.engine.nested import Rule, contractions, flat
from symdl.judge import decide_relation
from symdl.language import Delta, Sigma, family, index, size
from symdl.problem import Derivation, Problem, Relation
from symdl.read import read_text
from symdl.solve import attempt, tally

STATE = r"""$$h_t = {step}, \qquad t = 1, \dots, T, \qquad h_0 \text{{ constant}}, \qquad h_t \in \mathbb{{R}}^n$$"""
LINEAR = STATE.format(step="W h_{t-1}")
SINGULAR = r"""$$W_{ij} = \sum_{r=1}^{n} P_{ir} s_r Q_{jr}, \qquad \nu \le s_r \le \mu, \qquad \nu \ge 0$$

$$\sum_{i=1}^{n} P_{ij} P_{il} = \delta_{jl}, \qquad \sum_{r=1}^{n} Q_{jr} Q_{lr} = \delta_{jl}$$"""
VECTOR = "\n\n" + r"$$q \in \mathbb{R}^n$$"
ALONG = r"\sum_{i=1}^{n} \left(\sum_{j=1}^{n} \frac{\partial h_{T,i}}{\partial h_{k,j}} q_j\right)^2"
COLUMN = r"\sum_{i=1}^{n} \left(\frac{\partial h_{T,i}}{\partial h_{k,j}}\right)^2"

CLAIMS = {
    "an eigenvector is stretched by a power of its eigenvalue": (
        LINEAR + "\n\n" + r"$$\sum_{j=1}^{n} W_{ij} v_j = \lambda v_i$$",
        r"\sum_{j=1}^{n} \frac{\partial h_{T,i}}{\partial h_{k,j}} v_j = \lambda^{T-k} v_i",
    ),
    "a left eigenvector too": (
        LINEAR + "\n\n" + r"$$\sum_{i=1}^{n} v_i W_{ij} = \lambda v_j$$",
        r"\sum_{i=1}^{n} v_i \frac{\partial h_{T,i}}{\partial h_{k,j}} = \lambda^{T-k} v_j",
    ),
    "an orthogonal matrix keeps lengths and angles": (
        LINEAR + "\n\n" + r"$$W^\top W = I$$",
        r"\sum_{i=1}^{n} \frac{\partial h_{T,i}}{\partial h_{k,j}} \frac{\partial h_{T,i}}{\partial h_{k,m}}"
        r" = \delta_{jm}",
    ),
    "the largest singular value bounds one step": (
        SINGULAR + VECTOR,
        r"\sum_{i=1}^{n} \left(\sum_{j=1}^{n} W_{ij} q_j\right)^2 \le \mu^2 \sum_{j=1}^{n} q_j^2",
    ),
    "the smallest bounds it from below": (
        SINGULAR + VECTOR,
        r"\sum_{i=1}^{n} \left(\sum_{j=1}^{n} W_{ij} q_j\right)^2 \ge \nu^2 \sum_{j=1}^{n} q_j^2",
    ),
}


def problem_of(given: str, claim: str) -> Problem:
    """A problem that asks to show one claim."""
    (problem,) = read_text(f"# Test\n\n## Given\n\n{given}\n\n## Show\n\n$${claim}$$\n", "test.md")
    return problem


def shown(given: str, claim: str) -> Derivation:
    """The judged derivation of one claim."""
    found = attempt(problem_of(given, claim))
    for failure in found.failures:
        raise failure.error
    return found.derivations[0]


def answers(derivation: Derivation) -> set[str]:
    """What the judge says of the displayed lines."""
    displays = (*(d for lemma in derivation.lemmas for d in lemma.displays), *derivation.displays)
    return {line.decision.answer if line.decision else "none" for d in displays for line in d.lines}


@pytest.mark.parametrize("case", CLAIMS.values(), ids=CLAIMS.keys())
def test_every_line_of_the_claim_is_proved(case: tuple[str, str]) -> None:
    assert answers(shown(*case)) == {"proved"}


def test_a_step_that_needs_only_the_givens_is_proved_beside_the_claim_one_step_earlier() -> None:
    found = tally(shown(*CLAIMS["an orthogonal matrix keeps lengths and angles"]))
    assert found.proved == found.total


@pytest.mark.parametrize(
    ("given", "claim", "words"),
    [
        (
            *CLAIMS["an eigenvector is stretched by a power of its eigenvalue"],
            "it grows so: gradients vanish or explode",
        ),
        (*CLAIMS["an orthogonal matrix keeps lengths and angles"], "neither vanish nor explode"),
        (
            r"$$h_t = \tanh(w h_{t-1}), \qquad t = 1, \dots, T, \qquad h_0 \text{ constant}$$",
            r"\left| \frac{\partial h_T}{\partial h_k} \right| \le |w|^{T-k}",
            "they may explode",
        ),
        (
            LINEAR + "\n\n" + r"$$\sum_{j=1}^{n} W_{ij} v_j = \lambda v_i$$",
            r"\sum_{j=1}^{n} \frac{\partial h_{t,i}}{\partial h_{t-1,j}} v_j = \lambda v_i",
            "This is one step",
        ),
    ],
)
def test_a_claim_through_time_says_what_happens_far_away(given: str, claim: str, words: str) -> None:
    found = derive(problem := problem_of(given, claim), problem.tasks[0])
    assert words in str(found.remarks)
    assert found.plan


@pytest.mark.parametrize(("sign", "bound"), [(r"\le", r"\mu"), (r"\ge", r"\nu")])
def test_singular_values_bound_the_jacobian_through_any_number_of_steps(sign: str, bound: str) -> None:
    problem = problem_of(f"{LINEAR}\n\n{SINGULAR}", f"{COLUMN} {sign} {bound}^{{2(T-k)}}")
    found = derive(problem, problem.tasks[0])
    step, last = found.displays[-2:]
    assert [line.sign for line in (*step.lines, *last.lines)].count("<=" if bound == r"\mu" else ">=") == 2
    assert last.conditions and not step.conditions


def test_what_holds_of_every_vector_holds_of_a_derivative_along_a_direction() -> None:
    problem = problem_of(f"{LINEAR}\n\n{SINGULAR}{VECTOR}", f"{ALONG} \\le \\mu^{{2(T-k)}} \\sum_{{j=1}}^{{n}} q_j^2")
    (task,) = problem.tasks
    *_, last = derive(problem, task).displays
    line = last.lines[0]
    bound = Relation(last.lhs, line.sign, line.expr)
    assert decide_relation(bound, problem.givens, last.ranges, last.conditions).answer == "proved"


def test_a_sum_over_a_letter_that_a_fact_knows_is_found_wherever_it_stands() -> None:
    n, j, k = size("n"), index("j"), index("k")
    i = index("i")
    left = Sigma.over(i, 1, n, family("W", i, j) * family("W", i, k))
    rule = Rule(left, Delta(j, k), frozenset((j, k)))
    a, b = index("a"), index("b")
    inner = Sigma.over(a, 1, n, family("W", i, a) * family("q", a))
    square = Sigma.over(i, 1, n, inner**2)
    ((_, _, after),) = list(contractions(flat(square), [rule]))
    assert after.expr == Sigma.over(b, 1, n, family("q", b) ** 2)


def test_what_is_taken_apart_is_put_together_again() -> None:
    n = size("n")
    i, j = index("i"), index("j")
    inner = Sigma.over(j, 1, n, family("W", i, j) * family("q", j))
    whole = Symbol("c", real=True) * Sigma.over(i, 1, n, family("s", i) * inner**2)
    assert flat(whole).expr == whole
