"""Judges one relation of a chain after another under what the proof has established so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Symbol

from symdl.check.basis import letters_in
from symdl.check.claims import assigns, is_dangling, names_in_words, sets_equal
from symdl.check.demands import Demand, starred
from symdl.check.established import Established, bound
from symdl.check.meanings import Meanings
from symdl.check.numbers import UNROUNDED
from symdl.check.question import NEITHER, OPEN, Question
from symdl.check.renewed import by_subscript, uphill
from symdl.check.report import LineReport
from symdl.check.running import ASSIGNED, NAMED, End, Line, Run, WrongSlope, judged, whole
from symdl.check.sides import Sides
from symdl.check.slips import explained, explained_shape, upheld
from symdl.check.stationary import STATIONARY, required, solution
from symdl.check.totals import Item
from symdl.check.undoing import Slip
from symdl.check.words import asks, demands_a_zero, is_spoken_of, rests_on
from symdl.errors import LayoutError, ShapeError
from symdl.language import D, family, holds_derivative, indices_of, is_quantity, label_of, put, quantities, subterms
from symdl.problem import Decision, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain

MAX_EXPLAINED = 3
"""How many wrong lines of a proof are explained: the first ones matter, the rest mostly carry them on."""

ONE_WAY = "it follows, but the equation before it does not follow from it"

ASSUMED = "what is assumed for the lines after it"

DEFINED = "a definition made in the proof"

TWICE = "the name was said to be something else before"

UNCONTINUED = "what stands left of it could not be read"

CARRIED = "follows by the chain rule from the wrong derivative before"

SOLVED = "follows from the wrong equation before"

MAX_CARRIED = 4
"""How many wrong derivatives a line may carry on."""


@dataclass(frozen=True)
class Judged:
    """One relation with its report, and what it says: `first` is the first side of its chain, numbered by `chain`."""

    report: LineReport
    first: Expr | None
    right: Expr | None
    first_source: str
    chain: int


class Relations:
    """Judges relations by what a proof has established so far: its own names, its lemmas, what was told.

    `said` is the line of a relation that claims nothing, `claimed` that of one that does.
    """

    def __init__(self, problem: Problem, renames: bool) -> None:
        self.problem = problem
        self.so_far = Established(problem, renames)
        self.entries: list[Judged] = []
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
        self.meanings = Meanings(problem)
        self.is_open = False
        self.counted: list[Item] = []

    @property
    def givens(self) -> Givens:
        return self.so_far.givens

    def said(self, run: Run, n: int) -> Line | None:
        """The line of a relation that claims nothing or cannot be read; None for a claim."""
        chain, sides = run.claim.chain, run.sides
        if n == 0 and sides[1] is not None and is_dangling(chain.sides[0]) and run.goes_on is None:
            is_said = run.before is not None or not self.entries
            words = Decision("unknown", "what stands left of it is in words" if is_said else UNCONTINUED)
            return Line("given" if is_said else "undecided", words)
        if chain.signs[n] == "in" and sides[n] is not None:
            return Line("given", Decision("unknown", "where it lies"))
        if sides[n] is None or sides[n + 1] is None or chain.signs[n] == "in":
            if sides[n + 1] is None or n > 0 or not run.lines:
                run.holds = None
            if n == 0 and chain.signs[0] == "=" and sides[1] is None:
                self.so_far.lose(sides[0])
            error = chain.sides[n].error or chain.sides[n + 1].error
            if error is None and sides[n + 1] is not None and n > 0:
                return Line("given", Decision("unknown", "what stands left of it is in words"))
            if n > 0 and isinstance(chain.sides[n].error, ShapeError):
                return Line("undecided", Decision("unknown", "what stands left of it has another shape"))
            said = chain.sides[n].source + " " + chain.sides[n + 1].source
            if isinstance(error, ShapeError) and chain.signs[n] == "=" and not is_spoken_of(said, self.so_far.unread):
                left = sides[n]
                line = Line("wrong", Decision("refuted", error.message), claim=False)
                question, source, right = self.so_far.asking(run), chain.sides[n].source, chain.sides[n + 1]
                return line if left is None else explained_shape(self.problem, line, question, left, source, right)
            if isinstance(error, LayoutError):
                return Line("undecided", Decision("unknown", error.message))
            return Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))
        if any(label_of(q).name.startswith("e^-") for s in (sides[n], sides[n + 1]) if s for q in quantities(s)):
            run.holds = None
            return Line("unreadable", Decision("unknown", "an exponent with a sign needs braces"))
        if n == 0 and names_in_words(chain, self.so_far.known - self.so_far.worded):
            word = chain.sides[0].source.strip()
            if any(rests_on(statement, word) for statement in self.so_far.statements):
                return Line("undecided", Decision("unknown", f"what is given of {word} could not be read"))
            self.so_far.name(chain)
            return Line("given", Decision("unknown", NAMED))
        if n == 0 and assigns(run.block, chain):
            if sets_equal(run.block, chain) and self.so_far.fixes(chain):
                return self._renewed(run)
            climbs = None if self.meanings.climbs else uphill(*self._named(run), self.so_far.asking(run), run.ranges)
            if climbs is not None:
                return climbs
            return Line("given", Decision("unknown", ASSIGNED))
        if n == 0 and self.so_far.defines(chain):
            question = self.so_far.asking(run)
            solved = solution(self.so_far.slopes, run, question, self.so_far.known)
            solved = solved or by_subscript(*self._named(run), question)
            if solved is None and not self.meanings.climbs:
                solved = uphill(*self._named(run), question, run.ranges)
            self.so_far.define(chain)
            if solved is not None:
                left, right = self._named(run)
                bare = starred(label_of(left))
                if bare is not None and solved.verdict == "proved":
                    # From here on the name without its star is what it is the solution for.
                    self.so_far.demand(
                        Relation(family(bare, *indices_of(left)), "=", right), run.ranges, is_derived=True
                    )
                return solved
            return Line("given", Decision("unknown", DEFINED))
        if n > 0 and n + 1 == len(chain.signs):
            # What a chain ends in and nothing has named before is a name for what it is equal to.
            turned = Chain((chain.sides[n + 1], chain.sides[n]), (chain.signs[n],), chain.ranges)
            if self.so_far.defines(turned):
                self.so_far.define(turned)
                return Line("given", Decision("unknown", DEFINED))
        left = self._named(run)[0] if n == 0 else None
        if left is not None and chain.signs[0] == "=" and left.is_Pow and label_of(left.base) not in self.so_far.known:
            # Of a variance \hat{\sigma}^2 the root has no name of its own.
            return solution(self.so_far.slopes, run, self.so_far.asking(run), self.so_far.known)
        return None

    def _named(self, run: Run) -> tuple[Expr, Expr]:
        """The first two sides of a chain that can be read."""
        return cast(Expr, run.sides[0]), cast(Expr, run.sides[1])

    def _renewed(self, run: Run) -> Line:
        """The line that sets a name to what it is by its formula, or to something else, which leaves both open."""
        left, right = self._named(run)
        begins, ends = (s.source for s in run.claim.chain.sides[:2])
        asked = Sides(left, "=", right, begins, ends, is_first=True)
        line, _ = judged(self.so_far.asking(run), asked)
        return (
            line if line.verdict in ("proved", "rounded", "agrees") else Line("undecided", Decision("unknown", TWICE))
        )

    def claimed(self, run: Run, n: int) -> Line:
        """The line of a relation that claims something."""
        chain, sides, claim = run.claim.chain, run.sides, run.claim
        left, right, sign = sides[n], sides[n + 1], cast(Symbolic, chain.signs[n])
        assert left is not None
        assert right is not None
        source = chain.sides[n + 1].source
        question = self.so_far.asking(run)
        is_first = n == 0 and run.goes_on is None
        before = run.goes_on.source if n == 0 and run.goes_on is not None else chain.sides[n].source
        asked = Sides(left, sign, right, before, source, is_first)
        line, sides[n + 1] = judged(question, asked)
        if line.verdict == "agrees":
            # A derivative through time is proved by the induction that the engine finds for it.
            told = question.with_derivation(left)
            line = judged(told, asked)[0] if told is not question else line
        if line.decision.reason == UNROUNDED and run.holds and run.names_first and run.first is not None:
            # Digits that the first side has were worked out from it, not from the rounded ones beside them.
            entire = Sides(run.first, sign, right, chain.sides[0].source, source, True)
            exact = question.numbers.verdict(entire)
            line = Line("rounded", exact.decision) if exact is not None and exact.rounded else line
        is_said_equal = line.verdict == "proved" and n == 0 and claim.equals is not None
        if is_said_equal and not self.so_far.gives_back(run, asked, cast(Relation, claim.equals)):
            line = Line("undecided", Decision("unknown", ONE_WAY))
        if line.verdict in ("wrong", "undecided"):
            line = self.meanings.at_kink(run, question, asked) or line
        if line.verdict == "wrong":
            line = self.meanings.spared(run, question, asked, n, line)
            line = replace(line, is_local=True)
        slip: Slip | None = None
        if line.verdict == "wrong" and line.decision.instance and claim.concludes and n == 0 and self.is_open:
            line = Line("undecided", Decision("unknown", OPEN))
        if line.verdict == "wrong" and line.decision.instance:
            line, slip = upheld(question.tied(left, right), asked, line, is_open=n == 0 and is_first)
        is_open = line.verdict in ("wrong", "undecided", "agrees")
        is_wrong = line.verdict == "wrong"
        met = required(self.so_far.slopes, run, question, asked, is_wrong=is_wrong) if is_open else None
        if met is not None:
            line, question = met
            slip = None
        carried = self._carried(question, asked) if line.verdict == "wrong" else None
        if carried is not None:
            line = Line("proved", Decision("proved", CARRIED), follows=carried)
        elif line.verdict in ("wrong", "undecided"):
            carried = self._solved(question, asked)
            line = line if carried is None else Line("proved", Decision("proved", SOLVED), follows=carried)
        first = run.first if not is_first and run.names_first else None
        if carried is not None:
            line.claim = False
        elif line.decision.reason == STATIONARY or met is not None:
            line.claim = {"proved": True, "rounded": True, "wrong": False}.get(line.verdict)
        else:
            line.claim, line = whole(question, first, sign, right, source, run.holds, line)
        run.holds = line.claim
        # Of J' = 2w - 4 = 0 only the end is demanded: what a derivative is equal to is a claim.
        is_claim = isinstance(left, D) and (n + 1 < len(chain.signs) or self._says_slope(line, left, right))
        if (
            line.verdict != "proved"
            and met is None
            and run.assumes(n)
            and (claim.supposes or self._is_open(line, asked))
            and not is_claim
        ):
            line = self._assumed(run, line, asked, question)
        if claim.leads_with and line.verdict == "undecided" and line.decision.reason == NEITHER and n == 0:
            line = Line("given", Decision("unknown", ASSUMED))
        if line.claim is False and isinstance(run.first, D) and sides[n + 1] is not None:
            at = line.follows or chain.sides[n + 1].place.line
            error = WrongSlope(
                run.first, cast(Expr, sides[n + 1]), at, bound(run.ranges, run.first, cast(Expr, sides[n + 1]))
            )
            self.errors.append(error)
        if line.verdict == "wrong" and self.wrong_at is None:
            self.wrong_at = chain.sides[n + 1].place.line
        elif line.verdict == "proved" and line.claim is False:
            line.follows = line.follows or self.wrong_at
        is_equation = is_first and sign == "=" and not isinstance(left, D)
        if is_equation and (line.verdict == "wrong" or line.decision.reason == SOLVED):
            at = line.follows or chain.sides[n + 1].place.line
            self.failed.append((Demand(Relation(left, "=", right), bound(run.ranges, left, right)), at))
        run.new += self.so_far.tell(run, line, asked, sides[n + 1])
        self.so_far.set_up(run, line, asked, sides[n + 1], is_met=met is not None)
        if claim.supposes and line.verdict == "given":
            self.so_far.told += [Relation(left, sign, right), *claim.local]
        if line.verdict != "wrong" or self.explained >= MAX_EXPLAINED:
            return line
        self.explained += 1
        return explained(self.problem, line, question, asked, slip)

    def _assumed(self, run: Run, line: Line, asked: Sides, question: Question) -> Line:
        """The line of what is assumed.

        It is open where something is set for what is given as something else, and where no word asks for it.
        """
        if line.verdict != "wrong" or run.claim.supposes or run.before is None or asked.sign != "=":
            return Line("given", Decision("unknown", ASSUMED))
        is_given = is_quantity(asked.left) and self.problem.givens.is_defined(asked.left)
        is_put = is_given and quantities(asked.right) and not demands_a_zero(run.before)
        is_known = all(question.numbers.value_of(side) is not None for side in (asked.left, asked.right))
        is_asked = run.claim.leads_on or asked.right == 0 or asks(run.before)
        if is_put or is_known or not is_asked:
            return Line("undecided", Decision("unknown", NEITHER))
        return Line("given", Decision("unknown", ASSUMED))

    def _says_slope(self, line: Line, left: D, right: Expr) -> bool:
        """Whether a wrong line says what a derivative is, in the letters on which it rests, and demands nothing."""
        names = self.so_far.context.names
        is_formula = bool(quantities(right)) and not holds_derivative(right)
        return line.verdict == "wrong" and is_formula and names(right) <= names(left)

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


def _carries_on(question: Question, demand: Demand, asked: Sides) -> bool:
    """Whether a line follows from an equation that is wrong."""
    named, value = demand.relation.lhs, demand.relation.rhs
    if any(named in subterms(side) for side in (asked.left, asked.right)):
        # Where the equation says what stands in the line, it is put; what else follows from it, as an equation for
        # free letters, holds for some values of these only.
        at = {named: value}
        return question.ask(put(asked.left, at), asked.sign, put(asked.right, at)).answer == "proved"
    found = question.follows_from(demand, Relation(asked.left, asked.sign, asked.right))
    return found is not None and found.answer == "proved"
