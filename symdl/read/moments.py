r"""Expectations, variances and covariances of what is linear, or of second degree, in random quantities.

E and Cov are taken apart by linearity: what is left are E[x] and Var(x) of single random quantities, which are
quantities of their own, and products of quantities that are said to be independent.  Nothing else is known of a
distribution.  What holds no random quantity is a constant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from sympy import Expr, Indexed, Integer, Mul, S, Symbol, exp, log

from symdl.language import Delta, Sigma, family, free_symbols, indices_of, label_of, open_fresh, put, scalar
from symdl.read.nodes import Group, Moment, Name, Node, Product, Relation, Scripted, Word
from symdl.read.scripts import (
    before_brackets,
    children,
    head_text,
    inside_of,
    names_in,
    spell,
    unscripted,
    with_children,
)

KINDS = {
    r"\mathbb{E}": "E", r"\mathrm{E}": "E", "E": "E", r"\mathsf{E}": "E", r"\mathbb{V}": "Var", r"\mathrm{Var}": "Var",
    "Var": "Var", "var": "Var", "Cov": "Cov", "cov": "Cov",
}  # fmt: skip
MAX_TERMS = 64
"""How many terms an expectation is taken apart into."""
_INDEPENDENT = re.compile(
    r"\b(?:(?:mutually |pairwise )?independent|i\.?\s?i\.?\s?d\b|iid|uncorrelated)", re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not|no longer|never)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_LETTERS = "ijklmnrsuvabcd"


_SIGN = re.compile(r"(?<![A-Za-z])E(?![a-z])|\{[EV]\}|[Vv]ar(?![a-z])|[Cc]ov(?![a-z])")


def may_hold(text: str) -> bool:
    """Whether a formula may hold a moment."""
    return _SIGN.search(text) is not None


def says_independent(text: str) -> bool:
    """Whether words say that what is random is independent."""
    return any(not _NOT.search(text[: m.start()]) for m in _INDEPENDENT.finditer(text))


def with_moments(node: Node, plain: bool = True) -> Node:
    r"""The node with \mathbb{E}[x], \operatorname{Var}(x) and, where plain, E[x] as what they are."""
    node = with_children(node, lambda inner: with_moments(inner, plain))
    parts = node.parts if isinstance(node, Product) else ()
    if len(parts) < len(_PAIR):
        return node
    found: list[tuple[str, Node]] = []
    for sign, part in parts:
        joined = _moment(found[-1][1], part, plain) if found and not sign else None
        if joined is None:
            found.append((sign, part))
        else:
            found[-1] = (found[-1][0], joined)
    if len(found) == len(parts):
        return node
    return found[0][1] if len(found) == 1 else replace(node, parts=tuple(found))  # type: ignore[call-arg]


_PAIR = ("sign", "brackets")


def _moment(head: Node, bracket: Node, plain: bool) -> Node | None:
    core = bracket.core if isinstance(bracket, Scripted) else bracket
    name, subs = (head.core, head.subs) if isinstance(head, Scripted) and not head.sups else (head, ())
    if not isinstance(core, Group) or core.bracket not in ("(", "[", r"\{") or not isinstance(name, (Name, Word)):
        return None
    text = name.text
    kind = KINDS.get(text)
    is_plain = isinstance(name, Name) and not text.startswith("\\")
    if is_plain and not plain:
        return None
    is_letter = is_plain or (isinstance(name, Word) and len(text) == 1)
    if (
        kind is None
        or core.bars
        or (is_letter and core.bracket != "[")
        or any(isinstance(i, Relation) for i in core.items)
    ):
        return None
    if len(core.items) != (len(_PAIR) if kind == "Cov" else 1):
        return None
    found = Moment(head.at, core.end, kind, ",".join(map(spell, subs)), core.items)
    if not isinstance(bracket, Scripted):
        return found
    return replace(bracket, core=found, at=head.at) if not bracket.subs else None


def is_energy(sides: tuple[Node, ...]) -> bool:
    """Whether an equation says what E[w] is for every w, so that E is no expectation."""
    first, *others = sides
    parts = first.parts if isinstance(first, Product) else ()
    if len(parts) != len(_PAIR) or not isinstance(parts[0][1], Name) or not isinstance(parts[1][1], Group):
        return False
    letters = set(names_in(parts[1][1]))
    inside = {n.text for s in others for n in outside_moments(with_moments(s)) if isinstance(n, Name)}
    return parts[0][1].text in KINDS and bool(letters & inside)


def random_names(nodes: Iterable[Node]) -> Iterator[str]:
    """The names of which alone a moment is taken somewhere, or in which there is a density of them, E[ln p(x)]."""
    for node in nodes:
        for inner in inside_of(node):
            moments = inner.arguments if isinstance(inner, Moment) else ()
            for item in (*moments, *(x for m in moments for x in _of_densities(m))):
                core = item.core if isinstance(item, Scripted) else item
                text = head_text(core)
                if text:
                    yield text
                    yield spell(item)


_DENSITIES = ("p", "q")


def _of_densities(node: Node) -> Iterator[Node]:
    """The names in the brackets after a sign of a density, p(x)."""
    for head, group in (x for inner in inside_of(node) for x in before_brackets(inner)):
        core = unscripted(head)
        if isinstance(core, Name) and core.text in _DENSITIES:
            yield from group.items[: group.bars.index("|") + 1] if "|" in group.bars else group.items


def outside_moments(node: Node) -> Iterator[Node]:
    """The node and the nodes inside it but for those in moments, which are numbers."""
    yield node
    for child in children(node) if not isinstance(node, Moment) else ():
        yield from outside_moments(child)


def is_moment(name: str) -> bool:
    """Whether a quantity is an expectation or a variance, which a line states and does not define."""
    return name.startswith((r"\mathbb{E}", r"\mathrm{Var}"))


@dataclass(frozen=True)
class Term:
    """A product of random quantities with a coefficient, summed over letters."""

    sums: tuple[tuple[Symbol, Expr, Expr], ...]
    factor: Expr
    quantities: tuple[Expr, ...]


class NoMomentError(Exception):
    """What is asked for does not follow from linearity and independence."""


@dataclass
class Moments:
    """Takes moments under one label: `random` names are no constants, `apart` tells whether they are independent.

    Where it `is_unsaid` what is random, an expectation parts at sums alone.  Of `composed` names, which others define,
    nothing is known to be independent.  `used` are the moments that were needed, each with the name it is of.
    """

    random: frozenset[str] = frozenset()
    composed: frozenset[str] = frozenset()
    apart: bool = False
    label: str = ""
    is_unsaid: bool = False
    used: dict[str, str] = field(default_factory=dict)
    body_of: Callable[[str], Expr | None] = lambda name: None
    """What a name of a density stands for, if it is given."""

    def mean(self, expr: Expr) -> Expr:
        return self._total(self._terms(expr))

    def covariance(self, a: Expr, b: Expr) -> Expr:
        """E[ab] - E[a] E[b], term by term."""
        total: Expr = S.Zero
        for one, other in product(self._terms(a), self._terms(b)):
            if one.quantities and other.quantities:
                second = self._anew(other, one)
                inner = self._of(one.quantities + second.quantities)
                inner -= self._of(one.quantities) * self._of(second.quantities)
                total += _summed((*one.sums, *second.sums), one.factor * second.factor * inner)
        return total

    def _total(self, terms: Iterable[Term]) -> Expr:
        return sum((_summed(t.sums, t.factor * self._of(t.quantities)) for t in terms), S.Zero)

    # Taking apart

    def is_random(self, expr: Expr) -> bool:
        return any(s.name in self.random for s in free_symbols(expr))

    def _terms(self, expr: Expr) -> list[Term]:
        if not self.is_random(expr):
            return [Term((), expr, ())]
        if isinstance(expr, (Symbol, Indexed)):
            return [Term((), S.One, (expr,))]
        found: list[Term] = []
        if expr.is_Add:
            for part in expr.args:
                found += self._terms(part)
        elif expr.is_Mul:
            found = [Term((), S.One, ())]
            for part in expr.args:
                others = self._terms(part)
                found = [self._times(a, b) for a in found for b in others]
                self._check(found)
        elif expr.is_Pow and isinstance(expr.exp, Integer) and 1 < expr.exp <= len("abcd"):
            return self._terms(Mul(expr.base, expr.base ** (expr.exp - 1), evaluate=False))
        elif isinstance(expr, Sigma) and not self.is_random(expr.lo) and not self.is_random(expr.hi):
            (letter,), body = open_fresh(expr, _LETTERS, free_symbols(expr))
            letter_ = _fresh(letter, free_symbols(expr))
            inner = self._terms(put(body, {letter: letter_}))
            found = [Term(((letter_, expr.lo, expr.hi), *t.sums), t.factor, t.quantities) for t in inner]
        elif isinstance(expr, log) and (parts := self._logarithms(expr.args[0])) is not None:
            return self._terms(parts)
        else:
            return [Term((), S.One, (expr,))]
        self._check(found)
        return found

    def _logarithms(self, argument: Expr) -> Expr | None:
        """The logarithm of a density that is given as an exponential, as a sum."""
        body = self.body_of(argument.name) if isinstance(argument, Symbol) else None
        if body is None or not body.has(exp):
            return None
        factors = body.args if body.is_Mul else (body,)
        return sum((f.args[0] if isinstance(f, exp) else log(f) for f in factors), S.Zero)

    @staticmethod
    def _check(terms: list[Term]) -> None:
        if len(terms) > MAX_TERMS:
            raise NoMomentError("an expectation of this many terms")

    def _times(self, a: Term, b: Term) -> Term:
        b = self._anew(b, a) if a.sums and b.sums else b
        return Term((*a.sums, *b.sums), a.factor * b.factor, (*a.quantities, *b.quantities))

    @staticmethod
    def _anew(term: Term, beside: Term) -> Term:
        """The term with letters for its sums that are not those of the other one."""
        taken = frozenset(s for t in (term, beside) for s, _, _ in t.sums)
        letters: dict[Symbol, Symbol] = {}
        for letter, _, _ in term.sums:
            letters[letter] = new = _fresh(letter, taken)
            taken |= {new}
        sums = tuple((letters[s], put(lo, letters), put(hi, letters)) for s, lo, hi in term.sums)
        return Term(sums, put(term.factor, letters), tuple(put(q, letters) for q in term.quantities))

    # Moments of products

    def _of(self, quantities: tuple[Expr, ...]) -> Expr:
        groups: dict[Symbol | Expr, list[Expr]] = {}
        for q in quantities:
            groups.setdefault(label_of(q) if isinstance(q, (Symbol, Indexed)) else q, []).append(q)
        is_known = all(isinstance(g, Symbol) and g.name not in self.composed for g in groups)
        if len(groups) > 1 and not (self.apart and is_known):
            if not self.is_unsaid:
                raise NoMomentError("a product of random quantities that are not said to be independent")
            return self._whole(Mul(*quantities))
        return Mul(*[self._alone(group) for group in groups.values()])

    def _alone(self, members: list[Expr]) -> Expr:
        """The expectation of a product of members of one family."""
        first, *others = members
        if not isinstance(first, (Symbol, Indexed)):
            if not self.is_unsaid:
                raise NoMomentError("an expectation of this is not read here")
            return self._whole(Mul(*members))
        if not others:
            return self._named(f"{self._sign()}[{{}}]", first)
        if len(others) > 1:
            if any(m != first for m in others):
                raise NoMomentError("a moment of this order")
            return self._named(f"{self._sign()}[{{}}^{len(members)}]", first)
        other, same = others[0], S.One
        for i, j in zip(indices_of(first), indices_of(other), strict=True):
            same = same * Delta(i, j)
        if same != 1 and (not self.apart or label_of(first).name in self.composed):
            raise NoMomentError("whether these are independent is not said")
        means = self._named(f"{self._sign()}[{{}}]", first) * self._named(f"{self._sign()}[{{}}]", other)
        return means + same * self._named(
            r"\mathrm{Var}({})" if not self.label else rf"\mathrm{{Var}}_{{{self.label}}}({{}})", first
        )

    def _whole(self, expr: Expr) -> Expr:
        """The expectation of what is not taken apart, as a quantity of which the name is all that is known."""
        if any(s.is_integer and not s.is_positive for s in free_symbols(expr)):
            raise NoMomentError("an expectation that is not known to part into those of its factors")
        return scalar(f"{self._sign()}[{expr}]")

    def _sign(self) -> str:
        return r"\mathbb{E}" + (f"_{{{self.label}}}" if self.label else "")

    def _named(self, pattern: str, quantity: Expr) -> Expr:
        name = pattern.replace("{}", label_of(quantity).name)
        self.used[name] = label_of(quantity).name
        return family(name, *indices_of(quantity))


def _fresh(letter: Symbol, taken: frozenset[Symbol]) -> Symbol:
    """A letter that no formula holds, for one that is opened."""
    name = letter.name if letter.name.startswith(_OPENED) else _OPENED + letter.name
    while Symbol(name, integer=True) in taken:
        name += "'"
    return Symbol(name, integer=True)


_OPENED = "§"


def _summed(sums: tuple[tuple[Symbol, Expr, Expr], ...], body: Expr) -> Expr:
    for letter, lo, hi in reversed(sums):
        body = Sigma.over(letter, lo, hi, body)
    return body
