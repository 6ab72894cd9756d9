"""Rules of the normal form, of induction and of the search for instances, each with a law or what it must reject."""

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import HERE, K, T, a, b, define, fact, families, i, j, k, n, t, total, x
from sympy import Expr, Integer, Rational, ceiling, exp, floor, log, sqrt

from symdl.judge import decide
from symdl.judge import instances as search
from symdl.judge.balls import Evaluation, NoValueError
from symdl.judge.decision import decide_relation, proved_alone
from symdl.judge.instances import instances
from symdl.judge.world import Instance, Question
from symdl.language import D, Maximum, Step, family, scalar
from symdl.problem import Givens, Range, Relation, Value

ZERO, ONE = Integer(0), Integer(1)
q, r = scalar("q"), scalar("r")
GRID = tuple(Integer(m) for m in range(-3, 4))
factors = st.sampled_from((x, x - 1, x + 2, x**2 - 1, ONE, -x, 2 - x))
linear = st.sampled_from((a, b, a - b, a + b, 1 - a, 2 * a, -b))


def at(expr: Expr, **numbers: Integer) -> object:
    """The value of a term where free quantities are these numbers; None where it has none."""
    instance = Instance(Givens(), {}, 0, "signed")
    instance.chosen |= {(scalar(name), ()): fmpq(int(m)) for name, m in numbers.items()}
    try:
        return Evaluation(instance).term(expr)
    except NoValueError:
        return None


# -- indicators -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(factors, factors, st.sampled_from((0, 1)), st.sampled_from((0, 1)), st.sampled_from((1, -1)))
def test_no_indicator_of_a_product_with_squares_is_taken_for_another(g, f, one, other, side):
    lhs = Step(g * f**2, one)
    for rhs in (Step(g, other), ONE, ZERO, Step(f * side, other), 1 - Step(f, 1) + Step(f, 0)):
        decision = decide(lhs, rhs, Givens(), {})
        if decision.answer == "proved" and not decision.assumes:
            assert all(at(lhs, x=m) == at(rhs, x=m) for m in GRID)


@pytest.mark.parametrize("arguments", [(x**2, 2 * x - 1), (2 * x - 1, x**2)])
def test_the_larger_of_two_terms_that_differ_by_a_square_is_known(arguments):
    larger = Maximum(*arguments)
    assert decide(larger, x**2, Givens(), {}).answer == "proved"
    assert decide(D(larger, x), 2 * x, Givens(), {}).answer == "proved"
    assert decide(larger, 2 * x - 1, Givens(), {}).answer == "refuted"


@settings(max_examples=60, deadline=None)
@given(linear, linear, linear, st.sampled_from((0, 1)))
def test_a_positive_quotient_tells_no_sign_that_does_not_follow(above, below, asked, value):
    decision = decide(Step(asked), Integer(value), Givens(), {}, (Relation(above / below, ">", ZERO),))
    if decision.answer != "proved":
        return
    for p, m in ((p, m) for p in GRID for m in GRID):
        told = at(above / below, a=p, b=m)
        if told is not None and told > 0:
            assert at(Step(asked), a=p, b=m) == value


def test_a_condition_on_a_quotient_decides_what_is_the_smaller():
    clipped = x * (1 - (1 - a / b) * Step(1 - a / b))
    for condition, answer in ((Relation(a / b, ">", ONE), x), (Relation(a / b, "<", ONE), x * a / b)):
        assert decide(clipped, answer, Givens(), {}, (condition,)).answer == "proved"
    assert decide(clipped, x * a / b, Givens(), {}, (Relation(a / b, ">", ONE),)).answer == "refuted"


# -- whole numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "number", "answer"),
    [
        (floor((50 - a) / b) + 1, 16, "proved"),
        (floor((50 - a) / b) + 1, 17, "refuted"),
        (floor((51 - a) / b), 15, "proved"),
        (ceiling((51 - a) / b), 16, "proved"),
        (ceiling((51 - a) / b), 15, "refuted"),
    ],
)
def test_what_is_rounded_has_its_value_where_conditions_say_the_numbers(term, number, answer):
    told = (Relation(a, "=", Integer(5)), Relation(b, "=", Integer(3)))
    assert decide(term, Integer(number), Givens(), {}, told).answer == answer


def test_a_number_that_is_only_drawn_is_not_rounded():
    assert decide(floor(a), floor(a + Rational(1, 2)), Givens(), {}).answer == "unknown"


# -- facts about all members ------------------------------------------------------------------------------------------

RUN = Range(ONE, n)
MOMENTS = Givens(
    facts=(
        fact(family("E", i), "=", q, {i: RUN}),
        fact(family("E", i) ** 2 + family("V", i), "=", q, {i: RUN}),
    ),
    families=families({"E": (RUN,), "V": (RUN,)}),
)


