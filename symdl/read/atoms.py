"""Numbers, names, words, functions with their arguments, and the commands that stand for a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from symdl.language.functions import by_spelling
from symdl.read.commands import ACCENTS, FONTS, FUNCTIONS, GREEK, MATRIX_FUNCTIONS
from symdl.read.dotted import by_dots
from symdl.read.environments import Environments
from symdl.read.nodes import (
    Big,
    Binomial,
    Call,
    Fraction,
    Group,
    Indicator,
    Limiting,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Root,
    Scripted,
    Sum,
    Word,
)
from symdl.read.scripts import inside_of, spell
from symdl.read.source import Token


def _is_monomial(node: Node) -> bool:
    """Whether a node is names side by side, each perhaps with an index or a power: x^2 and x_i y."""
    parts = [n for sign, n in node.parts if not sign] if isinstance(node, Product) else [node]
    is_plain = not isinstance(node, Product) or len(parts) == len(node.parts)
    return is_plain and all(isinstance(n.core if isinstance(n, Scripted) else n, Name) for n in parts)


def is_phrase(text: str) -> bool:
    """Whether words are short and plain enough to be a quantity's name."""
    words = text.split()
    return len(words) <= _LONG_NAME and _PHRASE.fullmatch(" ".join(words)) is not None


_LONG_NAME = 5
_PHRASE = re.compile(r"(?:\\[#%]\s*)?[A-Za-z0-9](?:[A-Za-z0-9 /-]|\\[_#%]|(?<=\b[Nn]o)\.(?= )|(?<=\b[Nn]um)\.(?= ))*")

_LETTERS = GREEK | ACCENTS | FONTS

PLAIN_FONTS = ("mathit", "mathtt", "texttt")
"""Fonts in which a letter names what it names without them."""


