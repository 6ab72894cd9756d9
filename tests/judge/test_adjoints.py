"""Total derivatives through a recurrence are proved from those at the next times, and only where the step is right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import T, define, families, h, i, j, n, t, total, w
from sympy import Integer, tanh

import symdl
from symdl.judge import decide
from symdl.judge.adjoints import through_time
from symdl.judge.decision import proved_alone
from symdl.judge.goals import Record
from symdl.judge.instances import compared, instances
from symdl.judge.posed import posed
from symdl.judge.world import Question
from symdl.language import D, family, indices_of, is_quantity, label_of, scalar
from symdl.language.binders import walk
from symdl.problem import Givens, Range, Relation
from symdl.read import read_expression

BEFORE_LAST = {t: Range(Integer(1), T - 1), i: Range(Integer(1), n), j: Range(Integer(1), n)}
ANY = {**BEFORE_LAST, t: Range(Integer(1), T)}

GIVEN = {
    "losses at all times": r"""
$$a_{t,i} = \sum_{j=1}^{n} w_{ij} h_{t-1,j} + u_i x_t, \quad h_{t,i} = \tanh(a_{t,i})$$
$$E = \frac{1}{2} \sum_{t=1}^{T} \sum_{i=1}^{n} (h_{t,i} - y_{t,i})^2$$
$$g_{t,i} = \frac{\partial E}{\partial h_{t,i}}$$
$$\delta_{t,i} = \frac{\partial E}{\partial a_{t,i}}$$
""",
    "a loss at the last time": r"""
$$h_t = \tanh(a_t), \quad a_t = W h_{t-1} + U x_t + b, \quad t = 1, \dots, T$$
$$\ell = \frac{1}{2} \| h_T - y \|^2$$
$$W \in \mathbb{R}^{n \times n},\ U \in \mathbb{R}^{n \times n},\ x_t \in \mathbb{R}^n$$
$$b \in \mathbb{R}^n,\ y \in \mathbb{R}^n$$
$$\delta_{t,i} = \frac{\partial \ell}{\partial a_{t,i}}$$
""",
    "optimal control": r"""
$$x_t = a x_{t-1} + b u_{t-1}, \quad t = 1, \dots, T$$
$$J = \frac{1}{2} \sum_{t=0}^{T-1} (q x_t^2 + r u_t^2) + \frac{s}{2} x_T^2$$
$$\lambda_t = \frac{\partial J}{\partial x_t}$$
""",
    "two states": r"""
$$c_t = f_t c_{t-1} + v h_{t-1}, \quad h_t = o_t \tanh(c_t), \quad t = 1, \dots, T$$
$$J = \sum_{t=1}^{T} k_t h_t^2$$
$$g_t = \frac{\partial J}{\partial h_t}$$
$$\gamma_t = \frac{\partial J}{\partial c_t}$$
""",
    "a step past the state": r"""
$$h_t = h_{t-1} + \tanh(w h_{t-1} + u x_t), \quad t = 1, \dots, T$$
$$J = \frac{1}{2} (h_T - y)^2$$
$$g_t = \frac{\partial J}{\partial h_t}$$
""",
    "two steps back": r"""
$$h_t = a h_{t-1} + b h_{t-2}, \quad t = 1, \dots, T$$
$$J = \frac{1}{2} (h_T - y)^2$$
$$g_t = \frac{\partial J}{\partial h_t}$$
""",
    "a kink at each step": r"""
$$h_t = \max(0, a_t), \quad a_t = w h_{t-1} + u x_t, \quad t = 1, \dots, T$$
$$E = \frac{1}{2} \sum_{t=1}^{T} (h_t - y_t)^2$$
$$\delta_t = \frac{\partial E}{\partial a_t}$$
""",
    "units with kinks": r"""
$$a_{t,i} = \sum_{j=1}^{n} w_{ij} h_{t-1,j} + u_i x_t, \quad h_{t,i} = \max(a_{t,i}, c a_{t,i})$$
$$t = 1, \dots, T, \quad i = 1, \dots, n$$
$$E = \frac{1}{2} \sum_{i=1}^{n} (h_{T,i} - y_i)^2$$
$$\delta_{t,i} = \frac{\partial E}{\partial a_{t,i}}$$
""",
    "every state used at every later time": r"""
