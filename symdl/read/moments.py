r"""Expectations, variances and covariances of what is linear, or of second degree, in random quantities.

E and Cov are taken apart by linearity: what is left are E[x] and Var(x) of single random quantities, which are
quantities of their own, and products of quantities that are said to be independent.  Nothing else is known of a
distribution.  What holds no random quantity is a constant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import product

from sympy import Expr, Indexed, Integer, Mul, S, Symbol, exp, log

from symdl.language import D, Delta, Sigma, family, free_symbols, indices_of, label_of, open_fresh, put, scalar
from symdl.read.nodes import Group, Moment, Name, Node, Number, Product, Relation, Scripted, Word
from symdl.read.scripts import (
    before_brackets,
    children,
    head_text,
    inside_of,
    kinds_in,
    names_in,
    spell,
    unscripted,
    with_children,
)
from symdl.read.worked import slope

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
    if Product not in kinds_in(node):
        return node
    node = with_children(node, lambda inner: with_moments(inner, plain))
    parts = node.parts if isinstance(node, Product) else ()
    if len(parts) < len(_PAIR):
        return node
    found: list[tuple[str, Node]] = []
    for n, (sign, part) in enumerate(parts, 1):
        joined = _moment(found[-1][1], part, plain) if found and not sign else None
        if joined is None and found and not sign and n == len(parts):
            joined = _bare(found[-1][1], part)
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
    name, subs = (head.core, head.subs) if isinstance(head, Scripted) else (head, ())
    powers = head.sups if isinstance(head, Scripted) else ()
    if not isinstance(core, Group) or core.bracket not in ("(", "[", r"\{") or not isinstance(name, (Name, Word)):
        return None
    text = name.text
    kind = KINDS.get(text)
    is_plain = isinstance(name, Name) and not text.startswith("\\")
    is_upright = isinstance(name, Word) and text == "E" and core.bracket == "("
    if (is_plain or is_upright) and not plain:
        return None
    is_letter = is_plain or (isinstance(name, Word) and len(text) == 1 and not is_upright)
    if (
        kind is None
        or core.bars
        or (is_letter and core.bracket == "(")
        or not all(isinstance(p, Number) for p in powers)
        or any(isinstance(i, Relation) for i in core.items)
    ):
        return None
    if len(core.items) != (len(_PAIR) if kind == "Cov" else 1):
        return None
    found: Node = Moment(head.at, core.end, kind, ",".join(map(spell, subs)), core.items)
    if powers:
        # E^2[x] is the square of E[x].
        found = Scripted(head.at, core.end, found, (), powers, 0)
    if not isinstance(bracket, Scripted):
        return found
    return replace(bracket, core=found, at=head.at) if not bracket.subs else None


def _bare(head: Node, of: Node) -> Node | None:
    r"""The moment \mathbb{E} X of one name without brackets."""
    name, subs = (head.core, head.subs) if isinstance(head, Scripted) and not head.sups else (head, ())
    if not isinstance(name, Name) or name.text not in (r"\mathbb{E}", r"\mathbb{V}"):
        return None
    if not isinstance(unscripted(of), Name):
        return None
    return Moment(head.at, of.end, KINDS[name.text], ",".join(map(spell, subs)), (of,))


def same_labels(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The labels of moments that all mean one, E_{x \sim p} and E_x beside E: no other density is named."""
    moments = [n for node in nodes for n in inside_of(node) if isinstance(n, Moment)]
    labels = {m.label for m in moments}
    drawn = {tuple(x.partition(_DRAWN)[::2]) for x in labels if _DRAWN in x}
    if len(labels) < len(_PAIR) or len(drawn) > 1:
        return frozenset()
    named = {x for pair in drawn for x in pair}
    if not named:
        # The variable x of E_x[f(x)].
        named = {m.label for m in moments if m.label and all(_is_over(m.label, a) for a in m.arguments)}
    others = {x for x in labels if x and _DRAWN not in x}
    return frozenset(labels - {""}) if others <= named and (drawn or len(named) == 1) else frozenset()


def _is_over(label: str, argument: Node) -> bool:
    """Whether a label is a variable of what the moment is taken of, or names several, E_{x,y}, one of which is one."""
    inside, listed = set(names_in(argument)), label.split(",")
    return label in inside or (len(listed) > 1 and not inside.isdisjoint(listed))


_DRAWN = r"\sim "


def without_labels(node: Node, labels: Set[str]) -> Node:
    """The node with these labels of moments left out."""
    if not labels:
        return node
    if isinstance(node, Moment) and node.label in labels:
        node = replace(node, label="")
    return with_children(node, lambda inner: without_labels(inner, labels))


