"""Functions at their arguments."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from sympy import Expr, Indexed, Integer, S, Symbol, exp, log

from symdl.errors import ReadError
from symdl.language import (
    Applied,
    At,
    D,
    Maximum,
    Minimum,
    Sigma,
    family,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    made_inside,
    put,
    quantities,
    scalar,
)
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.read.arguments import holds_itself
from symdl.read.extremes import EXTREMES, Extremes
from symdl.read.nodes import Call, Group, Name, Node, Number, Product, Scripted, Sum, Word
from symdl.read.own import own_letter
from symdl.read.scripts import Occurrence, spell, unprimed
from symdl.read.values import Array, Body, Value, entry_of


class Applications(Extremes):
    """Reads a name before a bracket, and calls of functions."""

    def unknown(self, name: str, node: Node) -> ReadError:
        near = difflib.get_close_matches(name, sorted({*by_spelling(), *self.names.functions}), 1)
        return self.error(f"{name[:40]!r} is not a known function", node, f"did you mean {near[0]}?" if near else "")

    def applied(self, head: Node, group: Group) -> Value | None:
        """head(arguments), where head is a function; None where the two are factors."""
        if not isinstance(head, (Name, Word, Scripted)):
            return None
        o = self.names.occurrence(head)
        if o is None:
            return None
        above, below, key = self.names.parts(o, self.letters_in_force())
        plain = o._replace(key=o.key.rstrip("'"))
        primes = len(o.key) - len(plain.key)
        *_, bare = self.names.parts(plain, self.letters_in_force())
        powers = self.names.power_of(head) if isinstance(head, Scripted) else ()
        record = self.names.is_function(bare)
        if record is not None and above is None and not below:
            value = self.called(record, primes, group.items, group)
        elif self.session.tolerant and unprimed(head) in self.names.unknown:
            value = self._of_unknown(head, group)
            if value is None:
                return None
        elif bare in self.names.unknown and above is None and not below:
            hint = f"name its value in a given of its own, such as a = {bare}(z)"
            raise self.error(f"nothing is known of the function {bare}", head, hint)
        elif key in self.names.functions and holds_itself(head, group):
            return None
        elif key in self.names.moving and list(map(spell, group.items)) == [self.names.moving[key]]:
            raise self.error(f"whether {key} is taken at this value or at this time is not said", head)
        elif key in self.names.functions:
            value = self.declared(o, head, key, group)
        elif primes and bare in self.names.functions:
            value = self.derived(plain, primes, group, head)
        elif primes and key not in self.names.quantities and bare in self.names.defined and len(group.items) == 1:
            inner = self.scalar(group.items[0])
            reach = self.session.reach(bare)
            is_point = inner.is_Number and reach is not None and len(reach.free) == 1
            if not isinstance(inner, (Symbol, Indexed)) and not is_point:
                return None
            by = scalar(reach.free[0]) if is_point and reach is not None else inner
            value = family(bare)
            for _ in range(primes):
                value = D(value, by)
            value = At(value, by, inner) if is_point else value
        elif isinstance(head, Word) and head.text in ("floor", "ceil") and len(group.items) == 1:
            return self.value(Group(group.at, group.end, rf"\l{head.text}", group.items))
        else:
            return None
        for power in powers:
            if _is_inverse(power):
                raise self.error("the inverse of a function is not read here", head)
            value = self.raised(value, power, head)
        return value

    def _of_unknown(self, head: Node, group: Group) -> Value | None:
        """f(u) and f'(u) of a function of one number of which nothing is known."""
        if group.bracket != "(" or len(group.items) != 1:
            return None
        key, argument = unprimed(head), self.value(group.items[0])
        if isinstance(argument, Array) and key not in self.names.entrywise:
            raise self.error(f"nothing is known of the function {key}", head)
        order = head.primes if isinstance(head, Scripted) else 0
        return self.elementwise(lambda u: Applied(scalar(key), order, u), argument)

    def declared(self, o: Occurrence, head: Node, key: str, group: Group) -> Value:
        """A function of the problem at its own arguments, or at others, which are put into its body."""
        target = self.quantity(Occurrence(o.key, o.above, o.below, o.node), head)
        maker = self.session.bodies.get(key)
        given = [self.value(i) for i in group.items]
        if maker is None:
            return target
        found = maker()
        if len(given) > 1 == len(found.parameters) and (listed := self._at_list(found, group)) is not None:
            return listed
        if len(found.parameters) != len(given):
            raise self.error(f"{key} has {len(found.parameters)} arguments, not {len(given)}", group)
        put_in: dict[Expr, Expr] = {}
        moved: dict[Symbol, Callable[..., Expr]] = {}
        for parameter, argument in zip(found.parameters, given, strict=True):
            if isinstance(argument, Array):
                is_scalar = isinstance(parameter, Symbol) and parameter.name not in self.names.families
                if is_scalar and len(given) == 1 and isinstance(found.body, Expr) and not found.pattern:
                    return self.elementwise(_with_argument(found.body, parameter), argument)
                if argument.rank and not _is_whole(argument, parameter):
                    if found.body is None or not self._may_move(parameter, argument):
                        raise self.error(f"{key} at another vector than its own argument", group)
                    moved[label_of(parameter)] = argument.entry
            elif isinstance(parameter, Symbol) and self.names.arity.get(parameter.name, 0):
                is_entry = isinstance(argument, Indexed) and all(isinstance(i, Integer) for i in argument.indices)
                is_own = argument == scalar(own_letter(parameter.name))
                if not (is_own or _same_family(argument, parameter)) or is_entry:
                    raise self.error(f"{key} takes a vector", group)
            elif is_index(parameter) or (argument != parameter and not _same_family(argument, parameter)):
                # The name alone would not say at which index o it is p(o | c).
                if parameter.is_Pow and isinstance(parameter.exp, Integer):
                    # Of N(x, \sigma^2) the argument is the square.
                    parameter, argument = parameter.base, self.power(argument, 1 / parameter.exp, group)
                put_in[parameter] = argument
        if moved and found.body is not None:
            return self._at_place(put(_with_members(found.body, moved), put_in), found, target)
        if not put_in:
            return target
        if found.body is None:
            raise self.error(f"{key} is known at its own argument only", group)
        if self._leads_on(found):
            return At(target, *[x for pair in put_in.items() for x in pair]) if isinstance(target, Expr) else target
        return self._at_place(put(found.body, put_in), found, target)

    @staticmethod
    def _at_place(body: Expr, found: Body, target: Value) -> Value:
        """What a function is at its arguments; of several values the one, or all, that its name stands for."""

        def member(of: Expr) -> Expr:
            return put(body, dict(zip(found.pattern, indices_of(of), strict=True)))

        if isinstance(target, Array):
            return Array(target.axes, lambda *at: member(target.entry(*at))) if found.pattern else body
        return member(target) if found.pattern else body

    def _leads_on(self, found: Body) -> bool:
        """Whether a quantity in the body is itself given by a parameter, so that this is not all in the body."""
        own = {label_of(q).name for p in found.parameters for q in quantities(p)}
        inside = {label_of(q).name for q in quantities(found.body)} - own if found.body is not None else ()
        reached = [self.session.reach(name) for name in sorted(inside)]
        return any(r is not None and own & r.names for r in reached)

    def _at_list(self, found: Body, group: Group) -> Expr | None:
        """J(0, 0) of a function J of one vector: its body with these entries."""
        (parameter,) = found.parameters
        label = label_of(parameter)
        if found.body is None or self.names.arity.get(label.name, 0) != 1:
            return None
        entries = self.written_out(tuple((i,) for i in group.items), group)
        assert isinstance(entries, Array)
        self.ranges.same(self.ranges.axis(label.name, 0), entries.axes[0])
        return _with_members(found.body, {label: entries.entry})

    def _may_move(self, parameter: Expr, argument: Array) -> bool:
        """Whether another vector may stand for a parameter: it is numbered alike, and its members tell all."""
        label = label_of(parameter)
        if label.name not in self.names.families or self.names.arity.get(label.name, 0) != argument.rank:
            return False
        for n, axis in enumerate(argument.axes):
            self.ranges.same(self.ranges.axis(label.name, n), axis)
        return True

    def derived(self, o: Occurrence, primes: int, group: Group, head: Node) -> Value:
        """f'(x) of a declared function, and f_k'(x) of a member of several, of the name without its primes."""
        above, below, key = self.names.parts(o, self.letters_in_force())
        found = self.session.bodies[key]() if key in self.session.bodies else None
        if found is None or len(found.parameters) != 1 or len(group.items) != 1:
            raise self.error("a prime stands at a function of one argument", head)
        x, argument = found.parameters[0], self.scalar(group.items[0])

        def slope(of: Expr) -> Expr:
            # The argument of a member \ell_i(y_i) is a member too.
            is_member = bool(found.pattern) and isinstance(argument, Indexed) and _same_family(argument, x)
            by = argument if is_member else x
            for _ in range(primes):
                of = D(of, by)
            return of if argument == by else At(of, by, argument)

        return self.elementwise(slope, self.quantity(o, head) if below or above else family(key))

    def called(
        self, record: ScalarFunction | FamilyFunction, primes: int, items: tuple[Node, ...], node: Node
    ) -> Value:
        """A built-in function at its arguments."""
        if isinstance(record, FamilyFunction):
            return self.of_family(record, items, node, primes)
        if len(items) != record.arity:
            raise self.error(
                f"{record.name} takes {record.arity} argument{'s' * (record.arity > 1)}, not {len(items)}", node
            )
        first, *others = [self.value(i) for i in items]
        extra: list[Expr] = []
        for value, item in zip(others, items[1:], strict=True):
            if isinstance(value, Array):
                raise self.error("a vector where a number was expected", item)
            extra.append(value)
        if primes:
            return self.elementwise(lambda u: self._primed(record, u, tuple(extra), primes), first)
        if record.name == "log" and first == 0 and self.session.tolerant:
            return S.NegativeInfinity
        if record.head is exp:
            return self.elementwise(lambda u: self.exponential(u, node), first)
        return self.elementwise(lambda u: self.checked(record.head(u, *extra), node), first)

    def _primed(self, record: ScalarFunction, u: Expr, extra: tuple[Expr, ...], primes: int) -> Expr:
        plain = is_quantity(u)
        x = u if plain else scalar(self._unused("u"))
        result: Expr = record.head(x, *extra)
        for _ in range(primes):
            result = D(result, x)
        return result if plain else At(result, x, u)

    def _unused(self, name: str) -> str:
        taken = self.names.quantities | self.names.plain | self.names.families
        while name in taken:
            name += "'"
        return name

    def of_family(self, record: FamilyFunction, items: tuple[Node, ...], node: Node, primes: int) -> Value:
        if primes or not items:
            raise self.error(f"{record.name} takes one vector", node)
        # \text{softmax}(2, 1, 0): the numbers in the brackets are the vector.
        value = self._shifted(items[0]) if len(items) == 1 else self.written_out(tuple((i,) for i in items), node)
        if self.session.tolerant and isinstance(value, Indexed) and not record.is_total:
            label, (*first, last) = value.base.label, value.indices
            axis = self.ranges.axis(label.name, len(first))
            return record.component(lambda i: family(label, *first, i), axis.lo_symbol, axis.hi_symbol, last)
        if not isinstance(value, Array) or value.rank < 1:
            raise self.error(f"{record.name} takes a vector", items[0], r"declare it: z \in \mathbb{R}^{K}")
        axis = value.axes[-1]
        entry = value.entry
        if record.is_total:
            if value.rank == 1:
                return record.component(lambda i: entry(i), axis.lo_symbol, axis.hi_symbol, None)
            return Array(
                value.axes[:-1],
                lambda *at: record.component(lambda i: entry(*at, i), axis.lo_symbol, axis.hi_symbol, None),
            )
        return Array(
            value.axes,
            lambda *at: record.component(lambda i: entry(*at[:-1], i), axis.lo_symbol, axis.hi_symbol, at[-1]),
        )

    def _shifted(self, node: Node) -> Value:
        r"""The value of what \text{softmax}(x + c) is taken of: beside a proof a number is added to every entry."""
        if not self.session.tolerant or not isinstance(node, Sum):
            return self.value(node)
        terms = [(sign, self.value(term), term) for sign, term in node.terms]
        vectors = [t for t in terms if isinstance(t[1], Array)]
        numbers = [t for t in terms if not isinstance(t[1], Array)]
        whole, shift = (self.added(part) if part else S.Zero for part in (vectors, numbers))
        if not isinstance(whole, Array) or isinstance(shift, Array):
            return shift
        entry = whole.entry
        return Array(whole.axes, lambda *at: entry(*at) + shift, whole.row, whole.gradient)

    def _call(self, node: Call) -> Value:
        name, items = node.function, node.arguments
        if rf"\mathrm{{{name}}}" in self.names.functions and node.base is None and not node.primes:
            return self._own_call(node)
        if name in EXTREMES and (found := self.over_reals(node)) is not None:
            return found
        if node.bare and isinstance(items[0], Product):
            self._check_bare(name, items[0])
        if name in ("max", "min"):
            if self.session.tolerant and len(items) == 1 and not node.power and not node.primes:
                return self.listed(node)
            if node.base or node.power or node.primes:
                raise self.error(rf"\{name} takes its arguments in brackets", node)
            values = [self.value(i) for i in items]
            if len(values) < 2:
                raise self.error(rf"\{name} takes two arguments or more", node)
            head = Maximum if name == "max" else Minimum
            arrays = [v for v in values if isinstance(v, Array)]
            if not arrays:
                return head(*values)
            for other in arrays[1:]:
                self.align(arrays[0], other)
            return Array(arrays[0].axes, lambda *at: head(*[entry_of(v, *at) for v in values]))
        if name == "det":
            whole = self.determinant(self.value(items[0]), node)
            return whole if node.power is None else self.raised(whole, node.power, node)
        if name == "diag":
            return self.diagonal(node)
        if name in ("tr", "Tr", "trace"):
            value = self.value(items[0])
            if not isinstance(value, Array) or value.rank != 2:
                raise self.error("the trace of a matrix", node)
            self.ranges.same(value.axes[0], value.axes[1])
            j = self.ranges.dummy()
            return Sigma.over(j, value.axes[0].lo_symbol, value.axes[0].hi_symbol, value.entry(j, j))
        if name in ("log", "ln", "lg"):
            self.session.spelling.setdefault("log", "ln" if name == "ln" else "log")
        record = by_spelling().get("log" if name == "lg" else name)
        if record is None:
            raise self.unknown(name, node)
        value = self._log(node, record) if record.name == "log" else self.called(record, node.primes, items, node)
        if node.power is not None:
            if isinstance(node.power, Sum) or (isinstance(node.power, Number) and node.power.text.startswith("-")):
                exponent = self.scalar(node.power)
                if exponent.is_negative:
                    raise self.error("a negative power at a function may mean its inverse", node, "bracket the value")
            value = self.raised(value, node.power, node)
        return value

    def _own_call(self, node: Call) -> Value:
        """A function of the problem that has the name of a built-in one."""
        head = Word(node.at, node.end, node.function, "operatorname")
        key = rf"\mathrm{{{node.function}}}"
        group = Group(node.at, node.end, "(", node.arguments)
        value = self.declared(Occurrence(key, None, (), head), head, key, group)
        return value if node.power is None else self.raised(value, node.power, node)

    def is_applied(self, head: Node, group: Group) -> bool:
        """Whether a bracket belongs to the name before it."""
        return self.applied(head, group) is not None

    def _check_bare(self, name: str, argument: Product) -> None:
        """Refuses a bracket in an argument without brackets, unless it belongs to a function: \\log a (b + c)."""
        for (_, head), (_, following) in zip(argument.parts, argument.parts[1:], strict=False):
            core = following.core if isinstance(following, Scripted) else following
            if isinstance(core, Group) and core.bracket and not self.is_applied(head, core):
                message = f"it is not clear whether this bracket belongs to the argument of {name}"
                raise self.error(message, core, f"bracket the argument: {name}(…)")

    def _log(self, node: Call, record: ScalarFunction | FamilyFunction) -> Value:
        value = self.called(record, node.primes, node.arguments, node)
        base: Expr | None = None
        if node.function == "lg" and node.base is None and self.session.tolerant and self.session.log_base is None:
            raise self.error(r"\lg may be the logarithm to base 2 or 10", node, r"write \log_2 or \log_{10}")
        if node.function == "lg":
            base = Integer(self.session.log_base or 10)
        if node.function == "log" and self.session.log_base is not None:
            base = Integer(self.session.log_base)
        if node.base is not None:
            base = self.scalar(node.base)
        if base is None or base == exp(1):
            return value
        if node.function == "ln":
            raise self.error(r"\ln with another base", node)
        below = log(base)
        if below == 0:
            raise self.error("the logarithm to the base 1", node)
        return self.elementwise(lambda u: u / below, value)


