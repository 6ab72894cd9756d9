"""Sums, products and integrals with their letters, derivatives, indicators, case splits and bars as layout trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Symbol

from symdl.language import (
    At,
    Cases,
    Chain,
    D,
    Delta,
    DPlus,
    Integral,
    Inverse,
    OfMatrix,
    Sigma,
    Step,
    free_symbols,
    index,
    indices_of,
    is_index,
    label_of,
    put,
)
from symdl.problem import Range
from symdl.write.members import Members
from symdl.write.order import is_negative, sorted_factors
from symdl.write.source import layout_of_name
from symdl.write.tree import (
    APPLY,
    TIMES,
    Big,
    Branches,
    Digits,
    Fence,
    Frac,
    Function,
    Letter,
    Node,
    Script,
    Sign,
    Styled,
    Upright,
    Words,
    row,
)

_DEFAULT_LETTERS = "ijklmnrsuv"

_TIME_LETTERS = "tsrkjilmn"

_TIMES = frozenset({"t", "s", r"\tau", "T"})

_ONE = Styled("bold", Digits("1"))


class Operators(Members):
    """Lays out what binds letters, differentiates, or holds under a condition."""

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
