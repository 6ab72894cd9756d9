"""What the judge proves, refutes, and leaves open."""

import pytest
from judge.false_proofs.tricks import TRICKS
from judge.notation import (
    HERE,
    IN_CLASSES,
    IN_K,
    PLAIN,
    K,
    L,
    define,
    fact,
    families,
    h,
    i,
    j,
    k,
    t,
    total,
    u,
    w,
    x,
    xs,
    y,
    z,
)
from judge.problems import CROSS_ENTROPY, FALSE, LINES, SOFTMAX_ONLY, TANH, TRUE, Line
from sympy import Integer, exp, log

from symdl.judge import decide, decide_relation
from symdl.judge.decision import proved_alone
from symdl.language import D, Delta, Step
from symdl.language.functions.relu import ReLU
from symdl.problem import Convention, Givens, Range, Relation, Value

PROVED = {**TRUE, **LINES}


def rows(lines: dict[str, Line]) -> list[object]:
    return [pytest.param(*line, id=name) for name, line in lines.items()]


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(PROVED))
def test_a_true_line_is_proved(lhs, rhs, givens, ranges):
    decision = decide(lhs, rhs, givens, ranges)
    assert decision.answer == "proved", decision


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(FALSE))
def test_a_false_line_is_refuted_at_an_instance(lhs, rhs, givens, ranges):
    decision = decide(lhs, rhs, givens, ranges)
    assert decision.answer == "refuted", decision
    assert decision.instance


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(TRICKS))
def test_a_false_proof_is_never_accepted(lhs, rhs, givens, ranges):
    assert decide(lhs, rhs, givens, ranges).answer in ("refuted", "unknown")


def test_nearly_all_false_proofs_are_refuted():
    answers = {name: decide(*line).answer for name, line in TRICKS.items()}
    assert sum(a == "refuted" for a in answers.values()) >= len(answers) - 4, answers


QUICK = {name: line for name, line in PROVED.items() if "RNN" not in name and "loss" not in name and name != "readout"}


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(QUICK))
def test_another_right_side_is_not_proved(lhs, rhs, givens, ranges):
    for wrong in (-rhs, 2 * rhs, rhs + 1):
        if wrong != rhs:
            decision = decide(lhs, wrong, givens, ranges)
            assert decision.answer != "proved", wrong


def test_the_same_question_gets_the_same_answer():
    line = FALSE["F12 cross-entropy"]
    assert decide(*line) == decide(*line)


def test_a_fact_that_is_missing_is_not_assumed():
    line = (D(CROSS_ENTROPY.definitions[1].label, z(i)), *LINES["cross-entropy gradient"][1:2])
    assert decide(*line, SOFTMAX_ONLY, {i: IN_K}).answer == "refuted"


def test_contradictory_facts_are_named():
    givens = Givens(facts=(fact(x, ">", Integer(1)), fact(x, "<", Integer(0))))
    decision = decide(x, x, givens, {})
    assert decision.answer == "unknown"
    assert "no instance" in decision.reason


def test_a_condition_on_indices_is_used():
    line = (D(LINES["softmax Jacobian"][0].of, z(k)), -LINES["softmax Jacobian"][0].of * family_p(k))
    unequal = (Relation(i, "!=", k),)
    assert decide(*line, SOFTMAX_ONLY, {i: IN_K, k: IN_K}, unequal).answer == "proved"
    assert decide(*line, SOFTMAX_ONLY, {i: IN_K, k: IN_K}).answer == "refuted"


def family_p(at):
    return LINES["softmax Jacobian"][0].of.base[at]


def test_a_condition_on_a_sign_is_used():
    assert decide(ReLU(x), x, Givens(), {}, (Relation(x, ">", Integer(0)),)).answer == "proved"
    assert decide(ReLU(x), Integer(0), Givens(), {}, (Relation(x, "<", Integer(0)),)).answer == "proved"
    assert decide(ReLU(x), x, Givens(), {}).answer == "refuted"


