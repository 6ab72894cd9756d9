"""What is worked out once and asked for often: the engine's answers under one set of givens, and what a key asks."""

import pytest

import symdl
from symdl.check import marks
from symdl.check.context import Context
from symdl.check.putting import posed
from symdl.language import D, Opaque, scalar

GIVEN = "# A\n\n## Given\n\n$$L = (w x - y)^2$$\n\n## Proof\n\n"
SLOPE = r"$$\frac{\partial L}{\partial w} = "
RIGHT, WRONG = SLOPE + "2 x (w x - y)$$\n", SLOPE + "2 (w x - y)$$\n"
L, w, x, y = map(scalar, "Lwxy")


def context() -> Context:
    return Context(symdl.read(GIVEN + RIGHT).givens)


def test_the_engine_is_asked_once_for_a_term_under_the_same_givens() -> None:
    givens = context()
    found = givens.derived(posed({}, D(L, w)))
    assert found is givens.derived(posed({}, D(L, w)))
    assert (found.result - 2 * x * (w * x - y)).expand() == 0
    assert (D(L, w), found.result, {}) in found.proved


def test_what_the_engine_cannot_do_is_no_result_and_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("symdl.engine.derive", fails)
    found = context().derived(posed({}, D(Opaque(L, (w,)), w)))
    assert (found.result, found.proved) == (None, ())


def test_a_key_is_read_once_and_every_submission_is_marked_as_if_it_were_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    key = GIVEN + RIGHT
    monkeypatch.setattr(marks, "read_text", lambda *at: read.append(at) or symdl.read_all(at[0]))
    every = [marks.marked(key, "key of the test.md", text, "s.md") for text in (WRONG, RIGHT, WRONG)]
    assert [float(m.total) for m in every] == [1, 1, 1]
    assert [float(m.low) for m in every] == [0, 1, 0]
    assert every[0] == every[2]
    assert len(read) == 1