class Atoms(Environments):
    """Reads what a factor is without its scripts."""

    def atom(self, bare_words: bool = False) -> Node:
        token = self.now
        if token.kind == "number":
            self.take()
            is_ones = token.text == self.now.text == "1" and self.peek().text == "^"
            if self.now.kind == "number" and not (is_ones and self.lenient):
                raise self.error("two numbers side by side")
            return Number(token.at, token.end, token.text)
        if token.kind == "letter":
            if token.text == "d" and not bare_words:
                found = self.attempt(self.inline_derivative)
                if found is not None:
                    return found
            self.take()
            return Name(token.at, token.end, token.text)
        if token.kind == "word":
            return self.word(bare_words)
        if token.kind == "text" and is_phrase(token.text):
            self.take()
            return Word(token.at, token.end, " ".join(token.text.split()), token.large)
        if token.kind == "open":
            return self.group()
        if token.kind == "begin":
            return self.environment()
        if token.kind == "op" and token.text in ("|", "||"):
            return self.between_bars()
        if token.kind == "command":
            return self.command(bare_words)
        if token.kind == "op" and token.text == "." and token.large == "left":
            return self.open_left()
        raise self.unexpected("a number, a name or a bracket")

    def word(self, bare: bool) -> Node:
        token = self.now
        style = token.large
        name = token.text
        if style in ("mathrm", "operatorname") and name == "d" and not bare:
            found = self.attempt(self.inline_derivative)
            if found is not None:
                return found
        self.take()
        node = Word(token.at, token.end, name, style)
        if style and name in ("argmin", "argmax", "sup", "inf") and not bare and self.lenient:
            return self.extreme(token, name)
        is_function = name in FUNCTIONS or name in by_spelling() or name in MATRIX_FUNCTIONS
        if name == "1" and style:
            return self.indicator(token)
        if bare or not is_function:
            return node
        if name in ("max", "min") and self.lenient and self.sees("op", "_"):
            found = self.attempt(lambda: self.extreme(token, name))
            if found is not None:
                return found
        base: Node | None = None
        power: Node | None = None
        primes = 0
        while self.sees("op", "_", "^", "'"):
            sign = self.take().text
            if sign == "'":
                primes += 1
            elif sign == "_":
                base = self._one(self.script(), token)
            else:
                power = self.superscript()
                if isinstance(power, Mark) and set(power.text) == {"'"}:
                    primes, power = primes + len(power.text), None
        bare_argument = not self.sees("open")
        with self.deeper():
            arguments = self.call_arguments(name)
        if not arguments:
            if primes or base or power:
                raise self.error(f"the argument of {name} is missing")
            return node
        if name == "diag" and (entries := by_dots(arguments)) is not None:
            arguments = (entries,)
        return Call(token.at, self.behind, name, base, power, primes, arguments, bare_argument)

    def extreme(self, token: Token, name: str) -> Node:
        r"""\min_x f, \sup f, \arg\min_{w, b} L: over the variables below it, of the term after it."""
        base: Node | None = None
        if self.sees("op", "_"):
            self.take()
            items = self.script()
            base = items[0] if len(items) == 1 else Group(token.at, self.behind, "", items)
        with self.deeper():
            n = self.n
            group = self.attempt(self.group) if self.sees("open", "(", "[", r"\{") else None
            if isinstance(group, Group) and not (self.starts_factor() or self.sees("op", "^", "_", "*", "/")):
                return Call(token.at, self.behind, name, base, None, 0, group.items)
            self.n = n
            body = self.term()
        return Call(token.at, self.behind, name, base, None, 0, (body,), bare=True)

    def limit(self, token: Token) -> Node:
        r"""\lim_{x \to 0^+} f of the term f."""
        self.want("op", "_", "where the limit is taken")
        self.want("open", "{", "a brace")
        with self.deeper(), self.no_bars():
            variable = self.expression()
            if not self.sees("command", "to", "rightarrow"):
                raise self.unexpected(r"\to")
            self.take()
            point = self.expression()
            self.want("close", "}", "a closing brace")
        side = 0
        if isinstance(point, Scripted) and len(point.sups) == 1 and isinstance(point.sups[0], Mark):
            side = {"+": 1, "-": -1}.get(point.sups[0].text, 0)
            point = point.core if side and not point.subs else point
        with self.deeper():
            body = self.term()
        return Limiting(token.at, self.behind, variable, point, side, body)

    def call_arguments(self, name: str) -> tuple[Node, ...]:
        if self.sees("open", "(", "[", r"\{"):
            # f(x)^2 squares the value; it is the caller's factor that takes the script.
            group = self.group()
            assert isinstance(group, Group)
            return group.items
        if self.sees("open", "{") and not self._is_braced_power():
            return self.braces()
        if not self.starts_factor() and not self.sees("op", "-"):
            return ()
        start = self.now.at
        if self.sees("op", "-"):
            raise self.error(f"the argument of {name} begins with a sign", None, f"bracket it: {name}(-x)")
        parts: list[tuple[str, Node]] = [("", self.factor())]
        if isinstance(parts[0][1], (Call, Big)):
            return (parts[0][1],)
        while self.starts_factor() and not self.sees("command", "sum", "prod", "nabla", "partial"):
            here = self.now
            if self.sees("word") and not self._plain_word() and not self._is_density(name, parts):
                break
            is_bracket = self.sees("open", "(", "[") or self.sees("begin")
            if is_bracket and not _may_be_applied(parts[-1][1]):
                raise self.error(
                    f"it is not clear whether this bracket belongs to the argument of {name}", here,
                    f"bracket the argument: {name}(…)",
                )  # fmt: skip
            parts.append(("", self.factor()))
        if self.sees("command", "sum", "prod") and (share := _share(parts[-1][1])) is not None:
            # log 1/K sum_k: what the sum is divided by belongs to it.
            here = self.now
            whole = self.factor()
            if not (isinstance(whole, Big) and whole.above is not None and _denotes(whole.above, share)):
                raise self.error(
                    f"it is not clear whether the sum belongs to the argument of {name}", here,
                    f"bracket the argument: {name}(…)",
                )  # fmt: skip
            parts.append(("", whole))
        over = self.peek()
        # log a / log b is a quotient of two logarithms.
        if self.sees("op", "/") and not (over.kind == "word" and over.text in FUNCTIONS):
            raise self.error(
                f"it is not clear whether the quotient belongs to the argument of {name}", None,
                f"bracket the argument: {name}(…)",
            )  # fmt: skip
        return (parts[0][1] if len(parts) == 1 else Product(start, self.behind, tuple(parts)),)

    def _is_braced_power(self) -> bool:
        """Whether braces around brackets are raised to a power, which is the argument then: {(2 s)}^{n/2}."""
        n = self.n
        found = self.attempt(lambda: self._one(self.braces(), self.now))
        is_power = isinstance(found, Group) and found.bracket == "(" and self.sees("op", "^")
        self.n = n
        return is_power

    def _is_density(self, name: str, parts: list[tuple[str, Node]]) -> bool:
        r"""Whether \log \frac{1}{Z} or \log {(2 \pi)}^{-n/2} goes on with \exp(…): it is that of the product."""
        cores = [part.core if isinstance(part, Scripted) else part for _, part in parts]
        is_scaled = all(isinstance(core, (Fraction, Group)) for core in cores)
        return name in ("log", "ln") and is_scaled and self.sees("word", "exp") and self.peek().kind == "open"

    def _plain_word(self) -> bool:
        name = self.now.text
        return name not in FUNCTIONS and name not in by_spelling() and name not in MATRIX_FUNCTIONS

    def indicator(self, token: Token) -> Node:
        """The `1` in bold: an indicator before a bracket or with a condition as subscript, else the vector of ones."""
        found = self.comparison(token.at)
        if found is not None:
            return found
        if self.sees("op", "_") and self.peek().text == "{":
            self.take()
            items = self.braces()
            inside = items[0].items if len(items) == 1 and isinstance(items[0], Group) else items
            if inside and all(isinstance(i, Relation) for i in inside):
                return Indicator(token.at, self.behind, inside)
            if len(items) == 1 and self.sees("open", "["):
                group = self.group()
                assert isinstance(group, Group)
                return Indicator(token.at, self.behind, group.items, items[0])
            return Mark(token.at, self.behind, "ones")
        return Mark(token.at, self.behind, "ones")

    def command(self, bare: bool) -> Node:
        token = self.take()
        name = token.text
        if name == "Delta" and (self.sees("letter") or self.sees("command", *_LETTERS)):
            return self.before_name(token, self.atom(bare_words=True), "what changes is one name")
        if name in GREEK:
            return Name(token.at, token.end, "\\" + name)
        if name == "partial":
            return self.partial(token, bare)
        if name == "infty":
            if not (bare or self.lenient):
                raise self.error("infinity is not a number here", token)
            return Mark(token.at, token.end, "infty")
        read = _COMMANDS.get(name)
        if read is None or (name == "arg" and not self.sees("word", "min", "max")):
            self.n -= 1
            raise self.unexpected("a number, a name or a bracket")
        return read(self, token)

    def before_name(self, token: Token, name: Node, otherwise: str) -> Node:
        r"""A name with a command before it that is part of it, \Delta w."""
        if not isinstance(name, Name):
            raise self.error(otherwise, token)
        return Name(token.at, name.end, rf"\{token.text} {name.text}")

    def partial(self, token: Token, bare: bool) -> Node:
        if self.sees("op", "_"):
            return self.partial_by(token)
        self.n -= 1
        found = None if bare else self.inline_derivative()
        if found is None:
            raise self.error(r"\partial without a derivative around it")
        return found

    def negated(self, token: Token) -> Node:
        name = self.single()
        if not isinstance(name, Name):
            raise self.error("a negation stands before one name", token)
        return Name(token.at, name.end, rf"\neg {name.text}")

    def binomial(self, token: Token) -> Node:
        whole, part = (self._one(self.braces(), token) for _ in range(2))
        return Binomial(token.at, self.behind, whole, part)

    def boxed(self, token: Token) -> Node:
        return Group(token.at, self.behind, "", (self._one(self.braces(), token),))

    def braced(self, token: Token) -> Node:
        """What a brace stands below or above of, without what is said there."""
        body = self._one(self.braces(), token)
        if self.sees("op", "_", "^"):
            self.take()
            self.skip_group()
        return Group(token.at, self.behind, "", (body,))

    def accented(self, token: Token) -> Node:
        body = self.single()
        if isinstance(body, Scripted) and _is_member(body) and isinstance(body.core, Name):
            inner = Name(token.at, self.behind, rf"\{_accent(token)}{{{body.core.text}}}")
            return replace(body, core=inner, at=token.at, end=self.behind)
        if isinstance(body, (Scripted, Product)) and token.text in ("overline", "bar") and _is_monomial(body):
            # The mean of the squares is a quantity of its own.
            return Name(token.at, self.behind, rf"\overline{{{spell(body)}}}")
        if isinstance(body, Number) and body.text == "0" and token.text == "vec":
            return Mark(token.at, self.behind, "zeros")
        if not isinstance(body, (Name, Word)):
            raise self.error(rf"\{token.text} stands over a single name", token)
        return Name(token.at, self.behind, rf"\{_accent(token)}{{{body.text}}}")

    def in_font(self, token: Token) -> Node:
        font = {"bm": "boldsymbol", "mathds": "mathbb"}.get(token.text, token.text)
        body = self.single()
        if isinstance(body, Number) and body.text == "1" and font in ("mathbf", "mathbb", "boldsymbol"):
            return self.indicator(token)
        if isinstance(body, Number) and body.text == "0" and font in ("mathbf", "boldsymbol"):
            return Mark(token.at, self.behind, "zeros")
        core = body.core if isinstance(body, Scripted) and _is_member(body) else body
        if isinstance(core, Name):
            name = Name(token.at, self.behind, core.text if font in PLAIN_FONTS else rf"\{font}{{{core.text}}}")
            return replace(body, core=name, at=token.at, end=self.behind) if isinstance(body, Scripted) else name
        if isinstance(body, Product) and all(isinstance(p, Name) and not s for s, p in body.parts):
            letters = "".join(p.text for _, p in body.parts if isinstance(p, Name))
            return Name(token.at, self.behind, rf"\{font}{{{letters}}}")
        if font in ("mathbf", "boldsymbol") and not any(isinstance(n, (Name, Word)) for n in inside_of(body)):
            # A number in bold is a result that is shown to be one.
            return body
        raise self.error(rf"\{token.text} stands around a single name", token)

    def root(self, token: Token) -> Node:
        degree: Node | None = None
        if self.sees("open", "["):
            group = self.group()
            assert isinstance(group, Group)
            degree = self._one(group.items, token)
        with self.deeper():
            if self.lenient and self.sees("number"):
                # Of \sqrt 144 no one means the 1 alone.
                return Root(token.at, self.now.end, degree, self.atom())
            if self.lenient and self.sees("open", "("):
                return Root(token.at, self.behind, degree, self.group())
            return Root(token.at, self.behind, degree, self.single())

    def big(self, token: Token) -> Node:
        below: tuple[Node, ...] = ()
        above: Node | None = None
        while self.sees("op", "_", "^"):
            if self.take().text == "_":
                below = self.script()
            else:
                above = self._one(self.script(), token)
        start = self.now.at
        with self.deeper():
            sign = self._signs()
            body = self.term()
        if sign < 0:
            body = Sum(start, self.behind, ((-1, body),))
        letters = {x.text for x in _subscripts(body)} if not below and above is None else set()
        if self.lenient and len(letters) == 1:
            # \sum h_i runs over i.
            below = (Name(token.at, token.end, letters.pop()),)
        if self.lenient and above is None and (letter := _picked(below, body)):
            below = (Name(token.at, token.end, letter), *below)
        return Big(token.at, self.behind, token.text, below, above, body)