def test_a_one_hot_label_contracts_the_sum():
    label = fact(y(k), "=", Delta(k, j), {k: IN_K})
    givens = Givens(definitions=SOFTMAX_ONLY.definitions, facts=(label,), families=IN_CLASSES)
    line = (D(SOFTMAX_ONLY.definitions[1].label, z(i)), family_p(i) - Delta(i, j))
    assert decide(*line, givens, {i: IN_K, j: IN_K}).answer == "proved"


def test_side_conditions_are_recorded():
    decision = decide(log(x * z(i)), log(x) + log(z(i)), PLAIN, {i: IN_K})
    assert decision.answer == "proved"
    assert len(decision.assumes) == 2


def test_a_lemma_is_used_for_every_value_of_its_letters():
    lemma = (D(family_p(i), z(k)), family_p(i) * (Delta(i, k) - family_p(k)), {i: IN_K, k: IN_K})
    line = LINES["cross-entropy gradient"]
    assert decide(*line, (), (lemma,)).answer == "proved"


def test_an_induction_is_named():
    assert "induction over T" in decide(*LINES["linear RNN unrolled"]).reason


def test_an_order_is_refuted_or_proved():
    big = total(i, 1, K, exp(z(i)))
    assert decide_relation(Relation(big, ">", Integer(0)), PLAIN, {}).answer == "proved"
    assert decide_relation(Relation(big, "<", Integer(0)), PLAIN, {}).answer == "refuted"
    assert decide_relation(Relation(big, "!=", Integer(0)), PLAIN, {}).answer == "proved"


def test_a_definition_that_nothing_defines_is_a_free_input():
    assert decide(D(x, z(i)), Integer(0), PLAIN, {i: IN_K}).answer == "proved"
    assert decide(D(y(i), z(i)), Integer(0), PLAIN, {i: IN_K}).answer == "proved"


def test_a_definition_that_refers_to_itself_is_left_open():
    givens = Givens(definitions=(define("x", [], x + 1),))
    assert decide(x, x + 2, givens, {}).answer == "unknown"


def test_a_tower_of_powers_is_left_open():
    tower = Integer(9) ** z(Integer(9)) ** Integer(9)
    assert decide(tower, tower + 1, TANH, {}).answer in ("refuted", "unknown")


def test_a_recurrence_is_evaluated_on_numbers():
    one, two = Integer(1), Integer(2)
    steps = Range(one, two)
    givens = Givens(
        definitions=(define("h", [t], ReLU(u * h(t - 1) + w * xs(t)), {t: steps}), define("h", [0], Integer(3))),
        values=(
            Value(w, two, HERE),
            Value(u, Integer(3), HERE),
            Value(xs(one), one, HERE),
            Value(xs(two), two, HERE),
        ),
        families=families({"h": (Range(Integer(0), two),), "x": (steps,)}),
    )
    assert decide(h(2), Integer(37), givens, {}).answer == "proved"
    assert decide(h(2), Integer(36), givens, {}).answer == "refuted"
    assert decide(-D(h(2), u), Integer(-20), givens, {}).answer == "proved"
    assert decide(-D(h(2), u), Integer(-11), givens, {}).answer == "refuted"


def test_a_domain_that_is_not_stated_is_looked_at_from_both_sides():
    assert decide(exp(log(x**2) / 2), x, Givens(), {}).answer == "refuted"
    assert decide(ReLU(x), x, Givens(), {}).answer == "refuted"


def test_a_slope_at_a_kink_is_that_of_the_convention():
    zero = (Relation(x, "=", Integer(0)),)
    for value in (0, 1):
        stated = Givens(conventions=(Convention(ReLU, Integer(0), Integer(value), "", HERE),))
        assert decide(D(ReLU(x), x), Integer(value), stated, {}, zero).answer == "proved"
        assert decide(D(ReLU(x), x), Integer(1 - value), stated, {}, zero).answer == "refuted"
        assert decide(D(ReLU(x), x), Step(x, value), stated, {}).answer == "proved"
    assert decide(D(ReLU(x), x), Integer(0), Givens(), {}, zero).answer == "unknown"


def test_a_power_too_large_to_write_out_is_no_fault():
    steps = define("w", [], Integer(10) ** 30)
    givens = Givens(definitions=(define("L", [], Integer(1000) ** w), steps))
    assert not proved_alone(Relation(L, "=", x), givens, {})
