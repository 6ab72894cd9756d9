r"""From an expression to its layout tree, in textbook order, such that the reader finds the same expression in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Abs, Add, E, Expr, Float, Indexed, Integer, Mul, Pow, Rational, S, Symbol, exp, log, pi

from symdl.errors import SymdlError
from symdl.language import (
    Applied,
    At,
    Binder,
    Bound,
    Cases,
    Chain,
    D,
    Delta,
    DPlus,
    Integral,
    Inverse,
    Maximum,
    Minimum,
    OfMatrix,
    Opaque,
    Prod,
    Sigma,
    Step,
    free_symbols,
    index,
    indices_of,
    is_index,
    label_of,
    put,
)
from symdl.language.functions import by_head
from symdl.problem import Givens, Range, Ranges, Relation
from symdl.write.glyphs import FUNCTION_WORDS, LETTERS
from symdl.write.order import (
    LOGARITHM,
    Manner,
    factor_class,
    is_negative,
    manner_of,
    sorted_factors,
    sorted_terms,
)
from symdl.write.radicals import joined
from symdl.write.source import layout_of_name
from symdl.write.tree import (
    APPLY,
    TIMES,
    Accent,
    Big,
    Branches,
    Digits,
    Fence,
    Frac,
    Function,
    Letter,
    Name,
    Node,
    Root,
    Row,
    Script,
    Sign,
    Styled,
    Upright,
    Words,
    row,
)

_DEPTH = 150
_DEFAULT_LETTERS = "ijklmnrsuv"
_TIME_LETTERS = "tsrkjilmn"
_TIMES = frozenset({"t", "s", r"\tau", "T"})

SIGNS_OF_RELATIONS = {"=": "=", "!=": r"\neq", ">": ">", ">=": r"\geq", "<": "<", "<=": r"\leq", "~": r"\approx"}


class TooDeepError(SymdlError):
    """An expression nested too deeply to be printed."""


def layout_of(expr: Expr | Relation, givens: Givens | Manner, ranges: Ranges | None = None) -> Node:
    """The layout tree of an expression or relation; `ranges` are its free index letters.

    Fails   `TooDeepError` where it is nested more than 150 deep.
    """
    manner = givens if isinstance(givens, Manner) else manner_of(givens)
    return Typesetter(manner, ranges or {}).formula(expr)


def relation_sign(sign: str) -> Sign:
    """The sign of a relation."""
    return Sign(SIGNS_OF_RELATIONS[sign], "relation")


class Typesetter:
    """Lays out the expressions of one problem; `ranges` are the index letters that are free around them."""

    def __init__(self, manner: Manner, ranges: Ranges) -> None:
        self.manner = manner
        self.ranges = ranges
        self.taken = manner.taken | {s.name for s in ranges}
        self.depth = 0

    def formula(self, expr: Expr | Relation) -> Node:
        """The tree of a whole expression or relation."""
        if isinstance(expr, Relation):
            names = {s.name for side in expr.sides for s in free_symbols(side)}
            inner = self._within(names)
            return row(inner.whole(expr.lhs), relation_sign(expr.sign), inner.whole(expr.rhs))
        return self._within({s.name for s in free_symbols(expr)}).whole(expr)

    def _within(self, names: set[str], ranges: Ranges | None = None) -> Typesetter:
        inner = Typesetter(self.manner, {**self.ranges, **(ranges or {})})
        inner.taken = self.taken | names
        inner.depth = self.depth
        return inner

    # ---- sums and products

    def whole(self, expr: Expr) -> Node:
        """The tree of an expression where it needs no brackets."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise TooDeepError("this expression is nested too deeply to be written")
        found = self._sum(expr) if isinstance(expr, Add) else self._term(expr)
        self.depth -= 1
        return found

    def _sum(self, expr: Expr) -> Node:
        terms = sorted_terms(expr, self.manner)
        parts = [self._term(terms[0])]
        for term in terms[1:]:
            negative = is_negative(term)
            body = self._product(-term if negative else term)
            parts += [Sign("-" if negative else "+"), body]
        return row(*parts)

    def _term(self, expr: Expr) -> Node:
        if is_negative(expr):
            return row(Sign("-", "prefix"), self._product(-expr))
        return self._product(expr)

    def _product(self, expr: Expr) -> Node:
        """A product without a minus before it; anything else as its one factor."""
        if not isinstance(expr, Mul) and not _is_below(expr):
            return self._atom(expr)
        above: list[Expr] = []
        below: list[Expr] = []
        for part in joined(Mul.make_args(expr)):
            if part.is_Rational:
                above += [Integer(part.p)] if part.p != 1 else []
                below += [Integer(part.q)] if part.q != 1 else []
            elif _is_below(part):
                below.append(Pow(part.base, -part.exp))
            else:
                above.append(part)
        above, below = sorted_factors(above, self.manner), sorted_factors(below, self.manner)
        if not below:
            return self._factors(above)
        return self._fraction(above, below)

    def _fraction(self, above: list[Expr], below: list[Expr]) -> Node:
        plain = all(f.is_Integer for f in below)
        numbers = [f for f in above if f.is_Integer]
        outside: list[Expr] = []
        inside: list[Expr] = []
        for factor in above:
            small = isinstance(factor, Symbol | Indexed | exp) or _is_plain_power(factor)
            fits = factor.is_Integer or (small if plain else factor_class(factor) <= LOGARITHM and not factor.has(D))
            (inside if fits else outside).append(factor)
        if plain and (outside or len([f for f in inside if not f.is_Integer]) > 1):
            outside = [f for f in above if not f.is_Integer]
            inside = numbers
        lead: list[Node] = []
        # A number times one bracket is read as a sum of products, so the two do not share a bar.
        if len(below) == 2 and below[0].is_Integer and isinstance(below[1], Add):
            lead = [Frac(self._factors(numbers), self._atom(below[0])), TIMES]
            below, inside = below[1:], [f for f in inside if not f.is_Integer]
        elif len(inside) == 2 and inside[0].is_Integer and isinstance(inside[1], Add):
            lead = [self._atom(inside[0]), TIMES]
            inside = inside[1:]
        top = self._factors(inside)
        bar = Frac(top, self._factors(below))
        if not outside:
            return row(*lead, bar)
        return row(*lead, bar, TIMES, self._factors(outside, alone=False))

    def _factors(self, factors: Sequence[Expr], alone: bool = True) -> Node:
        """The factors side by side; `alone` says that nothing stands beside them, so that one sum needs no brackets."""
        if not factors:
            return Digits("1")
        if len(factors) == 1 and alone:
            return self.whole(factors[0])
        parts: list[Node] = []
        for n, factor in enumerate(factors):
            node = self._factor(factor, last=n == len(factors) - 1)
            if n:
                dotted = _starts_with_digit(node) or (_starts_with_bracket(node) and self._could_apply(factors[n - 1]))
                parts.append(Sign(r"\cdot") if dotted else TIMES)
            parts.append(node)
        return row(*parts)

    def _could_apply(self, before: Expr) -> bool:
        """Whether a bracket after this factor could be read as its argument."""
        return isinstance(before, Symbol) and before.name in self.manner.functions

    def _factor(self, expr: Expr, last: bool) -> Node:
        if isinstance(expr, Add) or is_negative(expr):
            return self._bracket(expr)
        if not last and (
            isinstance(expr, Sigma | Prod | Cases) or (isinstance(expr, log) and not self._needs_fence(expr))
        ):
            if isinstance(expr, log):
                return self._applied(self._log(), expr.args)
            return self._bracket(expr)
        if isinstance(expr, Cases | At):
            return self._bracket(expr)
        return self._atom(expr)

    def _bracket(self, expr: Expr) -> Node:
        return Fence("(", self.whole(expr), ")")

    # ---- single nodes

    def _atom(self, expr: Expr) -> Node:
        """A node that is no sum and no product."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise TooDeepError("this expression is nested too deeply to be written")
        found = self._atom_of(expr)
        self.depth -= 1
        return found

    def _atom_of(self, expr: Expr) -> Node:
        if isinstance(expr, Symbol):
            return layout_of_name(expr.name)
        if isinstance(expr, Indexed):
            return self.member(expr)
        if expr.is_Number or expr in (E, pi, S.Infinity, S.NegativeInfinity):
            return self._number(expr)
        if isinstance(expr, Add):
            return self._bracket(expr)
        if isinstance(expr, Mul):
            return self._term(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Binder):
            return self._binder(expr)
        if isinstance(expr, D):
            return self._derivative(expr)
        if isinstance(expr, Integral):
            return self._integral(expr)
        if isinstance(expr, Delta):
            return self._delta(expr)
        if isinstance(expr, Step):
            return self._indicator(expr)
        if isinstance(expr, Cases):
            return self._cases(expr)
        if isinstance(expr, At):
            return self._bar(expr)
        if isinstance(expr, Opaque):
            head: Node = layout_of_name(expr.label.name)
            if expr.indices:
                head = Script(head, self._subscript(expr.indices, comma=False))
            return row(head, self._arguments(expr.arguments))
        if isinstance(expr, Applied):
            name: Node = layout_of_name(expr.label.name)
            if expr.order:
                name = Script(name, None, row(*[Sign("'", "ordinary")] * expr.order))
            return row(name, self._arguments((expr.argument,)))
        if isinstance(expr, Bound):
            raise ValueError("a loose bound index cannot be written")
        return self._application(expr)

    def _number(self, expr: Expr) -> Node:
        if expr == E:
            return Letter("e")
        if expr == pi:
            return Letter(r"\pi")
        if isinstance(expr, Integer):
            return Digits(str(abs(int(expr)))) if expr >= 0 else row(Sign("-", "prefix"), Digits(str(-int(expr))))
        if isinstance(expr, Rational):
            bar = Frac(Digits(str(abs(expr.p))), Digits(str(expr.q)))
            return bar if expr > 0 else row(Sign("-", "prefix"), bar)
        if expr in (S.Infinity, S.NegativeInfinity):
            return Letter(r"\infty") if expr == S.Infinity else row(Sign("-", "prefix"), Letter(r"\infty"))
        if isinstance(expr, Float):
            text = format(float(abs(expr)), ".15g")
            mantissa, _, power = text.partition("e")
            node: Node = Digits(mantissa)
            if power:
                node = row(node, Sign(r"\times"), Script(Digits("10"), None, self._number(Integer(power))))
            return node if expr >= 0 else row(Sign("-", "prefix"), node)
        return Words(str(expr))

    def member(self, expr: Indexed) -> Node:
        """A member of a family, with the index places as the author writes them."""
        label, at = label_of(expr), indices_of(expr)
        name = layout_of_name(label.name)
        inner = name.shape
        if label.name in self.manner.superscripts:
            above = Fence("(", self._subscript(at[:1], comma=False), ")")
            return Script(name, self._subscript(at[1:], comma=False) if at[1:] else None, above)
        rank = self.manner.vectors.get(label, 0)
        below = self._subscript(at, comma=0 < rank < len(at))
        if isinstance(inner, Script) and inner.sub is not None:
            return Script(Fence("[", name, "]"), below)
        return Script(name, below)

    def _subscript(self, at: Sequence[Expr], comma: bool) -> Node:
        nodes = [self._small(i) for i in at]
        comma = comma or not all(isinstance(i, Symbol) and _is_one_letter(n) for i, n in zip(at, nodes, strict=True))
        parts: list[Node] = []
        for n, node in enumerate(nodes):
            if n and comma:
                parts.append(Sign(",", "punctuation"))
            parts.append(node)
        return row(*parts)

    def _small(self, expr: Expr) -> Node:
        """An expression in a script, where a number's fraction is written with a slash."""
        if isinstance(expr, Rational) and not isinstance(expr, Integer):
            slash = row(Digits(str(abs(expr.p))), Sign("/", "ordinary"), Digits(str(expr.q)))
            return slash if expr > 0 else row(Sign("-", "prefix"), slash)
        return self.whole(expr)

    def _power(self, expr: Expr) -> Node:
        base, power = expr.base, expr.exp
        if power == Rational(1, 2):
            return Root(self.whole(base))
        if _is_below(expr):
            return self._product(expr)
        above = self._small(power)
        if isinstance(base, Symbol | Indexed):
            inner = self._atom(base)
            if isinstance(inner, Name):
                shape = inner.shape
                if isinstance(shape, Letter | Accent | Styled) or (isinstance(shape, Script) and shape.sup is None):
                    return Script(inner, None, above)
            elif isinstance(inner, Script) and inner.sup is None and not _has_superscript(inner.base):
                return Script(inner.base, inner.sub, above)
            return Script(Fence("(", inner, ")"), None, above)
        if (isinstance(base, Integer) and base >= 0) or isinstance(base, Abs):
            return Script(self._atom(base), None, above)
        if base in (E, pi):
            return Script(self._atom(base), None, above)
        if base.is_Function and not isinstance(base, exp | log):
            return Script(self._atom(base), None, above)
        return Script(self._bracket(base), None, above)

    def _binder(self, expr: Expr) -> Node:
        if isinstance(expr, Chain):
            return self._chain(expr)
        if isinstance(expr, OfMatrix):
            return self._of_matrix(expr)
        letter = self._letter(expr.lo, expr.hi)
        inner = self._within({letter.name}, {letter: Range(expr.lo, expr.hi)})
        body = expr.open(letter)
        low: Node = row(inner.whole(letter), Sign("=", "relation"), self.whole(expr.lo))
        high: Node | None = self.whole(expr.hi)
        other, rest = self._left_out(body, letter, Range(expr.lo, expr.hi))
        if other is not None:
            low, high, body = row(inner.whole(letter), Sign(r"\neq", "relation"), self.whole(other)), None, rest
        sign = r"\sum" if isinstance(expr, Sigma) else r"\prod"
        inside = inner._product(body) if not isinstance(body, Add) and not is_negative(body) else inner._bracket(body)
        return row(Big(sign, low, high), inside)

    def _left_out(self, body: Expr, letter: Symbol, run: Range) -> tuple[Expr | None, Expr]:
        """The one index that a sum or product leaves out, and the body there; only where the range shows."""
        for other, rest in _all_but_one(body, letter):
            seen = any(
                place == letter and n < len(known) and known[n] == run
                for member in rest.atoms(Indexed)
                for known in (self.manner.families.get(label_of(member), ()),)
                for n, place in enumerate(indices_of(member))
            )
            if seen and letter not in free_symbols(other):
                return other, rest
        return None, body

    def _letter(self, lo: Expr, hi: Expr, also: frozenset[str] = frozenset()) -> Symbol:
        """A letter for an index that runs from `lo` to `hi`: the author's, as far as it is free, else a usual one."""
        known = self.manner.letters
        runs = [Range(lo, hi)]
        runs += [run for run in known if run.hi == hi or free_symbols(run.hi) & free_symbols(hi)]
        around = sorted(free_symbols(lo) | free_symbols(hi), key=str)
        runs += [self.ranges[s] for s in around if s in self.ranges]
        usual = [x for run in runs for x in known.get(run, ())]
        names = {s.name for s in around} | {s.name for run in runs for s in free_symbols(run.hi)}
        timely = not names.isdisjoint(_TIMES) or not set(usual).isdisjoint(_TIMES)
        candidates = [*usual, *(_TIME_LETTERS if timely else _DEFAULT_LETTERS)]
        taken = self.taken | also
        for name in candidates:
            if name not in taken:
                return index(name)
        n = 1
        while f"i_{{{n}}}" in taken:
            n += 1
        return index(f"i_{{{n}}}")

    def _chain(self, expr: Chain) -> Node:
        t = self._letter(expr.lo, expr.hi)
        a = self._letter(Integer(1), expr.size, frozenset({t.name}))
        b = self._letter(Integer(1), expr.size, frozenset({t.name, a.name}))
        inner = self._within({t.name, a.name, b.name})
        low = row(inner.whole(t), Sign("=", "relation"), self.whole(expr.hi))
        entry = inner.whole(expr.open(t, a, b))
        factor = inner._matrix_of(entry, (a, b), expr.size)
        product = row(Big(r"\prod", low, self.whole(expr.lo)), factor)
        return Script(Fence("[", product, "]"), self._subscript((expr.row, expr.column), comma=False))

    def _matrix_of(self, entry: Node, at: tuple[Symbol, Symbol], size: Expr) -> Node:
        """The square matrix with this entry at these letters, which run from 1."""
        a, b = map(self.whole, at)
        axes = row(a, Sign(",", "punctuation"), b, Sign("=", "relation"), Digits("1"))
        return Script(Fence("[", entry, "]"), axes, self.whole(size))

    def _of_matrix(self, expr: OfMatrix) -> Node:
        """A determinant, or an entry of an inverse; the matrix is its name, or its entry in brackets."""
        a = self._letter(expr.lo, expr.hi)
        b = self._letter(expr.lo, expr.hi, frozenset({a.name}))
        entry = expr.open(a, b)
        is_named = isinstance(entry, Indexed) and indices_of(entry) == (a, b)
        inner = self._within({a.name, b.name})
        bracketed = inner._matrix_of(inner.whole(entry), (a, b), expr.hi)
        matrix = layout_of_name(label_of(entry).name) if is_named else bracketed
        matrix = matrix if is_named else Fence("(", matrix, ")")
        if not isinstance(expr, Inverse):
            return row(Function(r"\det", Upright("det")), APPLY, matrix)
        inverse = Fence("[", Script(matrix, None, self._small(Integer(-1))), "]")
        return Script(inverse, self._subscript((expr.row, expr.column), comma=False))

    def _integral(self, expr: Integral) -> Node:
        low, high = map(self.whole, expr.ends)
        f, x = expr.of, expr.variable
        if isinstance(f, At) and [value for _, value in f.settings] == [x]:
            # The variable has the letter that runs through the definitions.
            ((x, _),) = f.settings
            f = put(f.of, {expr.variable: x})
        return row(Big(r"\int", low, high), self._bracket(f), Letter("d"), self._atom(x))

    def _derivative(self, expr: D) -> Node:
        d: Node = Letter(self.manner.d)
        if isinstance(expr, DPlus):
            d = Letter(r"\partial")
            top: Node = Script(d, None, Sign("+", "ordinary"))
            below = row(d, self._atom(expr.wrt))
            if isinstance(expr.of, Symbol | Indexed):
                return Frac(row(top, self._atom(expr.of)), below)
            return row(Frac(top, below), Fence("[", self.whole(expr.of), "]"))
        variables = [expr.wrt]
        inside = expr.of
        while type(inside) is D:
            variables.append(inside.wrt)
            inside = inside.of
        if len(variables) > 1 and not isinstance(inside, Symbol | Indexed):
            return row(Frac(d, row(d, self._atom(expr.wrt))), Fence("[", self.whole(expr.of), "]"))
        runs: list[tuple[Expr, int]] = []
        for variable in variables:
            if runs and runs[-1][0] == variable:
                runs[-1] = (variable, runs[-1][1] + 1)
            else:
                runs.append((variable, 1))
        below = row(*[part for v, n in runs for part in (TIMES, d, self._raised(v, n))][1:])
        order = len(variables)
        top = d if order == 1 else Script(d, None, Digits(str(order)))
        if isinstance(inside, Symbol | Indexed):
            return Frac(row(top, self._atom(inside)), below)
        return row(Frac(top, below), Fence("[", self.whole(inside), "]"))

    def _raised(self, variable: Expr, power: int) -> Node:
        return self._atom(variable) if power == 1 else self._power(Pow(variable, power, evaluate=False))

    def _delta(self, expr: Delta) -> Node:
        if r"\delta" in self.manner.taken:
            equal = row(self.whole(expr.args[0]), Sign("=", "relation"), self.whole(expr.args[1]))
            return row(_ONE, Fence("[", equal, "]"))
        at = self._ordered_indices(expr.args)
        # Side by side these two letters read as the label of an input.
        return Script(Letter(r"\delta"), self._subscript(at, comma=[str(i) for i in at] == ["i", "n"]))

    def _ordered_indices(self, at: Sequence[Expr]) -> list[Expr]:
        """The two indices of a delta, letters that are free here before numbers and sizes."""
        return sorted(at, key=lambda i: (not is_index(i), bool(i.is_number)))

    def _indicator(self, expr: Step) -> Node:
        head: Node = _ONE
        if expr.at_zero not in (0, 1):
            head = Script(head, self._small(expr.at_zero))
        return row(head, Fence("[", self._order(expr), "]"))

    def _order(self, expr: Step) -> Node:
        strict = expr.at_zero != 1
        if all(is_negative(t) for t in Add.make_args(expr.u)):
            sign = Sign("<" if strict else r"\leq", "relation")
            return row(self.whole(Add(*[-t for t in Add.make_args(expr.u)])), sign, Digits("0"))
        return row(self.whole(expr.u), Sign(">" if strict else r"\geq", "relation"), Digits("0"))

    def condition(self, expr: Expr) -> Node:
        """A 0/1-valued expression as the relation that it tests."""
        if isinstance(expr, Step) and expr.at_zero in (0, 1):
            return self._order(expr)
        for sign, delta in (("=", expr), (r"\neq", 1 - expr)):
            if isinstance(delta, Delta):
                left, right = self._ordered_indices(delta.args)
                return row(self.whole(left), Sign(sign, "relation"), self.whole(right))
        if isinstance(expr, Mul):
            parts = [self.condition(f) for f in sorted_factors(expr.args, self.manner)]
            joined = [part for p in parts for part in (Words(" and "), p)]
            return row(*joined[1:])
        return row(self.whole(expr), Sign("=", "relation"), Digits("1"))

    def _cases(self, expr: Cases) -> Node:
        rows = [(self.whole(v), row(Words("if "), self.condition(c))) for v, c in expr.branches]
        return Branches((*rows, (self.whole(expr.otherwise), Words("otherwise"))))

    def _bar(self, expr: At) -> Node:
        parts: list[Node] = []
        for n, (x, value) in enumerate(expr.settings):
            parts += [Sign(",", "punctuation")] if n else []
            parts += [self._atom(x), Sign("=", "relation"), self.whole(value)]
        # The bar belongs to what stands next to it, so a product or sum before it needs brackets.
        inside = self._atom(expr.of) if isinstance(expr.of, Symbol | Indexed | D) else self._bracket(expr.of)
        return Script(Fence("", inside, "|"), row(*parts))

    # ---- functions

    def _application(self, expr: Expr) -> Node:
        if isinstance(expr, exp):
            if "e" in self.manner.taken:
                return self._applied(Function(r"\exp", Upright("exp")), expr.args)
            return Script(Letter("e"), None, self._small(expr.args[0]))
        if isinstance(expr, Abs):
            return Fence("|", self.whole(expr.args[0]), "|")
        if isinstance(expr, log):
            argument = expr.args[0]
            if self._needs_fence(expr):
                return self._applied(self._log(), expr.args)
            return row(self._log(), APPLY, self._atom(argument))
        if isinstance(expr, Maximum | Minimum):
            word = "max" if isinstance(expr, Maximum) else "min"
            return self._applied(Function(rf"\{word}", Upright(word)), expr.args)
        return self._applied(self._head(expr), expr.args)

    def _head(self, expr: Expr) -> Function:
        record = by_head().get(expr.func)
        if record is None:
            name = str(expr.func)
            return Function(rf"\operatorname{{{name}}}", Upright(name))
        if record.latex in LETTERS:
            if record.latex in self.manner.taken:
                return Function(rf"\operatorname{{{record.name}}}", Upright(record.name))
            return Function(record.latex, Letter(record.latex))
        if record.latex in FUNCTION_WORDS:
            return Function(record.latex, Upright(record.latex[1:]))
        word = record.latex.removeprefix(r"\operatorname{").removesuffix("}")
        return Function(record.latex, Upright(word))

    def _log(self) -> Function:
        return Function(self.manner.log, Upright(self.manner.log[1:]))

    def _needs_fence(self, expr: Expr) -> bool:
        """Whether the argument of a logarithm stands in brackets even at the end of a product."""
        argument = expr.args[0]
        if isinstance(argument, Symbol | Indexed | Sigma) or (isinstance(argument, Integer) and argument >= 0):
            return False
        if isinstance(argument, Pow) and isinstance(argument.base, Symbol | Indexed):
            return not (isinstance(argument.exp, Integer) and argument.exp > 0)
        if isinstance(argument, Mul) and not is_negative(argument):
            return not isinstance(self._product(argument), Frac)
        return True

    def _applied(self, head: Function, arguments: Sequence[Expr]) -> Node:
        return row(head, APPLY, self._arguments(arguments))

    def _arguments(self, arguments: Sequence[Expr]) -> Node:
        parts: list[Node] = []
        for n, argument in enumerate(arguments):
            parts += [Sign(",", "punctuation")] if n else []
            parts.append(self.whole(argument))
        return Fence("(", row(*parts), ")")


