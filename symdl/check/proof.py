"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Indexed, Symbol

from symdl.check.claims import WORD, chains_of, claims_of
from symdl.check.context import Context, Equation, told_once
from symdl.check.doubts import is_member_of_unread
from symdl.check.entailment import contradictory
from symdl.check.meanings import STATIONARY, Meanings
from symdl.check.question import NEITHER, Question
from symdl.check.report import LineReport
from symdl.check.running import (
    ASSIGNED,
    NAMED,
    VERDICTS,
    Claim,
    Line,
    Run,
    WrongSlope,
    is_name,
    judged,
    whole,
)
from symdl.check.sides import Sides
from symdl.check.slips import corrected, number_slip, slip
from symdl.check.words import (
    Setting,
    declared,
    is_heading,
    is_spoken_of,
    letters_of,
    named,
    offset_of,
    opens_a_case,
    relations,
    sets_a_condition,
    setting,
    sole_formula,
    split_formula,
    spoken_of,
    stated,
    states_base,
    sums,
    tidied,
)
from symdl.errors import LayoutError, Place, ShapeError
from symdl.language import (
    D,
    free_symbols,
    indices_of,
    is_index,
    label_of,
    put,
    quantities,
    scalar,
    size,
    subterms,
)
from symdl.problem import Block, Decision, Definition, Fact, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, Side
from symdl.write import latex_of

_PLAIN_WORD = re.compile(r"[A-Za-z]{3,}(?:\s+[a-z]{2,})*|\\(?:text|mathrm|textrm)\{[^{}]{3,}\}")
_BRANCHES = re.compile(r"\\(?:swarrow|searrow|nearrow|nwarrow)\b|[↙↘]")
_STARRED = re.compile(
    r"\\(?:hat|widehat)\{(?P<hat>[^{}]+)\}|(?P<star>.+?)(?:\^\{?(?:\*|\\star|\\ast)\}?)"
    r"|(?P<bare>[^_]+)_(?:\{\\(?:text|mathrm|mathit|operatorname|rm)\b[^_^]*\}|\{?[A-Za-z]{2,}\}?)"
)
_ASSIGNS = re.compile(r"\\(?:leftarrow|gets)\b|←|:=|\\coloneqq\b")

MAX_EXPLAINED = 3
"""How many wrong lines of a proof are explained: the first ones matter, the rest mostly carry them on."""

ONE_WAY = "it follows, but the equation before it does not follow from it"

UNSOLVED = "what it is concluded from could not be solved for it"

CARRIED = "follows by the chain rule from the wrong derivative before"

MAX_CHAIN = 200
"""How many relations of one chain are judged."""

MAX_CARRIED = 4
"""How many wrong derivatives a line may carry on."""

MAX_PREMISES = 4
"""How many of the equations set up before a line it may follow from."""

MAX_TOLD = 40
"""How many relations a proof may add to what is given."""


@dataclass(frozen=True)
class Judged:
    """One relation with its report, and what it says: `first` is the first side of its chain, numbered by `chain`."""

    report: LineReport
    first: Expr | None
    right: Expr | None
    first_source: str
    chain: int


def judge_proof(problem: Problem, *, renames: bool = False) -> tuple[LineReport, ...]:
    """One entry per relation sign of the problem's proof, in source order; empty where there is no proof.

    `renames` says that a name which the proof defined may be defined again, as names in running text are.
    """
    return tuple(j.report for j in judged_relations(problem, renames=renames))


def judged_relations(problem: Problem, *, renames: bool = False) -> tuple[Judged, ...]:
    """The relations of the problem's proof, each with its report."""
    proof = _Proof(problem, renames)
    before: Block | None = None
    for block in problem.proof or ():
        formula = block if block.kind == "display" else sole_formula(block) or split_formula(block)
        if block.kind != "display" and opens_a_case(block):
            formula = None
        if formula is None:
            proof.words(block)
            before = block
        else:
            proof.display(formula, before)
            before = None
    return tuple(proof.entries)


