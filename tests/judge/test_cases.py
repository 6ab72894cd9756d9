"""Cases: kinks that a sum passes, conditions that hold with equality, signs of factors, members that are named."""

import pytest
from judge.notation import (
    HERE,
    IN_K,
    IN_N,
    K,
    T,
    a,
    b,
    c,
    define,
    fact,
    families,
    i,
    j,
    k,
    n,
    p,
    t,
    total,
    w,
    x,
    xs,
    y,
    z,
)
from sympy import Integer, Rational, log, sqrt

from symdl.judge import decide
from symdl.judge.decision import proved_alone
from symdl.judge.instances import instances
from symdl.judge.satisfying import satisfies
from symdl.judge.world import Question
from symdl.language import D, Delta, Maximum, Minimum, Step, family
from symdl.problem import Givens, Range, Relation, Value

ONE, ZERO = Integer(1), Integer(0)
CLASS = Range(ONE, K)


def score(at):
    return family("s", at)


HINGES = Givens(
    definitions=(
        define("L", (), total(k, 1, K, (1 - Delta(k, j)) * Maximum(0, 1 + score(k) - score(j)))),
        define("s", (k,), total(i, 1, n, family("w", k, i) * xs(i)), {k: IN_K}),
    ),
    families=families({"s": (IN_K,), "w": (IN_K, IN_N), "x": (IN_N,)}),
    positions={j: IN_K},
)


@pytest.mark.parametrize(
    ("step", "answer"), [(Step(1 + score(k) - score(j)), "proved"), (Step(score(k) - score(j)), "refuted")]
)
def test_a_kink_that_a_sum_passes_at_each_of_its_indices_is_passed_at_the_one_that_is_left(step, answer):
    loss = HINGES.definitions[0].head
    apart = (Relation(k, "!=", j),)
    assert decide(D(loss, score(k)), step, HINGES, {k: CLASS}, apart).answer == answer


LENGTH = Givens(
    definitions=(define("n", (), sqrt(total(i, 1, n, xs(i) ** 2))),),
    facts=(fact(c, ">", ZERO), fact(family("n"), ">", ZERO)),
    families=families({"x": (IN_N,)}),
)


@pytest.mark.parametrize(
    ("told", "rhs", "answer"), [("<=", ONE, "proved"), (">=", c / family("n"), "proved"), (">=", ONE, "refuted")]
)
def test_a_condition_that_may_hold_with_equality_decides_which_is_the_smaller(told, rhs, answer):
    smaller = Minimum(1, c / family("n"))
    condition = Relation(family("n"), told, c)
    assert decide(xs(i) * smaller, xs(i) * rhs, LENGTH, {i: IN_N}, (condition,)).answer == answer


def test_a_case_that_contradicts_what_is_given_is_left_out_and_no_other():
    told = (Relation(x, ">=", y()), Relation(y(), ">=", w))
    assert decide(Maximum(x, w), x, Givens(), {}, told).answer == "proved"
    assert not proved_alone(Relation(Maximum(x, w), "=", x), Givens(), {}, told[:1])


UNIT = tuple(fact(s, sign, end) for s in (a, b) for sign, end in ((">", ZERO), ("<", ONE)))


def test_a_quotient_of_two_negative_factors_has_a_logarithm():
    divergence = a * log(a / b) + (1 - a) * log((1 - a) / (1 - b))
    givens = Givens(facts=UNIT)
    assert decide(D(divergence, a), log(a / (1 - a)) - log(b / (1 - b)), givens, {}).answer == "proved"
    assert decide(D(divergence, a), log(a / (1 - a)) + log(b / (1 - b)), givens, {}).answer == "refuted"
    assert not proved_alone(Relation(log((a - 1) / (1 - b)), "=", log(1 - a) - log(1 - b)), givens, {})


def test_logarithms_add_up_to_zero_where_the_product_that_is_given_is_one():
    total_of = a + b
    told = (Relation(a / total_of, "=", Rational(1, 4)),)
    positive = Givens(facts=(fact(a, ">", ZERO), fact(b, ">", ZERO)))
    assert decide(-log(b / total_of), log(4) - log(3), positive, {}, told).answer == "proved"
    assert decide(-log(b / total_of), log(3), positive, {}, told).answer == "refuted"


