"""The three answers: proved by exact argument, refuted at a concrete instance, or neither, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import flint
from flint import fmpq
from sympy import Abs, Expr, Symbol

from symdl.judge import beyond
from symdl.judge.balls import Evaluation, NoValueError
from symdl.judge.between import by_mean_value
from symdl.judge.beyond import Decides, Worked, is_beyond
from symdl.judge.definite import by_squares
from symdl.judge.derivative import NotProvableError
from symdl.judge.factorwise import by_each_factor
from symdl.judge.goals import Goal, Record
from symdl.judge.instances import (
    PRECISIONS,
    Compared,
    are_meant,
    compared,
    instances,
    is_meant,
    throughout,
    undefined_side,
    value_at,
)
from symdl.judge.inverses import multiplied_out, with_inverses
from symdl.judge.lengths import of_any_length
from symdl.judge.multiples import vanishes_with
from symdl.judge.posed import Lemma, is_whole, posed
from symdl.judge.repairs import holds
from symdl.judge.residues import Residue
from symdl.judge.searches import (
    attempt,
    by_adjoints,
    by_inverses,
    by_unrolling,
    by_vectors,
    free_ranges,
    named_in,
    plainly_proved,
    spoken_of,
)
from symdl.judge.vectors import by_whole_vectors
from symdl.judge.whole import runs_in
from symdl.judge.wording import conditions_of, how
from symdl.judge.world import MODES, Instance, Question
from symdl.language import (
    Binder,
    Cases,
    D,
    Delta,
    Inverse,
    Maximum,
    Minimum,
    Step,
    as_float,
    free_symbols,
    holds_derivative,
    is_index,
    kinds,
    put,
    subterms,
)
from symdl.language.functions import by_head
from symdl.problem import Decision, Givens, Ranges, Relation

FIRST, SEVERAL, SIDES, ALL = 1, 3, len(MODES), 8
"""How many instances are tried before the normal forms are compared, before a longer proof is sought, where a proof
uses side conditions, and where there is none."""

SHOWN_BITS = 40
"""How exact a value has to be for its first digits to be shown."""

NO_INSTANCE = "no instance satisfies the facts and conditions"

ONE_SIDED = "side has no value, but the other one has"
"""How a refutation ends that rests on no values that differ."""

FEW = 3
"""With fewer instances than these it is not said that something agrees, unless all instances are the same."""


def decide(
    lhs: Expr,
    rhs: Expr,
    givens: Givens,
    ranges: Ranges,
    conditions: Sequence[Relation] = (),
    lemmas: Sequence[Lemma] = (),
) -> Decision:
    """Whether the two sides are equal under the givens, for all index letters in their ranges.

    `conditions` hold in addition to the givens' facts; `lemmas` are equations already proved, used from left to right.
    """
    if is_beyond((lhs, rhs), givens, conditions):
        return beyond.decided(Relation(lhs, "=", rhs), givens, ranges, conditions, _plainly(lemmas))
    general = of_any_length((lhs, rhs, givens, ranges, conditions, lemmas))
    if general is not None:
        found = decide(*general)
        if found.answer == "proved":
            return found
    question = Question((lhs, rhs), givens, ranges, tuple(conditions))
    tried = _Tried(_meant(question))
    # One instance meets one case of a line that has several.
    is_split = not (kinds(lhs) | kinds(rhs)).isdisjoint(_splitting())
    apart = tried.separated(lhs, rhs, SEVERAL if is_split else FIRST)
    if apart is not None:
        return apart
    if not tried.count:
        return _by_fewer_facts(Relation(lhs, "=", rhs), givens, ranges, conditions, lemmas)
    settled = tried.defined(lhs, rhs) or _exactly(question, tried)
    if settled is not None:
        return settled
    goal = posed(lhs, rhs, givens, ranges, conditions, lemmas)
    first, failure = Record(), ""
    # Through a recurrence a normal form goes on from state to state, so that it comes last.
    record, proved = by_adjoints(goal)
    if not proved:
        proved, residue = plainly_proved(goal, first)
        record = first
    if not proved:
        apart = tried.separated(lhs, rhs, SEVERAL)
        if apart is not None:
            return apart
        record, proved, failure = _searched(question, goal, first, residue)
    if proved and (any(said != "!= 0" for _, said in record.assumes) or not tried.agreeing):
        # Where a sign is assumed both are looked at: what fails without it shows it at one of many instances.
        apart = tried.separated(lhs, rhs, SIDES if tried.agreeing else ALL)
        if apart is not None:
            return apart
    if proved and tried.agreeing:
        return Decision("proved", how(record), tuple(sorted({*conditions_of(record), *tried.assumes})))
    apart = tried.separated(lhs, rhs, ALL)
    if apart is not None:
        return apart
    plain = _by_names(lhs, rhs, givens, ranges, conditions) if not tried.agreeing else None
    return plain or _left_open(tried, failure or "the normal form of the difference is not zero")


def _exactly(question: Question, tried: _Tried) -> Decision | None:
    """What exact arithmetic decides, where every value in a line is given; None where one is not."""
    lhs, rhs = question.terms
    everywhere = throughout(lhs, rhs, question) if tried.is_exact else False
    if isinstance(everywhere, Instance):
        return _refuted(lhs, rhs, everywhere)
    return Decision("proved", "exact arithmetic", tuple(sorted(tried.assumes))) if everywhere else None


def _searched(question: Question, goal: Goal, first: Record, residue: Residue | None) -> tuple[Record, bool, str]:
    """Whether a goal is proved by what costs more, with the record of this, and what stood in the way.

    Vectors are taken as one, then other ways are looked for, states are written out, and inverses multiplied.
    """
    lhs, rhs = question.terms
    asked = (Relation(lhs, "=", rhs), question.givens, question.ranges, question.conditions)
    record, proved = by_vectors(*asked)
    failure = ""
    if not proved:
        record, proved, failure = attempt(goal, first, residue)
    if not proved:
        record, proved = by_unrolling(goal)
    if not proved:
        record, proved = by_inverses(*asked)
    return record, proved, failure


def _by_names(lhs: Expr, rhs: Expr, givens: Givens, ranges: Ranges, conditions: Sequence[Relation]) -> Decision | None:
    """The proof for names that may be anything, where at every instance some have no value by what defines them."""
    names = free_symbols(lhs) | free_symbols(rhs)
    kept = tuple(d for d in givens.definitions if d.label not in names)
    if len(kept) == len(givens.definitions) or any(map(holds_derivative, (lhs, rhs))):
        return None
    found = decide(lhs, rhs, replace(givens, definitions=kept), ranges, conditions)
    return found if found.answer == "proved" else None


def _left_open(tried: _Tried, why: str) -> Decision:
    """What the instances show of an equation that was not proved, for a reason given in words."""
    if not tried.agreeing:
        one_sided = tried.one_sided()
        if one_sided is not None:
            return one_sided
        return Decision("unknown", f"no instance at which both sides could be evaluated; not proved: {why}")
    if tried.agreeing < FEW and not tried.is_settled:
        return Decision("unknown", f"equal at the few instances found, not proved: {why}")
    return Decision("agrees", f"equal at {tried.agreeing} instances, not proved: {why}")


def _meant(question: Question) -> Iterator[Instance]:
    """Instances at which no sum or product that runs from or to an open letter would run backward.

    Where there is none, as at the base of an induction, an indicator beside it may say that it does not count.
    """
    runs = (run for term in question.terms for run in runs_in(term))
    if not any(is_index(s) for lo, hi in runs for s in free_symbols(lo) | free_symbols(hi)):
        yield from instances(question, ALL)
        return
    found, others = False, []
    for instance in instances(question, 2 * ALL):
        if are_meant(question.terms, instance):
            found = True
            yield instance
        else:
            others.append(instance)
    if not found:
        yield from others


def _refuted(lhs: Expr, rhs: Expr, instance: Instance) -> Decision:
    found = compared(lhs, rhs, instance)
    reason = "the two sides differ at an instance" if found is None else differing(found, lhs, rhs, instance)
    return Decision("refuted", reason, instance=instance.text())


@lru_cache(maxsize=1)
def _splitting() -> frozenset[type]:
    """The kinds of terms that mean different things in different cases."""
    kinked = [head for head, record in by_head().items() if record.kinks]
    return frozenset((Abs, Cases, Delta, Maximum, Minimum, Step, *kinked))


class _Tried:
    """The instances of one question, taken one after another."""

    def __init__(self, source: Iterator[Instance]) -> None:
        self.source, self.count, self.agreeing = source, 0, 0
        self.undefined: list[tuple[str, Instance]] = []
        self.is_settled = False
        self.is_exact = True
        self.assumes: set[str] = set()

    def separated(self, lhs: Expr, rhs: Expr, upto: int) -> Decision | None:
        """The refutation by one of the next instances, until `upto` have been tried in all."""
        while self.count < upto:
            instance = next(self.source, None)
            if instance is None:
                return None
            self.count += 1
            found = compared(lhs, rhs, instance)
            if instance.is_too_large:
                # Sizes that are given as numbers are those of every instance.
                self.source, self.is_exact = iter(()), False
                return None
            if found is not None and found.differ:
                return Decision("refuted", differing(found, lhs, rhs, instance), instance=instance.text())
            self.agreeing += found is not None
            self.assumes |= found.assumes if found is not None else set()
            self.is_exact = self.is_exact and found is not None and found.is_exact and instance.rests_on_given()
            self.is_settled = instance.is_settled()
            side = undefined_side(lhs, rhs, instance) if found is None else ""
            if side:
                self.undefined.append((side, instance))
        return None

    def defined(self, lhs: Expr, rhs: Expr) -> Decision | None:
        """The refutation by instances at which a side has no value, until both have one: a proof needs one of these."""
        count = 0
        while self.undefined and not self.agreeing and count < self.count < ALL:
            count = self.count
            apart = self.separated(lhs, rhs, count + 1)
            if apart is not None:
                return apart
        return None if self.agreeing else self.one_sided()

    def one_sided(self) -> Decision | None:
        """The refutation where at every instance the same side cannot have a value, and the other one has one."""
        sides = {side for side, _ in self.undefined}
        if len(sides) != 1 or len(self.undefined) != self.count:
            return None
        side, instance = self.undefined[0]
        return Decision("refuted", f"the {side} {ONE_SIDED}", instance=instance.text())


def differing(found: Compared, lhs: Expr, rhs: Expr, instance: Instance) -> str:
    """The two values that differ at an instance, in words."""
    values = [found.left, found.right]
    if not all(isinstance(v, fmpq) or v.rel_accuracy_bits() > SHOWN_BITS for v in values):
        values = [value_at(side, instance) for side in (lhs, rhs)]
    short = [f"{as_float(v):.6g}" for v in values if v is not None]
    if len(short) < 2 or short[0] == short[1]:
        return "the two sides differ at an instance"
    return f"the two sides differ at an instance: {short[0]} and {short[1]}"


def decide_relation(
    relation: Relation,
    givens: Givens,
    ranges: Ranges,
    conditions: Sequence[Relation] = (),
    lemmas: Sequence[Lemma] = (),
) -> Decision:
    """Whether the relation holds under the givens, for all index letters in their ranges."""
    if relation.sign in ("=", "~"):
        return decide(relation.lhs, relation.rhs, givens, ranges, conditions, lemmas)
    if is_beyond((relation.lhs, relation.rhs), givens, conditions):
        return beyond.decided(relation, givens, ranges, conditions, _plainly(lemmas))
    found = _ordered(relation, givens, ranges, conditions, lemmas)
    squares = by_squares(relation, givens, conditions) if found.answer != "proved" else None
    if squares is None:
        return found
    known, words = squares
    found = _ordered(relation, known, ranges, conditions, lemmas)
    return replace(found, reason=f"{found.reason}, with {words}") if found.answer == "refuted" else found


def _ordered(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], lemmas: Sequence[Lemma]
) -> Decision:
    """Whether an inequality holds: refuted at an instance, or proved by a bound of the difference."""
    question = Question((relation.lhs, relation.rhs), givens, ranges, tuple(conditions))
    found = agreeing = 0
    for instance in _with_edges(question):
        found += 1
        verdict = _verdict(relation, instance)
        if verdict is False and is_meant((relation.lhs, relation.rhs), instance):
            return _failed(instance)
        agreeing += verdict is True
    if not found:
        return _by_fewer_facts(relation, givens, ranges, conditions, lemmas)
    if not agreeing:
        return Decision("unknown", "no instance at which both sides could be compared")
    failure = ""
    for found_so in _order_searched(relation, givens, ranges, conditions, lemmas):
        record, proved, failure = found_so
        if proved:
            means = how(record).replace("normal form", "sign of the normal form")
            return Decision("proved", means, conditions_of(record))
    return _reversed(relation, question) or Decision(
        "agrees", f"holds at {agreeing} instances, not proved" + (f": {failure}" if failure else "")
    )


def _failed(instance: Instance) -> Decision:
    return Decision("refuted", "the relation fails at an instance", instance=instance.text())


def _reversed(relation: Relation, question: Question) -> Decision | None:
    """The refutation of an inequality by an instance at which the other one is made to hold; None where none is found.

    That both sides are equal is not looked for: a strict inequality is meant where what it speaks of is not zero.
    """
    if relation.sign == "!=":
        return None
    other = replace(relation, sign="<" if relation.sign[0] == ">" else ">")
    for instance in instances(replace(question, conditions=(*question.conditions, other)), SEVERAL):
        if _verdict(relation, instance) is False and is_meant(relation.sides, instance):
            return _failed(instance)
    return None


def _order_searched(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], lemmas: Sequence[Lemma]
) -> Iterator[tuple[Record, bool, str]]:
    """What the searches for a proof of an inequality find, one way after another."""
    for whole, known in by_whole_vectors(relation, givens):
        goal = posed(whole.lhs, whole.rhs, known, ranges, conditions, ())
        yield attempt(replace(goal, sign=whole.sign))
    for known in _with_fewer_facts(givens):
        yield *by_vectors(relation, known, ranges, conditions), ""
        goal = replace(posed(relation.lhs, relation.rhs, known, ranges, conditions, lemmas), sign=relation.sign)
        # A relation is shortest where its names stand for themselves; a proof that needs conditions then can be spared
        # them by what definitions tell, and so comes last.
        shortest, names = Record(), named_in(relation, known)
        is_short = False
        if names:
            shortest, is_short, _ = attempt(replace(goal, setting=replace(goal.setting, kept=names)))
            yield shortest, is_short and not shortest.assumes, ""
        record, proved, failure = attempt(goal)
        yield record, proved, failure
        # What bounds are given of stands for itself.
        spoken = spoken_of(known)
        if spoken and spoken != names:
            record, proved, _ = attempt(replace(goal, setting=replace(goal.setting, kept=spoken)))
            yield record, proved, failure
        yield shortest, is_short, failure
    goal = replace(posed(relation.lhs, relation.rhs, givens, ranges, conditions, ()), sign=relation.sign)
    is_found = by_each_factor(goal, _unconditionally) or by_mean_value(goal, _unconditionally)
    yield Record(), is_found, failure


def _unconditionally(goal: Goal) -> bool:
    """Whether a goal is proved without any side condition."""
    record, proved, _ = attempt(goal)
    return proved and not record.assumes


def _with_fewer_facts(givens: Givens) -> Iterator[Givens]:
    """The givens, and what remains of them where facts are left out.

    A fact that says what a sum is can hide that terms compare one by one, and one that a relation has no use for can
    lead the search astray.
    """
    bounds = tuple(f for f in givens.facts if f.relation.sign != "=")
    yield givens
    if 0 < len(bounds) < len(givens.facts):
        yield replace(givens, facts=bounds)
    if givens.facts:
        yield replace(givens, facts=())


def _quantities_of(relation: Relation) -> frozenset[Symbol]:
    symbols = free_symbols(relation.lhs) | free_symbols(relation.rhs)
    return frozenset(s for s in symbols if not s.is_integer)


def _by_fewer_facts(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], lemmas: Sequence[Lemma]
) -> Decision:
    """The proof by some of the facts, where no instance is found that satisfies all; to refute would mean nothing.

    First the equations are tried, with what is said of one quantity alone, so that what contradicts itself there proves
    nothing; then the facts about whole sums that the relation speaks of, which say enough of these where some instance
    satisfies them.
    """
    alone = [f for f in givens.facts if len(_quantities_of(f.relation)) == 1]
    equations = [f for f in givens.facts if f.relation.sign == "=" or f in alone]
    inside = _inside(relation, givens)
    spoken = [f for f in givens.facts if f.relation.lhs in inside or f.relation.rhs in inside]
    # Where no instance satisfies the equations either, their own search goes on with what is said of one quantity.
    narrowed = next((facts for facts in (equations, alone) if len(facts) < len(givens.facts)), None)
    for facts in (narrowed, spoken or None):
        if facts is not None and len(facts) < len(givens.facts):
            found = decide_relation(relation, replace(givens, facts=tuple(facts)), ranges, conditions, lemmas)
            if found.answer == "proved":
                return found
    return Decision("unknown", NO_INSTANCE)


def _inside(relation: Relation, givens: Givens) -> set[Expr]:
    """The sums and other terms with bound indices in a relation, and in the definitions of its names."""
    names = free_symbols(relation.lhs) | free_symbols(relation.rhs)
    terms = [*relation.sides, *(d.body for d in givens.definitions if d.label in names)]
    return {t for term in terms for t in subterms(term) if isinstance(t, Binder)}


def worked_out(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation] = ()
) -> Worked | None:
    """The relation that is left where limits, sums without end and extremes are worked out; None where nothing is.

    Fails   never: one that is not known leaves nothing worked out.
    """
    if not is_beyond((relation.lhs, relation.rhs), givens):
        return None
    return beyond.worked_out(relation, givens, ranges, conditions, _plainly(()))


def _plainly(lemmas: Sequence[Lemma]) -> Decides:
    """Decides relations without anything to be worked out."""

    def plain(r: Relation, g: Givens, ranges: Ranges, told: Sequence[Relation]) -> Decision:
        if is_beyond((r.lhs, r.rhs), g):
            return Decision("unknown", "a limit or an extreme that is not worked out")
        return decide_relation(r, g, ranges, told, lemmas)

    return plain


def _with_edges(question: Question) -> Iterator[Instance]:
    """Instances of the question, and then some at which every bound that may be reached is reached."""
    yield from instances(question, ALL)
    facts = tuple(replace(f, relation=_edge(f.relation)) for f in question.givens.facts)
    conditions = tuple(map(_edge, question.conditions))
    if facts != question.givens.facts or conditions != question.conditions:
        edges = replace(question, givens=replace(question.givens, facts=facts), conditions=conditions)
        yield from instances(edges, SEVERAL)


def _edge(relation: Relation) -> Relation:
    """The relation where it holds with equality."""
    if relation.sign not in (">=", "<=") or is_whole(relation) or D in kinds(relation.lhs) | kinds(relation.rhs):
        return relation
    return Relation(relation.lhs, "=", relation.rhs)


def implied(
    premise: Relation,
    claim: Relation,
    givens: Givens,
    ranges: Ranges,
    conditions: Sequence[Relation] = (),
    lemmas: Sequence[Lemma] = (),
) -> Decision | None:
    """The proof that an equation holds wherever another one does, as its multiple; None where there is none."""
    for before, after, runs in _multiplied(premise, claim, givens, ranges, conditions):
        goal = posed(after.lhs, after.rhs, with_inverses(givens, before.sides), runs, conditions, lemmas)
        record = Record()
        try:
            if vanishes_with(before.lhs - before.rhs, goal, record):
                return Decision("proved", "the equation before", conditions_of(record))
        except (NotProvableError, RecursionError, ArithmeticError):
            continue
    return None


def _multiplied(
    premise: Relation, claim: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation]
) -> Iterator[tuple[Relation, Relation, Ranges]]:
    """Two equations, and each of them times a matrix of which inverses are taken, beside the other one."""
    yield premise, claim, ranges
    bodies = [d.body for d in givens.definitions]
    if not any(Inverse in kinds(term) for term in (*premise.sides, *claim.sides, *bodies)):
        return
    free = free_ranges(givens, ranges, conditions)
    for one, other, terms in ((claim, premise, ()), (premise, claim, bodies)):
        for made in multiplied_out(one.lhs, one.rhs, free, terms):
            times = Relation(made.lhs, "=", made.rhs)
            left, right = (put(side, {made.old: made.new}) for side in other.sides)
            moved = Relation(left, "=", right)
            before, after = (moved, times) if one is claim else (times, moved)
            yield before, after, {**ranges, **made.ranges}


def proved_alone(
    relation: Relation,
    givens: Givens,
    ranges: Ranges,
    conditions: Sequence[Relation] = (),
    lemmas: Sequence[Lemma] = (),
) -> bool:
    """Whether a proof is found without a look at any instance: what tests of the prover's soundness ask."""
    goal = posed(relation.lhs, relation.rhs, givens, ranges, conditions, lemmas)
    if attempt(replace(goal, sign=relation.sign))[1]:
        return True
    return relation.sign == "=" and (by_adjoints(goal)[1] or by_unrolling(goal)[1])


def _verdict(relation: Relation, instance: Instance) -> bool | None:
    for precision in PRECISIONS:
        with flint.ctx.workprec(precision):
            instance.looked.clear()
            try:
                verdict = holds(relation, Evaluation(instance), {})
            except NoValueError as failure:
                if failure.vague:
                    continue
                return None
            if verdict is not None:
                return verdict
    return None
