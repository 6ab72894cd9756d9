"""Every law is true where its conditions hold, and a broken law is noticed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from engine.problems import CASES, HERE, SHOWN, K, upto
from sympy import Expr, Integer, S

from symdl.engine import derive
from symdl.engine.derive import session_for
from symdl.engine.matching import _fill
from symdl.errors import SymdlError
from symdl.judge import decide
from symdl.language import family, free_symbols, index, scalar
from symdl.laws import Depends, Each, Free, Hole, Inside, Known, Law, Nonzero, Positive, laws
from symdl.problem import Givens, Range

GIVENS = Givens(families={scalar("y"): (upto(K),)})
ROW, COLUMN = index("i"), index("j")
X, A = scalar("x"), scalar("a")
REAL = {
    "x": [X],
    "c": [A**2 + 1, X**2 + 2, family("y", ROW) ** 2 + 1],
    "u": [X**2 + 1, 2 + X**4, A**2 + 3, family("y", ROW) ** 2 + 1, -(X**2) - 1],
    "v": [X**4 + 2, A**2 + 1, 3 * family("y", ROW) ** 2 + 1, 1 + X**2 / 2, -(X**4) - 1],
    "f": [family("y", ROW) ** 2 + 1, X * family("y", ROW) + A, -1 - family("y", ROW) ** 2, ROW + A],
    "n": [Integer(3), Integer(-2), X],
}
INDEX = {"i": [ROW], "k": [COLUMN, ROW], "lo": [Integer(1)], "hi": [K]}
RANGES = {ROW: upto(K), COLUMN: upto(K)}


def holes(law: Law) -> list[Hole]:
    return sorted({s for s in (law.lhs.free_symbols | law.rhs.free_symbols) if isinstance(s, Hole)}, key=str)


def fillings(law: Law):
    names = holes(law)
    pools = [INDEX[h.name] if h.is_integer else REAL[h.name] for h in names]
    own = {e.args[0] for e in law.rhs.atoms(Each)} - {e.args[0] for e in law.lhs.atoms(Each)}
    for values in product(*pools):
        filling = dict(zip(names, values, strict=True))
        # An index that only the right side binds is a fresh letter.
        if not any(filling[o] == filling[h] for o in own for h in names if h != o):
            yield filling


def binds(law: Law) -> bool:
    return any(isinstance(e, Each) for side in (law.lhs, law.rhs) for e in [side, *side.args])


def holds(condition, filling, ranges) -> bool:
    match condition:
        case Known(inner):
            return holds(inner, filling, ranges)
        case Free(part, on):
            return filling[on] not in free_symbols(filling[part])
        case Depends(part, on):
            return filling[on] in free_symbols(filling[part])
        case Positive(part):
            return not filling[part].could_extract_minus_sign()
        case Nonzero(_):
            return True
        case Inside(part, _, _):
            return _fill(part, filling) in ranges
    raise AssertionError(condition)


def judged(law: Law, filling) -> str:
    lhs, rhs = _fill(law.lhs, filling), _fill(law.rhs, filling)
    free = {s: r for s, r in RANGES.items() if s in free_symbols(lhs) | free_symbols(rhs)}
    return decide(lhs, rhs, GIVENS, free).answer


@pytest.mark.parametrize("law", laws(), ids=lambda law: law.id)
def test_a_law_holds_wherever_its_conditions_do(law: Law) -> None:
    tried = 0
    for filling in fillings(law):
        if tried == 6:
            break
        if not all(holds(c, filling, RANGES) for c in law.when):
            continue
        if ROW in free_symbols(filling.get(Hole("x"), S.Zero)):
            continue
        tried += 1
        assert judged(law, filling) in ("proved", "agrees"), filling
    assert tried, "no filling meets the conditions"


@pytest.mark.parametrize(
    ("law", "dropped"),
    [
        pytest.param(law, c, id=f"{law.id} without {type(c).__name__} {c.part}")
        for law in laws()
        for c in law.when
        if isinstance(c, (Free, Inside))
    ],
)
def test_no_condition_is_idle(law: Law, dropped) -> None:
    outside = {COLUMN: Range(Integer(-2), K + 2)}
    for filling in fillings(law):
        if holds(dropped, filling, {}) or not all(holds(c, filling, RANGES) for c in law.when if c is not dropped):
            continue
        lhs, rhs = _fill(law.lhs, filling), _fill(law.rhs, filling)
        free = {s: outside.get(s, r) for s, r in RANGES.items() if s in free_symbols(lhs) | free_symbols(rhs)}
        if decide(lhs, rhs, GIVENS, free).answer == "refuted":
            return
    pytest.fail("the law is true without this condition")


def flipped(law: Law) -> Law:
    rhs: Expr = -law.rhs if law.rhs != 0 else S.One
    return replace(law, rhs=rhs)


def uses(case, law_id: str, table) -> bool | None:
    """Whether a derivation of the case that uses the law has a refuted step; None where the law is not used."""
    found = []
    used = False
    for task in case.tasks():
        try:
            derivation = derive(case.problem(), task, found, table)
        except (SymdlError, ZeroDivisionError, RecursionError):
            return True
        found.append(derivation)
        displays = [x for m in derivation.lemmas for x in m.displays] + list(derivation.displays)
        for step in (s for x in displays for line in x.lines for s in line.steps):
            if step.law == law_id:
                used = True
                if decide(step.before, step.after, case.givens, step.ranges).answer == "refuted":
                    return True
    return False if used else None


@pytest.mark.parametrize("law", laws(), ids=lambda law: law.id)
def test_a_sign_flipped_law_is_refuted_in_the_first_step_that_uses_it(law: Law) -> None:
    table = tuple(flipped(x) if x.id == law.id else x for x in laws())
    outcomes = []
    for case in [*CASES, *SHOWN]:
        outcome = uses(case, law.id, table)
        if outcome is True:
            return
        outcomes.append(outcome)
    if all(o is None for o in outcomes):
        filling = next(f for f in fillings(law) if all(holds(c, f, RANGES) for c in law.when))
        assert judged(flipped(law), filling) == "refuted"
    else:
        pytest.fail("a derivation used the broken law and nothing was refuted")


def test_ids_are_unique() -> None:
    ids = [law.id for law in laws()]
    assert len(ids) == len(set(ids))


def test_a_session_is_made_for_every_case() -> None:
    assert all(session_for(c.problem(), c.tasks()[0], laws()).table == laws() for c in CASES)
    assert HERE.path == "tests"