def is_energy(sides: tuple[Node, ...]) -> bool:
    """Whether an equation says what E[w] is for every w, so that E is no expectation."""
    first, *others = sides
    parts = first.parts if isinstance(first, Product) else ()
    if len(parts) != len(_PAIR) or not isinstance(parts[0][1], Name | Word) or not isinstance(parts[1][1], Group):
        return False
    letters = set(names_in(parts[1][1]))
    inside = {n.text for s in others for n in _without_labels_below(with_moments(s)) if isinstance(n, Name)}
    return parts[0][1].text in KINDS and bool(letters & inside)


def _without_labels_below(node: Node) -> Iterator[Node]:
    r"""The node and those inside it, but for moments and what stands below names: the w of \sigma_w is a label."""
    yield node
    inner = (node.core, *node.sups) if isinstance(node, Scripted) else children(node)
    for child in inner if not isinstance(node, Moment) else ():
        yield from _without_labels_below(child)


def random_names(nodes: Iterable[Node]) -> Iterator[str]:
    """The names of which alone a moment is taken somewhere, or in which there is a density of them, E[ln p(x)]."""
    for node in nodes:
        for inner in inside_of(node):
            moments = inner.arguments if isinstance(inner, Moment) else ()
            for item in (*moments, *(x for m in moments for x in _of_densities(m))):
                core = item.core if isinstance(item, Scripted) else item
                text = head_text(core)
                if text:
                    # The new value w' may be random where the old one is not.
                    yield text + "'" * (item.primes if isinstance(item, Scripted) else 0)
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

    def symbols(self) -> frozenset[Symbol]:
        """All letters that it holds, those of its sums included."""
        held = [self.factor, *self.quantities, *(e for sum_ in self.sums for e in sum_)]
        return frozenset[Symbol]().union(*map(free_symbols, held))


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
    rests_on: Callable[[str, str], bool] = lambda name, other: False
    """Whether what defines a quantity leads to another one."""
    bell_over: Symbol | None = None
    """The number of which the density of the label is a bell curve."""
    made_of: Callable[[Expr], Expr | None] = lambda quantity: None
    """What a composed quantity is made of, if that is given and does not lead back to it."""
    is_later: Callable[[Expr, Expr], bool] = lambda state, quantity: False
    """Whether a random quantity comes later than all of which a state is made."""

    def mean(self, expr: Expr) -> Expr:
        return self._total(self._terms(expr))

    def variance(self, expr: Expr) -> Expr:
        return self.covariance(expr, expr)

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
        elif isinstance(expr, log) and (parts := self._logarithm(expr.args[0])) is not None:
            return self._terms(parts)
        elif isinstance(expr, D) and (worked := self._slope(expr)) is not None:
            return self._terms(worked)
        else:
            return [Term((), S.One, (expr,))]
        self._check(found)
        return found

    def _logarithm(self, argument: Expr) -> Expr | None:
        """The logarithm of a product of powers of densities that are given as exponentials, as a sum."""
        total: Expr = S.Zero
        for factor in Mul.make_args(argument):
            base, exponent = (factor, S.One) if isinstance(factor, exp) else factor.as_base_exp()
            body = self.body_of(base.name) if isinstance(base, Symbol) else base
            if not self.is_random(factor):
                total += log(factor)
            elif body is None or not body.has(exp) or self.is_random(exponent):
                return None
            else:
                logs = (f.args[0] if isinstance(f, exp) else log(f) for f in Mul.make_args(body))
                total += exponent * sum(logs, S.Zero)
        return total

    def _slope(self, expr: D) -> Expr | None:
        """A derivative by a number of what is given by formulas; None where one rests on the number unseen."""
        x = expr.wrt
        of = self._slope(expr.of) if isinstance(expr.of, D) else expr.of
        if of is None or not isinstance(x, Symbol):
            return None
        made: dict[Expr, Expr] = {}
        for s in sorted(free_symbols(of) - {x}, key=str):
            body = self.body_of(s.name) or (self.made_of(s) if self._is_composed(s) else None)
            if body is not None:
                made[s] = body
        whole = put(of, made)
        if any(self.rests_on(s.name, x.name) for s in free_symbols(whole) - {x}):
            return None
        return slope(whole, x)

    @staticmethod
    def _check(terms: list[Term]) -> None:
        if len(terms) > MAX_TERMS:
            raise NoMomentError("an expectation of this many terms")

    def _times(self, a: Term, b: Term) -> Term:
        b = self._anew(b, a)
        a = self._anew(a, b)
        return Term((*a.sums, *b.sums), a.factor * b.factor, (*a.quantities, *b.quantities))

    @staticmethod
    def _anew(term: Term, beside: Term) -> Term:
        """The term with letters for its sums of which the other one holds none, neither bound nor free."""
        taken = beside.symbols()
        if not any(letter in taken for letter, _, _ in term.sums):
            return term
        taken |= term.symbols()
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
        if len(groups) > 1 and not (self.apart and self._are_apart(groups)):
            parted = self._parted(quantities)
            if parted is not None:
                return parted
            is_open = all(isinstance(q, Symbol) and not self._is_composed(q) for q in quantities)
            if not (self.is_unsaid or (is_open and not self.apart)):
                raise NoMomentError("a product of random quantities that are not said to be independent")
            return self._whole(Mul(*quantities))
        return Mul(*[self._alone(group) for group in groups.values()])

    def _are_apart(self, groups: Mapping[Symbol | Expr, list[Expr]]) -> bool:
        """Whether groups of quantities are independent where single ones are; a state is of all that comes later."""
        names = [g for g in groups if isinstance(g, Symbol)]
        states = [g for g in names if g.name in self.composed]
        if len(names) < len(groups) or len(states) > 1:
            return False
        others = [q for g in names if g not in states for q in groups[g]]
        return all(self.is_later(state, q) for g in states for state in groups[g] for q in others)

    def _parted(self, quantities: tuple[Expr, ...]) -> Expr | None:
        """The expectation of a product with composed quantities as what they are made of; None where none is known."""
        made = {q: self.made_of(q) for q in quantities if self._is_composed(q)}
        if not made or any(body is None for body in made.values()):
            return None
        parts = [made.get(q) or q for q in quantities]
        inside = frozenset[Symbol]().union(*map(free_symbols, parts))
        # The letters of the sums around these are not those that are opened here.
        held: dict[Expr, Expr] = {}
        for letter in sorted((s for s in inside if s.name.startswith(_OPENED)), key=str):
            name = _HELD + letter.name
            while Symbol(name, integer=True) in inside:
                name = _HELD + name
            held[letter] = Symbol(name, integer=True)
        mean = self.mean(Mul(*(put(part, held) for part in parts), evaluate=False))
        return put(mean, {new: old for old, new in held.items()})

    def _is_composed(self, quantity: Expr) -> bool:
        return isinstance(quantity, (Symbol, Indexed)) and label_of(quantity).name in self.composed

    def _alone(self, members: list[Expr]) -> Expr:
        """The expectation of a product of members of one family."""
        first, *others = members
        if first == self.bell_over and len(members) in _BELL:
            return _BELL[len(members)](self._alone([first]), self._variance(first))
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
            parted = self._parted((first, other))
            if parted is not None:
                return parted
            raise NoMomentError("whether these are independent is not said")
        means = self._named(f"{self._sign()}[{{}}]", first) * self._named(f"{self._sign()}[{{}}]", other)
        return means + same * self._variance(first)

    def _variance(self, quantity: Expr) -> Expr:
        return self._named(r"\mathrm{Var}" + (f"_{{{self.label}}}" if self.label else "") + "({})", quantity)

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


