"""Derivatives as fractions, in a line, and by nabla; integrals."""

from __future__ import annotations

from dataclasses import replace

from symdl.read.commands import FUNCTIONS, GREEK
from symdl.read.factors import Factors
from symdl.read.nodes import (
    EVERYWHERE,
    Derivative,
    Evaluated,
    Fraction,
    Group,
    Integrated,
    Mark,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Word,
)
from symdl.read.scripts import layer_of, spell
from symdl.read.source import Token


class Differentials(Factors):
    """Reads derivatives."""

    def fraction(self, token: Token) -> Node:
        found = self.attempt(lambda: self.derivative_fraction(token))
        if found is not None:
            return found
        with self.deeper():
            top = self.single()
            below = self.single()
        if (
            isinstance(top, Number)
            and isinstance(below, Number)
            and _is_proper(top, below)
            and self._after_number(token)
        ):
            raise self.error(
                "a number right before a fraction: a mixed number or a product", token, r"write \cdot or +"
            )
        return Fraction(token.at, self.behind, top, below)

    def _after_number(self, token: Token) -> bool:
        n = next(k for k, t in enumerate(self.tokens) if t.at == token.at)
        is_script = n > 1 and self.tokens[n - 2].text in ("_", "^")
        return n > 0 and self.tokens[n - 1].kind == "number" and not is_script

    def _differential(self) -> str | None:
        """Takes the sign of a differential: "partial", "d" or "plus"."""
        token = self.now
        if (token.kind == "letter" and token.text == "d") or (
            token.kind == "word" and token.text == "d" and token.large
        ):
            self.take()
            return "d"
        if token.kind == "command" and token.text == "delta" and self.depth and self._is_variation():
            self.take()
            return "partial"
        if token.kind == "command" and token.text == "partial":
            self.take()
            if self.sees("op", "^") and (
                self.peek().text == "+"
                or (self.peek().text == "{" and self.peek(2).text == "+" and self.peek(3).text == "}")
            ):
                self.n += 2 if self.peek().text == "+" else 4
                return "plus"
            return "partial"
        return None

    def _is_variation(self) -> bool:
        r"""Whether \delta is a differential here, \frac{\delta y}{\delta u}: it begins a brace and bears no scripts."""
        before, after = self.tokens[self.n - 1], self.peek()
        return (
            before.kind == "open" and before.text == "{" and (after.kind in ("letter", "word") or after.text in GREEK)
        )

    def _order(self) -> int:
        if not self.sees("op", "^"):
            return 1
        self.take()
        power = self.single()
        if not isinstance(power, Number) or not power.text.isdigit() or not 1 <= int(power.text) <= 9:
            raise self.error("the order of a derivative is a number from 1 to 9")
        return int(power.text)

    def derivative_fraction(self, token: Token) -> Node | None:
        if not self.sees("open", "{"):
            return None
        self.take()
        with self.deeper(), self.no_bars():
            kind = self._differential()
            if kind is None:
                return None
            order = self._order()
            of: Node | None = None
            if not self.sees("close", "}"):
                of = self.expression()
            if not self.sees("close", "}"):
                return None
            self.take()
            self.want("open", "{", "the variable")
            wrt = self.variables(order, "}")
            self.want("close", "}", "a closing brace")
        if of is None:
            of = self._after_operator()
        node = _with_order(Derivative(token.at, self.behind, kind, order, of, wrt))
        return self._taken_at(_inside(node))

    def _taken_at(self, node: Node) -> Node:
        r"""A derivative, taken at a member of what it is by where brackets behind it hold one: \frac{dJ}{dw}(w_0)."""
        if not isinstance(node, Derivative) or not self.sees("open", "(") or not isinstance(node.of, Name):
            return node
        n = self.n
        group = self.attempt(self.group)
        if isinstance(group, Group) and (found := _at_members(node, node.of, group)) is not None:
            return found
        self.n = n
        return node

    def _after_operator(self) -> Node:
        """The operand of d/dx: the bracket that follows, or the rest of the term."""
        if self.sees("open", "(", "[", r"\{"):
            start = self.now.at
            group = self.group()
            if self.sees("op", "^", "_"):
                return self.scripted(group, start)
            return group
        if not self.starts_factor():
            raise self.unexpected("what is to be differentiated")
        with self.deeper():
            return self.term()

    def variables(self, order: int, closing: str) -> tuple[tuple[Node, int], ...]:
        """The differentials of a denominator, whose orders add up to `order`."""
        found: list[tuple[Node, int]] = []
        while not self.sees("close", closing):
            if self.sees("open", "{", "("):
                found.append(self._enclosed())
                continue
            if self._differential() is None:
                raise self.unexpected("a differential")
            variable, times = self.variable(order)
            if closing == "}" and self.sees("open", "[", "(") and self.now.at == self.behind:
                # Nothing is multiplied here: \partial y[n].
                group = self.group()
                variable = Product(variable.at, self.behind, (("", variable), ("", group)))
            found.append((variable, times))
            while self.sees("op", "*") or self.sees("command", "cdot"):
                self.take()
        total = sum(n for _, n in found)
        if total != order or not found:
            raise self.error(f"a derivative of order {order} by variables of order {total}")
        return tuple(found)

    def _enclosed(self) -> tuple[Node, int]:
        """One variable with its differential in braces or brackets, {dx}^2, and how often."""
        closing = {"{": "}", "(": ")"}[self.take().text]
        if self._differential() is None:
            raise self.unexpected("a differential")
        variable, _ = self.variable(1)
        self.want("close", closing, "a closing bracket")
        return variable, self._order()

    def variable(self, order: int) -> tuple[Node, int]:
        """One variable and how often: a last power that is a number counts differentiations where the order says so."""
        start = self.now.at
        if self.sees("word") and self.now.text in FUNCTIONS:
            return self.factor(), 1
        core = self.atom(bare_words=True)
        node = self.scripted(core, start)
        if isinstance(node, Scripted) and order > 1 and node.sups:
            last = node.sups[-1]
            if isinstance(last, Number) and last.text.isdigit() and 1 < int(last.text) <= order:
                rest = node.sups[:-1]
                inner = Scripted(node.at, node.end, node.core, node.subs, rest, node.primes)
                bare = inner if node.subs or rest or node.primes else node.core
                return bare, int(last.text)
        return node, 1

    def inline_derivative(self) -> Node | None:
        """`dL/dz`, `\\partial L/\\partial z`, `d/dx (…)`."""
        token = self.now
        kind = self._differential()
        if kind is None:
            return None
        order = self._order()
        of: Node | None = None
        if not self.sees("op", "/"):
            of = self.scripted(self.atom(bare_words=True), self.now.at)
        if not self.sees("op", "/"):
            return None
        self.take()
        bracketed = self.sees("open", "(") and self.peek().text in ("d", "partial")
        if bracketed:
            self.take()
            wrt = self.variables(order, ")")
            self.want("close", ")", "a closing bracket")
        else:
            found: list[tuple[Node, int]] = []
            while sum(n for _, n in found) < order:
                if self._differential() is None:
                    return None
                found.append(self.variable(order))
            wrt = tuple(found)
        if sum(n for _, n in wrt) != order:
            return None
        if of is None:
            of = self._after_operator()
        return Derivative(token.at, self.behind, kind, order, of, wrt)

    def partial_by(self, token: Token) -> Node:
        r"""\partial_x f, \partial_{xy} f and \partial_x^2 f."""
        self.take()
        items = self.script()
        letters = items[0].parts if len(items) == 1 and isinstance(items[0], Product) else ()
        if letters and not any(sign for sign, _ in letters):
            items = tuple(n for _, n in letters)
        order = self._order()
        if order > 1 and len(items) > 1:
            raise self.error("a power at a derivative by several variables", token)
        of = self._operand()
        return Derivative(token.at, self.behind, "partial", order * len(items), of, tuple((x, order) for x in items))

    def nabla(self, token: Token) -> Node:
        wrt: tuple[Node, ...] = ()
        order = 1
        while self.sees("op", "_", "^"):
            if self.take().text == "_":
                wrt = self.script()
            else:
                power = self.single()
                order = 2 if isinstance(power, Number) and power.text == "2" else 0
        if len(wrt) > 1:
            raise self.error(r"\nabla has one variable", token, r"write \nabla_x L")
        if order == 0:
            raise self.error(r"\nabla is read to the power 2 only", token)
        end = self.behind
        of = self._operand()
        if isinstance(of, Nabla) and not wrt and order == of.order == 1:
            return Nabla(token.at, end, 2, of.wrt, of.of)
        return Nabla(token.at, end, order, wrt[0] if wrt else _only_argument(of, token), of)

    def integral(self, token: Token) -> Node:
        r"""\int_a^b f\,dx, \int_{\mathbb{R}} f\,dx and \int f\,dx, of all that stands before its differential."""
        scripts: dict[str, Node] = {}
        while self.sees("op", "_", "^"):
            sign = self.take().text
            items = self.script() if sign == "_" else (self.superscript(),)
            if len(items) == 1:
                scripts[sign] = items[0]
        low, high = scripts.get("_"), scripts.get("^")
        if isinstance(low, Name) and low.text == r"\mathbb{R}" and high is None:
            infinity = Mark(token.at, token.end, "infty")
            low, high = Sum(token.at, token.end, ((-1, infinity),)), infinity
        if not scripts:
            low = high = Mark(token.at, token.end, EVERYWHERE)
        if low is None or high is None:
            raise self.error("an integral without two ends", token)
        k = self._own_differential(token)
        sign_of_it = self.tokens[k]
        self.tokens[k] = replace(sign_of_it, kind="close")
        try:
            with self.deeper(), self.no_bars():
                body: Node = Number(sign_of_it.at, sign_of_it.at, "1") if self.n == k else self.expression()
        finally:
            self.tokens[k] = sign_of_it
        if self.n != k:
            raise self.unexpected("the differential of the integral")
        self.take()
        variable = self.single() if self.sees("open", "{") else self.atom(bare_words=True)
        if isinstance(body, Number) and body.at == body.end and self.starts_factor():
            raise self.error("an integrand behind its differential", token)
        return Integrated(token.at, self.behind, variable, low, high, body)

    def _own_differential(self, token: Token) -> int:
        """Where the differential of an integral stands: that of an inner one belongs to it."""
        depth = inner = 0
        for k in range(self.n, len(self.tokens) - 1):
            here, following = self.tokens[k], self.tokens[k + 1]
            if following.text == "{" and [t.kind for t in self.tokens[k + 2 : k + 4]] == ["letter", "close"]:
                following = self.tokens[k + 2]
            depth += (here.kind in ("open", "begin")) - (here.kind in ("close", "end"))
            if depth < 0 or here.kind in ("relation", "stop"):
                break
            inner += depth == 0 and here.kind == "command" and here.text == "int"
            is_sign = here.kind in ("letter", "word") and here.text == "d"
            if is_sign and depth == 0 and (following.kind == "letter" or following.text in GREEK):
                if not inner:
                    return k
                inner -= 1
        raise self.error("an integral without its differential", token)

    def _operand(self) -> Node:
        """What a derivative sign without a numerator acts on: a bracket, a name applied to one, or the next factor."""
        start = self.now.at
        if not self.starts_factor():
            raise self.unexpected("what is to be differentiated")
        with self.deeper():
            first = self.factor()
            if isinstance(first, (Name, Scripted, Word)) and self.sees("open", "(", "["):
                return Product(start, self.behind, (("", first), ("", self.factor())))
            parts = [("", first)]
            while _is_row(first) and self.starts_factor():
                parts.append(("", self.factor()))
        return Product(start, self.behind, tuple(parts)) if len(parts) > 1 else first


