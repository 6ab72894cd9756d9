"""Linear reasoning from what is known proves, refutes, or says nothing; it is never wrong."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational

from symdl.check.entailment import contradictory, entailed
from symdl.language import scalar
from symdl.problem import Givens, Relation

X, Y, Z = scalar("x"), scalar("y"), scalar("z")
ZERO = Integer(0)
NONE = Givens()


@pytest.mark.parametrize(
    ("claim", "known", "answer"),
    [
        pytest.param((Y, "=", 2), [(X + Y, "=", 5), (X, "=", 3)], "proved", id="a value from two equations"),
        pytest.param((Y, "=", 1), [(X + Y, "=", 5), (X, "=", 3)], "refuted", id="another value contradicts them"),
        pytest.param((Y, "=", 1), [(X + Y, "=", 5)], None, id="one equation does not settle it"),
        pytest.param((X + Y, "<", 0), [(X, "<", 0), (Y, "<=", 0)], "proved", id="bounds add up"),
        pytest.param((X + Y, ">", 0), [(X, "<", 0), (Y, "<=", 0)], "refuted", id="and exclude the opposite"),
        pytest.param((X - Y, "<", 0), [(X, "<", 0), (Y, "<=", 0)], None, id="a difference is open"),
        pytest.param((X * Y, "=", 6), [(X * Y + Z, "=", 7), (Z, "=", 1)], "proved", id="a product is an unknown"),
        pytest.param((X, "=", 1), [(X, "=", 1), (X, "=", 2)], None, id="nothing follows from a contradiction"),
    ],
)
def test_what_follows_linearly(
    claim: tuple[object, str, int], known: list[tuple[object, str, int]], answer: str | None
) -> None:
    def relation(parts: tuple[object, str, int]) -> Relation:
        return Relation(parts[0], parts[1], Integer(parts[2]))  # type: ignore[arg-type]

    found = entailed(relation(claim), [relation(k) for k in known], NONE)
    assert (found.answer if found else None) == answer


small = st.integers(-4, 4)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=4), st.tuples(small, small, small), small, small)
def test_an_answer_agrees_with_a_point_that_satisfies_what_is_known(
    rows: list[tuple[int, int, int]], wanted: tuple[int, int, int], x: int, y: int
) -> None:
    def equation(a: int, b: int, c: int) -> Relation:
        return Relation(a * X + b * Y, "=", Integer(c))

    known = [equation(a, b, a * x + b * y) for a, b, _ in rows]
    found = entailed(equation(*wanted), known, NONE)
    holds = wanted[0] * x + wanted[1] * y == wanted[2]
    if found is not None:
        assert found.answer == ("proved" if holds else "refuted")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(small, small, st.sampled_from(["<", "<=", ">", ">="])), max_size=5), small, small)
def test_what_a_point_satisfies_is_no_contradiction(rows: list[tuple[int, int, str]], x: int, y: int) -> None:
    gap = {"<": Fraction(1), "<=": Fraction(0), ">": Fraction(-1), ">=": Fraction(0)}
    known = [
        Relation(a * X + b * Y, s, Rational(a * x + b * y + gap[s]))  # type: ignore[arg-type]
        for a, b, s in rows
    ]
    assert not contradictory(known, NONE)