$$h_t = \sum_{s=1}^{t} w^{t-s} x_s, \quad t = 1, \dots, T$$
$$z_t = \sum_{s=1}^{t-1} z_s + h_t, \quad t = 1, \dots, T$$
$$J = \frac{1}{2} z_T^2$$
$$g_t = \frac{\partial J}{\partial z_t}$$
""",
}

RIGHT = [
    ("losses at all times", r"g_{t,j}", r"h_{t,j} - y_{t,j} + \sum_{i=1}^{n} g_{t+1,i} (1 - h_{t+1,i}^2) w_{ij}", {}),
    ("losses at all times", r"g_{T,j}", r"h_{T,j} - y_{T,j}", {}),
    ("losses at all times", r"\delta_{t,i}", r"(1 - h_{t,i}^2) g_{t,i}", ANY),
    (
        "losses at all times",
        r"\delta_{t,j}",
        r"(1 - h_{t,j}^2) (h_{t,j} - y_{t,j} + \sum_{i=1}^{n} w_{ij} \delta_{t+1,i})",
        {},
    ),
    (
        "losses at all times",
        r"\frac{\partial E}{\partial w_{ij}}",
        r"\sum_{t=1}^{T} g_{t,i} (1 - h_{t,i}^2) h_{t-1,j}",
        {},
    ),
    ("losses at all times", r"\frac{\partial E}{\partial u_i}", r"\sum_{t=1}^{T} \delta_{t,i} x_t", {}),
    (
        "a loss at the last time",
        r"\delta_{t,j}",
        r"(1 - h_{t,j}^2) \sum_{i=1}^{n} W_{ij} \delta_{t+1,i}",
        {},
    ),
    ("a loss at the last time", r"\frac{\partial \ell}{\partial b_i}", r"\sum_{t=1}^{T} \delta_{t,i}", {}),
    ("optimal control", r"\lambda_t", r"q x_t + a \lambda_{t+1}", {}),
    ("optimal control", r"\frac{\partial J}{\partial u_t}", r"r u_t + b \lambda_{t+1}", {}),
    ("optimal control", r"\frac{\partial J}{\partial a}", r"\sum_{t=1}^{T} \lambda_t x_{t-1}", {}),
    ("two states", r"\gamma_t", r"o_t (1 - \tanh^2(c_t)) g_t + f_{t+1} \gamma_{t+1}", {}),
    ("two states", r"g_t", r"2 k_t h_t + v \gamma_{t+1}", {}),
    ("two states", r"g_T", r"2 k_T h_T", {}),
    ("two states", r"\frac{\partial J}{\partial v}", r"\sum_{t=1}^{T} \gamma_t h_{t-1}", {}),
    ("a step past the state", r"g_t", r"g_{t+1} (1 + w (1 - \tanh^2(w h_t + u x_{t+1})))", {}),
    (
        "a step past the state",
        r"\frac{\partial J}{\partial w}",
        r"\sum_{t=1}^{T} g_t (1 - \tanh^2(w h_{t-1} + u x_t)) h_{t-1}",
        {},
    ),
    ("two steps back", r"g_t", r"a g_{t+1} + b g_{t+2}", {t: Range(Integer(1), T - 2)}),
    ("two steps back", r"g_{T-1}", r"a g_T", {}),
    ("a kink at each step", r"\frac{\partial E}{\partial h_t}", r"h_t - y_t + w \delta_{t+1}", {}),
    ("a kink at each step", r"\delta_t", r"\mathbf{1}[a_t > 0] (h_t - y_t + w \delta_{t+1})", {}),
    ("a kink at each step", r"\delta_T", r"\mathbf{1}[a_T > 0] (h_T - y_T)", {}),
    ("a kink at each step", r"\frac{\partial E}{\partial w}", r"\sum_{t=1}^{T} \delta_t h_{t-1}", {}),
    ("a kink at each step", r"\frac{\partial E}{\partial h_0}", r"w \delta_1", {}),
    ("units with kinks", r"\frac{\partial E}{\partial w_{ij}}", r"\sum_{t=1}^{T} \delta_{t,i} h_{t-1,j}", {}),
]

WRONG = [
    ("losses at all times", r"g_{t,j}", r"h_{t,j} - y_{t,j} + \sum_{i=1}^{n} g_{t+1,i} (1 - h_{t,i}^2) w_{ij}", {}),
    ("losses at all times", r"g_{t,j}", r"\sum_{i=1}^{n} g_{t+1,i} (1 - h_{t+1,i}^2) w_{ij}", {}),
    ("losses at all times", r"g_{t,j}", r"h_{t,j} - y_{t,j} + \sum_{i=1}^{n} g_{t+1,i} w_{ij}", {}),
    ("losses at all times", r"g_{T,j}", r"y_{T,j} - h_{T,j}", {}),
    ("losses at all times", r"g_{t,j}", r"h_{t,j} - y_{t,j}", ANY),
    (
        "losses at all times",
        r"\frac{\partial E}{\partial w_{ij}}",
        r"\sum_{t=1}^{T} g_{t,i} (1 - h_{t,i}^2) h_{t,j}",
        {},
    ),
    (
        "losses at all times",
        r"\frac{\partial E}{\partial w_{ij}}",
        r"\sum_{t=1}^{T-1} g_{t,i} (1 - h_{t,i}^2) h_{t-1,j}",
        {},
    ),
    ("a loss at the last time", r"\delta_{t,j}", r"(1 - h_{t,j}^2) \sum_{i=1}^{n} W_{ji} \delta_{t+1,i}", {}),
    ("a loss at the last time", r"\delta_{t,j}", r"(1 - h_{t,j}) \sum_{i=1}^{n} W_{ij} \delta_{t+1,i}", {}),
    ("optimal control", r"\lambda_t", r"a \lambda_{t+1}", {}),
    ("optimal control", r"\lambda_t", r"q x_t + a \lambda_t", {}),
    ("optimal control", r"\lambda_T", r"q x_T", {}),
    ("optimal control", r"\frac{\partial J}{\partial u_t}", r"r u_t + b \lambda_t", {}),
    ("two states", r"\gamma_t", r"o_t (1 - \tanh^2(c_t)) g_t", {}),
    ("two states", r"\gamma_t", r"o_t (1 - \tanh^2(c_t)) g_t + f_t \gamma_{t+1}", {}),
    ("two states", r"g_t", r"2 k_t h_t", {}),
    ("a step past the state", r"g_t", r"g_{t+1} w (1 - \tanh^2(w h_t + u x_{t+1}))", {}),
    ("two steps back", r"g_t", r"a g_{t+1}", {}),
    ("a kink at each step", r"\delta_t", r"h_t - y_t + w \delta_{t+1}", {}),
    ("a kink at each step", r"\delta_t", r"\mathbf{1}[a_{t+1} > 0] (h_t - y_t + w \delta_{t+1})", {}),
    ("a kink at each step", r"\frac{\partial E}{\partial w}", r"\sum_{t=1}^{T} \delta_t h_t", {}),
    ("every state used at every later time", r"g_t", r"g_{t+1}", {}),
    ("every state used at every later time", r"g_t", r"2 g_{t+1}", {}),
]


def _posed(name, left, right, ranges):
    givens = symdl.read(f"# {name}\n\n## Given\n{GIVEN[name]}\n## Find\n\n$$T$$\n").givens
    return read_expression(left, givens), read_expression(right, givens), givens, ranges or BEFORE_LAST


@pytest.mark.parametrize("case", RIGHT, ids=lambda c: f"{c[0]}: {c[1]} = {c[2]}")
def test_a_step_back_in_time_is_proved(case):
    assert decide(*_posed(*case)).answer == "proved"


@pytest.mark.parametrize("case", WRONG, ids=lambda c: f"{c[0]}: {c[1]} = {c[2]}")
def test_a_wrong_step_back_in_time_is_not_proved_even_without_a_look_at_instances(case):
    left, right, givens, ranges = _posed(*case)
    assert not proved_alone(Relation(left, "=", right), givens, ranges)


def r(*at):
    return family("r", *[Integer(x) if isinstance(x, int) else x for x in at])


def _states(c):
    """Two scalar states that feed each other, with coefficients from a list, and what rests on them."""
    one = c[0] * h(t - 1) + w * tanh(c[1] * r(t - 1) + c[2] * h(t - 1)) + c[3] * h(t - 1) * r(t - 1)
    other = c[4] * h(t) ** 2 + c[5] * r(t - 1) + w * family("x", t)
    loss = total(t, 1, T, c[6] * h(t) * r(t)) + c[7] * h(T) ** 2 + c[8] * r(T)
    run = {t: Range(Integer(1), T)}
    whole = (Range(Integer(0), T),)
    return Givens(
        definitions=(define("h", (t,), one, run), define("r", (t,), other, run), define("J", (), loss)),
        families=families({"h": whole, "r": whole, "x": (Range(Integer(1), T),)}),
    )


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.integers(-2, 2), min_size=6, max_size=6))
def test_what_a_derivative_is_by_the_next_ones_is_what_jets_say(coefficients):
    givens = _states([2, *coefficients, 1, 1])
    J = scalar("J")
    first = through_time(posed(D(J, h(t)) + D(J, r(t)), D(J, w), givens, ANY, (), ()), Record())

    def back(term):
        if not is_quantity(term) or label_of(term) not in first.named:
            return None
        of, by = first.named[label_of(term)]
        return D(of, family(by, *indices_of(term)))

    agreeing = 0
    for d in first.goal.setting.givens.definitions:
        if d.label in first.named:
            left, right = walk(d.head, back), walk(d.body, back)
            for instance in instances(Question((left, right), givens, d.ranges, ()), 3):
                seen = compared(left, right, instance)
                assert seen is None or not seen.differ
                agreeing += seen is not None
    assert agreeing > 6
