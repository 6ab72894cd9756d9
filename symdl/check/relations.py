"""Judges one relation of a chain after another under what the proof has established so far."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from sympy import Expr, Symbol

from symdl.check.basis import letters_in
from symdl.check.claims import requires
from symdl.check.demands import Demand
from symdl.check.doubting import NEITHER
from symdl.check.doubts import MIXED
from symdl.check.enclosures import enclosed
from symdl.check.established import bound
from symdl.check.introducing import asks, demands_a_zero, ends_with_place, leading, sets_a_condition
from symdl.check.letters import is_spoken_of, letters_of
from symdl.check.naming import is_applied
from symdl.check.numbers import UNROUNDED
from symdl.check.question import OPEN, Question
from symdl.check.regardless import fails_regardless, is_smooth
from symdl.check.running import ASSIGNED, SECOND, End, Line, Run, WrongSlope, judged, whole
from symdl.check.saying import Saying, given
from symdl.check.sides import Sides
from symdl.check.slips import confirmed, explained, slip_in, upheld
from symdl.check.solving import ANOTHER
from symdl.check.stationary import STATIONARY, missed, required
from symdl.check.tellings import UNHEEDED, Telling
from symdl.check.totals import Item
from symdl.check.undoing import Slip
from symdl.language import D, holds_derivative, indices_of, is_quantity, label_of, put, quantities, subterms
from symdl.problem import Decision, Problem, Range, Ranges, Relation, Symbolic

MAX_EXPLAINED = 3
"""How many wrong lines of a proof are explained: the first ones matter, the rest mostly carry them on."""

ONE_WAY = "it follows, but the equation before it does not follow from it"

ASSUMED = "what is assumed for the lines after it"
_NEW = re.compile(r"\b(?:new|updat\w+|next|becomes?|re-?(?:comput|calculat|estimat)\w+)\b", re.IGNORECASE)
"""Words that lead to another value of what has one."""
_SOLVED_FOR = re.compile(r"\b(?:solv|rearrang|isolat)\w+\b.*\bfor\b", re.IGNORECASE | re.DOTALL)

CARRIED = "follows by the chain rule from the wrong derivative before"

SOLVED = "follows from the wrong equation before"

MAX_STEPS = 3
"""How many steps of a recurrence lie between a wrong member and one that carries it on."""
MAX_CARRIED = 4
"""How many wrong derivatives a line may carry on."""


class Relations(Saying):
    """Judges relations by what a proof has established so far: its own names, its lemmas, what was told.

    `said` is the line of a relation that claims nothing, `claimed` that of one that does.
    """

    def __init__(self, problem: Problem, renames: bool) -> None:
        super().__init__(problem, renames)
        self.chains = 0
        self.running: dict[Symbol, Range] = {}
        self.wrong_at: int | None = None
        self.errors: list[WrongSlope] = []
        self.failed: list[tuple[Demand, int]] = []
        self.explained = 0
        self.last: End | None = None
        self.outside = self.so_far
        self.was_set = False
        self.ranges: Ranges = {}
        self.is_open = False
        self.counted: list[Item] = []

    def claimed(self, run: Run, n: int) -> Line:
        """The line of a relation that claims something."""
        chain, sides = run.claim.chain, run.sides
        left, right = sides[n], sides[n + 1]
        assert left is not None
        assert right is not None
        question = self.so_far.asking(run)
        is_first = n == 0 and run.goes_on is None
        before = run.goes_on.source if n == 0 and run.goes_on is not None else chain.sides[n].source
        asked = Sides(left, cast(Symbolic, chain.signs[n]), right, before, chain.sides[n + 1].source, is_first)
        question, asked = self.meanings.apart(question, asked)
        if self._bounds_a_slope(run, n, question, asked):
            every = frozenset(s.name for s in question.context.names(left, right))
            question = replace(question, for_all=question.for_all | every)
        line, sides[n + 1] = judged(question, asked)
        line, slip = self._looked_at_again(run, question, asked, n, line)
        line, slip = self._standing(run, question, asked, n, line, slip)
        if line.decision.reason in (SECOND, MIXED) and _renews(run, asked):
            return given(ASSIGNED)
        is_wrong, is_open = line.verdict == "wrong", line.verdict in ("undecided", "agrees")
        slopes = self.so_far.slopes
        met = required(slopes, run, question, asked, is_wrong=is_wrong) if is_wrong or is_open else None
        if met is not None:
            line, question = met
            slip = None
        elif n == 0 and line.verdict == "undecided" and line.decision.reason == NEITHER:
            line, slip = missed(run, question, asked) or (line, slip)
        line, slip = self._doubted(question, asked, line, slip)
        line = self._following(question, asked, line)
        line = self._in_full(run, question, asked, line, is_met=met is not None)
        run.holds = line.claim
        if met is None:
            line = self._supposed(run, question, asked, n, line)
        self._keep_errors(run, n, line, Relation(left, asked.sign, right), is_first)
        if n == 0 and asked.left == 0 and isinstance(right, D) and len(chain.signs) > 1:
            # A derivative is 0 for the lines below; what the chain says that it is equal to is no less a claim.
            run.required = (line, asked, sides[1], met is not None)
        else:
            run.new += self.so_far.tell(run, line, asked, sides[n + 1])
            self.so_far.set_up(run, line, asked, sides[n + 1], is_met=met is not None)
        if run.claim.supposes and line.verdict == "given":
            self.so_far.told += [Relation(left, asked.sign, right), *run.claim.local]
        if line.verdict != "wrong" or self.explained >= MAX_EXPLAINED:
            return line
        self.explained += 1
        return _with_expected(line, question, asked, slip)

    def _bounds_a_slope(self, run: Run, n: int, question: Question, asked: Sides) -> bool:
        """Whether a chain that works out a derivative ends with a bound on it that is no condition.

        A condition compares with 0 or 1, and holds somewhere.
        """
        claim, before = run.claim, run.before
        is_last = n > 0 and n + 1 == len(claim.chain.signs) and asked.sign in ("<", ">", "<=", ">=")
        if not is_last or not isinstance(run.sides[0], D) or any(x.verdict != "proved" for x in run.lines):
            return False
        is_led = claim.supposes or claim.leads_on or claim.leads_with or run.conditions or run.may_suppose
        if is_led or (before is not None and (ends_with_place(before) or sets_a_condition(before))):
            return False
        is_far = asked.sign in ("<=", ">=") and asked.right.is_number and abs(asked.right) not in (0, 1)
        return is_far or not question.holds_somewhere(asked)

    def _following(self, question: Question, asked: Sides, line: Line) -> Line:
        """The line of a claim, proved where it follows from what is wrong before it."""
        carried = self._carried(question, asked) if line.verdict == "wrong" else None
        if carried is not None:
            return Line("proved", Decision("proved", CARRIED), claim=False, follows=carried)
        carried = self._solved(question, asked) if line.verdict in ("wrong", "undecided") else None
        return line if carried is None else Line("proved", Decision("proved", SOLVED), claim=False, follows=carried)

    def _in_full(self, run: Run, question: Question, asked: Sides, line: Line, *, is_met: bool) -> Line:
        """The line of a claim with whether it is true of the givens, as what the first side of its chain is."""
        if line.follows is not None:
            return line
        if line.decision.reason == STATIONARY or is_met:
            return replace(line, claim={"proved": True, "rounded": True, "wrong": False}.get(line.verdict))
        first = run.first if not asked.is_first and run.names_first else None
        claim, line = whole(question, first, asked.sign, asked.right, asked.right_source, run.holds, line)
        return replace(line, claim=claim)

    def _supposed(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> Line:
        """The line of a claim, or what it is where no more than an assumption or an equation to be solved is made."""
        chain, claim = run.claim.chain, run.claim
        # Of J' = 2w - 4 = 0 only the end is demanded: what a derivative is equal to is a claim.
        is_end = n + 1 == len(chain.signs)
        is_claim = isinstance(asked.left, D) and not (is_end and not self._says_slope(line, asked.left, asked.right))
        # A derivative that is another number wherever it is taken can be no premise; words may ask where it is that.
        is_premise = isinstance(asked.left, D) and not (claim.supposes or run.is_set)
        is_claim = is_claim or (is_premise and line.verdict == "wrong" and question.is_excluded(asked))
        if line.verdict != "proved" and requires(run.block, chain, n):
            line = given(ASSUMED)
        elif line.verdict != "proved" and run.assumes(n) and not is_claim:
            line = self._assumed(run, line, asked, question) if claim.supposes or self._is_open(line, asked) else line
        is_neither = line.verdict == "undecided" and line.decision.reason == NEITHER and n == 0
        is_open = line.verdict in ("wrong", "undecided")
        is_assumed = (claim.leads_with and is_neither) or (is_open and self._is_to_be_solved(run, n, asked))
        return given(ASSUMED) if is_assumed else line

    def _looked_at_again(
        self, run: Run, question: Question, asked: Sides, n: int, line: Line
    ) -> tuple[Line, Slip | None]:
        """The line of a claim by what the judge alone does not see: inductions, digits, equivalence, kinks, slips."""
        if line.verdict == "agrees":
            # A derivative through time is proved by the induction that the engine finds for it.
            told = question.with_derivation(asked.left)
            line = judged(told, asked)[0] if told is not question else line
        is_coarse = line.verdict == "wrong" and n > 0 and run.lines[-1].verdict == "rounded" and asked.shown is not None
        is_coarse = is_coarse or line.decision.reason == UNROUNDED
        if is_coarse and run.holds and run.names_first and run.first is not None:
            # Digits that the first side has were worked out from it, not from the rounded ones beside them.
            first = run.claim.chain.sides[0].source
            exact = question.numbers.verdict(Sides(run.first, asked.sign, asked.right, first, asked.right_source, True))
            line = Line("rounded", exact.decision) if exact is not None and exact.rounded else line
        is_said_equal = line.verdict == "proved" and n == 0 and run.claim.equals is not None
        if is_said_equal and not self.so_far.gives_back(run, asked, cast(Relation, run.claim.equals)):
            line = Line("undecided", Decision("unknown", ONE_WAY))
        if line.verdict in ("wrong", "undecided"):
            line = self.meanings.at_kink(run, question, asked) or line
        return confirmed(question.tied(asked.left, asked.right), asked, line)

    def _standing(
        self, run: Run, question: Question, asked: Sides, n: int, line: Line, slip: Slip | None
    ) -> tuple[Line, Slip | None]:
        """The line of a claim, where it is wrong as far as that stands; the slip that explains it, if it was sought."""
        if line.verdict == "undecided" and asked.sign == "~":
            # No approximation fails, whatever place the words before it name.
            return self.meanings.at_its_place(run, question, asked, line), None
        if line.verdict != "wrong":
            return line, None
        line = replace(self.meanings.spared(run, question, asked, n, line), is_local=True)
        if line.verdict != "wrong" or not line.decision.instance:
            return line, None
        if run.claim.concludes and n == 0 and self.is_open:
            return Line("undecided", Decision("unknown", OPEN)), None
        return upheld(question.tied(asked.left, asked.right), asked, line, slip, is_open=n == 0 and asked.is_first)

    def _doubted(self, question: Question, asked: Sides, line: Line, slip: Slip | None) -> tuple[Line, Slip | None]:
        """The line of a claim, undecided where an instance refutes it that may break what is given in words.

        A slip beside what they speak of shows that it fails whatever they say.
        """
        if line.verdict != "wrong" or not line.decision.instance:
            return line, slip
        instance, claim = line.decision.instance, Relation(asked.left, asked.sign, asked.right)
        for telling, said in self.tellings.doubts(question.basis, claim, instance):
            # What an equation before was solved for was not drawn, and is this whatever else is said of it.
            touched = frozenset(s for s in said if s.name in instance) if ANOTHER in line.decision.reason else said
            if not touched:
                continue
            if telling.is_kind and self.meanings.fails_as_said(question, asked, touched):
                continue
            slip = slip_in(question, asked) if slip is None else slip
            if slip is None or not self._fails_beside(telling, slip, question, asked, touched):
                return Line("undecided", Decision("unknown", UNHEEDED.format(telling.word))), None
        return line, slip

    def _fails_beside(
        self, telling: Telling, slip: Slip, question: Question, asked: Sides, names: frozenset[Symbol]
    ) -> bool:
        """Whether a line with a slip fails whatever is said of some names."""
        context = question.context
        if slip.right == asked.left and not (slip.is_bare and not asked.is_first):
            # What is its own negative is 0, which words may say of it, or of what kind a matrix in it is.
            is_zero = telling.is_kind or is_quantity(asked.left)
            return not is_zero and fails_regardless(slip, asked.right, names, context)
        if telling.is_of_order and is_smooth(context, asked.right, slip.right):
            return True
        is_same = context.names(slip.right) & names == context.names(asked.right) & names
        return is_same or fails_regardless(slip, asked.right, names, context)

    def _keep_errors(self, run: Run, n: int, line: Line, said: Relation, is_first: bool) -> None:
        """Keep what is wrong, so that what follows from it can be told, and say from where a line carries it on."""
        place, end = run.claim.chain.sides[n + 1].place.line, run.sides[n + 1]
        if line.claim is False and isinstance(run.first, D) and end is not None:
            ranges = bound(run.ranges, run.first, end)
            self.errors.append(WrongSlope(run.first, end, line.follows or place, ranges))
        if line.verdict == "wrong" and self.wrong_at is None:
            self.wrong_at = place
        elif line.verdict == "proved" and line.claim is False:
            line.follows = line.follows or self.wrong_at
        are_equal = run.names_first and set(run.claim.chain.signs[: n + 1]) == {"="}
        if not is_first and are_equal and run.first is not None and is_quantity(run.first) and end is not None:
            # What a chain comes to is said of what it began with.
            said, is_first = replace(said, lhs=run.first, rhs=end), True
        is_equation = is_first and said.sign == "=" and not isinstance(said.lhs, D)
        if is_equation and (line.verdict == "wrong" or line.decision.reason == SOLVED):
            self.failed.append((Demand(said, bound(run.ranges, *said.sides)), line.follows or place))

    def _assumed(self, run: Run, line: Line, asked: Sides, question: Question) -> Line:
        """The line of what is assumed.

        It is open where something is set for what is given as something else, and where no word asks for it.
        """
        if asked.sign != "=" and run.before is not None and _SOLVED_FOR.search(leading(run.before).text):
            # A bound that is found by solving another one is no new demand.
            return line
        if line.verdict != "wrong" or run.claim.supposes or asked.sign != "=":
            return given(ASSUMED)
        if run.before is None:
            # What values that are given determine is no premise for anything else.
            values = self.givens.stated.keys()
            is_worked = all(enclosed(side, self.givens) is not None for side in (asked.left, asked.right))
            return line if is_worked and asked.left not in values else given(ASSUMED)
        is_given = is_quantity(asked.left) and self.problem.givens.is_defined(asked.left)
        is_put = is_given and quantities(asked.right) and not demands_a_zero(run.before)
        is_known = all(question.numbers.value_of(side) is not None for side in (asked.left, asked.right))
        is_asked = run.claim.leads_on or asked.right == 0 or asks(run.before)
        if is_put and not asks(run.before):
            # Of what is given by a formula nothing else is demanded but in words that ask for it.
            return line
        if is_put or is_known or not is_asked:
            return Line("undecided", Decision("unknown", NEITHER))
        return given(ASSUMED)

    def _says_slope(self, line: Line, left: D, right: Expr) -> bool:
        """Whether a wrong line says what a derivative is, in the letters on which it rests, and demands nothing."""
        names = self.so_far.context.names
        is_formula = bool(quantities(right)) and not holds_derivative(right)
        return line.verdict == "wrong" and is_formula and names(right) <= names(left)

    def _is_to_be_solved(self, run: Run, n: int, asked: Sides) -> bool:
        """Whether a line is an equation for one unknown that nothing has named before, or that is solved for next."""
        context = self.so_far.context
        slopes = any(map(holds_derivative, (*filter(None, (run.first,)), asked.left, asked.right)))
        if asked.sign != "=" or not asked.right.is_number or slopes or run.conditions or run.claim.concludes:
            return False
        unknowns = context.names(asked.left) - context.uses.keys() - self.givens.valued
        if len(unknowns) != 1 or is_quantity(asked.left) or enclosed(asked.left, self.givens) is not None:
            return False
        [unknown] = unknowns
        if any(indices_of(q) for q in quantities(asked.left) if label_of(q) == unknown):
            # Of the members of a family one equation says too little.
            return False
        if is_spoken_of(unknown.name, self.so_far.unread) or letters_of(unknown.name) <= letters_of(asked.right_source):
            # What is written on both sides, though it cancels on one, is not looked for.
            return False
        if unknown in self.givens.families or is_applied(unknown) or n + 1 < len(run.claim.chain.signs):
            return False
        return unknown not in self.so_far.known or (asked.right == 0 and self.meanings.is_solved_next(unknown))

    def _solved(self, question: Question, asked: Sides) -> int | None:
        """The line of the wrong equation from which this one follows; None where it follows from none."""
        found = (at for demand, at in reversed(self.failed[-MAX_CARRIED:]) if _carries_on(question, demand, asked))
        return next(found, None)

    def _carried(self, question: Question, asked: Sides) -> int | None:
        """The line of the wrong derivative from which this one follows by the chain rule; None where it does not."""
        if asked.sign != "=":
            return None
        for error in reversed(self.errors[-MAX_CARRIED:]):
            for product in error.carried_to(asked.left) if isinstance(asked.left, D) else ():
                if question.holds(product, asked.right):
                    return error.line
            if error.stands_in(asked.left) and question.follows(asked, (error.slope, error.value, error.ranges)):
                return error.line
        return None

    def _is_open(self, line: Line, asked: Sides) -> bool:
        """Whether a line that is not proved can be an assumption: it holds for some values and fails for others."""
        if asked.sign == "~" or not (quantities(asked.left) | quantities(asked.right) | letters_in(asked.left)):
            return False
        # A member at an open index that is to be a number says which index is meant.
        if asked.right.is_number and letters_in(asked.left):
            return line.verdict in ("undecided", "wrong")
        return line.verdict == "undecided" or (line.verdict == "wrong" and bool(line.decision.instance))


def _with_expected(line: Line, question: Question, asked: Sides, slip: Slip | None) -> Line:
    """The line that is wrong, with the slip that explains it, and what would be right, by equations that are given."""
    line = explained(line, question, asked, slip)
    solving = question.solving(asked)
    if solving is None:
        return line
    there, system = solving
    value = there.numbers.value_of(asked.left) if asked.left in system.values else None
    if value is not None:
        return replace(line, expected=value)
    return line if line.expected is not None else explained(line, there, asked, slip)


def _renews(run: Run, asked: Sides) -> bool:
    """Whether a line gives a name another value: the words before it say so, or it is made of its own former value."""
    is_said = run.before is not None and bool(_NEW.search(leading(run.before).text))
    return is_said or asked.left in quantities(asked.right)


def _down_to(named: Expr, side: Expr, question: Question) -> Expr:
    """A side with the later members of a recurrence put for by those before them, down to one that is named."""
    if not (is_quantity(named) and indices_of(named)):
        return side
    for _ in range(MAX_STEPS):
        later = {q for q in quantities(side) if label_of(q) == label_of(named)}
        bodies = {q: question.context.givens.body_of(q, question.ranges) for q in later}
        if named in later or not later or None in bodies.values():
            break
        side = put(side, {q: body for q, body in bodies.items() if body is not None})
    return side


def _carries_on(question: Question, demand: Demand, asked: Sides) -> bool:
    """Whether a line follows from an equation that is wrong."""
    named, value = demand.relation.lhs, demand.relation.rhs
    left, right = (_down_to(named, side, question) for side in (asked.left, asked.right))
    if any(named in subterms(side) for side in (left, right)):
        # Where the equation says what stands in the line, it is put; what else follows from it, as an equation for
        # free letters, holds for some values of these only.
        at = {named: value}
        return question.ask(put(left, at), asked.sign, put(right, at)).answer == "proved"
    label, context = label_of(named), question.context
    if is_quantity(named) and not indices_of(named) and context.givens.is_defined(named):
        if label not in context.names(asked.left, asked.right) - context.names(value):
            return False
        # What is worked out from a quantity is so from the value that it was said to have.
        there = replace(question, context=context.without({label}).where({label: value}), lemmas=(), seen=())
        return judged(there, asked)[0].verdict in ("proved", "rounded")
    found = question.follows_from(demand, Relation(asked.left, asked.sign, asked.right))
    return found is not None and found.answer == "proved"