_BELL: Mapping[int, Callable[[Expr, Expr], Expr]] = {
    3: lambda m, v: m**3 + 3 * m * v,
    4: lambda m, v: m**4 + 6 * m**2 * v + 3 * v**2,
}
"""The higher moments of what is normally distributed, by its mean and its variance."""


def density_of(label: str) -> str:
    r"""The name of the density of a label, the q of E_q, E_{q(z)} and E_{z \sim q(z)}."""
    return label.rpartition(_DRAWN)[2].partition("(")[0].strip()


def bell(density: Expr, quantity: Symbol) -> tuple[Expr, Expr] | None:
    """The mean and the variance of a number whose density is proportional to the exponential of a square in it."""
    factors = [f for f in Mul.make_args(density) if quantity in free_symbols(f)]
    if len(factors) != 1 or not isinstance(factors[0], exp):
        return None
    slope = factors[0].args[0].diff(quantity)
    bend = slope.diff(quantity)
    if bend == 0 or quantity in free_symbols(bend) or not bend.could_extract_minus_sign():
        return None
    return put(slope, {quantity: S.Zero}) / -bend, -1 / bend


def _fresh(letter: Symbol, taken: frozenset[Symbol]) -> Symbol:
    """A letter that no formula holds, for one that is opened."""
    name = letter.name if letter.name.startswith(_OPENED) else _OPENED + letter.name
    while Symbol(name, integer=True) in taken:
        name += "'"
    return Symbol(name, integer=True)


_OPENED = "§"
_HELD = "¤"
"""Before the name of a letter that no formula holds: of a sum that is opened, and of one that was opened before."""


def _summed(sums: tuple[tuple[Symbol, Expr, Expr], ...], body: Expr) -> Expr:
    for letter, lo, hi in reversed(sums):
        body = Sigma.over(letter, lo, hi, body)
    return body