_ONE = Styled("bold", Digits("1"))


def _all_but_one(body: Expr, letter: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """The indices that a body leaves out and what is left of it: (1 - delta) f in a sum, f or else 1 in a product."""
    if isinstance(body, Cases) and len(body.branches) == 1 and body.otherwise == 1:
        conditions, rests = [body.branches[0][1]], [body.branches[0][0]]
    else:
        conditions = list(Mul.make_args(body))
        rests = [Mul(*conditions[:n], *conditions[n + 1 :]) for n in range(len(conditions))]
    for condition, rest in zip(conditions, rests, strict=True):
        for other in (a for d in condition.atoms(Delta) for a in d.args if a != letter):
            if condition == 1 - Delta(letter, other):
                yield other, rest


def _is_below(expr: Expr) -> bool:
    """Whether a factor belongs under the bar of a fraction."""
    return isinstance(expr, Pow) and bool(expr.exp.is_Rational) and bool(expr.exp < 0)


def _is_plain_power(expr: Expr) -> bool:
    return isinstance(expr, Pow) and isinstance(expr.base, Symbol | Indexed) and bool(expr.exp.is_Integer)


def _has_superscript(node: Node) -> bool:
    return isinstance(node, Name) and isinstance(node.shape, Script) and node.shape.sup is not None


def _is_one_letter(node: Node) -> bool:
    return isinstance(node, Name) and isinstance(node.shape, Letter)


def _first(node: Node) -> Node:
    while True:
        if isinstance(node, Row) and node.parts:
            node = node.parts[0]
        elif isinstance(node, Script):
            node = node.base
        else:
            return node


def _starts_with_digit(node: Node) -> bool:
    return isinstance(_first(node), Digits)


def _starts_with_bracket(node: Node) -> bool:
    first = _first(node)
    return isinstance(first, Fence) and first.left in ("(", "[")
