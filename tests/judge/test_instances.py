"""Instances satisfy what is given: finite sets, systems, arrays that show their size, members that must exist."""

from judge.notation import i
from sympy import Integer, Symbol

from symdl.errors import Place
from symdl.judge.instances import instances
from symdl.judge.world import Question
from symdl.language import Sigma, family, label_of, scalar, size
from symdl.problem import Fact, Givens, Range, Relation, Value

HERE = Place("", 1, 1)
n = size("n")
x = family("x", i)


def worlds(givens: Givens, *terms: object, wanted: int = 4) -> list[object]:
    return list(instances(Question(tuple(terms), givens, {}), wanted))


def drawn(world: object, label: Symbol) -> list[object]:
    return [v for (s, _), v in sorted(world.chosen.items(), key=str) if s == label]


def test_members_of_two_values_are_drawn_from_these() -> None:
    run = Range(Integer(1), n)
    binary = Fact(Relation(x**2, "=", x), {i: run}, "", HERE)
    givens = Givens(facts=(binary,), families={label_of(x): (run,)})
    found = {v for world in worlds(givens, x, wanted=6) for v in drawn(world, label_of(x))}
    assert found == {0, 1}


def test_a_one_hot_family_is_a_unit_vector() -> None:
    run = Range(Integer(1), n)
    binary = Fact(Relation(x**2, "=", x), {i: run}, "", HERE)
    whole = Fact(Relation(Sigma.over(i, Integer(1), n, x), "=", Integer(1)), {}, "", HERE)
    givens = Givens(facts=(binary, whole), families={label_of(x): (run,)})
    found = worlds(givens, x)
    assert found
    assert all(sum(drawn(world, label_of(x))) == 1 for world in found)


def test_products_are_satisfied_by_what_stands_in_no_other_equation() -> None:
    a, b, c = (scalar(name) for name in "abc")
    facts = (Fact(Relation(a + b, "=", Integer(2)), {}, "", HERE), Fact(Relation(a * c, "=", Integer(3)), {}, "", HERE))
    assert worlds(Givens(facts=facts), a * b * c)


def test_an_array_with_every_entry_stated_shows_its_size() -> None:
    run = Range(Integer(1), n)
    values = tuple(Value(family("x", k), Integer(k), HERE) for k in range(1, 5))
    givens = Givens(values=values, families={label_of(x): (run,)})
    assert {world.integers[n] for world in worlds(givens, x)} == {4}


def test_a_member_that_is_named_exists() -> None:
    run = Range(Integer(1), n)
    givens = Givens(families={label_of(x): (run,)})
    assert all(world.integers[n] >= 6 for world in worlds(givens, family("x", 6)))
