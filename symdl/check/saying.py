"""What relations say without claiming it: where something lies, what a name is; and those that cannot be read."""

from __future__ import annotations

import re
from typing import cast

from sympy import Expr

from symdl.check.claims import assigns, is_dangling, names_in_words, sets_equal
from symdl.check.demands import starred
from symdl.check.doubts import speaks_of_rows
from symdl.check.entries import Judged
from symdl.check.established import Established
from symdl.check.introducing import says_best, solves
from symdl.check.letters import is_spoken_of, letters_of, rests_on, says_what, squeezed
from symdl.check.meanings import IN_WORDS, Meanings
from symdl.check.renewed import by_subscript, step, uphill
from symdl.check.running import ASSIGNED, NAMED, Line, Run, judged
from symdl.check.sides import Sides
from symdl.check.slips import explained_shape
from symdl.check.stationary import best, solution
from symdl.check.tellings import Tellings
from symdl.check.words import placed, without_formulas
from symdl.errors import LayoutError, RankError, ReadError, ShapeError
from symdl.language import family, indices_of, is_quantity, label_of, quantities, scalar
from symdl.problem import Block, Decision, Givens, Problem, Ranges, Relation
from symdl.read import Chain, Side, read_chains
from symdl.read.own import own_letter

_SIDE = re.compile(r"(?:\\(?:text|mathrm|textrm)\{)?\s*[LR]\.?\s?H\.?\s?S\.?\s*\}?")
"""What the two sides of an equation are called."""

_LABELLED = re.compile(r"[^_^=\s]+[_^]\s*\{?\s*(?P<at>\\?[A-Za-z]+|\*)\s*\}?")
"""A name with letters or a star at it."""
_PLAIN = re.compile(r"[=≈][^\n=≈]*+\s*\Z")
"""At the end of words that hold a relation in plain characters, from which a display goes on."""
_BRACES = re.compile(r"[{}\s]")

DEFINED = "a definition made in the proof"

TWICE = "the name was said to be something else before"

UNCONTINUED = "what stands left of it could not be read"