def _is_proper(top: Number, below: Number) -> bool:
    """Whether a fraction may be the rest of a mixed number: one of more than 1 is a factor."""
    is_whole = top.text.isdigit() and below.text.isdigit()
    return not is_whole or int(top.text) < int(below.text)


def _is_row(node: Node) -> bool:
    """Whether a factor is transposed, so that what is differentiated goes on: (x - m)^T A (x - m)."""
    return isinstance(node, Scripted) and any(spell(s) in ("T", r"\top", "top") for s in node.sups)


def _only_argument(node: Node, token: Token) -> Node:
    r"""The x of \nabla f(x); the function's own argument, as a mark, where none is written."""
    group = node.parts[1][1] if isinstance(node, Product) and len(node.parts) == 2 else None
    if isinstance(group, Group) and len(group.items) == 1 and isinstance(group.items[0], (Name, Scripted)):
        return group.items[0]
    return Mark(token.at, token.end, "argument")


def _inside(node: Derivative) -> Node:
    r"""A derivative of what is taken at a member of what it is by, \frac{dJ(w_0)}{dw}, as its value there."""
    parts = node.of.parts if isinstance(node.of, Product) else ()
    if len(parts) != len(("head", "brackets")) or parts[1][0] or not isinstance(parts[0][1], (Name, Scripted)):
        return node
    group = parts[1][1]
    return (isinstance(group, Group) and _at_members(node, parts[0][1], group)) or node