def test_a_sign_that_is_assumed_and_can_be_proved_is_not_said():
    spread = total(i, 1, n, xs(i) ** 2) / n - (total(i, 1, n, xs(i)) / n) ** 2
    givens = Givens(facts=(fact(b, ">", ZERO),), families=families({"x": (IN_N,)}))
    assert decide(log((spread + b) * a**2), log(spread + b) + 2 * log(a), givens, {}).assumes == ("$a > 0$",)
    assert decide(log(w * a**2), log(w) + 2 * log(a), givens, {}).assumes == ("$a > 0$", "$w > 0$")


def test_a_fact_that_uses_the_letter_of_a_line_for_itself_says_nothing_of_that_letter():
    pair = Range(ONE, Integer(2))
    givens = Givens(
        values=(Value(z(ONE), ZERO, HERE), Value(z(Integer(2)), log(3), HERE)),
        facts=(fact(family("A", i), ">", ZERO, {i: pair}),),
        families=families({"z": (pair,), "A": (pair,)}),
    )
    entries = Delta(i, 1) * ZERO + Delta(i, 2) * log(3)
    assert decide(z(i), entries, givens, {i: pair}).answer == "proved"
    assert decide(z(i), entries + ONE, givens, {i: pair}).answer == "refuted"


def test_an_equation_for_all_members_is_solved_where_its_factor_is_known_not_to_be_zero():
    level = fact(c * (xs(i) + y(i)), "=", ONE, {i: IN_N})
    positive = (fact(c, ">", ZERO), fact(xs(i), ">", ZERO, {i: IN_N}), fact(y(i), ">", ZERO, {i: IN_N}))
    spent = (Relation(total(i, 1, n, xs(i)), "=", p()),)
    givens = Givens(facts=(level, *positive), families=families({"x": (IN_N,), "y": (IN_N,)}))
    assert decide(n / c, p() + total(i, 1, n, y(i)), givens, {}, spent).answer == "proved"
    assert not proved_alone(Relation(1 / c, "=", p() + total(i, 1, n, y(i))), givens, {}, spent)


def test_a_member_that_a_line_names_exists():
    last = define("y", (), total(i, 1, n, family("v", i) * family("h", T, i)))
    step = total(j, 1, n, family("W", i, j) * family("h", t - 1, j))
    givens = Givens(
        definitions=(last, define("h", (t, i), step, {t: Range(ONE, T), i: IN_N})),
        families=families({"h": (Range(ZERO, T), IN_N), "W": (IN_N, IN_N), "v": (IN_N,)}),
    )
    slope = D(last.head, family("h", T - 2, i))
    twice = total(j, 1, n, total(k, 1, n, family("v", k) * family("W", k, j)) * family("W", j, i))
    once = total(k, 1, n, family("v", k) * family("W", k, i))
    assert decide(slope, twice, givens, {i: IN_N}).answer == "proved"
    assert decide(slope, once, givens, {i: IN_N}).answer == "refuted"


def test_a_frame_stays_one_while_other_facts_are_made_to_hold():
    eigen = total(k, 1, n, family("S", j, k) * family("u", i, k))
    givens = Givens(
        facts=(
            fact(eigen, "=", family("l", i) * family("u", i, j), {i: IN_N, j: IN_N}),
            fact(total(k, 1, n, family("u", i, k) * family("u", j, k)), "=", Delta(i, j), {i: IN_N, j: IN_N}),
            fact(family("S", j, i), "=", family("S", i, j), {i: IN_N, j: IN_N}),
        ),
        families=families({"S": (IN_N, IN_N), "u": (IN_N, IN_N), "l": (IN_N,)}),
    )
    question = Question((family("l", ONE),), givens, {}, ())
    found = list(instances(question, 4))
    assert found
    assert all(satisfies(question, instance) for instance in found)