def _picked(below: tuple[Node, ...], body: Node) -> str:
    r"""The letter of \sum_{y_i = 1} w_i, which picks the members of which a condition holds; none of any other sum."""
    condition = below[0] if len(below) == 1 else None
    head = condition.sides[0] if isinstance(condition, Relation) and len(condition.signs) == 1 else None
    if not isinstance(condition, Relation) or condition.signs[0] == "in" or not isinstance(head, Scripted):
        return ""
    letters = {x.text for x in _subscripts(head)}
    inside = [n for n in inside_of(body) if isinstance(n, (Scripted, Group)) and spell(n) != spell(head)]
    others = {x.text for n in inside for x in (n.subs if isinstance(n, Scripted) else n.items) if isinstance(x, Name)}
    return letters.pop() if len(letters) == 1 and letters <= others else ""


def _subscripts(node: Node) -> Iterator[Name]:
    """The usual letters for an index below the names of a formula."""
    for inner in inside_of(node):
        if isinstance(inner, Scripted) and isinstance(inner.core, Name):
            yield from (s for s in inner.subs if isinstance(s, Name) and s.text in _INDICES)


_INDICES = tuple("ijklmnt")


def _share(node: Node) -> Node | None:
    """What 1/n divides by: a name, or a number; None of any other factor."""
    if isinstance(node, Fraction) and isinstance(node.top, Number) and isinstance(node.below, (Name, Number)):
        return node.below
    return None