def _with_order(node: Derivative) -> Derivative:
    r"""A derivative with its order at the function, \frac{df^2}{da^2}, with it at the sign: \frac{d^2 f}{da^2}."""
    of, (variable, _) = node.of, node.wrt[0]
    both = (of, variable) if len(node.wrt) == node.order == 1 else ()
    bare = [n for n in both if isinstance(n, Scripted) and isinstance(n.core, Name) and not n.subs and not n.primes]
    powers = {n.sups[0].text for n in bare if len(n.sups) == 1 and isinstance(n.sups[0], Number)}
    if len(bare) < len((of, variable)) or len(powers) != 1 or any(len(n.sups) != 1 for n in bare):
        return node
    power = powers.pop()
    if not power.isdigit() or not 1 < int(power) <= _MAX_ORDER or not all(isinstance(n.sups[0], Number) for n in bare):
        return node
    return replace(node, order=int(power), of=bare[0].core, wrt=((bare[1].core, int(power)),))


_MAX_ORDER = 9


def _at_members(node: Derivative, head: Node, group: Group) -> Node | None:
    """The value of the derivative of a function of names, w and b, at members of these, w_0 and b_0."""
    letters: list[Node] = []
    for item in group.items:
        steps = (*item.sups, *item.subs) if isinstance(item, Scripted) else ()
        if isinstance(item, Scripted) and item.primes == 0 and len(steps) == 1 and _is_step(item):
            letters.append(item.core)
    names = [n.text for n in letters if isinstance(n, Name)]
    by = [v.text for v, _ in node.wrt if isinstance(v, Name)]
    is_whole = len(names) == len(group.items) == len(set(names)) > 0 and group.bracket == "(" and not group.bars
    if not is_whole or len(by) != len(node.wrt) or not set(by) <= set(names):
        return None
    if len(letters) == node.order == 1:
        # It may be a vector.
        taken = Product(node.of.at, node.of.end, (("", head), ("", group)))
        return Nabla(node.at, node.end, 1, group.items[0], taken)
    of = Product(node.of.at, node.of.end, (("", head), ("", replace(group, items=tuple(letters)))))
    settings = tuple(Relation(i.at, i.end, (x, i), ("=",)) for x, i in zip(letters, group.items, strict=True))
    return Evaluated(node.at, node.end, replace(node, of=of), settings)


def _is_step(member: Scripted) -> bool:
    """Whether a member is one at a step, or at the one beside it, or one with a number: w_0, w_t, w_{i-1}, w^{(k)}."""
    at = member.subs[0] if member.subs else None
    beside = [type(n) for _, n in at.terms] == [Name, Number] if isinstance(at, Sum) else False
    letter = beside or (isinstance(at, Name) and at.text in ("t", "k", "n"))
    return layer_of(member) is not None if at is None else letter or isinstance(at, Number)
