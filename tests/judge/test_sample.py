"""The instance shown for a check is small, satisfies the facts, and both sides agree at it."""

from fractions import Fraction

import pytest
from judge.notation import K, T, i, y, z
from judge.problems import CROSS_ENTROPY, FALSE, LINES

from symdl.judge import sample
from symdl.language import scalar


@pytest.mark.parametrize("name", LINES)
def test_the_two_sides_of_a_true_line_agree_at_a_small_instance(name):
    lhs, rhs, givens, ranges = LINES[name]
    found = sample(lhs, rhs, givens, ranges)
    assert found is not None
    assert found.left == found.right
    assert all(int(found.instance[s.name]) <= 3 for s in (K, T) if s.name in found.instance)


def test_facts_hold_at_the_instance_shown():
    found = sample(*LINES["cross-entropy gradient"])
    assert found is not None
    weights = [Fraction(v) for v in found.instance["y"]]
    assert sum(weights) == 1
    assert min(weights) >= 0


def test_no_entry_stands_twice_in_a_list():
    found = sample(*LINES["cross-entropy gradient"])
    assert found is not None
    assert all(len(set(v)) == len(v) for v in found.instance.values() if isinstance(v, list))


@pytest.mark.parametrize("name", ["F12 cross-entropy", "F07 cube"])
def test_there_is_no_instance_at_which_a_false_line_would_check(name):
    lhs, rhs, givens, ranges = FALSE[name]
    assert sample(lhs, rhs, givens, ranges) is None


def test_the_same_line_gets_the_same_instance():
    assert sample(*LINES["cross-entropy gradient"]) == sample(*LINES["cross-entropy gradient"])


def test_numbers_have_six_digits():
    found = sample(z(i) / 3, z(i) / 3, CROSS_ENTROPY, LINES["cut at p"][3])
    assert found is not None
    assert len(found.left.replace("-", "").replace(".", "").lstrip("0")) <= 6


def test_an_approximate_zero_is_shown_as_zero():
    found = sample(scalar("x") - scalar("x"), y(i) - y(i), CROSS_ENTROPY, LINES["cut at p"][3])
    assert found is not None
    assert found.left == found.right == "0"
