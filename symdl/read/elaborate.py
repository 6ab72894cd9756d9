r"""The surface tree to expressions: names to symbols, brackets to applications, matrix notation to indices.

A vector or matrix is an `Array`: its axes, and a function from indices to the entry.  Ranges that are not known yet
are placeholders, which `Ranges` answers once all formulas of the problem are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from math import comb, factorial

from sympy import Expr, Indexed, Integer, Mul, Rational, S, Symbol, ceiling, floor

from symdl.errors import ReadError
from symdl.language import At, D, Integral, Limit, Prod, Sigma, family, put, scalar
from symdl.language.binders import free_symbols
from symdl.language.functions import by_spelling
from symdl.problem import Range
from symdl.read.arguments import head_of
from symdl.read.commands import TEXTS
from symdl.read.moments import NoMomentError, bell, density_of, is_moment
from symdl.read.nodes import (
    EVERYWHERE,
    Bars,
    Big,
    Binomial,
    Call,
    Derivative,
    Evaluated,
    Factorial,
    Group,
    Integrated,
    Limiting,
    Mark,
    Moment,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Word,
)
from symdl.read.own import own_letter
from symdl.read.ranges import ONES
from symdl.read.scripts import Occurrence, head_text, is_by_entries, slice_items, spell
from symdl.read.touching import Touching
from symdl.read.values import Array, Value

MAX_FACTORIAL = 1_000

_RUNS = "∫"
"""Behind the name of a variable of integration, which stands nowhere else."""


class Elaborator(Touching):
    """Reads the trees of one formula."""

    def _number(self, node: Number) -> Value:
        return Rational(node.text)

    def _name(self, node: Name) -> Value:
        return self.quantity(self.names.occurrence(node) or Occurrence(node.text, None, (), node), node)

    def _word(self, node: Word) -> Value:
        key = head_text(node) or node.text
        if key in self.names.functions or key in self.names.quantities or key in self.names.defined:
            return self.quantity(Occurrence(key, None, (), node), node)
        if node.text in by_spelling() or node.text in ("max", "min"):
            raise self.error(f"the argument of {node.text} is missing", node)
        applied = [name for name in self.names.learnt if head_of(name) == key] if self.kind == "task" else []
        if len(applied) == 1 and key not in self.names.learnt and not self.names.arity.get(applied[0], 0):
            # KL alone is the one KL(p || q) of which the givens speak.
            return self.quantity(Occurrence(applied[0], None, (), node), node)
        if key in self.names.plain and node.style in ("mathrm", "operatorname", "text"):
            return self.quantity(Occurrence(key, None, (), node), node)
        raise self.unknown(node.text, node)

    def _mark(self, node: Mark) -> Value:
        if node.text == "ones":
            return Array((self.ranges.anonymous(ONES),), lambda i: S.One)
        if node.text == "zeros":
            return S.Zero
        if node.text == "infty" and self.session.tolerant:
            return S.Infinity
        raise self.error("dots, a sign or a question mark where an expression was expected", node)

    def _scripted(self, node: Scripted) -> Value:
        core = node.core
        sliced = slice_items(node)
        if sliced:
            return self._slice(node, sliced)
        o = self.names.occurrence(node)
        if o is not None:
            powers = self.names.power_of(node)
            if o.key.startswith("e") and o.key == "e" and o.above is not None and not self._is_own("e"):
                return self.exponential(self.scalar(o.above), node)
            slope = self._slope(o, node)
            is_of_function = o.key not in self.names.quantities and o.key.rstrip("'") in self.names.functions
            if node.primes and slope is None and is_of_function:
                raise self.error(f"{o.key} is the derivative of a function and needs its argument", node)
            is_power = o.key == "e" and not self._is_own("e") and len(powers) == 1 and not o.below
            if is_power or self.names.is_euler(node):
                return self.elementwise(lambda u: self.exponential(u, node), self.value(powers[0]))
            if self.names.is_unit(o):
                found = self.identity()
                n = self.integer(o.below[0])
                found.axes[0].root().stated.append((Range(Integer(1), n), self.spot(node)))
                return found
            value = self.quantity(o, node) if slope is None else slope
            for power in powers:
                value = self.raised(value, power, node)
            return value
        if node.primes:
            raise self.error("a prime stands at a name", node)
        if isinstance(core, Bars) and core.kind == "||":
            return self._norm(node)
        if is_by_entries(node):
            return self.by_entries(node)
        value = self.value(core)
        if node.subs:
            value = self.member(value, node)
        for power in node.sups:
            value = self.raised(value, power, node)
        return value

    def _slice(self, node: Scripted, items: tuple[Node, ...]) -> Value:
        """W_{1,:} and W_{:,j}: a row or a column of a matrix as a vector."""
        value = self.value(node.core)
        if not isinstance(value, Array) or value.rank != len(items):
            raise self.error(f"a slice with {len(items)} indices at a name of another rank", node)
        at = [None if isinstance(i, Mark) else self.integer(i) for i in items]
        scope = self.scope()
        for i, axis in zip(at, value.axes, strict=True):
            if i is not None:
                self.ranges.place(i, axis, scope)
        entry = value.entry

        def member(*more: Expr) -> Expr:
            rest = iter(more)
            return entry(*[next(rest) if i is None else i for i in at])

        found: Value = Array(tuple(a for a, i in zip(value.axes, at, strict=True) if i is None), member)
        for power in node.sups:
            found = self.raised(found, power, node)
        return found

    def _slope(self, o: Occurrence, node: Scripted) -> Expr | None:
        """L' without an argument, in a task."""
        if not node.primes or o.below or o.above is not None or "^" in o.key:
            return None
        slope = self.session.primed(o.key, node.primes, self.spot(node))
        return slope if slope is not None or self.kind != "task" else self._slope_in_proof(o, node)

    def _slope_in_proof(self, o: Occurrence, node: Scripted) -> Expr | None:
        """f' of a proof, of a function of one argument that is given.

        Raises  `ReadError` where what is given does not say by what it is differentiated.
        """
        bare = o.key.rstrip("'")
        parameters = self.names.functions.get(bare, ())
        if not self.session.tolerant or o.key in self.names.learnt or o.key in self.names.defined:
            return None
        reach = self.session.reach(bare)
        by: str | None = None
        if len(parameters) == 1 and not self.names.arity.get(parameters[0], 0):
            by = parameters[0]
        elif reach is not None and len(reach.free) == 1 and not self.names.arity.get(bare, 0):
            by = reach.free[0]
        if by is not None:
            result: Expr = family(bare)
            for _ in range(node.primes):
                result = D(result, scalar(by))
            return result
        if bare in self.names.defined or (bare not in self.names.learnt and bare.lstrip("\\") in by_spelling()):
            raise self.error(f"{o.key} does not say by what {bare} is differentiated", node)
        return None

    def _sum(self, node: Sum) -> Value:
        if any(isinstance(n, Mark) and n.text == "dots" for _, n in node.terms):
            return self._dotted_sum(node)
        node = self.widened(node)
        return self.added([(s, self.value(n), n) for s, n in node.terms])

    def _dotted_sum(self, node: Sum) -> Value:
        terms = list(node.terms)
        at = next(k for k, (_, n) in enumerate(terms) if isinstance(n, Mark) and n.text == "dots")
        sign = terms[-1][0]
        between = [n for _, n in terms[at + 1 : -1] if not (isinstance(n, Mark) and n.text == "dots")]
        is_spread = len(between) < len(terms) - at - 2 and all(s == sign for s, _ in terms[at + 1 :])
        if at == 0 or (at != len(terms) - 2 and not is_spread):
            raise self.error("dots stand before the last term of a sum: z_1 + \\dots + z_K", terms[at][1])
        start, found = self._run([n for s, n in terms[:at] if s == sign], terms[-1][1], terms[at][1], between)
        rest = [(s, self.value(n), n) for s, n in terms[: at - start]]
        total = sign * found(Sigma)
        return self.added([*rest, (1, total, node)]) if rest else total

    def _run(
        self, before: list[Node], last: Node, dots: Node, between: list[Node] | None = None
    ) -> tuple[int, Callable[[type[Sigma] | type[Prod]], Expr]]:
        """The terms of a run with dots: how many are written out before them, and what makes the whole."""
        end = self.scalar(last)
        firsts = [self.scalar(n) for n in before]
        others = [self.scalar(n) for n in between or ()]
        j = self.ranges.dummy()
        tops = sorted((s for s in free_symbols(end) if s.is_integer), key=str)
        for top in tops:
            body = put(end, {top: j})
            if not all(any(put(body, {j: s}) == e for s in free_symbols(e) if s.is_integer) for e in others):
                continue
            for start in range(min(len(firsts), 4), 0, -1):
                run = firsts[-start:]
                for low in (1, 0):
                    if all(put(body, {j: Integer(low + k)}) == f for k, f in enumerate(run)):
                        return start, lambda make, b=body, t=top, lo=low: make.over(j, Integer(lo), t, b)
        raise self.error(
            "the rule behind the dots is not clear", dots, "write the sum or product with its sign and bounds"
        )

    def _product(self, node: Product) -> Value:
        parts = list(node.parts)
        if any(isinstance(n, Mark) and n.text == "dots" for _, n in parts):
            at = next(k for k, (_, n) in enumerate(parts) if isinstance(n, Mark) and n.text == "dots")
            if at == 0 or at != len(parts) - 2:
                raise self.error("dots stand before the last factor of a product", parts[at][1])
            start, found = self._run([n for _, n in parts[:at]], parts[-1][1], parts[at][1])
            rest = [self.scalar(n) for _, n in parts[: at - start]]
            return Mul(*rest, found(Prod))
        self._check_slash(parts)
        for (_, one), (sign, other) in pairwise(parts):
            if isinstance(one, Word) and one.text == "d" and not sign and isinstance(other, (Name, Scripted, Word)):
                # An upright d is no quantity of which there might be a multiple.
                raise self.error("a differential is read in derivatives and integrals alone", one)
        parts = self.composed(parts)
        factors: list[tuple[str, Value, Node]] = []
        k = 0
        while k < len(parts):
            sign, item = parts[k]
            following = parts[k + 1] if k + 1 < len(parts) else None
            before = parts[k - 1][1] if factors and not sign else None
            if isinstance(before, Number) and (_is_remark(item) or self._is_in_percent(before, item)):
                k += 1
                continue
            value, used = self.maybe_applied(item, following)
            factors.append((sign, value, item))
            k += 2 if used else 1
        return self.multiplied(factors, node)

    def _is_in_percent(self, number: Number, node: Node) -> bool:
        r"""Whether brackets say a number again, as in 0.6 \; (60\%)."""
        inside = node.items if isinstance(node, Group) and node.bracket == "(" else ()
        if len(inside) != 1 or not isinstance(inside[0], Number) or "%" not in self.source.text[node.at : node.end]:
            return False
        said, shown = Decimal(inside[0].text), Decimal(number.text)
        if said != round(shown, -int(said.as_tuple().exponent)):
            raise self.error(f"{said:%} is said of {shown}", node)
        return True

    def _check_slash(self, parts: list[tuple[str, Node]]) -> None:
        """Refuses a / b c, which may mean a c / b or a / (b c)."""
        for k in range(1, len(parts) - 1):
            (sign, below), (after, following) = parts[k], parts[k + 1]
            core = below.core if isinstance(below, Scripted) else below
            if sign != "/" or after or isinstance(core, (Group, Call, Derivative)) or isinstance(following, Big):
                continue
            is_fraction = k == 1 and isinstance(parts[0][1], Number) and isinstance(below, Number)
            if is_fraction and not (isinstance(following, Name) and following.text == r"\pi"):
                continue
            group = following.core if isinstance(following, Scripted) else following
            if isinstance(group, Group) and self.applied(below, group) is not None:
                continue
            raise self.error("it is not clear what stands below the slash", below, "bracket it: a / (b c) or (a / b) c")

    def _group(self, node: Group) -> Value:
        if node.bracket in (r"\lfloor", r"\lceil"):
            inside = self.scalar(node.items[0]) if len(node.items) == 1 else None
            if inside is None or not (inside.is_Rational or (self.session.tolerant and not inside.has(D, Indexed))):
                raise self.error("only a number is rounded here", node)
            return floor(inside) if node.bracket == r"\lfloor" else ceiling(inside)
        if node.bracket == "[" and node.items and all(isinstance(i, Relation) for i in node.items):
            return self.indicated(node.items)
        if len(node.items) != 1 or node.bars:
            if not node.items:
                raise self.error("empty brackets", node)
            if node.bracket in ("(", "[") and not node.bars and not any(isinstance(i, Mark) for i in node.items):
                return self.written_out(tuple((i,) for i in node.items), node)
            raise self.error("a list where one expression was expected", node)
        if isinstance(node.items[0], Relation):
            raise self.error("a relation where an expression was expected", node.items[0])
        return self.value(node.items[0])

    def _binomial(self, node: Binomial) -> Value:
        r"""\binom{n}{k}, of numbers the number; in a proof n!/(k! (n - k)!) of whole letters with 0 <= k <= n.

        Of all else in a proof only the name is known.
        """
        ends = self._whole_ends(node)
        if ends is not None:
            n, k = ends
            if isinstance(n, Integer) and isinstance(k, Integer):
                if 0 <= n <= MAX_FACTORIAL:
                    return Integer(comb(int(n), int(k)))
            elif self.session.tolerant:
                letter = self.ranges.dummy()
                above, *below = (Prod.over(letter, Integer(1), end, letter) for end in (n, k, n - k))
                return above / Mul(*below)
        key = rf"\binom{{{spell(node.whole)}}}{{{spell(node.part)}}}"
        if not self.session.tolerant or "?" in key:
            raise self.error("a binomial coefficient of numbers was expected", node)
        return scalar(key)

    def _whole_ends(self, node: Binomial) -> tuple[Expr, Expr] | None:
        """The n and k of a binomial coefficient, where both are whole numbers or letters for such."""
        try:
            n, k = self.integer(node.whole), self.integer(node.part)
        except ReadError:
            return None
        return (n, k) if all(self._is_whole(s) for s in free_symbols(n) | free_symbols(k)) else None

    def _is_whole(self, letter: Symbol) -> bool:
        return letter.name in self.names.sizes | self.names.inputs | self.letters_in_force()

    def _factorial(self, node: Factorial) -> Value:
        r"""n! = \prod_{k=1}^n k; of a whole number the number itself."""
        o = self.names.occurrence(node.body)
        if self.session.tolerant and o is not None and (o.below or o.above is not None):
            # Of the counts k_i nothing is known but that each has its factorial.
            member = self.value(node.body)
            if isinstance(member, Indexed):
                return family(f"{member.base.label.name}!", *member.indices)
            if isinstance(member, Symbol) and not self._is_whole(member):
                return family(f"{member.name}!")
        try:
            n = self.integer(node.body)
        except ReadError:
            hint = r"of a quantity, say that it is in \mathbb{N}"
            raise self.error("a factorial stands at a number, a size or an index", node, hint) from None
        if isinstance(n, Integer):
            if n > MAX_FACTORIAL:
                raise self.error(f"a factorial beyond {MAX_FACTORIAL}!", node)
            return Integer(factorial(int(n)))
        if not all(map(self._is_whole, free_symbols(n))):
            raise self.error(
                "a factorial stands at a number, a size or an index", node, r"say that it is in \mathbb{N}"
            )
        k = self.ranges.dummy()
        return Prod.over(k, Integer(1), n, k)

    def _moment(self, node: Moment) -> Value:
        if not self.session.tolerant:
            raise self.error("an expectation or a probability is not read here", node)
        if (shared := self._shared_variance(node)) is not None:
            return shared
        found = replace(self.session.moments, label=node.label, used={}, body_of=self._body_of, rests_on=self._rests_on)
        given = [self.scalar(a) for a in node.arguments]
        over = self._bell_over(density_of(node.label))
        if over is not None:
            found = replace(found, bell_over=over, random=found.random | {over.name})
        elif not any(map(found.is_random, given)):
            # Nothing says what is random: of all that is there only sums are known to part.
            names = frozenset(s.name for e in given for s in free_symbols(e) if not is_moment(s.name))
            found = replace(found, random=names, composed=names, is_unsaid=True, used={})
        try:
            value = found.mean(given[0]) if node.kind == "E" else found.covariance(given[0], given[-1])
        except NoMomentError as error:
            raise self.error(str(error), node) from None
        for name, of in found.used.items():
            self._take_moment(name, of, node)
        return value

    def _shared_variance(self, node: Moment) -> Expr | None:
        r"""The number \mathrm{Var}(w) that all of some w_i have, of which moments are taken one by one."""
        of = node.arguments[0] if node.kind == "Var" and len(node.arguments) == 1 and not node.label else None
        if not isinstance(of, Name) or self.names.arity.get(of.text, 0) != 1:
            return None
        name = rf"\mathrm{{Var}}({own_letter(of.text)})"
        is_numbered = any(x.startswith(f"{of.text}_") for x in self.session.moments.random)
        if name not in self.names.scalars and not (is_numbered and of.text not in self.names.fixed):
            return None
        self.names.scalars.add(name)
        self.session.spelling[f"scalar {name}"] = name
        return scalar(name)

    def _bell_over(self, density: str) -> Symbol | None:
        """The number of which a density is given as a bell curve."""
        found = self.session.bodies[density]() if density in self.session.bodies else None
        over = found.parameters[0] if found is not None and found.parameters else None
        is_bell = found is not None and found.body is not None and isinstance(over, Symbol) and bell(found.body, over)
        return over if is_bell else None

    def _rests_on(self, name: str, other: str) -> bool:
        reach = self.session.reach(name)
        return reach is not None and other in reach.names

    def _body_of(self, name: str) -> Expr | None:
        maker = self.session.bodies.get(name)
        return maker().body if maker is not None else None

    def _take_moment(self, name: str, of: str, node: Node) -> None:
        """Makes a moment a quantity that runs as what it is of."""
        self.session.used.setdefault(name, self.spot(node))
        arity = self.names.arity.get(of, 0)
        if arity:
            self.names.arity[name] = self.names.explicit[name] = arity
            self.names.families.add(name)
            for n in range(arity):
                self.ranges.same(self.ranges.axis(of, n), self.ranges.axis(name, n))

    def _limiting(self, node: Limiting) -> Value:
        x, point = self.value(node.variable), self.scalar(node.point)
        if not isinstance(x, (Symbol, Indexed)) or not self.session.tolerant:
            raise self.error("a limit is not read here", node)
        return self.elementwise(lambda f: Limit(f, x, point, node.side), self.value(node.body))

    def _integrated(self, node: Integrated) -> Value:
        if not isinstance(node.variable, Name) or not self.session.tolerant:
            raise self.error("an integral is not read here", node)
        text = node.variable.text
        if isinstance(node.low, Mark) and node.low.text == EVERYWHERE:
            # Of what has a bell curve as a factor it is known where it runs.
            names = free_symbols(self.scalar(node.body))
            if not any(self._bell_over(s.name) == scalar(text) for s in names):
                raise self.error("an integral without two ends", node)
            low, high = S.NegativeInfinity, S.Infinity
        else:
            low, high = self.scalar(node.low), self.scalar(node.high)
        # An integral inside another one has a variable of its own, whatever its letter.
        depth = 1 + sum(s.name.endswith(_RUNS) for s in self.dummies.values())
        x = scalar(text + depth * _RUNS)
        kept, self.dummies = self.dummies, {**self.dummies, text: x}
        try:
            return Integral(At(self.scalar(node.body), scalar(text), x), x, low, high)
        finally:
            self.dummies = kept

    def _evaluated(self, node: Evaluated) -> Value:
        kept = self.dummies
        self.dummies = {**kept, **self._placeholders(node)}
        try:
            return self._at(node)
        finally:
            self.dummies = kept

    def _placeholders(self, node: Evaluated) -> dict[str, Symbol]:
        """The names at an evaluation bar that are vectors elsewhere: there they only hold a place for a number."""
        found: dict[str, Symbol] = {}
        for item in node.settings:
            if not isinstance(item, Relation) or item.signs != ("=",):
                continue
            first = item.sides[0]
            if not isinstance(first, Name) or first.text in self.letters_in_force():
                continue
            if self.names.arity.get(first.text, 0) and not isinstance(self.value(item.sides[-1]), Array):
                found[first.text] = scalar(self._unused("u"))
        return found

    def _at(self, node: Evaluated) -> Value:
        body = self.value(node.body)
        pairs: list[Expr] = []
        for setting in node.settings:
            item = _with_variable(setting, node.body)
            if not isinstance(item, Relation) or item.signs != ("=",):
                raise self.error("a setting such as x=1 was expected", item)
            x, v = self.scalar(item.sides[0]), self.scalar(item.sides[1])
            if not isinstance(x, (Symbol, Indexed)):
                raise self.error("a name was expected before the equals sign", item)
            pairs += [x, v]
        return self.elementwise(lambda b: At(b, *pairs), body)


def _with_variable(setting: Node, body: Node) -> Node:
    """The setting 3 of a derivative by x as x = 3."""
    is_value = isinstance(setting, (Number, Name, Scripted, Sum))
    if not is_value or not isinstance(body, Derivative) or len({spell(v) for v, _ in body.wrt}) > 1:
        return setting
    return Relation(setting.at, setting.end, (body.wrt[0][0], setting), ("=",))


def _is_remark(node: Node) -> bool:
    """Words in brackets, as in 5 (bias)."""
    words = node.items if isinstance(node, Group) and node.bracket == "(" else ()
    return bool(words) and all(isinstance(w, Word) and w.style in TEXTS for w in words)