@pytest.mark.parametrize(("claim", "answer"), [(q - q**2, "proved"), (q - q**3, "refuted"), (q + q**2, "refuted")])
def test_a_fact_about_members_is_solved_for_what_names_the_member(claim, answer):
    assert decide(family("V", i), claim, MOMENTS, {i: RUN}).answer == answer


# -- induction and states ---------------------------------------------------------------------------------------------

GEOMETRIC = Givens(definitions=(define("W", (), total(k, 1, n, q**k)),), facts=(fact(q, "!=", ONE),))


@settings(max_examples=20, deadline=None)
@given(st.integers(-1, 2), st.integers(-1, 2), st.sampled_from((1, -1)))
def test_a_sum_of_powers_that_has_a_name_is_proved_to_be_what_it_is(high, low, side):
    claim = side * (q ** (n + high) - q**low) / (q - 1)
    answer = decide(scalar("W"), claim, GEOMETRIC, {}).answer
    assert answer == ("proved" if (high, low, side) == (1, 1, 1) else "refuted")


def forward_backward(is_turned: bool) -> Givens:
    """The states of a chain from both ends, the second with the matrix turned or not."""
    alpha = family("b", t, j) * total(i, 1, K, family("α", t - 1, i) * family("A", i, j))
    entry = family("A", j, i) if is_turned else family("A", i, j)
    beta = total(j, 1, K, entry * family("b", t + 1, j) * family("β", t + 1, j))
    both = total(j, 1, K, family("α", t, j) * family("β", t, j))
    run, whole, to_k = Range(ONE, T), Range(ZERO, T), Range(ONE, K)
    return Givens(
        definitions=(
            define("α", (t, j), alpha, {t: run, j: to_k}),
            define("β", (t, i), beta, {t: Range(ZERO, T - 1), i: to_k}),
            define("P", (t,), both, {t: whole}),
        ),
        families=families(
            {
                "α": (whole, to_k),
                "β": (whole, to_k),
                "b": (run, to_k),
                "A": (to_k, to_k),
                "P": (whole,),
            }
        ),
    )


@pytest.mark.parametrize(("is_turned", "answer"), [(False, "proved"), (True, "refuted")])
def test_states_from_both_ends_meet_at_every_time(is_turned, answer):
    givens = forward_backward(is_turned)
    assert decide(family("P", t + 1), family("P", t), givens, {t: Range(ONE, T - 1)}).answer == answer


# -- the search for instances -----------------------------------------------------------------------------------------


def asked_for(monkeypatch, question: Question) -> tuple[int, int]:
    """How many instances were found for a question, and how many were looked for."""
    looked: list[object] = []
    satisfy = search.satisfy
    monkeypatch.setattr(search, "satisfy", lambda *args: (looked.append(args), satisfy(*args))[1])
    return len(list(instances(question, 8))), len(looked)


def test_what_the_given_numbers_exclude_is_looked_for_once(monkeypatch):
    values = (Value(a, Integer(2), HERE), Value(b, Integer(3), HERE))
    contradiction = Givens(values=values, facts=(fact(a, ">", b),))
    assert asked_for(monkeypatch, Question((x,), contradiction, {})) == (0, 1)


def test_index_letters_that_the_given_numbers_exclude_are_looked_for_once(monkeypatch):
    run = Range(ONE, Integer(2))
    values = tuple(Value(family("x", Integer(m)), Integer(m), HERE) for m in (1, 2))
    givens = Givens(values=values, families=families({"x": (run,)}))
    told = (Relation(family("x", i), "<", ZERO),)
    assert asked_for(monkeypatch, Question((family("x", i),), givens, {i: run}, told)) == (0, 2)


@pytest.mark.parametrize(
    ("facts", "term"),
    [
        ((fact(a / b, ">", Integer(7)), fact(a + b, ">", Integer(3))), a * b),
        ((fact(a - b * x, "<", Integer(-9)), fact(a, ">", ZERO), fact(x, ">", ZERO)), a + b),
        ((fact(x - a**2 / b**2, "=", ZERO), fact(a, ">", ZERO), fact(b, ">", ZERO), fact(x, "=", b)), a),
    ],
    ids=["a quotient beyond a number", "a difference beyond a number", "a square"],
)
def test_instances_are_found(facts, term):
    assert list(instances(Question((term,), Givens(facts=facts), {}), 4))


def test_a_stationary_point_of_every_share_refutes_what_is_none():
    n_i, s_i = family("n", i), family("s", i)
    run = Range(ONE, K)
    positive = [fact(e, ">", ZERO, {i: run}) for e in (n_i, s_i)] + [fact(q, ">", ZERO)]
    stationary = fact(q - s_i**2 / n_i**2, "=", ZERO, {i: run})
    givens = Givens(facts=(*positive, stationary), families=families({"n": (run,), "s": (run,)}))
    assert decide(n_i, s_i / q, givens, {i: run}).answer == "refuted"
    assert decide(n_i**2, s_i**2 / q, givens, {i: run}).answer != "refuted"
    assert decide_relation(Relation(n_i, ">", ZERO), givens, {i: run}).answer == "proved"
    assert decide(n_i, s_i / sqrt(q), givens, {i: run}).answer != "refuted"