def _with_argument(body: Expr, parameter: Expr) -> Callable[[Expr], Expr]:
    return lambda u: put(body, {parameter: u})


def _with_members(expr: Expr, entries: Mapping[Symbol, Callable[..., Expr]]) -> Expr:
    if isinstance(expr, Indexed):
        entry = entries.get(expr.base.label)
        return expr if entry is None else made_inside(entry, expr.indices)
    if not expr.args:
        return expr
    return expr.func(*[_with_members(a, entries) for a in expr.args])


def _is_inverse(power: Node) -> bool:
    """Whether a superscript is -1: at a function it is no reciprocal."""
    if not isinstance(power, Sum) or len(power.terms) != 1:
        return False
    sign, one = power.terms[0]
    return sign < 0 and isinstance(one, Number) and one.text == "1"


def is_parameter(argument: Value, parameter: Expr) -> bool:
    return _is_whole(argument, parameter) if isinstance(argument, Array) else argument == parameter


def _is_whole(argument: Array, parameter: Expr) -> bool:
    """Whether the argument is the family itself that the parameter stands for."""
    probe = argument.entry(*[Symbol(f"?p{n}", integer=True) for n in range(argument.rank)])
    return _same_family(probe, parameter)


def _same_family(a: Expr, b: Expr) -> bool:
    label_a = a.base.label if isinstance(a, Indexed) else a
    label_b = b.base.label if isinstance(b, Indexed) else b
    return bool(label_a == label_b)
