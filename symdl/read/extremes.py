r"""Greatest and least values: of numbered entries, \max_i z_i, and of functions of real variables, \min_x f(x)."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Integer, Mul, S, Symbol

from symdl.language import ArgExtreme, Extreme, Maximum, Minimum, Step, family, scalar
from symdl.read.arrays import INFINITE, MAX_LISTED
from symdl.read.nodes import Call, Group, Name, Node, Number, Relation, Scripted, Sum
from symdl.read.operators import Operators
from symdl.read.scripts import head_text, names_in, spell
from symdl.read.values import Array, Value

EXTREMES = {"max": 1, "sup": 1, "argmax": 1, "min": -1, "inf": -1, "argmin": -1}
"""1 for what is greatest, -1 for what is least."""
_SEVERAL = 2


class Extremes(Operators):
    """Reads what is greatest or least."""

    def over_reals(self, node: Call) -> Value | None:
        r"""\min_x f, \max_{x \geq 0} f and \arg\min f of a function of real variables; None of anything else.

        Raises  `ReadError` where it can be nothing else and is not read.
        """
        is_only = node.function not in ("max", "min")
        found = self._variables(node) if self.session.tolerant and len(node.arguments) == 1 else None
        if found is None or not found[0]:
            if is_only:
                raise self.error(f"{node.function} of this is not read here", node)
            return None
        variables, where = found
        value = self.value(node.arguments[0])
        if isinstance(value, Array):
            raise self.error(f"{node.function} of a vector", node)
        extreme = Extreme(value, where, EXTREMES[node.function], int(node.function not in ("sup", "inf")), *variables)
        if not node.function.startswith("arg"):
            return extreme
        places = [ArgExtreme(extreme, n) for n in range(len(variables))]
        return places[0] if len(places) == 1 else self.array_of([[x] for x in places], node)

    def _variables(self, node: Call) -> tuple[tuple[Expr, ...], Expr] | None:
        """The real variables below a sign and where they run; None where it goes over indices, or over what is open."""
        if node.base is None:
            return self._own_variables(node.arguments[0]), S.One
        items = node.base.items if isinstance(node.base, Group) and not node.base.bracket else (node.base,)
        known = self.names.occurrence(node.arguments[0])
        if known is not None and known.key not in self.names.defined:
            # Of an undefined function only the name is known.
            return None
        variables: list[Expr] = []
        wheres: list[Expr] = []
        for item in items:
            name = item.sides[0] if isinstance(item, Relation) else item
            o = self.names.occurrence(name)
            if o is None or o.key in self.names.letters | self.names.ranged | self.letters_in_force():
                return None
            x = self.value(name)
            if isinstance(x, Array) or not isinstance(x, (Symbol, Indexed)) or (isinstance(x, Symbol) and x.is_integer):
                return None
            variables.append(x)
            wheres += self._bounds(x, item) if isinstance(item, Relation) else []
        return tuple(variables), Mul(*wheres)

    def _own_variables(self, node: Node) -> tuple[Expr, ...]:
        r"""The variables of the f in \min f: its arguments, or the one free quantity of its formula."""
        o = self.names.occurrence(node)
        if o is None or o.below or self.names.arity.get(o.key, 0):
            return ()
        parameters = self.names.functions.get(o.key, ())
        if parameters and not any(self.names.arity.get(p, 0) for p in parameters):
            return tuple(map(scalar, parameters))
        reach = self.session.reach(o.key)
        return (scalar(reach.free[0]),) if reach is not None and len(reach.free) == 1 else ()

    def _bounds(self, x: Expr, item: Relation) -> list[Expr]:
        """The indicators of x >= 0 or x \\in [0, 1]; an infinite end says nothing."""
        first, *_ = item.sides
        if item.signs == ("in",):
            group = item.sides[1]
            if isinstance(group, Name) and group.text == r"\mathbb{R}":
                return []
            if not isinstance(group, Group) or group.bracket not in ("(", "[") or len(group.items) != _SEVERAL:
                raise self.error("this set is not read here", group)
            low, high = (self.scalar(i) for i in group.items)
            edge = int(group.bracket == "[")
            ends = ((x - low, low), (high - x, high))
            return [Step(gap, edge) for gap, end in ends if end not in INFINITE]
        if len(item.signs) != 1 or item.signs[0] not in (">", ">=", "<", "<="):
            raise self.error("this condition is not read here", item)
        return [self.compared(self.scalar(first), item.signs[0], self.scalar(item.sides[1]), first)]

    def widened(self, node: Sum) -> Sum:
        r"""The sum with \min_x x^2 + 2x as \min_x (x^2 + 2x): the terms that hold its variable belong to it."""
        for k, (sign, term) in enumerate(node.terms):
            if not (isinstance(term, Call) and term.bare and term.function in EXTREMES and term.base is not None):
                continue
            names = set(names_in(term.base))
            reach = max((n for n, (_, t) in enumerate(node.terms) if n > k and names & set(names_in(t))), default=k)
            if reach > k:
                body = Sum(
                    term.arguments[0].at,
                    node.terms[reach][1].end,
                    ((1, term.arguments[0]), *node.terms[k + 1 : reach + 1]),
                )
                whole = replace(term, arguments=(body,), end=body.end)
                return replace(node, terms=(*node.terms[:k], (sign, whole), *node.terms[reach + 1 :]))
        return node

    def listed(self, node: Call) -> Expr:
        r"""\max_i z_i or \max(x): the greatest of numbered entries, or else a quantity of which the name is known."""
        inside = node.arguments[0]
        label = head_text(inside.core if isinstance(inside, Scripted) else inside) or ""
        make = Maximum if node.function == "max" else Minimum
        is_whole = isinstance(inside, Name) or (isinstance(inside, Scripted) and len(inside.subs) == 1)
        entries = self._entries(label) if is_whole and self.names.arity.get(label, 0) == 1 else None
        if entries:
            return make(*entries)
        if self.kind != "task":
            listed = self._numbered(inside, node) if is_whole and entries is None else []
            if listed:
                return make(*listed)
            raise self.error(rf"\{node.function} of a vector of which the entries are not listed", node)
        below = "" if node.base is None else f"_{{{spell(node.base)}}}"
        key = rf"\{node.function}{below} {spell(inside)}"
        self.session.used.setdefault(key, self.spot(node))
        return scalar(key)

    def _entries(self, label: str) -> list[Expr] | None:
        """All entries of a vector; none where they are too many or one alone, and None where their number is open."""
        run, axis = self.ranges.known.get((label, 0)), self.ranges.axes.get((label, 0))
        if run is not None and isinstance(run.lo, Integer) and isinstance(run.hi, Integer):
            first, count = run.lo, int(run.hi - run.lo) + 1
        elif axis is not None and (found := axis.root().count) is not None:
            first, count = axis.lo_symbol, found[0]
        else:
            return None
        return [family(label, first + n) for n in range(count)] if 1 < count <= MAX_LISTED else []

    def _numbered(self, inside: Node, node: Call) -> list[Expr]:
        r"""q_1, q_2 of \max_a q_a, where the members with these numbers are all that is said of q."""
        below = spell(node.base) if isinstance(node.base, Name) else ""
        if not isinstance(inside, Scripted) or inside.sups or [spell(x) for x in inside.subs] != [below]:
            return []
        numbers = sorted(int(x) for x in self.names.numbered.get(head_text(inside.core) or "", ()) if x.isdigit())
        if len(numbers) < _SEVERAL or numbers != list(range(numbers[0], min(numbers[0], 1) + len(numbers))):
            return []
        digits = [Number(inside.at, inside.end, str(n)) for n in numbers]
        return [self.scalar(replace(inside, subs=(digit,))) for digit in digits]