def test_an_equation_that_is_said_twice_is_not_solved_by_zeros():
    twice = (fact(2 * x + q, "=", ZERO), fact(4 * a + q, "=", ZERO), fact(4 * a + q, "=", ZERO))
    assert decide(a, 2 * x, Givens(facts=twice), {}).answer == "refuted"
    assert decide(x, 2 * a, Givens(facts=twice), {}).answer == "proved"


# -- means ------------------------------------------------------------------------------------------------------------

SHARE = Givens(facts=(fact(q, ">=", ZERO), fact(q, "<=", ONE), fact(a, ">", ZERO), fact(b, ">", ZERO)))
ALL_K = Range(ONE, K)
SIMPLEX = Givens(
    facts=(fact(family("p", k), ">", ZERO, {k: ALL_K}), fact(total(k, 1, K, family("p", k)), "=", ONE)),
    families=families({"p": (ALL_K,), "z": (ALL_K,)}),
)
weights = st.sampled_from((q, 1 - q, ONE, Rational(1, 2), q - 1, -ONE))
powers = st.sampled_from(
    (exp(x), exp(r), exp(q * x + (1 - q) * r), exp((x + r) / 2), a, b, sqrt(a * b), a**q * b ** (1 - q))
)
z_i, p_i = family("z", i), family("p", i)
summands = st.sampled_from((exp(z_i), p_i * exp(z_i), p_i, exp(-z_i)))
means = st.sampled_from((z_i, p_i * z_i, -z_i, ZERO))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(weights, powers), min_size=3, max_size=3), st.sampled_from((">=", ">")))
def test_no_inequality_between_means_is_proved_that_fails(parts, sign):
    relation = Relation(sum(w * e for w, e in parts), sign, ZERO)
    if proved_alone(relation, SHARE, {}):
        assert decide_relation(relation, SHARE, {}).answer != "refuted"


@settings(max_examples=40, deadline=None)
@given(summands, means, st.sampled_from((ONE, 1 / K)), st.sampled_from((ZERO, log(K))))
def test_no_bound_of_the_logarithm_of_a_sum_is_proved_that_fails(summand, mean, scale, shift):
    relation = Relation(log(total(i, 1, K, summand)), ">=", scale * total(i, 1, K, mean) + shift)
    if proved_alone(relation, SIMPLEX, {}):
        assert decide_relation(relation, SIMPLEX, {}).answer != "refuted"


@pytest.mark.parametrize(
    ("less", "greater"),
    [
        (exp(q * x + (1 - q) * r), q * exp(x) + (1 - q) * exp(r)),
        (a**q * b ** (1 - q), q * a + (1 - q) * b),
        (3 * a * b * q**2, a**3 + b**3 + q**6),
        (ONE, (exp(x) + exp(-x)) / 2),
    ],
    ids=["convexity", "weighted means", "three means", "the hyperbolic cosine"],
)
def test_means_are_compared(less, greater):
    assert decide_relation(Relation(less, "<=", greater), SHARE, {}).answer in ("proved", "agrees")
    assert decide_relation(Relation(less, ">=", greater), SHARE, {}).answer == "refuted"


def test_the_logarithm_of_a_mean_is_at_least_the_mean_of_logarithms():
    mean = total(i, 1, K, p_i * exp(z_i))
    less = total(i, 1, K, p_i * z_i)
    assert decide_relation(Relation(log(mean), ">=", less), SIMPLEX, {}).answer == "proved"
    assert decide_relation(Relation(log(mean), ">", less + ONE), SIMPLEX, {}).answer == "refuted"


# -- names of which equations speak -----------------------------------------------------------------------------------

TO_N = Range(ONE, n)
LEFT, RIGHT = total(i, 1, K, family("W", i, j) * family("u", i)), total(j, 1, n, family("W", i, j) * family("v", j))
SINGULAR = Givens(
    definitions=(define("s", (), total(j, 1, n, LEFT * family("v", j))),),
    facts=(
        fact(RIGHT, "=", scalar("s") * family("u", i), {i: ALL_K}),
        fact(LEFT, "=", scalar("s") * family("v", j), {j: TO_N}),
    ),
    families=families({"W": (ALL_K, TO_N), "u": (ALL_K,), "v": (TO_N,)}),
)


@pytest.mark.parametrize(("power", "is_proved"), [(2, True), (1, False), (3, False)])
def test_a_name_stands_for_itself_where_equations_say_more_than_its_definition(power, is_proved):
    twice = total(i, 1, K, family("W", i, k) * RIGHT)
    found = decide(twice, scalar("s") ** power * family("v", k), SINGULAR, {k: TO_N})
    assert (found.answer == "proved") == is_proved
