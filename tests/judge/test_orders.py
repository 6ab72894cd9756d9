"""Inequalities: what is proved of them, and that the prover alone, without any instance, proves no false one."""

import pytest
from judge.false_proofs.inequalities import TRICKS, TRUE_ORDERS, Order

from symdl.judge import decide_relation
from symdl.judge.decision import proved_alone
from symdl.problem import Relation


def rows(orders: dict[str, Order]) -> list[object]:
    return [pytest.param(*order, id=name) for name, order in orders.items()]


@pytest.mark.parametrize(("lhs", "sign", "rhs", "givens", "ranges"), rows(TRUE_ORDERS))
def test_a_true_inequality_is_proved(lhs, sign, rhs, givens, ranges):
    decision = decide_relation(Relation(lhs, sign, rhs), givens, ranges)
    assert decision.answer == "proved", decision


@pytest.mark.parametrize(("lhs", "sign", "rhs", "givens", "ranges"), rows(TRICKS))
def test_a_false_inequality_is_never_accepted(lhs, sign, rhs, givens, ranges):
    assert decide_relation(Relation(lhs, sign, rhs), givens, ranges).answer in ("refuted", "unknown", "agrees")


@pytest.mark.parametrize(("lhs", "sign", "rhs", "givens", "ranges"), rows(TRICKS))
def test_no_false_inequality_is_proved_without_instances(lhs, sign, rhs, givens, ranges):
    assert not proved_alone(Relation(lhs, sign, rhs), givens, ranges)


FLIPPED: dict[str, str] = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}


@pytest.mark.parametrize(("lhs", "sign", "rhs", "givens", "ranges"), rows(TRUE_ORDERS))
def test_the_opposite_of_a_true_inequality_is_not_proved(lhs, sign, rhs, givens, ranges):
    assert not proved_alone(Relation(lhs, FLIPPED[sign], rhs), givens, ranges)
