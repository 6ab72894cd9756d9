"""What is said where a derivative is to be 0: the demand in other words, its solution, or what does not follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import prod

from sympy import Add, Expr, Integer, Symbol, fraction

from symdl.check.context import HERE, Context
from symdl.check.demands import Demand, Slope, bearing, derivable, speaks_of_variable, starred
from symdl.check.digits import digits_of
from symdl.check.enclosures import enclosed
from symdl.check.introducing import is_slope_zero, is_telling, solves
from symdl.check.putting import root_of
from symdl.check.question import Question
from symdl.check.running import VERDICTS, Line, Run
from symdl.check.sides import OPPOSITE, Sides, Verdict
from symdl.check.slips import slip
from symdl.check.undoing import Slip
from symdl.check.words import inline_formulas, points
from symdl.language import (
    At,
    D,
    family,
    holds_derivative,
    indices_of,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import Decision, Definition, Relation, Symbolic
from symdl.read.moments import is_moment
from symdl.write import latex_of

STATIONARY = "what is required where the derivative is to be 0"

FOLLOWS = "follows where the derivative is 0"

FAILS = "it does not hold where the derivative is 0"

UNTOLD = "whether it holds where the derivative is 0 could not be told"

UNSAID = "it holds where a derivative of what is given is 0: whether that is demanded is in words"

UNSOLVED = "what it is concluded from could not be solved for it"

UNDEMANDED = "whether it is meant as the solution of an equation before is not said in a way that is read here"

MAX_TRIED = 4
"""How many demands are tried for a line that seems to be wrong."""

_THERE = re.compile(
    r"\b(?:substitut\w*|insert\w*|plug\w*|put\w*|using|at|there|then|becomes?|values?)\b", re.IGNORECASE
)
"""Words that lead to what holds where something lies."""
_NUMBERED = re.compile(r"(?P<bare>[^_^]+)_\{?[1-9]\}?")


def required(
    slopes: Sequence[Slope], run: Run, question: Question, asked: Sides, *, is_wrong: bool
) -> tuple[Line, Question] | None:
    """The line of an equation that says what a derivative that is to be 0 says, or does not; None for any other.

    With it comes the question under which a correct line would be proved.  `is_wrong` says that the line fails where
    nothing is demanded.
    """
    claim = Relation(asked.left, asked.sign, asked.right)
    if _is_no_demand(claim, slopes, run, question, asked, is_wrong=is_wrong):
        return None
    # What nothing demands and no derivative shows is an equation like any other; words may demand it all the same.
    is_meant = run.is_demanded or run.claim.leads_on
    names = question.context.names(*claim.sides)
    about = [s for s in bearing(slopes, claim, question.context) if is_meant or label_of(s.slope.of) not in names]
    # Where what a derivative is taken by is defined itself, it is 0 nowhere unless words say so.
    about = [s for s in about if is_meant or not question.context.givens.is_defined(s.slope.wrt)]
    about = [s for s in about if not _is_elsewhere(s, claim, question)]
    is_shown = bool(about)
    if not about and (is_meant or is_wrong):
        about = list(_derived(claim, run, question))
    demands = [d for slope in about for d in slope.demands(question.context)]
    if not is_meant and demands and not _restates(claim, about if is_shown else _in_names(about, question), question):
        # A factor lost beside what a derivative holds leaves a line that is true where this is 0, too.
        return None
    for demand in demands:
        found = question.leads_to(demand, claim, digits_of(asked.right_source))
        if found is not None and found.answer == "proved":
            if is_wrong and _is_of_all(claim, about, run, question):
                return _unless_slipped(question, asked)
            is_plain = is_shown and not _is_solved(about, run, question)
            if not is_meant and not is_plain:
                return Line("undecided", Decision("unknown", UNSAID)), question
            return _followed(found, run), question
    if is_wrong:
        # What cannot be brought into one form may still agree wherever one of the derivatives is 0.
        for demand in demands[:MAX_TRIED]:
            decision = question.under([demand]).ask(claim.lhs, "=", claim.rhs)
            if decision.answer in ("proved", "agrees"):
                if _is_of_all(claim, about, run, question):
                    return _unless_slipped(question, asked)
                reason = replace(decision, reason=f"{FOLLOWS}: {decision.reason}")
                return Line(VERDICTS[decision.answer] if run.is_demanded else "undecided", reason), question
    if not about or not (run.is_demanded or (is_shown and (run.is_set or run.claim.leads_on))):
        return None
    known = list(slopes) if is_shown else about
    under = question.under([next(s.demands(question.context)) for s in known])
    line = _where_all_vanish(asked, known, about, demands, run, question, under)
    return line or _at_kink(claim, slopes, question) or Line("undecided", Decision("unknown", UNTOLD)), under


def _is_no_demand(
    claim: Relation, slopes: Sequence[Slope], run: Run, question: Question, asked: Sides, *, is_wrong: bool
) -> bool:
    """Whether an equation cannot be what a derivative that is to be 0 says, by its form or by what settles it."""
    if claim.sign != "=" or not asked.is_first or run.claim.supposes or run.claim.concludes:
        return True
    if any(isinstance(t, D | At) for side in claim.sides for t in subterms(side)):
        return True
    if is_wrong and question.basis.is_value(asked.left_source) and not speaks_of_variable(claim, slopes):
        # What a given function is at a place is a claim, and no demand on what this rests on.
        return True
    if run.is_demanded:
        return False
    if enclosed(claim.lhs - claim.rhs, question.context.givens) is not None:
        # What the values given settle is no equation for any of them.
        return True
    if is_wrong and is_quantity(claim.lhs) and is_moment(label_of(claim.lhs).name):
        # What a moment is, is said of it at all values, unless words demand it.
        return True
    # Sides that differ by a number as a factor are no demand, but a slip.
    return claim.rhs != 0 and question.samples.is_constant(claim.lhs / claim.rhs)


def _is_of_all(claim: Relation, about: Sequence[Slope], run: Run, question: Question) -> bool:
    """Whether an equation says what a given function is by what it is differentiated by, and so for all values of it.

    Words may say that it is put in there.
    """
    is_given = is_quantity(claim.lhs) and question.context.givens.is_defined(claim.lhs)
    if not is_given or (run.before is not None and _THERE.search(run.before.text)):
        return False
    varied = {label_of(s.slope.wrt) for s in about if label_of(s.slope.of) == label_of(claim.lhs)}
    return bool(varied & {label_of(q) for q in quantities(claim.rhs)})


def _unless_slipped(question: Question, asked: Sides) -> tuple[Line, Question] | None:
    """The line of what is said of all values and holds only where a derivative is 0: open, unless a slip says why."""
    return None if slip(question, asked) is not None else (Line("undecided", Decision("unknown", UNSAID)), question)


def _where_all_vanish(
    asked: Sides,
    known: Sequence[Slope],
    about: Sequence[Slope],
    demands: Iterable[Demand],
    run: Run,
    question: Question,
    under: Question,
) -> Line | None:
    """The line of an equation where all `known` derivatives are 0, as `under` has it; None where nothing is told.

    `demands` are those of the derivatives that it is `about`, of one of which it may be the solution but for a slip.
    """
    claim = Relation(asked.left, asked.sign, asked.right)
    decision = under.ask(claim.lhs, "=", claim.rhs)
    if decision.answer == "refuted":
        decision = replace(under, concludes=True).doubted(decision, asked)
    if decision.answer in ("proved", "agrees"):
        return Line(VERDICTS[decision.answer], replace(decision, reason=FOLLOWS))
    if decision.answer != "refuted":
        return None
    if (
        run.is_demanded
        and all(s.is_sure for s in known)
        and not _is_told_more(claim, known, run, question)
        and speaks_of_variable(claim, known)
        and not question.basis.lost(*_sides(known))
    ):
        return Line("wrong", replace(decision, reason=f"{FAILS}: {decision.reason}"))
    is_solved = claim.lhs in {s.slope.wrt for s in about} and not _is_told_more(claim, about, run, question)
    may_slip = is_solved and (not run.may_suppose or (run.before is not None and solves(run.before)))
    slipped = _slipped(claim, demands, question, asked.right_source) if may_slip else None
    return None if slipped is None else slipped[0]


def missed(run: Run, question: Question, asked: Sides) -> tuple[Line, Slip] | None:
    """The line that says what a free quantity is where a derivative of what is given is 0, but for a slip.

    No words demand that it is 0; but that the line is its solution with one place of it changed says what was meant.
    What lacks a letter of the solution may be meant where this is 0, what has one more under a constraint.
    """
    name, value = asked.left, asked.right
    is_plain = asked.is_first and run.before is None and not (run.claim.supposes or run.claim.concludes)
    if asked.sign != "=" or not is_plain or run.may_suppose or question.premises or not quantities(value):
        return None
    root = name.base if name.is_Pow and name.exp.is_Integer else name
    if not is_quantity(root) or label_of(root) in question.context.names(value):
        return None
    if not (question.basis.is_free(root) and question.basis.is_open(label_of(root))):
        return None
    claim = Relation(name, "=", value)
    slopes = islice(derivable(claim, question.context, run.ranges), MAX_TRIED)
    demands = (Demand(Relation(s.slope, "=", Integer(0)), s.ranges) for s in slopes if s.slope.wrt == root)
    return _slipped(claim, demands, question, asked.right_source)


def _slipped(claim: Relation, demands: Iterable[Demand], question: Question, source: str) -> tuple[Line, Slip] | None:
    """The line of what is the solution of one of some demands with one place of it changed, with the slip."""
    name, value = claim.lhs, claim.rhs
    root = name.base if name.is_Pow else name
    for demand in islice(demands, MAX_TRIED):
        found = question.follows_from(demand, claim)
        if found is None or found.answer != "refuted":
            continue
        right = root_of(demand.relation, root, question.context, question.ranges)
        right = None if right is None else put(name, {root: right})
        if right is None or question.context.names(right) != question.context.names(value):
            continue
        proved = question.follows_from(demand, replace(claim, rhs=right), is_one=True)
        asked = Sides(right, "=", value, "", source, is_first=True)
        one = slip(question, asked) if proved is not None and proved.answer == "proved" else None
        if one is not None and one.name:
            return Line("wrong", replace(found.decision, reason=FAILS), claim=False), one
    return None


def _is_told_more(claim: Relation, slopes: Sequence[Slope], run: Run, question: Question) -> bool:
    """Whether equations in the words before a claim may say what a quantity of the derivatives is that it lacks."""
    inside = question.context.names(*(s.value for s in slopes))
    lacking = inside - question.context.names(*claim.sides) - question.context.uses.keys()
    said = inline_formulas(run.before.text) if run.before is not None else ()
    # That the derivative is to be 0 is the demand, and says nothing more.
    return bool(lacking) and any("=" in f and not is_slope_zero(f) for f in said)


def _in_names(slopes: Sequence[Slope], question: Question) -> list[Slope]:
    """The derivatives with what they are in the names that are given, as far as this is found."""
    found = [question.derived(s.slope) for s in slopes]
    return [s if value is None else replace(s, value=value) for s, value in zip(slopes, found, strict=True)]


def _restates(claim: Relation, slopes: Sequence[Slope], question: Question) -> bool:
    """Whether an equation shows without a word that a derivative is to be 0: by its form, or by its solution."""
    if Integer(0) in claim.sides or claim.lhs in {s.slope.wrt for s in slopes}:
        return True
    gap = claim.lhs - claim.rhs
    known = {r.lhs: r.rhs for r in question.solved.solutions.values()} if question.solved is not None else {}
    values = [v for s in slopes for v in dict.fromkeys((s.value, put(s.value, known))) if v != 0]
    cleared = [v * prod(fraction(t)[1] for t in Add.make_args(v)) for v in values]
    return any(question.samples.is_constant(gap / v) for v in (*values, *cleared))


def _is_solved(slopes: Sequence[Slope], run: Run, question: Question) -> bool:
    """Whether the words before a line say already where the derivatives are 0."""
    said = {r.lhs for r in points(run.before, question.context.givens)} if run.before is not None else set()
    return any(s.slope.wrt in said for s in slopes)


def _derived(claim: Relation, run: Run, question: Question) -> Iterator[Slope]:
    """The derivatives of what is given that an equation may demand to be 0.

    One that does not change with the quantity by which it is taken demands nothing of it.
    """
    for s in derivable(claim, question.context, run.ranges):
        if question.ask(D(s.slope, s.slope.wrt), "=", Integer(0)).answer != "proved":
            yield s


def _followed(found: Verdict, run: Run) -> Line:
    if found.rounded:
        return Line("rounded", found.decision)
    if run.is_demanded or run.claim.concludes:
        return Line("proved", replace(found.decision, reason=FOLLOWS))
    return Line("given", Decision("unknown", STATIONARY))


def _sides(slopes: Sequence[Slope]) -> Iterator[Expr]:
    for s in slopes:
        yield from (s.slope, s.value)


def solution(slopes: Sequence[Slope], run: Run, question: Question, known: frozenset[Symbol]) -> Line | None:
    r"""The line of a new name such as w^* or \hat{w} for what an equation before gives for w; None for any other."""
    name, value = run.sides[0], run.sides[1]
    is_listed = run.is_listed or (name is not None and _counts_solutions(name, question))
    at_kink = None if name is None or value is None else _at_kink(Relation(name, "=", value), slopes, question)
    if at_kink is not None:
        return at_kink
    bare = _bare(name, is_listed=is_listed) if name is not None else None
    root = bare.base if bare is not None and bare.is_Pow else bare
    if bare is None or root is None or value is None or label_of(root) in {label_of(q) for q in quantities(value)}:
        return None
    claim = Relation(bare, "=", value)
    shown = digits_of(run.claim.chain.sides[1].source)
    demands = [d for d in question.premises if root in quantities(d.relation.lhs) | quantities(d.relation.rhs)]
    every = [s for s in slopes if label_of(s.slope.wrt) == label_of(root)]
    about = [s for s in every if not _is_elsewhere(s, claim, question)]
    # One derivative with several values was shown case by case, each of which says something of its own solution.
    is_split = any(s.slope == t.slope and (s.value - t.value).expand() != 0 for s in about for t in about)
    about = [s for s in about if not is_split or _is_there(s, claim, question)]
    # What was found for another unknown stands for it: \hat{\mu} in what \hat{v} is said to be.
    others = {star: _bare(star, is_listed=False) for star in quantities(value) if label_of(star) in known}
    solved: dict[Expr, Expr] = {other: star for star, other in others.items() if other is not None and other != root}
    asked = [*reversed(demands), *(d for s in about for d in s.demands(question.context))]
    asked = [_put(d, solved) for d in asked]
    found = [question.follows_from(d, claim, shown, is_one=is_listed) for d in asked]
    answers = [f for f in (*found, question.put_in(claim)) if f is not None]
    below = (d for d in question.premises if d not in demands and _rests_on(d, root, question))
    answers += [f for d in below if (f := question.follows_from(d, claim)) is not None and f.answer == "proved"]
    holding = next((f for answer in ("proved", "agrees") for f in answers if f.answer == answer), None)
    if holding is not None:
        return Line("rounded" if holding.rounded else VERDICTS[holding.answer], holding.decision, claim=True)
    # Right below the derivative shown by it, a name with a hat or star is where that is 0.
    is_next = bool(about) and about[-1] is slopes[-1] and (run.before is None or not is_telling(run.before))
    is_bound = bool(demands) or run.is_demanded or is_next
    is_refuted = bool(answers) and not is_split and all(f.answer == "refuted" for f in answers)
    is_sure = is_bound and not (is_split or run.may_suppose or _is_of_a_system(root, value, demands, question))
    # In one of several cases the best place may be a border or a kink.
    if is_sure and is_refuted and not run.conditions and not _is_eliminated(root, value, run, question, solved):
        told = next((d for d, f in zip(asked, found, strict=True) if f is not None), None)
        return Line("wrong", answers[0].decision, expected=None if told is None else _root(told, claim, root, question))
    if is_sure and not answers and _is_none(claim, asked, run, question):
        return Line("wrong", Decision("refuted", FAILS))
    if is_refuted and ((is_sure and run.conditions) or (run.before is not None and solves(run.before))):
        slipped = _slipped(claim, asked, question, run.claim.chain.sides[1].source)
        if slipped is not None:
            return slipped[0]
    if demands or every:
        unsolved = next((f.decision for f in answers if f.answer == "unknown"), Decision("unknown", UNSOLVED))
        return Line("undecided", unsolved if is_bound else Decision("unknown", UNDEMANDED))
    if run.claim.concludes and label_of(root) in known:
        return Line("undecided", Decision("unknown", UNSOLVED))
    return None


def _is_of_a_system(root: Expr, value: Expr, demands: Sequence[Demand], question: Question) -> bool:
    """Whether an equation that is open itself ties an unknown to others, of which its value names none.

    What else the proof says of these may determine it.
    """
    context = question.context
    given = context.uses.keys() | context.givens.valued
    others = (context.names(*d.relation.sides) - given - {label_of(root)} for d in demands if d.is_open)
    return any(unknowns and not unknowns & context.names(value) for unknowns in others)


def _is_none(claim: Relation, demands: Sequence[Demand], run: Run, question: Question) -> bool:
    """Whether what is said to solve an equation for a family fails where it is put in, so that it is no solution."""
    label, at = label_of(claim.lhs), indices_of(claim.lhs)
    runs = {i: run.ranges[i] for i in at if i in run.ranges}
    known = question.context.names(*(side for d in demands for side in d.relation.sides))
    if not at or len(runs) < len(at) or not question.context.names(claim.rhs) <= known:
        return False
    solved = Definition(label, at, claim.rhs, runs, "", HERE)
    givens = question.context.givens
    context = Context(replace(givens, definitions=(*givens.definitions, solved)), question.context.own)
    there = replace(question, context=context, told=(), premises=(), lemmas=())
    plain = (d.relation for d in demands if d.relation.sign == "=" and not any(map(holds_derivative, d.relation.sides)))
    answers = [there.ask(r.lhs, "=", r.rhs).answer for r in islice(plain, MAX_TRIED)]
    return bool(answers) and set(answers) == {"refuted"} and not question.basis.lost(claim.rhs)


def _rests_on(demand: Demand, unknown: Expr, question: Question) -> bool:
    """Whether an equation speaks of an unknown by the definitions of what stands in it."""
    return label_of(unknown) in question.context.names(*demand.relation.sides)


def best(name: Expr, value: Expr, shown: Iterable[Expr], question: Question) -> Line | None:
    """The line of a free letter of the last term shown that holds it, for what words say is best; None without one."""
    last = next((term for term in shown if name in quantities(term) and term != name), None)
    if last is None:
        return None
    there = replace(question, conditions=(*question.conditions, Relation(name, "=", value)), told=(), premises=())
    decision = there.ask(D(last, name), "=", Integer(0))
    if decision.answer == "proved":
        return Line("proved", replace(decision, reason=FOLLOWS), claim=True)
    if decision.answer == "refuted":
        return Line("wrong", replace(decision, reason=f"{FAILS}: {decision.reason}"))
    return Line("undecided", Decision("unknown", UNTOLD))


def _is_elsewhere(slope: Slope, claim: Relation, question: Question) -> bool:
    """Whether a derivative was shown in a case in which its variable does not have the value that a claim gives it."""
    if slope.slope.wrt not in (claim.lhs, _bare(claim.lhs, is_listed=False)):
        return False
    at: dict[Expr, Expr] = {slope.slope.wrt: claim.rhs}
    opposite = (replace(r.at(at), sign=OPPOSITE[r.sign]) for r in slope.case if r.sign in OPPOSITE)
    return any(question.ask(r.lhs, r.sign, r.rhs).answer == "proved" for r in opposite)


def _is_there(slope: Slope, claim: Relation, question: Question) -> bool:
    """Whether the case in which a derivative was shown holds at the value that a claim gives its variable."""
    at: dict[Expr, Expr] = {slope.slope.wrt: claim.rhs}
    there = (r.at(at) for r in slope.case)
    return all(question.ask(r.lhs, r.sign, r.rhs).answer == "proved" for r in there)


def _at_kink(claim: Relation, slopes: Sequence[Slope], question: Question) -> Line | None:
    """The line of a value at which a derivative shown on both sides of it changes its sign upward; None elsewhere."""
    bare, value = _bare(claim.lhs, is_listed=False) or claim.lhs, claim.rhs
    sides = {s.case[0].sign: s for s in slopes if s.slope.wrt == bare and s.case == (_beside(s, value),)}
    signs: tuple[tuple[Symbolic, Symbolic], ...] = ((">", ">="), ("<", "<="))
    for beside, sign in signs:
        slope = sides.get(beside)
        if slope is None or not slope.is_sure:
            return None
        if question.ask(put(slope.value, {bare: value}), sign, Integer(0)).answer != "proved":
            return None
    return Line("proved", Decision("proved", "the derivative changes its sign there"), claim=True)


def _beside(slope: Slope, value: Expr) -> Relation | None:
    """The case of a derivative that is one of being above or below a value; None for another one."""
    case = slope.case[0] if len(slope.case) == 1 else None
    is_beside = case is not None and case.sign in ("<", ">") and (case.lhs - case.rhs) == (slope.slope.wrt - value)
    return case if is_beside else None


def _root(demand: Demand, claim: Relation, unknown: Expr, question: Question) -> str | None:
    """What would be right of what a demand says of an unknown, where the engine finds it and it follows."""
    found = root_of(demand.relation, unknown, question.context, question.ranges)
    right = None if found is None else put(claim.lhs, {unknown: found})
    verdict = None if right is None else question.follows_from(demand, replace(claim, rhs=right))
    is_right = right is not None and verdict is not None and verdict.answer == "proved"
    return latex_of(right, question.context.givens, question.ranges) if is_right else None


def _put(demand: Demand, values: Mapping[Expr, Expr]) -> Demand:
    """The demand where some of its unknowns have these names."""
    lhs, rhs = (put(side, values) for side in demand.relation.sides)
    return replace(demand, relation=Relation(lhs, demand.relation.sign, rhs))


def _is_eliminated(bare: Expr, value: Expr, run: Run, question: Question, solved: Iterable[Expr]) -> bool:
    """Whether another equation, or words, may say what a quantity is that a solution for another one does not hold.

    Those that are `solved` have a name in it.
    """
    named = question.context.names(bare, value, *solved)
    others: set[Symbol] = set()
    is_told = False
    for d in question.premises:
        if bare in quantities(d.relation.lhs) | quantities(d.relation.rhs):
            here = question.context.names(*d.relation.sides) - named - question.context.uses.keys()
            if not here and not d.is_open:
                # An equation that holds nothing else says what the quantity is.
                return False
            others |= here
            beside = (e for e in question.premises if e is not d)
            is_told = is_told or any(question.context.names(*e.relation.sides) & here for e in beside)
    return bool(others) and (is_told or (run.before is not None and is_telling(run.before)))


def _counts_solutions(name: Expr, question: Question) -> bool:
    """Whether a name is that of the only unknown of an equation before with a number at it, as x_1 beside x^2 = 4."""
    counted = _NUMBERED.fullmatch(name.name) if isinstance(name, Symbol) else None
    context = question.context
    known = context.uses.keys() | context.givens.valued
    unknowns = (context.names(*d.relation.sides) - known for d in question.premises)
    return counted is not None and frozenset((scalar(counted["bare"]),)) in unknowns


def _bare(name: Expr, *, is_listed: bool) -> Expr | None:
    """The name, or power of one, of which another is a solution.

    `is_listed` says that a number at it may count solutions.
    """
    if name.is_Pow and name.exp.is_Integer:
        base = _bare(name.base, is_listed=False)
        return None if base is None else base**name.exp
    if not is_quantity(name):
        return None
    bare = starred(label_of(name))
    if bare is not None:
        return family(bare, *indices_of(name))
    if not isinstance(name, Symbol):
        return None
    counted = _NUMBERED.fullmatch(name.name) if is_listed else None
    return scalar(counted["bare"]) if counted is not None else None
