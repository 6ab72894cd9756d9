"""The scores on labelled hand proofs may rise, and not fall.

What is wanted is written in `docs/scores.md` beside what is measured; these bounds follow the measured scores up.
"""

import pytest
from check.scores import Score, cases, chain_mode, relation_mode


@pytest.fixture(scope="module")
def relations() -> Score:
    return relation_mode(cases())


@pytest.fixture(scope="module")
def chains() -> Score:
    return chain_mode(cases())


def test_no_right_relation_is_called_wrong(relations: Score) -> None:
    assert not [m for m in relations.misses if "right, judged wrong" in m]


def test_no_wrong_relation_is_confirmed(relations: Score) -> None:
    assert not [m for m in relations.misses if "wrong, judged holds" in m]


def test_right_relations_are_confirmed(relations: Score) -> None:
    assert relations.share("right", "holds") >= 0.879
    assert relations.proved_share >= 0.99


def test_wrong_relations_are_caught(relations: Score) -> None:
    assert relations.share("wrong", "wrong") >= 0.97


def test_whole_proofs_are_confirmed_without_false_alarms(chains: Score) -> None:
    assert chains.share("right", "holds") >= 0.72
    assert chains.share("right", "wrong") == 0


def test_no_wrong_proof_is_confirmed(chains: Score) -> None:
    assert chains.share("wrong", "holds") == 0
    assert chains.share("wrong", "wrong") >= 0.92