def _denotes(above: Node, share: Node) -> bool:
    """Whether a sum runs up to what it is divided by."""
    return isinstance(above, (Name, Number)) and isinstance(share, (Name, Number)) and above.text == share.text


def _may_be_applied(node: Node) -> bool:
    return isinstance(node.core if isinstance(node, Scripted) else node, (Name, Word))


def _accent(token: Token) -> str:
    """The accent that a command sets, whatever its width."""
    return {"widehat": "hat", "widetilde": "tilde", "overline": "bar"}.get(token.text, token.text)


def _is_member(node: Scripted) -> bool:
    """Whether a name has nothing but indices: below it, and in brackets above it."""
    return not node.primes and all(isinstance(s, Group) and s.bracket in ("(", "[") for s in node.sups)


_COMMANDS: dict[str, Callable[[Atoms, Token], Node]] = {
    **dict.fromkeys(ACCENTS, Atoms.accented),
    **dict.fromkeys(FONTS, Atoms.in_font),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), Atoms.fraction),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), Atoms.binomial),
    **dict.fromkeys(("neg", "lnot"), Atoms.negated),
    **dict.fromkeys(("sum", "prod"), Atoms.big),
    **dict.fromkeys(("underbrace", "overbrace"), Atoms.braced),
    **dict.fromkeys(("sup", "inf", "argmin", "argmax"), lambda read, token: read.extreme(token, token.text)),
    "arg": lambda read, token: read.extreme(token, f"arg{read.take().text}"),
    "boxed": Atoms.boxed,
    "dots": lambda read, token: Mark(token.at, token.end, "dots"),
    "lim": Atoms.limit,
    "int": Atoms.integral,
    "nabla": Atoms.nabla,
    "sqrt": Atoms.root,
}
"""The commands that begin a value which is no name, and what reads them."""