class _Proof:
    """What a proof has established so far: its own names, its lemmas, what was told, and the entries written."""

    def __init__(self, problem: Problem, renames: bool) -> None:
        self.problem = problem
        self.renames = renames
        self.context = Context(told_once(problem.givens))
        self.known = _names(problem.givens)
        self.natural = states_base(problem)
        self.unread = spoken_of(block.text for block, _ in problem.unread)
        self.lemmas: list[Equation] = []
        self.told: list[Relation] = []
        self.premises: list[Fact] = []
        self.seen: dict[Expr, Expr] = {}
        self.entries: list[Judged] = []
        self.chains = 0
        self.running: dict[Symbol, Range] = {}
        self.wrong_at: int | None = None
        self.errors: list[WrongSlope] = []
        self.explained = 0
        self.last: tuple[Expr, str] | None = None
        self.meanings = Meanings(problem)

    @property
    def givens(self) -> Givens:
        return self.context.givens

    def words(self, block: Block) -> None:
        if is_heading(block):
            self.running = {}
            self.told, self.premises = [], []
        self.meanings.hear(block, self.givens)
        self.running.update(declared(block, self.givens))
        for chain in named(block, self.givens):
            if self._defines(chain):
                self._define(chain)
        for chain, ranges in stated(block, self.givens):
            self._lemma(chain, ranges)
        claims, said = sums(block)
        for claim in claims:
            self.display(claim, None)
        for number in said:
            self.chains += 1
            place, reason = number.place, "what this is said of is in words"
            report = LineReport(place.line, place.column, "", "=", number.text, "undecided", reason=reason)
            self.entries.append(Judged(report, None, None, "", self.chains))

    def _lemma(self, chain: Chain, ranges: Ranges) -> None:
        """Keep what a sentence says of a derivative, if it can be proved as it stands; else it is words."""
        if len(chain.signs) != 1 or chain.signs[0] != "=":
            return
        left, right = chain.sides[0].expr, chain.sides[1].expr
        if not isinstance(left, D) or right is None or isinstance(right, D):
            return
        found = self._question(ranges, ()).verdict(Sides(left, "=", right, "", chain.sides[1].source, True))
        if found.answer == "proved" and not found.rounded:
            self.lemmas.append((left, found.right, _bound(ranges, left, right)))

    def _asking(self, run: Run) -> Question:
        """The judge for a line of a chain, with what it may be concluded from."""
        question = self._question(run.ranges, run.conditions, run.told)
        premises = tuple(self.premises[-MAX_PREMISES:])
        return replace(question, premises=premises, concludes=run.claim.concludes) if premises else question

    def _question(self, ranges: Ranges, conditions: tuple[Relation, ...], told: Sequence[Relation] = ()) -> Question:
        return Question(
            self.context,
            self.known,
            tuple(self.lemmas),
            ranges,
            conditions,
            (*self.told, *told)[-MAX_TOLD:],
            tuple(self.seen.items()),
            self.natural,
            self.unread,
            self.renames,
        )

    def display(self, block: Block, before: Block | None) -> None:
        raw, block = block, tidied(block)
        said = setting(before, self.givens) if before is not None else Setting()
        run = {**self.running, **said.ranges}
        chains = chains_of(block, self.givens, run)
        is_set = before is not None and sets_a_condition(before)
        told: list[Relation] = []
        claims, unread = claims_of(raw, block, chains, self.givens)
        for side in unread:
            self._unreadable(side)
        if _BRANCHES.search(block.text) and len(claims) == 1 and self._branch(claims[0]):
            return
        for claim in claims:
            ranges = {**claim.chain.ranges, **run}
            conditions = (*said.conditions(self.givens, ranges), *claim.local)
            if not claim.concludes:
                told = []
            told += self._chain(block, claim, ranges, conditions, told, is_set)

    def _branch(self, claim: Claim) -> bool:
        """Take `u >= 0 … u < 0` with arrows for the two cases in which the lines after it hold, each in one."""
        found = (*relations(claim.chain, claim.chain.ranges), *claim.local)
        if len(found) != 2 or any(r.sign in ("=", "~") for r in found):
            return False
        self.meanings.branches = found
        self.chains += 1
        line = Line("given", Decision("unknown", "one of the cases in which the lines after it hold"))
        self._write(claim.chain, 0, line, None, None)
        return True

    def _unreadable(self, side: Side) -> None:
        """A display that holds a relation somewhere, but cannot be taken apart."""
        error = side.error
        assert error is not None
        place = error.place or side.place
        source = side.source.strip()
        report = LineReport(place.line, place.column, "", "=", source, "unreadable", reason=error.message)
        self.chains += 1
        self.entries.append(Judged(report, None, None, "", self.chains))

    def _chain(
        self,
        block: Block,
        claim: Claim,
        ranges: Ranges,
        conditions: tuple[Relation, ...],
        told: Sequence[Relation],
        is_set: bool,
    ) -> list[Relation]:
        """Judge one chain; what it tells the lines that are concluded from it."""
        chain = claim.chain
        # A letter that the givens know as a position stays one, where a display alone shows the end of a sum.
        positions: dict[Expr, Expr] = {size(i.name): i for i in self.givens.positions}
        sides = [None if s.expr is None else put(s.expr, positions) for s in chain.sides]
        ranges = self._ranged(ranges, [s for s in sides if s is not None])
        if claim.concludes:
            self.meanings.branches = ()
        run = Run(block, claim, ranges, conditions, tuple(told), is_set, sides)
        self.chains += 1
        for n in range(len(chain.signs)):
            if self._points_at_words(block, chain, n):
                break
            if n >= MAX_CHAIN:
                run.holds = None
                line = Line("undecided", Decision("unknown", f"more than {MAX_CHAIN} relations in one chain"))
            else:
                line = self._said(run, n) or self._claimed(run, n)
            run.lines.append(line)
            self._write(chain, n, line, chain.sides[0].expr, sides[n + 1])
        self._keep(chain, sides, run.lines, ranges, conditions)
        self.meanings.update(run, self.givens)
        end, closed = chain.sides[-1], chain.sides[-1].expr
        self.last = None if closed is None or set(ranges) & free_symbols(closed) else (closed, end.source)
        return run.new

    def _said(self, run: Run, n: int) -> Line | None:
        """The line of a relation that claims nothing or cannot be read; None for a claim."""
        chain, sides = run.claim.chain, run.sides
        if n == 0 and sides[1] is not None and _is_dangling(chain.sides[0]):
            line, sides[0] = self._dangling(chain, self._question(run.ranges, run.conditions, run.told))
            return line
        if sides[n] is None or sides[n + 1] is None or chain.signs[n] == "in":
            if sides[n + 1] is None or n > 0 or not run.lines:
                run.holds = None
            if n == 0 and chain.signs[0] == "=" and sides[1] is None:
                self._lose(sides[0])
            error = chain.sides[n].error or chain.sides[n + 1].error
            if error is None and sides[n + 1] is not None and n > 0:
                return Line("given", Decision("unknown", "what stands left of it is in words"))
            if n > 0 and isinstance(chain.sides[n].error, ShapeError):
                return Line("undecided", Decision("unknown", "what stands left of it has another shape"))
            said = chain.sides[n].source + " " + chain.sides[n + 1].source
            if isinstance(error, ShapeError) and chain.signs[n] == "=" and not is_spoken_of(said, self.unread):
                return Line("wrong", Decision("refuted", error.message), claim=False)
            if isinstance(error, LayoutError):
                return Line("undecided", Decision("unknown", error.message))
            return Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))
        if any(label_of(q).name.startswith("e^-") for s in (sides[n], sides[n + 1]) if s for q in quantities(s)):
            run.holds = None
            return Line("unreadable", Decision("unknown", "an exponent with a sign needs braces"))
        if n == 0 and self._names_in_words(chain):
            return Line("given", Decision("unknown", NAMED))
        if n == 0 and self._assigns(run.block, chain):
            return Line("given", Decision("unknown", ASSIGNED))
        if n == 0 and self._defines(chain):
            solved = self._solved_for(run)
            self._define(chain)
            if solved is not None:
                return solved
            return Line("given", Decision("unknown", "a definition made in the proof"))
        return None

    def _solved_for(self, run: Run) -> Line | None:
        """The line of a new name such as w^* or \\hat{w} for what the equation before gives for w, or None."""
        name, value = run.sides[0], run.sides[1]
        bare = _STARRED.fullmatch(label_of(name).name) if name is not None else None
        if bare is None or value is None or not run.claim.concludes:
            return None
        label = scalar(bare["hat"] or bare["star"] or bare["bare"])
        inside = {q for f in self.premises[-1:] for q in quantities(f.relation.lhs) | quantities(f.relation.rhs)}
        if label in inside:
            found = self._asking(run).concluded(Relation(label, "=", value))
            if found is not None:
                return Line(VERDICTS[found.answer], found, claim=found.answer == "proved" or None)
        if label in self.known:
            return Line("undecided", Decision("unknown", UNSOLVED))
        return None

    def _claimed(self, run: Run, n: int) -> Line:
        """The line of a relation that claims something."""
        chain, sides, claim = run.claim.chain, run.sides, run.claim
        left, right, sign = sides[n], sides[n + 1], cast(Symbolic, chain.signs[n])
        assert left is not None
        assert right is not None
        source = chain.sides[n + 1].source
        question = self._asking(run)
        asked = Sides(left, sign, right, chain.sides[n].source, source, is_first=n == 0)
        line, sides[n + 1] = judged(question, asked)
        if line.verdict == "proved" and n == 0 and claim.equals is not None:
            line = self._other_way(run, asked, claim.equals) or line
        if line.verdict == "wrong":
            line = self.meanings.spared(run, question, asked, n, line)
        carried = self._carried(run, question, asked) if line.verdict == "wrong" else None
        if carried is not None:
            line = Line("proved", Decision("proved", CARRIED), follows=carried)
        first = sides[0] if n and run.names_first else None
        if carried is not None:
            line.claim = False
        elif line.decision.reason == STATIONARY:
            line.claim = None
        else:
            line.claim, line = whole(question, first, sign, right, source, run.holds, line)
        run.holds = line.claim
        # Of J' = 2w - 4 = 0 only the end is demanded: what a derivative is equal to is a claim.
        is_claim = isinstance(left, D) and n + 1 < len(chain.signs) and line.verdict == "wrong"
        if (
            line.verdict != "proved"
            and run.assumes(n)
            and (claim.supposes or self._is_open(line, asked))
            and not is_claim
        ):
            line = Line("given", Decision("unknown", "what is assumed for the lines after it"))
        if line.claim is False and isinstance(sides[0], D) and sides[n + 1] is not None:
            at = line.follows or chain.sides[n + 1].place.line
            self.errors.append(WrongSlope(sides[0], cast(Expr, sides[n + 1]), at))
        if line.verdict == "wrong" and self.wrong_at is None:
            self.wrong_at = chain.sides[n + 1].place.line
        elif line.verdict == "proved" and line.claim is False:
            line.follows = line.follows or self.wrong_at
        run.new += self._told(run, line, asked, sides[n + 1])
        self._premise(run, line, asked, sides[n + 1], chain.sides[n + 1].place)
        if claim.supposes and line.verdict == "given":
            self.told += [Relation(left, sign, right), *claim.local]
        return self._explained(line, question, asked) if line.verdict == "wrong" else line

    def _lose(self, name: Expr | None) -> None:
        """Keep that what is said of a name could not be read: it is no free input then."""
        if (
            name is not None
            and is_name(name)
            and not self.givens.is_defined(name)
            and name not in {v.quantity for v in self.givens.values}
        ):
            self.unread |= {letters_of(label_of(name).name)}

    def _carried(self, run: Run, question: Question, asked: Sides) -> int | None:
        """The line of the wrong derivative from which this one follows by the chain rule; None where it does not."""
        if not isinstance(asked.left, D) or asked.sign != "=":
            return None
        for error in reversed(self.errors[-MAX_CARRIED:]):
            for product in error.carried_to(asked.left):
                is_equal = question.ask(product, "=", asked.right).answer == "proved"
                if is_equal and not question.is_vacuous(product, asked.right):
                    return error.line
        return None

    def _other_way(self, run: Run, asked: Sides, before: Relation) -> Line | None:
        """The line where what it is said to be equivalent to does not follow from it; None where it does."""
        here = Relation(asked.left, asked.sign, asked.right)
        kept = [r for r in (*self.told, *run.told) if r not in (before, here)]
        alone = replace(self._question(run.ranges, run.conditions), told=(*kept, here)[-MAX_TOLD:], concludes=True)
        alone = replace(alone, premises=(Fact(here, _bound(run.ranges, here.lhs, here.rhs), "", run.block.place),))
        found = alone.verdict(Sides(before.lhs, before.sign, before.rhs, "", "", is_first=False))
        return None if found.answer == "proved" else Line("undecided", Decision("unknown", ONE_WAY))

    def _explained(self, line: Line, question: Question, asked: Sides) -> Line:
        """A wrong line with the slip that explains it, and what would be right."""
        if self.explained >= MAX_EXPLAINED:
            return line
        self.explained += 1
        question = question.tied(asked.left, asked.right)
        try:
            number = number_slip(question, asked)
            if number is not None:
                return _named(replace(line, expected=number.number), number.name)
            found = slip(question, asked)
            right = found.right if found else corrected(self.problem, question, asked)
            expected = None if right is None else latex_of(right, self.givens, question.ranges)
        except (RecursionError, NotImplementedError):
            return line
        return _named(replace(line, expected=expected), found.name if found else "")

    def _ranged(self, ranges: Ranges, sides: Sequence[Expr]) -> Ranges:
        """The ranges, with those of letters that the display does not fix: positions, or what their families span."""
        found = dict(ranges)
        letters = {s for side in sides for s in free_symbols(side) if is_index(s)} - set(found)
        for letter in sorted(letters, key=str):
            run = self.givens.positions.get(letter)
            for term in (t for side in sides for t in subterms(side) if isinstance(t, Indexed)):
                for n, at in enumerate(indices_of(term)):
                    run = run or (self.givens.range_at(term, n) if at == letter else None)
            if run is not None:
                found[letter] = run
        return found

    def _dangling(self, chain: Chain, question: Question) -> tuple[Line, Expr | None]:
        """The relation of a line that begins with its sign: to the end of the line before, or to words."""
        right = chain.sides[1]
        assert right.expr is not None
        if self.last is None:
            return Line("given", Decision("unknown", "what stands left of it is in words")), None
        left, source = self.last
        line, _ = judged(question, Sides(left, cast(Symbolic, chain.signs[0]), right.expr, source, right.source, False))
        return line, left

    def _names_in_words(self, chain: Chain) -> bool:
        """Whether a chain begins with a plain word that no given knows, as in `Total = 3 + 4`."""
        left = chain.sides[0]
        if left.expr is None or not _PLAIN_WORD.fullmatch(left.source.strip()) or chain.signs[0] not in ("=", "~"):
            return False
        return not {label_of(q) for q in quantities(left.expr)} & self.known

    def _is_open(self, line: Line, asked: Sides) -> bool:
        """Whether a line that is not proved can be an assumption: it holds for some values and fails for others."""
        if asked.sign == "~" or not (quantities(asked.left) | quantities(asked.right)):
            return False
        return line.verdict == "undecided" or (line.verdict == "wrong" and bool(line.decision.instance))

    def _told(self, run: Run, line: Line, asked: Sides, right: Expr | None) -> list[Relation]:
        """What the lines after this one may use: equations and bounds of free quantities, and values shown."""
        if right is None or (asked.sign == "~" and line.verdict != "rounded"):
            return []
        if line.verdict == "rounded":
            if isinstance(asked.left, (Symbol, Indexed)) and right.is_Rational:
                self.seen[asked.left] = right
            return []
        if line.verdict not in ("given", "undecided"):
            # What is proved follows from what is known already.
            return []
        sides = (asked.left, right)
        free = [q for s in sides for q in quantities(s) if not self.givens.is_defined(q)]
        if not free or any(is_index(i) for s in sides for i in free_symbols(s)):
            return []
        if line.verdict == "undecided" and NEITHER not in line.decision.reason:
            return []
        relation = Relation(asked.left, asked.sign, right)
        if not run.conditions and relation not in self.told:
            # Where one case is done and another one begins, what was supposed before holds no longer.
            old = [] if contradictory([*self.told, relation], self.givens) else self.told
            self.told = [*old, relation]
        return [relation]

    def _premise(self, run: Run, line: Line, asked: Sides, right: Expr | None, place: Place) -> None:
        """Keep an equation that was set up, or was concluded from one, for the lines that follow from it."""
        if right is None or asked.sign != "=" or run.conditions:
            return
        is_set_up = line.verdict == "given" or (line.verdict == "undecided" and NEITHER in line.decision.reason)
        if not is_set_up and not (run.claim.concludes and line.verdict in ("proved", "agrees")):
            return
        relation = Relation(asked.left, "=", right)
        self.premises.append(Fact(relation, _bound(run.ranges, asked.left, right), "", place))

    def _points_at_words(self, block: Block, chain: Chain, n: int) -> bool:
        """Whether the sign is an arrow from a remark: `a - y \\leftarrow \\text{answer}`."""
        left, right = chain.sides[n], chain.sides[n + 1]
        start = offset_of(block, left.place) + len(left.source)
        arrow = _ASSIGNS.search(block.text[start : offset_of(block, right.place)])
        return bool(arrow) and bool(WORD.fullmatch(right.source.strip()))

    def _assigns(self, block: Block, chain: Chain) -> bool:
        """Whether a chain begins with an assignment to a name that it uses on its right side."""
        left, right = chain.sides[0], chain.sides[1]
        if left.expr is None or right.expr is None or not is_name(left.expr):
            return False
        start = offset_of(block, left.place) + len(left.source)
        return bool(_ASSIGNS.search(block.text[start : offset_of(block, right.place)]))

    def _write(self, chain: Chain, n: int, line: Line, first: Expr | None, right: Expr | None) -> None:
        place = chain.sides[n + 1].place
        report = LineReport(
            place.line,
            place.column,
            chain.sides[n].source.strip(),
            chain.signs[n],
            chain.sides[n + 1].source.strip(),
            line.verdict,
            line.claim,
            line.follows,
            line.decision.reason,
            tuple(line.decision.assumes),
            dict(line.decision.instance) if line.verdict == "wrong" else {},
            line.expected,
        )
        self.entries.append(Judged(report, first, right, chain.sides[0].source.strip(), self.chains))

    def _keep(
        self,
        chain: Chain,
        sides: Sequence[Expr | None],
        lines: list[Line],
        ranges: Ranges,
        conditions: Sequence[Relation],
    ) -> None:
        """Keep what the chain proves of a derivative, for the lines after it."""
        first = sides[0]
        if conditions or not isinstance(first, D):
            return
        for n in range(len(lines) - 1, -1, -1):
            last = sides[n + 1]
            sound = all(x.verdict == "proved" for x in lines[: n + 1]) and set(chain.signs[: n + 1]) == {"="}
            if sound and last is not None:
                self.lemmas.append((first, last, _bound(ranges, first, last)))
                return

    def _defines(self, chain: Chain) -> bool:
        """Whether a chain begins by saying what a new name means."""
        if not chain.signs or chain.signs[0] != "=":
            return False
        name, body = chain.sides[0].expr, chain.sides[1].expr
        if name is None or body is None or not is_name(name) or label_of(name) in self.known:
            return False
        word = label_of(name).name
        if is_spoken_of(word, self.unread) or is_member_of_unread(word, self.unread):
            return False
        if any(label_of(name) in free_symbols(side) for r in self.told for side in (r.lhs, r.rhs)):
            return False
        letters = [i for i in indices_of(name) if is_index(i)]
        inside = {label_of(q) for q in quantities(body)}
        return label_of(name) not in inside and len(set(letters)) == len(letters) and set(letters) <= set(chain.ranges)

    def _define(self, chain: Chain) -> None:
        name, body = chain.sides[0].expr, chain.sides[1].expr
        assert name is not None and body is not None
        label, pattern = label_of(name), indices_of(name)
        ranges = {i: chain.ranges[i] for i in pattern if is_index(i)}
        source = f"{chain.sides[0].source.strip()} = {chain.sides[1].source.strip()}"
        definition = Definition(label, pattern, body, ranges, source, chain.sides[0].place)
        families = dict(self.givens.families)
        if pattern:
            families[label] = tuple(ranges[i] if is_index(i) else Range(i, i) for i in pattern)
        self.context = Context(
            replace(self.givens, definitions=(*self.givens.definitions, definition), families=families)
        )
        self.known |= {label} | free_symbols(body)


def _is_dangling(side: Side) -> bool:
    return side.error is not None and side.error.message == "a relation without a left side"


def _named(line: Line, slip_name: str) -> Line:
    """A wrong line whose reason also names the slip."""
    if not slip_name:
        return line
    return replace(line, decision=replace(line.decision, reason=f"{line.decision.reason}; the slip: {slip_name}"))


def _bound(ranges: Ranges, *sides: Expr) -> Ranges:
    """The ranges of the letters that occur."""
    return {letter: run for letter, run in ranges.items() if any(letter in free_symbols(side) for side in sides)}


def _names(givens: Givens) -> frozenset[Symbol]:
    """Every name that the givens use."""
    expressions: list[Expr] = [x for d in givens.definitions for x in (d.head, d.body)]
    expressions += [x for f in givens.facts for x in (f.relation.lhs, f.relation.rhs)]
    expressions += [x for v in givens.values for x in (v.quantity, v.number)]
    expressions += [x for r in givens.letters for x in (r.lo, r.hi)]
    expressions += sorted(givens.constants, key=str)
    return frozenset().union(givens.families, givens.vectors, *(free_symbols(e) for e in expressions))
