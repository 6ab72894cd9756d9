"""Collecting steps into lines, and lines into displayed chains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from symdl.engine.algebra import expanded
from symdl.engine.contraction import contract, rebind_body
from symdl.engine.cost import cost
from symdl.engine.folding import Name, fold
from symdl.engine.matching import everywhere, rewrite
from symdl.engine.session import Session
from symdl.engine.tidy import apply_facts, closed_sums, normal, tidied, tidy
from symdl.language import Sigma
from symdl.problem import Display, Line, Relation, Step, Symbolic, Text

WORDS = {
    "arithmetic": "simplify",
    "expand": "expand",
    "factor": "factor",
    "delta-solve": "solve for the index",
    "cases-factor": "common factor of the cases",
}


ROUTINE = ("constants", "constant factor", "term by term", "expand", "simplify")
"""Reasons that a reader does not need to be told where there is another."""


@dataclass
class Proof:
    """A chain under construction: `lhs = … = now`."""

    lhs: Expr
    session: Session
    now: Expr = field(init=False)
    lines: list[Line] = field(default_factory=list)
    pending: list[Step] = field(default_factory=list)
    reasons: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.lhs

    def step(self, law: str, after: Expr, reason: str = "") -> None:
        """One law used; the reason is collected for the line that will show it."""
        if after == self.now:
            return
        self.pending.append(Step(law, self.now, after, dict(self.session.ranges)))
        self.now = after
        known = self.session.by_id.get(law)
        words = reason or WORDS.get(law) or (known.because if known else "")
        text: Text = (words,) if isinstance(words, str) else words
        if words and text not in self.reasons:
            self.reasons.append(text)

    def line(self, *reason: str | Expr | Relation, sign: Symbolic = "=") -> None:
        """Show where the chain is now; the reason is the given one, or the collected ones."""
        if self.pending:
            text: Text = reason or _joined(self.reasons)
            steps = tuple(self.pending) if sign == "=" else ()
            self.lines.append(Line(self.now, text, steps, sign))
        self.pending, self.reasons = [], []

    def read_back(self, other: Proof) -> None:
        """Go on to the left side of another chain that ends here, by its lines from the last to the first."""
        for line, before in reversed([*zip(other.lines, [other.lhs, *(x.expr for x in other.lines)], strict=False)]):
            self.step("backwards", before)
            self.line(*line.reason)

    def display(self, *intro: str | Expr | Relation, conditions: Iterable[Relation] = ()) -> Display:
        """The finished chain."""
        return Display(self.lhs, tuple(self.lines), dict(self.session.ranges), tuple(intro), tuple(conditions))


def _joined(reasons: list[Text]) -> Text:
    """The two most telling of several reasons, separated by commas: rules with a formula first, routine last."""
    telling = sorted(reasons, key=lambda r: (len(r) == 1, r[0] in ROUTINE))
    parts: list[str | Expr | Relation] = []
    for n, reason in enumerate(telling[:2]):
        parts += [", ", *reason] if n else reason
    return tuple(parts)


def finish(proof: Proof, candidates: list[Name]) -> Expr | None:
    """Contract the sums at the end of a chain, use what is known of them, simplify, and fold the names back.

    Each is a line.  Returns what the chain had reached when the first fact was used: the general form; None where no
    fact was used.
    """
    session = proof.session
    general: Expr | None = None
    for _ in range(4):
        start = proof.now
        for move in contract(proof.now, session):
            proof.step(move.law, move.after)
        proof.line()
        general = use_known_sums(proof) or general
        _fold_early(proof, candidates)
        _tidy_lines(proof)
        for name, shorter in fold(proof.now, candidates, session):
            proof.step(f"fold:{name.head}", shorter)
            proof.line("since ", Relation(name.head, "=", name.body))
        if proof.now == start:
            break
    return general


def _fold_early(proof: Proof, candidates: list[Name]) -> None:
    """Fold before sums are joined, where that leads to something shorter than folding afterwards."""
    session = proof.session
    plain = tidied(proof.now, session)
    if _sums(plain) == _sums(proof.now):
        return
    first = list(fold(proof.now, candidates, session))
    if first and cost(first[-1][1]) < cost(next(reversed([e for _, e in fold(plain, candidates, session)]), plain)):
        for name, shorter in first:
            proof.step(f"fold:{name.head}", shorter)
            proof.line("since ", Relation(name.head, "=", name.body))


def _sums(expr: Expr) -> frozenset[Expr]:
    return frozenset(expr.atoms(Sigma))


def use_known_sums(proof: Proof) -> Expr | None:
    """Use the facts, and the sums that the definitions fix; sums are split for it where that pays.

    Returns the form before the first fact was used, None where none was.
    """
    session = proof.session
    wide = split_sums(proof.now, session)
    used: list[tuple[str, Relation, Expr, Expr]] = []
    now = wide
    for known, after in closed_sums(now, session):
        used.append(("closed-sum", known, now, after))
        now = after
    for fact, after in apply_facts(now, session):
        used.append((f"fact:{fact.source}", fact.relation, now, after))
        now = after
    if not used or (wide != proof.now and cost(normal(now, session)) >= cost(normal(proof.now, session))):
        return None
    general: Expr | None = None
    proof.step("sum-add", wide)
    proof.line()
    for law, relation, before, after in used:
        if law.startswith("fact:"):
            general = general or normal(before, session)
            if relation not in session.used_facts:
                session.used_facts.append(relation)
        proof.step(law, after)
        proof.line("since ", relation)
    return general


def split_sums(expr: Expr, session: Session) -> Expr:
    """Every sum over several terms as several sums, constant factors before them."""
    return session.once(_split_sums, expr)


def _split_sums(expr: Expr, session: Session) -> Expr:
    for _ in range(12):

        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, Sigma):
                return None
            apart = rebind_body(term, session, expanded)
            return None if apart == term else apart

        wide = everywhere(session.by_id["sum-add"], rewrite(expr, visit, session, frozenset((Sigma,))), session)
        for move in contract(wide, session):
            wide = move.after
        if wide == expr:
            return expr
        expr = wide
    return expr


def _tidy_lines(proof: Proof) -> None:
    """One line for contracting sums, one for simplifying."""
    moves = list(tidy(proof.now, proof.session))
    for n, move in enumerate(moves):
        proof.step(move.law, move.after)
        last = n + 1 == len(moves)
        if last or (move.law == "arithmetic") != (moves[n + 1].law == "arithmetic"):
            proof.line()
