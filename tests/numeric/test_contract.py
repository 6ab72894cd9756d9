"""What a generated function asks for, gives back and refuses."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st
from numeric.reference import NOWHERE, World, define, given
from sympy import Expr, Integer, Rational, erf, exp, gamma, log, pi, sqrt, tanh

from symdl.errors import NoFunctionError
from symdl.language import At, Cases, D, Delta, Maximum, Opaque, Prod, Sigma, Step, family, index, put, scalar, size
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.numeric import function, generate, source, targets
from symdl.problem import Derivation, Givens, Problem, Range, Task, Value

K, M, N, T = (size(x) for x in "KMNT")
i, j, k, n, s, t, label = (index(x) for x in ("i", "j", "k", "n", "s", "t", "y"))
one = Integer(1)
RK, RM, RN, RT, T0 = Range(one, K), Range(one, M), Range(one, N), Range(one, T), Range(Integer(0), T)


def fam(name: str, *at: Any) -> Expr:
    return family(name, *(Integer(a) if isinstance(a, int) else a for a in at))


z = lambda *at: fam("z", *at)  # noqa: E731
h = lambda *at: fam("h", *at)  # noqa: E731
x = lambda *at: fam("x", *at)  # noqa: E731
SOFTMAX = given(
    define("p", (i,), exp(z(i)) / Sigma.over(j, one, K, exp(z(j))), i=RK),
    define("L", (), -Sigma.over(k, one, K, fam("y", k) * log(fam("p", k)))),
    z=(RK,), p=(RK,), y=(RK,),
)  # fmt: skip
TANH = given(define("h", (t,), tanh(scalar("w") * h(t - 1) + x(t)), t=RT), h=(T0,), x=(RT,))


def parameters(f: Any) -> list[str]:
    return list(inspect.signature(f).parameters)


def derivation(givens: Givens, goal: Expr, result: Expr, *indices: tuple[Any, Range], kind: Any = "find") -> Derivation:
    task = Task(kind, goal, tuple(indices), r"\frac{\partial L}{\partial a}", NOWHERE)
    return Derivation(Problem("A title", givens, (task,), (), (), None), task, result, ())


def test_parameters_are_keywords_only() -> None:
    f = generate(scalar("b") + scalar("a"), (), Givens()).function()
    assert {p.kind for p in inspect.signature(f).parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters(f) == ["a", "b"]


def test_only_what_the_result_needs_is_asked_for() -> None:
    f = generate(fam("p", i), ((i, RK),), SOFTMAX).function()
    assert parameters(f) == ["z"]


def test_a_size_that_no_array_fixes_is_a_parameter() -> None:
    givens = given(define("h", (t,), scalar("w") * h(t - 1), t=RT), h=(T0,))
    f = generate(h(T), (), givens).function()
    assert parameters(f) == ["h_0", "w", "T"]
    assert f(h_0=3.0, w=2.0, T=4) == 48.0


@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_a_size_must_be_a_positive_whole_number(value: float) -> None:
    f = generate(scalar("a") / N, (), Givens()).function()
    with pytest.raises(ValueError, match=r"^N: "):
        f(a=1.0, N=value)


def test_a_scalar_result_is_a_float_of_numpy() -> None:
    found = generate(Integer(3), (), Givens()).function()()
    assert isinstance(found, np.float64)
    assert np.shape(found) == ()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"z": [1.0, 2.0], "y": [1.0]}, "z"),
        ({"z": [[1.0], [2.0]], "y": [1.0, 2.0]}, "z"),
        ({"z": [1.0], "y": 1.0}, "y"),
    ],
)
def test_shapes_that_disagree_name_the_argument(arguments: dict[str, Any], name: str) -> None:
    f = generate(scalar("L"), (), SOFTMAX).function()
    with pytest.raises(ValueError, match=f"^{name}: "):
        f(**arguments)


def test_a_class_label_is_a_position_counted_from_0() -> None:
    f = generate(-log(fam("p", label)), (), SOFTMAX).function()
    assert parameters(f) == ["y", "z"]
    assert "y: a position counted from 0" in (f.__doc__ or "")
    assert f(z=[0.0, 1e4, 0.0], y=1) == 0.0
    assert f(z=[0.0, 1e4, 0.0], y=2) == 1e4


@pytest.mark.parametrize("value", [-1, 3, 0.5])
def test_a_class_label_out_of_range_is_refused(value: float) -> None:
    f = generate(-log(fam("p", label)), (), SOFTMAX).function()
    with pytest.raises(ValueError, match=r"^y: "):
        f(z=[0.0, 1.0, 2.0], y=value)


def test_labels_of_samples_are_an_array_of_positions() -> None:
    givens = given(z=(RN, RK), y=(RN,))
    result = Sigma.over(n, one, N, log(Sigma.over(j, one, K, exp(z(n, j)))) - z(n, fam("y", n)))
    f = generate(result, (), givens).function()
    logits = np.array([[1e4, 0.0, 0.0], [1.0, 2.0, 3.0]])
    assert f(z=logits, y=[0, 2]) == pytest.approx(np.log(np.sum(np.exp([-2.0, -1.0, 0.0]))))


def test_axes_are_in_the_order_of_the_indices() -> None:
    givens = given(A=(RN, RK))
    f = generate(fam("A", n, k), ((k, RK), (n, RN)), givens).function()
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(f(A=a), a.T)


def test_a_result_that_lacks_an_index_is_repeated_along_it() -> None:
    givens = given(x=(RK,))
    found = generate(x(i), ((n, RN), (i, RK)), givens).function()(x=[1.0, 2.0], N=3)
    np.testing.assert_array_equal(found, [[1.0, 2.0]] * 3)
    found[0, 0] = 5.0
    assert found[1, 0] == 1.0


def test_values_are_defaults() -> None:
    values = tuple(Value(q, Integer(v), NOWHERE) for q, v in [(x(1), 1), (x(2), 2), (scalar("w"), 2), (scalar("u"), 3)])
    recurrence = define("h", (t,), ReLU(scalar("u") * h(t - 1) + scalar("w") * x(t)), t=RT)
    givens = Givens(
        (recurrence, define("h", (0,), Integer(3))), values, families={scalar("h"): (T0,), scalar("x"): (RT,)}
    )
    f = generate(h(T), (), givens).function()
    assert parameters(f) == ["u", "w", "x"]
    assert f() == 37.0
    assert f(x=[1.0]) == 11.0


def test_values_of_a_matrix_and_of_an_initial_state_are_defaults() -> None:
    entries = {(a, b): 10 * a + b for a in (1, 2) for b in (1, 2, 3)}
    values = tuple(Value(fam("A", *at), Integer(v), NOWHERE) for at, v in entries.items())
    f = generate(fam("A", i, j), ((i, RM), (j, RK)), Givens((), values, families={scalar("A"): (RM, RK)})).function()
    np.testing.assert_array_equal(f(), [[11.0, 12.0, 13.0], [21.0, 22.0, 23.0]])
    start = (Value(h(0), Rational(1, 2), NOWHERE),)
    f = generate(h(T), (), Givens(TANH.definitions, start, families=TANH.families)).function()
    assert f(w=1.0, x=[0.0]) == np.tanh(0.5)


def test_a_result_never_shares_memory_with_an_argument() -> None:
    f = generate(x(i), ((i, RK),), given(x=(RK,))).function()
    argument = np.array([1.0, 2.0])
    f(x=argument)[0] = 5.0
    assert argument[0] == 1.0


def test_a_label_in_a_delta_only_is_a_position_too() -> None:
    k0 = Range(Integer(0), K - 1)
    f = generate(x(k) - Delta(k, label), ((k, k0),), given(x=(k0,))).function()
    np.testing.assert_array_equal(f(x=[0.0, 0.0, 0.0], y=0), [-1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match=r"^y: no position 3"):
        f(x=[0.0, 0.0, 0.0], y=3)


def test_a_variable_of_a_derivative_that_is_defined_is_an_argument() -> None:
    a, y = scalar("a"), scalar("y")
    givens = given(
        define("a", (), Sigmoid(scalar("z"))),
        define("b", (), a**2),
        define("L", (), -y * log(a)),
    )
    f = function(derivation(givens, D(scalar("L"), a), -y / a + scalar("b")))
    assert parameters(f) == ["a", "y"]
    assert f(a=0.5, y=1.0) == -1.75


def test_a_state_by_which_a_result_is_differentiated_is_still_worked_out() -> None:
    result = Prod.over(t, k + 1, T, scalar("w") * (1 - h(t) ** 2))
    f = function(derivation(TANH, D(h(T), h(k)), result, (k, T0)))
    assert parameters(f) == ["h_0", "w", "x"]
    assert f(h_0=0.0, w=0.5, x=[0.0, 0.0]).tolist() == [0.25, 0.5, 1.0]


def test_the_same_derivation_gives_the_same_source() -> None:
    made = derivation(SOFTMAX, scalar("L"), scalar("L"))
    assert source(made) == source(made, "numpy")
    assert "A title" in source(made)


def test_an_unknown_target_is_refused() -> None:
    assert "numpy" in targets()
    with pytest.raises(NoFunctionError, match=r"there is no target 'fortran'; there are: .*numpy"):
        generate(Integer(1), (), Givens(), target="fortran")


def _opaque() -> Givens:
    loss = define("l", (t,), Opaque(scalar("l"), one, t, h(t)), t=RT)
    return Givens((*TANH.definitions, loss), families={**TANH.families, scalar("l"): (RT,)})


@pytest.mark.parametrize(
    ("result", "givens", "message"),
    [
        (D(fam("l", t), h(t)), _opaque(), "l_t is known only by what it depends on: add a definition such as l_t = "),
        (fam("l", T), _opaque(), "l_.* is not defined: add a definition such as"),
        (Sigma.over(t, one, T, fam("l", t)), _opaque(), "l_.* is not defined: add a definition such as"),
        (D(scalar("q"), scalar("r")), Givens(), "q is not defined"),
        (x(k), Givens(), "the range of x is not known"),
        (gamma(scalar("r")), Givens(), "gamma has no numeric form"),
        (At(scalar("r"), scalar("r"), one), Givens(), "derivative that is not worked out"),
        (scalar("a"), given(define("a", (), scalar("b")), define("b", (), scalar("a"))), "defined in a circle"),
        (h(T), given(define("h", (t,), h(t) + 1, t=RT), h=(RT,)), "defined in a circle"),
        (Integer(10) ** 400, Givens(), "too large"),
    ],
)
def test_what_has_no_function_says_what_is_missing(result: Expr, givens: Givens, message: str) -> None:
    indices = ((t, RT),) if t in result.free_symbols else ((k, RK),) if k in result.free_symbols else ()
    with pytest.raises(NoFunctionError, match=message):
        generate(result, indices, givens)


def test_a_defined_initial_state_is_no_argument() -> None:
    givens = Givens((*TANH.definitions, define("h", (0,), Integer(0))), families=TANH.families)
    f = generate(h(T), (), givens).function()
    assert parameters(f) == ["w", "x"]
    assert f(w=1.0, x=[1.0]) == np.tanh(1.0)


def test_a_recurrence_runs_backwards_too() -> None:
    adjoint = define("d", (t,), scalar("w") * fam("d", t + 1) + x(t), t=Range(one, T - 1))
    givens = given(adjoint, define("d", (T,), x(T)), d=(RT,), x=(RT,))
    f = generate(fam("d", t), ((t, RT),), givens).function()
    np.testing.assert_array_equal(f(w=2.0, x=[1.0, 2.0, 3.0]), [17.0, 8.0, 3.0])


def test_a_recurrence_may_look_back_two_steps() -> None:
    givens = given(define("h", (t,), h(t - 1) + h(t - 2), t=Range(Integer(2), T)), h=(T0,))
    f = generate(h(T), (), givens).function()
    assert parameters(f) == ["h_0", "h_1", "T"]
    assert f(h_0=0.0, h_1=1.0, T=10) == 55.0
    assert f(h_0=0.0, h_1=1.0, T=1) == 1.0


def test_a_recurrence_may_run_along_two_indices() -> None:
    cell = define("h", (s, t), h(s - 1, t) + h(s, t - 1), s=RK, t=RT)
    k0 = Range(Integer(0), K)
    givens = given(cell, define("h", (0, t), one, t=T0), define("h", (s, 0), one, s=RK), h=(k0, T0))
    f = generate(h(K, T), (), givens).function()
    assert f(K=3, T=4) == 35.0


def test_a_recurrence_may_use_all_earlier_states() -> None:
    givens = given(define("h", (t,), 1 + Sigma.over(s, one, t - 1, h(s)), t=RT), h=(RT,))
    f = generate(h(t), ((t, RT),), givens).function()
    np.testing.assert_array_equal(f(T=5), [1.0, 2.0, 4.0, 8.0, 16.0])


def test_a_member_outside_the_array_is_refused() -> None:
    f = generate(x(3), (), given(x=(RK,))).function()
    assert f(x=[1.0, 2.0, 5.0]) == 5.0
    with pytest.raises(ValueError, match=r"^x: no position 2"):
        f(x=[1.0, 2.0])


def test_zero_times_the_logarithm_of_zero_is_zero() -> None:
    givens = given(p=(RK,), q=(RK,))
    f = generate(Sigma.over(k, one, K, fam("p", k) * log(fam("p", k) / fam("q", k))), (), givens).function()
    assert f(p=[0.0, 1.0], q=[0.5, 0.5]) == pytest.approx(np.log(2))
    assert f(p=[0.0, 1.0], q=[0.0, 1.0]) == 0.0
    assert np.isnan(f(p=[0.5, 0.5], q=[-0.5, 0.5]))


def test_a_branch_that_is_not_taken_is_not_felt() -> None:
    f = generate(Cases(log(x(i)), Step(x(i)), Integer(0)), ((i, RK),), given(x=(RK,))).function()
    np.testing.assert_array_equal(f(x=[1.0, 0.0, -1.0]), [0.0, 0.0, 0.0])


def test_a_step_at_zero_has_its_stated_value() -> None:
    u = scalar("u")
    for value in (Integer(0), one, Rational(1, 2)):
        assert generate(3 * Step(u, value), (), Givens()).function()(u=0.0) == 3 * float(value)


def test_constants_and_special_functions() -> None:
    f = generate(pi * erf(scalar("u")) / sqrt(2) + Rational(1, 3), (), Givens())
    assert "import scipy.special" in f.source
    assert f.function()(u=0.5) == pytest.approx(np.pi * float(mp.erf(0.5)) / np.sqrt(2) + 1 / 3, rel=1e-15)


def test_a_module_runs_on_its_own_with_numpy_alone() -> None:
    text = generate(scalar("L"), (), SOFTMAX).source
    code = f"{text}\nimport sys\nprint(result(z=[1e4, 0.0], y=[0.0, 1.0]), {{'sympy', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["10000.0", "set()"]


def test_a_module_is_short_and_has_no_difference_quotient() -> None:
    text = generate(scalar("L"), (), SOFTMAX).source
    assert "eps" not in text
    assert len(text.splitlines()) < 250


@pytest.mark.parametrize("steps", [1, 2, 5000])
def test_long_recurrences_take_one_pass(steps: int) -> None:
    slope = scalar("w") * (1 - h(j) ** 2)
    inner = Sigma.over(s, one, t, (1 - h(s) ** 2) * h(s - 1) * Prod.over(j, s + 1, t, slope))
    f = generate(Sigma.over(t, one, T, fam("v", t) * inner), (), Givens(TANH.definitions, families={
        **TANH.families, scalar("v"): (RT,)})).function()  # fmt: skip
    rng = np.random.default_rng(0)
    xs, v = rng.normal(size=steps), rng.normal(size=steps)
    w, state, slope_of_state, total = 0.9, 0.3, 0.0, 0.0
    for a, b in zip(xs, v, strict=True):
        new = np.tanh(w * state + a)
        slope_of_state = (1 - new**2) * (state + w * slope_of_state)
        state = new
        total += b * slope_of_state
    assert f(h_0=0.3, w=w, x=xs, v=v) == pytest.approx(total, rel=1e-9)


def test_a_thousand_classes_need_no_cube() -> None:
    givens = given(A=(RK, RK), B=(RK, RK))
    result = Sigma.over(k, one, K, fam("A", i, k) * fam("B", k, j))
    assert "@" in generate(result, ((i, RK), (j, RK)), givens).source
    many = np.ones((1000, 1000))
    assert generate(result, ((i, RK), (j, RK)), givens).function()(A=many, B=many)[5, 7] == 1000.0


def test_one_minus_a_saturated_share_keeps_its_digits() -> None:
    f = generate(1 - fam("p", i), ((i, RK),), SOFTMAX).function()
    np.testing.assert_allclose(f(z=[50.0, 0.0, 1.0])[0], np.exp(-50.0) + np.exp(-49.0), rtol=1e-13)
    g = generate(log(1 - fam("p", label)), (), SOFTMAX).function()
    assert g(z=[1e4, 0.0, 1.0], y=0) == pytest.approx(-1e4 + np.log(1 + np.e), rel=1e-12)


# Any term


U = [scalar("u"), scalar("v"), x(i), x(j), x(1), x(K), fam("A", i, j), fam("A", j, i), Integer(2), Rational(-1, 2)]


def _terms() -> st.SearchStrategy[Expr]:
    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        unary = st.sampled_from(
            [
                tanh,
                Sigmoid,
                lambda e: exp(-(e**2)),
                lambda e: log(1 + exp(e)),
                lambda e: 1 / (1 + exp(e)),
                lambda e: log(1 + e**2),
                lambda e: Sigma.over(i, one, K, e),
                lambda e: Sigma.over(j, one, i, e),
                lambda e: Sigma.over(j, i, K, e),
                lambda e: Prod.over(i, one, K, e),
                lambda e: Prod.over(j, i + 1, K, e),
                lambda e: Step(e, 0),
                lambda e: 1 - e,
                lambda e: e**2,
                lambda e: exp(e) / Sigma.over(i, one, K, exp(e)),
                lambda e: log(Sigma.over(j, one, K, exp(e))),
                lambda e: put(e, {i: j, j: i}),
                lambda e: put(e, {i: K + 1 - i}),
            ]
        )
        binary = st.sampled_from(
            [
                lambda a, b: a + b,
                lambda a, b: a * b,
                lambda a, b: a - b,
                lambda a, b: a / (1 + b**2),
                lambda a, b: Delta(i, j) * a + b,
                lambda a, b: (1 - Delta(i, j)) * a * b,
                lambda a, b: Cases(a, Step(b), b),
                lambda a, b: Maximum(a, b),
                lambda a, b: Sigma.over(j, one, K, a * b),
            ]
        )
        return st.builds(lambda f, e: f(e), unary, inner) | st.builds(lambda f, a, b: f(a, b), binary, inner, inner)

    return st.recursive(st.sampled_from(U), grow, max_leaves=5)


ANY = given(x=(RK,), A=(RK, RK))


@settings(max_examples=150)
@property_of(_terms(), st.integers(1, 4), st.integers(0, 1000))
def test_any_term_means_what_the_reference_says(term: Expr, length: int, seed: int) -> None:
    mp.mp.dps = 40
    rng = np.random.default_rng(seed)
    values = {
        "u": rng.normal(),
        "v": rng.normal(),
        "x": rng.normal(size=length),
        "A": rng.normal(size=(length, length)),
    }
    indices = ((i, RK), (j, RK))
    f = generate(term, indices, ANY).function()
    asked = parameters(f)
    found = f(**{a: values[a] for a in asked if a in values}, **({"K": length} if "K" in asked else {}))
    wanted = World(ANY, values, {K: length}).array(term, indices)
    if np.all(np.abs(wanted) < 1e100):
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


def test_the_source_is_plain() -> None:
    text = generate(fam("p", i) - fam("y", i), ((i, RK),), SOFTMAX, title="The gradient.").source
    body = text[text.index('"""The gradient.') :]
    assert re.findall(r"^        (\w+) = ", body, re.MULTILINE) == ["K", "p"]
    assert body.rstrip().endswith("return np.where(y > 0.5, 1.0 - y - others_of(p), p - y)")
