"""Linear recurrences are written out to the state where they end, and only there where they hold."""

from dataclasses import replace

import pytest
from judge.notation import FROM_0, IN_K, IN_T, T, define, families, h, i, k, product, s, t, total, w, x, xs, y
from sympy import Expr, Integer, S, tanh

from symdl.judge import decide
from symdl.judge.decision import proved_alone
from symdl.language import D, family, put, scalar
from symdl.problem import Givens, Range, Relation

BEFORE = Range(Integer(0), T - 1)
AT = {t: FROM_0}


def G(at: Expr | int) -> Expr:
    return family("G", Integer(at) if isinstance(at, int) else at)


def entry(at: Expr | int, unit: Expr) -> Expr:
    return family("h", Integer(at) if isinstance(at, int) else at, unit)


def units(run: Range) -> Givens:
    """Many states side by side, of which each has its own factor."""
    return Givens(
        definitions=(define("h", [t, i], y(i) * entry(t - 1, i) + xs(t), {t: IN_T, i: run}),),
        families=families({"h": (FROM_0, run), "x": (IN_T,), "y": (run,)}),
    )


def ahead(factor: Expr, added: Expr, end: Expr | None = None) -> Givens:
    """A state that is written by the next one, and by `end` at T; free there without."""
    last = [] if end is None else [define("G", [T], end)]
    return Givens(
        definitions=(define("G", [t], added + factor * G(t + 1), {t: BEFORE}), *last),
        families=families({"G": (FROM_0,), "x": (FROM_0,), "y": (FROM_0,)}),
    )


def back(factor: Expr, added: Expr) -> Givens:
    return Givens(
        definitions=(define("h", [t], factor * h(t - 1) + added, {t: IN_T}),),
        families=families({"h": (FROM_0,), "x": (IN_T,)}),
    )


FROM_START = y(i) ** T * entry(0, i) + total(k, 1, T, y(i) ** (T - k) * xs(k))
"""The last state of one unit."""

WITHOUT_END = Range(Integer(0), S.Infinity)

RETURN = ahead(w, xs(t), Integer(0))
GROWTH = back(1 + w, Integer(0))
CASES = {
    "the return from any time": (G(t), total(k, t, T - 1, w ** (k - t) * xs(k)), RETURN, AT),
    "counted from there": (G(t), total(k, 0, T - 1 - t, w**k * xs(t + k)), RETURN, AT),
    "the return from the start": (G(0), total(k, 0, T - 1, w**k * xs(k)), RETURN, {}),
    "with what the last state is worth": (
        G(0),
        w**T * G(T) + total(k, 0, T - 1, w**k * xs(k)),
        ahead(w, xs(t)),
        {},
    ),
    "factors of their own": (
        G(t),
        total(k, t, T - 1, product(s, t, k - 1, y(s)) * xs(k)),
        ahead(y(t), xs(t), Integer(0)),
        AT,
    ),
    "by what one step adds": (D(G(0), xs(t)), w**t, RETURN, {t: BEFORE}),
    "by the factor of all steps": (
        D(h(T), w),
        T * w ** (T - 1) * h(0) + total(t, 1, T, (T - t) * w ** (T - t - 1) * xs(t)),
        back(w, xs(t)),
        {},
    ),
    "one of many states": (
        D(entry(T, i), y(i)),
        T * y(i) ** (T - 1) * entry(0, i) + total(k, 1, T, (T - k) * y(i) ** (T - k - 1) * xs(k)),
        units(IN_K),
        {i: IN_K},
    ),
    "beside a number of the same name": (
        D(h(T), w),
        T * (1 + w) ** (T - 1) * h(0),
        replace(GROWTH, definitions=(*GROWTH.definitions, define("h", [], x**2))),
        {},
    ),
    "growth by a parameter": (D(h(T), w), T * (1 + w) ** (T - 1) * h(0), GROWTH, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_linear_recurrence_is_written_out(name):
    assert decide(*CASES[name]).answer == "proved"


@pytest.mark.parametrize("name", CASES)
def test_nothing_else_is_proved_of_it(name):
    lhs, rhs, givens, ranges = CASES[name]
    for wrong in (rhs * 2, rhs + w, -rhs):
        assert not proved_alone(Relation(lhs, "=", wrong), givens, ranges)


FALSE = {
    "one step too far": (G(t), total(k, t, T, w ** (k - t) * xs(k)), RETURN, AT),
    "a power too many": (G(0), total(k, 0, T - 1, w ** (k + 1) * xs(k)), RETURN, {}),
    "a last state that is free": (G(0), total(k, 0, T - 1, w**k * xs(k)), ahead(w, xs(t)), {}),
    "what is added rests on the state": (G(0), total(k, 0, T - 1, tanh(G(k + 1))), ahead(w, tanh(G(t + 1))), {}),
    "a factor that rests on the state": (G(0), Integer(0), ahead(G(t + 1), Integer(0)), {}),
    "factors of the next time": (
        G(t),
        total(k, t, T - 1, product(s, t + 1, k, y(s)) * xs(k)),
        ahead(y(t), xs(t), Integer(0)),
        AT,
    ),
    "a unit that may be none": (entry(T, T), put(FROM_START, {i: T}), units(IN_K), {}),
    "a unit that is one later only": (entry(T, i), FROM_START, units(Range(Integer(1), t)), {i: IN_T}),
    "what never ends": (
        G(0),
        Integer(0),
        Givens(
            definitions=(define("G", [t], G(t + 1) / 2, {t: WITHOUT_END}),), families=families({"G": (WITHOUT_END,)})
        ),
        {},
    ),
    "by a state, which is held": (D(G(0), G(1)), Integer(0), RETURN, {}),
    "by a quantity made of states": (
        D(scalar("S"), scalar("S")),
        Integer(0),
        Givens(
            definitions=(*RETURN.definitions, define("S", [], G(0) + x)),
            families=RETURN.families,
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_a_recurrence_does_not_say_is_not_proved(name):
    lhs, rhs, givens, ranges = FALSE[name]
    assert not proved_alone(Relation(lhs, "=", rhs), givens, ranges)


def test_a_second_rule_for_some_times_keeps_the_recurrence_as_it_is():
    other = define("G", [2], Integer(5))
    givens = Givens(definitions=(other, *RETURN.definitions), families=RETURN.families)
    lhs, rhs, _, ranges = CASES["the return from the start"]
    assert not proved_alone(Relation(lhs, "=", rhs), givens, ranges)