class Saying:
    """Says of a relation that claims nothing what it is, and keeps what it says."""

    def __init__(self, problem: Problem, renames: bool) -> None:
        self.problem = problem
        self.so_far = Established(problem, renames)
        self.entries: list[Judged] = []
        self.meanings = Meanings(problem)
        self.tellings = Tellings(problem)

    @property
    def givens(self) -> Givens:
        return self.so_far.givens

    def said(self, run: Run, n: int) -> Line | None:
        """The line of a relation that claims nothing or cannot be read; None for a claim."""
        first = (self._named_in_words, self._assigned, self._defined, self._squared)
        kinds = (
            self._placed,
            self._unread,
            self._misspelled,
            self._of_another,
            *(first if n == 0 else (self._ends_in_a_name,)),
        )
        return next((line for kind in kinds if (line := kind(run, n)) is not None), None)

    def _placed(self, run: Run, n: int) -> Line | None:
        """The line that says where something lies, or begins with its sign behind words or behind nothing."""
        chain = run.claim.chain
        if n == 0 and run.sides[1] is not None and is_dangling(chain.sides[0]) and run.goes_on is None:
            is_said = not self.entries if run.before is None else not _PLAIN.search(without_formulas(run.before.text))
            return given(IN_WORDS) if is_said else Line("undecided", Decision("unknown", UNCONTINUED))
        return given("where it lies") if chain.signs[n] == "in" and run.sides[n] is not None else None

    def _unread(self, run: Run, n: int) -> Line | None:
        """The line of a relation of which a side cannot be read."""
        chain, sides = run.claim.chain, run.sides
        left, right = chain.sides[n], chain.sides[n + 1]
        if sides[n] is not None and sides[n + 1] is not None and chain.signs[n] != "in":
            return None
        if sides[n + 1] is None or n > 0 or not run.lines:
            run.holds = None
        if n == 0 and chain.signs[0] == "=" and sides[1] is None:
            self.so_far.lose(sides[0])
        error = left.error or right.error
        if error is None and sides[n + 1] is not None and n > 0:
            return given(IN_WORDS)
        if n > 0 and isinstance(left.error, ShapeError):
            return Line("undecided", Decision("unknown", "what stands left of it has another shape"))
        if isinstance(error, LayoutError):
            return Line("undecided", Decision("unknown", error.message))
        said = f"{left.source} {right.source}"
        # Of a name that nothing has said before the shape is not known either.
        is_open = any(self._is_unsaid(side, run.ranges) for side in (left, right))
        is_open = is_open or is_spoken_of(said, self.so_far.unread)
        # The shape of a name rests on all that is given of it.
        is_open = is_open or any(letters_of(said) & names for names in self.so_far.unread)
        is_open = is_open or speaks_of_rows(self.meanings.texts)
        if error is not None and chain.signs[n] == "=" and not is_open:
            is_sure = isinstance(error, ShapeError) and not self._may_be_formal(said)
            is_sure = is_sure and (self._has_kinds(said) or not isinstance(error, RankError))
            found = self._misshapen(run, n, error, is_sure=is_sure)
            if found is not None:
                return found
        return Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))

    def _misshapen(self, run: Run, n: int, error: ReadError, *, is_sure: bool) -> Line | None:
        """The line of an equation whose shapes do not fit; where that is not sure, only with a slip of shape."""
        line = Line("wrong", Decision("refuted", error.message), claim=False)
        left, (written, right) = run.sides[n], run.claim.chain.sides[n : n + 2]
        if not is_sure and all(side is not None for side in self._alone(written, right, run)):
            return None
        # Beside a side of another shape it could not be read.
        left = self._alone(written, written, run)[0] if left is None else left
        if left is None:
            return line if is_sure else None
        told = explained_shape(line, self.so_far.asking(run), left, written.source, right, is_sure=is_sure)
        return told if is_sure or told.decision.reason != line.decision.reason else None

    def _alone(self, left: Side, right: Side, run: Run) -> list[Expr | None]:
        """The two sides of an equation, as they are read beside nothing else."""
        equation = Block("display", f"{left.source} = {right.source}", left.place)
        return [side.expr for side in read_chains(equation, self.givens, run.ranges)[0].sides]

    def _misspelled(self, run: Run, n: int) -> Line | None:
        """The line of e^-x, where it is open how far the exponent goes."""
        names = (label_of(q).name for s in run.sides[n : n + 2] if s for q in quantities(s))
        if not any(name.startswith("e^-") for name in names):
            return None
        run.holds = None
        return Line("unreadable", Decision("unknown", "an exponent with a sign needs braces"))

    def _of_another(self, run: Run, n: int) -> Line | None:
        """The line of a functional, as H(X) by p_X, that is taken of something else than what it is given of."""
        said = " ".join(side.source for side in run.claim.chain.sides[n : n + 2])
        for name, formal in self.so_far.functionals.items():
            for found in re.finditer(rf"(?<![A-Za-z\\]){re.escape(name)}\s*(?:\\left)?\(([^()]*?)(?:\\right)?\)", said):
                if found[1].strip() != formal:
                    run.holds = None
                    return Line("undecided", Decision("unknown", f"what {name} is, is given of {formal} alone"))
        return None

    def _named_in_words(self, run: Run, n: int) -> Line | None:
        chain = run.claim.chain
        if not names_in_words(chain, self.so_far.known - self.so_far.worded):
            return None
        word = chain.sides[0].source.strip()
        if self._says_again(run):
            return None
        written = squeezed(f"{word} = {chain.sides[1].source}")
        others = [said for said in self.so_far.statements if squeezed(said) != written]
        if any(rests_on(said, word) or says_what(said, word) for said in others):
            return Line("undecided", Decision("unknown", f"what is given of {word} could not be read"))
        is_twice = bool(_SIDE.fullmatch(word)) and self._is_worded(run.sides[0])
        self.so_far.name(chain)
        return Line("undecided", Decision("unknown", TWICE)) if is_twice else given(NAMED)

    def _is_worded(self, side: Expr | None) -> bool:
        """Whether a side is a name in words that was said to be something."""
        return side is not None and is_quantity(side) and label_of(side) in self.so_far.worded

    def _says_again(self, run: Run) -> bool:
        """Whether what a chain says of a name in words with a value is no new one.

        None is what follows from the lines before, another such name, and what a side of an equation is equal to.
        """
        left, right = run.sides[:2]
        if left is None or right is None or not self._is_worded(left):
            return False
        if run.claim.concludes or self._is_worded(right):
            return True
        is_side = bool(_SIDE.fullmatch(run.claim.chain.sides[0].source.strip()))
        return is_side and self.so_far.question(run.ranges, run.conditions).ask(left, "=", right).answer == "proved"

    def _assigned(self, run: Run, n: int) -> Line | None:
        """The line that gives a name another value."""
        chain = run.claim.chain
        if not assigns(run.block, chain):
            return None
        if sets_equal(run.block, chain) and self.so_far.defines(chain):
            return None
        if sets_equal(run.block, chain) and self.so_far.fixes(chain):
            return self._renewed(run)
        is_meant = self.meanings.wording.climbs
        climbs = None if is_meant else uphill(*self._named(run), self.so_far.asking(run), run.ranges)
        return climbs or given(ASSIGNED)

    def _renewed(self, run: Run) -> Line:
        """The line that sets a name to what it is by its formula, or to something else, which leaves both open."""
        left, right = self._named(run)
        begins, ends = (s.source for s in run.claim.chain.sides[:2])
        asked = Sides(left, "=", right, begins, ends, is_first=True)
        line, _ = judged(self.so_far.asking(run), asked)
        return (
            line if line.verdict in ("proved", "rounded", "agrees") else Line("undecided", Decision("unknown", TWICE))
        )

    def _defined(self, run: Run, n: int) -> Line | None:
        """The line that says what a name is: a definition, or what an equation before it makes it."""
        if not self.so_far.defines(run.claim.chain) or self._is_unknown(run):
            return None
        solved = self._made_by_what_is_known(run)
        if run.conditions:
            self.so_far.define_in_a_case(run.claim.chain)
        else:
            self.so_far.define(run.claim.chain)
        if solved is None:
            told = self.tellings.explains(label_of(self._named(run)[0]))
            return Line("undecided", Decision("unknown", told)) if told else given(DEFINED)
        left, right = self._named(run)
        bare = starred(label_of(left))
        if bare is not None and solved.verdict == "proved" and not run.conditions:
            # From here on the name without its star is what it is the solution for, but for a case.
            named = Relation(family(bare, *indices_of(left)), "=", right)
            self.so_far.demand(named, run.ranges, is_derived=True)
        return solved

    def _is_unknown(self, run: Run) -> bool:
        """Whether a name is an unknown of an equation from which it is said to follow what it is."""
        is_got = run.claim.concludes or (run.before is not None and solves(run.before))
        name = label_of(self._named(run)[0])
        premises = (d.relation for d in self.so_far.premises) if is_got else ()
        return any(name in {label_of(q) for side in r.sides for q in quantities(side)} for r in premises)

    def _made_by_what_is_known(self, run: Run) -> Line | None:
        """The verdict on a new name as the solution of an equation, a step downhill or the best place."""
        question = self.so_far.asking(run)
        solved = solution(self.so_far.slopes, run, question, self.so_far.known)
        solved = solved or by_subscript(*self._named(run), question) or step(*self._named(run), question)
        if solved is None and not self.meanings.wording.climbs:
            solved = uphill(*self._named(run), question, run.ranges)
        if solved is None and run.before is not None and says_best(run.before):
            # Under constraints the best need not be where a derivative is 0.
            known = [] if self.so_far.is_constrained else self.entries
            shown = (j.right for j in reversed(known) if j.right is not None)
            solved = best(*self._named(run), shown, question)
        return solved

    def _ends_in_a_name(self, run: Run, n: int) -> Line | None:
        """The end of a chain that nothing has named before: a name for what it is equal to."""
        chain = run.claim.chain
        if n + 1 < len(chain.signs):
            return None
        turned = Chain((chain.sides[n + 1], chain.sides[n]), (chain.signs[n],), chain.ranges)
        if not self.so_far.defines(turned):
            return None
        self.so_far.define(turned)
        return given(DEFINED)

    def _squared(self, run: Run, n: int) -> Line | None:
        r"""What a power is of which the root has no name of its own, the variance \hat{\sigma}^2."""
        left = self._named(run)[0]
        if run.claim.chain.signs[0] != "=" or not left.is_Pow or label_of(left.base) in self.so_far.known:
            return None
        return solution(self.so_far.slopes, run, self.so_far.asking(run), self.so_far.known)

    def _named(self, run: Run) -> tuple[Expr, Expr]:
        """The first two sides of a chain that can be read."""
        return cast(Expr, run.sides[0]), cast(Expr, run.sides[1])

    def _has_kinds(self, source: str) -> bool:
        """Whether something says of every name in a formula what it is: a formula, a value, indices or where it lies.

        The shape of any other was only guessed from what it stands beside.
        """
        givens = self.givens
        known = {label_of(v.quantity).name for v in givens.values} | {d.label.name for d in givens.definitions}
        known |= {name for block in self.problem.given_blocks for name in placed(block)}
        known |= {s.name for s, runs in givens.families.items() if runs and not givens.vectors.get(s)}
        return all(name in known for name in letters_of(source) if scalar(name) in givens.vectors)

    def _is_unsaid(self, side: Side, ranges: Ranges) -> bool:
        """Whether a side is one name, with something at it that is no index, that nothing has named before."""
        found = _LABELLED.fullmatch(side.source.strip())
        if found is None:
            return False
        letters = {s.name for s in ranges}.union(*self.givens.letters.values())
        named = {_BRACES.sub("", s.name) for s in self.so_far.known}
        return found["at"] not in letters and _BRACES.sub("", found[0]) not in named

    def _may_be_formal(self, source: str) -> bool:
        """Whether a name in a formula is that of data and that of what a given function is taken at, of any shape."""
        formal = {label_of(a).name for at in self.givens.arguments.values() for a in at if is_quantity(a)}
        return any(own_letter(name) in formal for name in letters_of(source))


def given(why: str) -> Line:
    """The line of what claims nothing."""
    return Line("given", Decision("unknown", why))
