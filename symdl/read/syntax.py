r"""Tokens to a surface tree: what stands where, before any name is understood.

What only the context can decide is left open: a name before a bracket is a product whose second factor `touches` the
first, a subscript is a list of items, a superscript may be a label, a power or a transposition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from symdl.errors import ReadError
from symdl.language.functions import by_spelling
from symdl.read.tokens import ACCENTS, FONTS, FUNCTIONS, GREEK, Source, Token, tokens

MAX_DEPTH = 60
"""Deeper nesting is refused: every level costs several frames here and in each layer above."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula; `at` is where it starts in the source, `end` where it stops."""

    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A letter, with accent or font: `text` is its canonical LaTeX."""

    text: str


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A word of several letters that stands for itself (`\\mathrm{KL}`), or a label in a script."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Mark(Node):
    """A sign that is only seen as a superscript or as a piece of a list: `*`, `+`, `top`, dots, infinity, `?`."""

    text: str


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Items in brackets; `bracket` is the opening one, "" for braces that are not printed.  `bars` if not by commas."""

    bracket: str
    items: tuple[Node, ...]
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    core: Node
    subs: tuple[Node, ...]
    sups: tuple[Node, ...]
    primes: int


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors with the sign before each: "" (side by side), "*", "/", "odot"."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True, slots=True)
class Factorial(Node):
    body: Node


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    top: Node
    below: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    degree: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Big(Node):
    """A sum or product sign with its scripts and the term it takes."""

    kind: str
    below: tuple[Node, ...]
    above: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function word with its argument, which stands in brackets or, bare, is a product of factors."""

    function: str
    base: Node | None
    power: Node | None
    primes: int
    arguments: tuple[Node, ...]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """kind "partial", "d" or "plus"; `wrt` are the variables with their orders, outermost first."""

    kind: str
    order: int
    of: Node
    wrt: tuple[tuple[Node, int], ...]


@dataclass(frozen=True, slots=True)
class Nabla(Node):
    order: int
    wrt: Node
    of: Node


@dataclass(frozen=True, slots=True)
class Bars(Node):
    """An absolute value ("|") or a norm ("||") of the body."""

    kind: str
    body: Node


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class CaseRows(Node):
    """The rows of a case split: value, and condition or None for the remaining case."""

    rows: tuple[tuple[Node, tuple[Node, ...] | None], ...]


@dataclass(frozen=True, slots=True)
class Evaluated(Node):
    body: Node
    settings: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Indicator(Node):
    """1 where the conditions hold; `at_zero` is the value at the edge of u > 0, where it is written."""

    conditions: tuple[Node, ...]
    at_zero: Node | None = None


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """Sides with the signs between them; `signs[n]` stands before `sides[n + 1]`."""

    sides: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One relation, or one expression, of a display; `words` are those that follow it, `before` those before it.

    A side that cannot be read is its error.  `joins` tells that it begins with a relation sign and goes on from the
    statement before it.
    """

    sides: tuple[Node | ReadError, ...]
    signs: tuple[str, ...]
    ats: tuple[int, ...]
    ends: tuple[int, ...]
    words: str = ""
    comma: bool = False


DERIVATIVE_LETTERS = ("d", "partial")
_FACTOR_COMMANDS = (
    GREEK
    | ACCENTS
    | FONTS
    | frozenset(
        [
            "frac",
            "dfrac",
            "tfrac",
            "cfrac",
            "sqrt",
            "sum",
            "prod",
            "partial",
            "nabla",
            "infty",
            "boxed",
            "underbrace",
            "overbrace",
            "lvert",
            "lVert",
            "dots",
        ]
    )
)
_TRANSPOSES = frozenset({"top", "intercal"})


_CLOSING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}


class Parser:
    """A recursive descent over the tokens of one formula."""

    def __init__(self, source: Source, lenient: bool = False, conditions: bool = False) -> None:
        self.source = source
        self.lenient = lenient
        self.tokens = _with_rows(tokens(source, lenient), source.text)
        if conditions:
            self.tokens = _without_brackets(self.tokens)
        if lenient:
            self.tokens = _without_marks(self.tokens)
        self.n = 0
        self.depth = 0
        self.bars: list[str] = []
        self.boxes = 0

    # Looking and taking

    @property
    def now(self) -> Token:
        return self.tokens[self.n]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.n + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.n]
        if token.kind != "stop":
            self.n += 1
        return token

    def sees(self, kind: str, *texts: str) -> bool:
        token = self.tokens[self.n]
        return token.kind == kind and (not texts or token.text in texts)

    def error(self, message: str, token: Token | None = None, hint: str = "") -> ReadError:
        return self.source.error(message, (token or self.now).at, hint)

    def unexpected(self, wanted: str) -> ReadError:
        token = self.now
        if token.kind == "bad":
            return self.error(token.text)
        found = "the formula ends" if token.kind == "stop" else f"found {self.source.text[token.at : token.end][:30]!r}"
        return self.error(f"{found} where {wanted} was expected")

    def want(self, kind: str, text: str, name: str) -> Token:
        if not self.sees(kind, text):
            raise self.unexpected(name)
        return self.take()

    @property
    def behind(self) -> int:
        """Where the last token taken ends."""
        return self.tokens[self.n - 1].end if self.n else 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"the formula is nested more than {MAX_DEPTH} levels deep")
        yield
        self.depth -= 1

    # Sums, products, factors

    def expression(self) -> Node:
        """A sum of terms."""
        start = self.now.at
        terms: list[tuple[int, Node]] = []
        sign = self._signs()
        while True:
            terms.append((sign, self.term()))
            if not self._continues():
                break
            sign = self._signs()
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Sum(start, self.behind, tuple(terms))

    def _continues(self) -> bool:
        """Whether a sign of addition comes next, perhaps on the next row of an aligned display."""
        if self.sees("op", "+", "-"):
            return True
        k = self.n
        if self.depth or not (self.tokens[k].kind == "op" and self.tokens[k].text in ("\\\\", "&", "quad")):
            return False
        rows = aligned = 0
        while self.tokens[k].kind == "op" and self.tokens[k].text in ("\\\\", "&", "quad"):
            rows += self.tokens[k].text == "\\\\"
            aligned += self.tokens[k].text == "&"
            k += 1
        following = self.tokens[k]
        if (
            rows == 1
            and aligned <= 1
            and following.kind == "op"
            and (following.text == "+" or (following.text == "-" and aligned))
        ):
            self.n = k
            return True
        if (
            rows == 0
            and aligned == 1
            and following.kind == "op"
            and following.text in "+-"
            and self.tokens[self.n].text == "&"
        ):
            self.n = k
            return True
        return False

    def _signs(self) -> int:
        sign = 1
        while self.sees("op", "+", "-"):
            if self.take().text == "-":
                sign = -sign
        return sign

    def term(self) -> Node:
        """A product of factors."""
        start = self.now.at
        parts: list[tuple[str, Node]] = [("", self.factor())]
        while True:
            sign = self._operator()
            if sign is None:
                break
            if sign and self.sees("op", "-", "+"):
                before = self.now.at
                negative = self._signs() < 0
                inner = self.factor()
                parts.append((sign, Sum(before, self.behind, ((-1, inner),)) if negative else inner))
            else:
                parts.append((sign, self.factor()))
        return parts[0][1] if len(parts) == 1 else Product(start, self.behind, tuple(parts))

    def _operator(self) -> str | None:
        """Takes the sign before the next factor: "" where it stands side by side; None where there is no factor."""
        token = self.now
        if token.kind == "command" and token.text in ("cdot", "times", "ast"):
            self.take()
            self._row_break()
            return "*"
        if token.kind == "op" and token.text == "*":
            self.take()
            return "*"
        if (token.kind == "op" and token.text == "/") or (token.kind == "command" and token.text == "div"):
            self.take()
            return "/"
        if token.kind == "command" and token.text in ("odot", "circ"):
            self.take()
            return "odot"
        return "" if self.starts_factor() else None

    def _row_break(self) -> None:
        while self.depth == 0 and self.sees("op", "\\\\", "&"):
            self.take()

    def starts_factor(self) -> bool:
        token = self.now
        if token.kind in ("number", "letter", "open", "begin"):
            return True
        if token.kind == "word":
            return not self._is_remark(token)
        if token.kind == "op":
            return token.text in ("|", "||") and token.text not in self.bars[-1:] and self._opens_bars()
        return token.kind == "command" and token.text in _FACTOR_COMMANDS

    def _opens_bars(self) -> bool:
        """Whether the bar that comes next opens an absolute value: a closing one follows at the same level."""
        token = self.now
        if token.large in ("left", "bigl", "Bigl", "biggl", "Biggl"):
            return True
        if token.large or (self.peek().kind == "op" and self.peek().text == "_"):
            return False
        depth = 0
        for later in self.tokens[self.n + 1 :]:
            if later.kind in ("open", "begin"):
                depth += 1
            elif later.kind in ("close", "end"):
                depth -= 1
                if depth < 0:
                    return False
            elif later.kind == "op" and later.text == token.text and depth == 0:
                return True
            elif depth == 0 and (later.kind in ("relation", "stop") or later.text in (",", "\\\\")):
                return False
        return False

    def factor(self) -> Node:
        """An atom with its scripts, primes and evaluation bars."""
        start = self.now.at
        node = self._with_factorials(self.scripted(self.atom(), start), start)
        while True:
            token = self.now
            is_bar = token.kind == "op" and token.text == "|" and token.text not in self.bars[-1:]
            if is_bar and self.peek().kind == "op" and self.peek().text == "_":
                self.take()
                node = self._evaluation(node, start)
            else:
                return node

    def _with_factorials(self, node: Node, start: int) -> Node:
        while self.sees("op", "!"):
            self.take()
            node = Factorial(start, self.behind, node)
        return node

    def _evaluation(self, body: Node, start: int) -> Node:
        self.want("op", "_", "the point at which to evaluate")
        if not self.sees("open", "{"):
            raise self.error("the evaluation bar needs its settings in braces, such as _{x=1}")
        settings = self.braces()
        if self.sees("op", "^"):
            raise self.error("a bar with two bounds is not read here")
        return Evaluated(start, self.behind, body, settings)

    def scripted(self, core: Node, start: int) -> Node:
        subs: list[Node] = []
        sups: list[Node] = []
        primes = 0
        while True:
            if self.sees("op", "_"):
                self.take()
                if subs:
                    raise self.error("a second subscript")
                subs += self.script()
            elif self.sees("op", "^"):
                self.take()
                inside = self.superscript()
                if isinstance(inside, Mark) and set(inside.text) == {"'"}:
                    primes += len(inside.text)
                else:
                    sups.append(inside)
                    if len(sups) > 2:
                        raise self.error("a third superscript")
            elif self.sees("op", "'"):
                self.take()
                primes += 1
            else:
                break
        if not subs and not sups and not primes:
            return core
        return Scripted(start, self.behind, core, tuple(subs), tuple(sups), primes)

    def braces(self) -> tuple[Node, ...]:
        """The items of a group in plain braces, separated by commas, or side by side where that is all there is."""
        self.want("open", "{", "a brace")
        with self.deeper(), self.no_bars():
            items = self.items("}")
        self.want("close", "}", "a closing brace")
        return items

    def script(self) -> tuple[Node, ...]:
        """A subscript's items."""
        if self.sees("open", "{"):
            return self.braces()
        return (self.single(),)

    def single(self) -> Node:
        """One token as an operand: what `_` and `^` and `\\frac` take where no brace follows."""
        token = self.now
        if token.kind == "number" and token.end - token.at > 1:
            digit = token.text[0]
            if not digit.isdigit():
                raise self.unexpected("a digit")
            self.tokens[self.n] = Token("number", token.text[1:], token.at + 1, token.end)
            return Number(token.at, token.at + 1, digit)
        if token.kind == "number":
            self.take()
            return Number(token.at, token.end, token.text)
        if token.kind in ("number", "letter", "word") or (
            token.kind == "command"
            and token.text in (GREEK | ACCENTS | FONTS | {"infty", "frac", "dfrac", "tfrac", "sqrt"})
        ):
            return self.atom(bare_words=True)
        if token.kind == "open" and token.text == "{":
            return self._one(self.braces(), token)
        raise self.unexpected("a script")

    def _one(self, items: tuple[Node, ...], token: Token) -> Node:
        if len(items) != 1:
            raise self.error("one expression was expected in the braces", token)
        return items[0]

    def superscript(self) -> Node:
        token = self.now
        if self.sees("op", "*", "+", "-") or (token.kind == "command" and token.text in (
            *_TRANSPOSES, "prime", "star", "ast", "dagger",
        )):  # fmt: skip
            self.take()
            return self._mark(token)
        if not self.sees("open", "{"):
            return self.single()
        inner = self.peek()
        marks = inner.kind == "op" and inner.text in ("*", "+", "-", "'")
        marks = marks or (inner.kind == "command" and inner.text in (*_TRANSPOSES, "prime", "star", "ast", "dagger"))
        if marks:
            k = self.n + 1
            while self.tokens[k].text in ("prime", "'"):
                k += 1
            k = max(k, self.n + 2)
            if self.tokens[k].kind == "close" and self.tokens[k].text == "}":
                count = k - self.n - 1
                self.n = k + 1
                mark = self._mark(inner)
                return Mark(token.at, self.behind, mark.text * count) if mark.text == "'" else mark
        return self._one(self.braces(), token)

    @staticmethod
    def _mark(token: Token) -> Mark:
        text = {"star": "*", "ast": "*", "prime": "'", "intercal": "top"}.get(token.text, token.text)
        return Mark(token.at, token.end, text)

    @contextmanager
    def no_bars(self) -> Iterator[None]:
        kept, self.bars = self.bars, []
        yield
        self.bars = kept

    def items(self, closing: str) -> tuple[Node, ...]:
        """Relations and expressions separated by commas, up to the closing bracket, which is not taken."""
        found: list[Node] = []
        if self.sees("close", closing):
            return ()
        while True:
            found.append(self.item())
            if self.sees("op", ",", ";", ":"):
                self.take()
                while self.sees("op", "quad"):
                    self.take()
                if self.sees("close", closing):
                    break
            elif self.sees("command", "land", "wedge"):
                self.take()
            elif self.sees("op", "quad") or self.sees("text"):
                self.take()
                if self.sees("close", closing):
                    break
            else:
                break
        return tuple(found)

    def item(self) -> Node:
        """A relation, an expression, or dots."""
        start = self.now.at
        if self.sees("command", "dots") and (self.peek().text in (",", ";") or self.peek().kind == "close"):
            token = self.take()
            return Mark(token.at, token.end, "dots")
        if self.sees("op", ".") and self.peek().text == ".":
            token = self.take()
            while self.sees("op", "."):
                self.take()
            return Mark(token.at, self.behind, "dots")
        if self.sees("op", "?", ":"):
            token = self.take()
            return Mark(token.at, token.end, token.text)
        lone = Mark(start, start, "")
        sides: list[Node] = [lone if self.now.kind == "relation" else self.expression()]
        signs: list[str] = []
        while self.now.kind == "relation":
            signs.append(self.take().text)
            sides.append(self.expression())
        return Relation(start, self.behind, tuple(sides), tuple(signs)) if signs else sides[0]

    # Atoms

    def atom(self, bare_words: bool = False) -> Node:
        token = self.now
        if token.kind == "number":
            self.take()
            if self.now.kind == "number":
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
        if token.kind == "text" and _is_phrase(token.text):
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

    def attempt(self, read: Callable[[], Node | None]) -> Node | None:
        """What `read` finds; nothing is taken where it finds nothing."""
        n, depth, bars, kept = self.n, self.depth, self.bars, list(self.tokens[self.n : self.n + 2])
        try:
            found = read()
        except ReadError:
            found = None
        if found is None:
            self.n, self.depth, self.bars = n, depth, bars
            self.tokens[n : n + len(kept)] = kept
        return found

    def group(self) -> Node:
        token = self.take()
        if token.text == "<":
            raise self.error("angle brackets are not read here", token, "write the inner product as x^\\top y")
        closing = _CLOSING[token.text]
        with self.deeper(), self.no_bars():
            items = list(self.items(closing))
            bars = False
            while self.sees("op", "|", "||", ";") or self.sees("command", "mid", "parallel"):
                bars = True
                self.take()
                items += self.items(closing)
            if not self.sees("close", closing):
                if self.sees("close"):
                    raise self.error(f"{token.text!r} is closed by {self.now.text!r}")
                if self.now.kind == "stop":
                    raise self.error(f"{token.text!r} is never closed", token)
                raise self.unexpected(f"the closing {closing!r}")
            self.take()
        return Group(token.at, self.behind, "" if token.text == "{" else token.text, tuple(items), bars)

    def between_bars(self) -> Node:
        token = self.take()
        with self.deeper():
            self.bars = [*self.bars, token.text]
            body = self.expression()
            if not self.sees("op", token.text):
                raise self.unexpected("the closing bar")
            self.take()
            self.bars = self.bars[:-1]
        return Bars(token.at, self.behind, token.text, body)

    def open_left(self) -> Node:
        """`\\left. … \\right|_{x=1}`: the body and its evaluation bar."""
        token = self.take()
        with self.deeper(), self.no_bars():
            self.bars = ["|"]
            body = self.expression()
        if self.sees("op", "|", ".") and self.now.large == "right":
            bar = self.take().text == "|"
        else:
            raise self.unexpected(r"\right|")
        return self._evaluation(body, token.at) if bar else body

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
        is_function = name in FUNCTIONS or name in by_spelling() or name in ("diag", "tr", "Tr", "trace")
        if name == "1" and style:
            return self.indicator(token)
        if bare or not is_function:
            return node
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
            arguments = self.call_arguments(name, token)
        if not arguments:
            if primes or base or power:
                raise self.error(f"the argument of {name} is missing")
            return node
        return Call(token.at, self.behind, name, base, power, primes, arguments, bare_argument)

    def call_arguments(self, name: str, token: Token) -> tuple[Node, ...]:
        if self.sees("open", "(", "[", r"\{"):
            group = self.group()
            assert isinstance(group, Group)
            if self.sees("op", "^") and len(group.items) == 1 and name not in ("max", "min"):
                # f(x)^2 squares the value; it is the caller's factor that takes the script.
                return group.items
            return group.items
        if self.sees("open", "{"):
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
            if self.sees("word") and not self._plain_word():
                break
            if self.sees("open", "(", "[") or self.sees("begin"):
                previous = parts[-1][1]
                if not (isinstance(previous, (Name, Scripted)) and _may_be_applied(previous)):
                    raise self.error(
                        f"it is not clear whether this bracket belongs to the argument of {name}", here,
                        f"bracket the argument: {name}(…)",
                    )  # fmt: skip
            parts.append(("", self.factor()))
        over = self.peek()
        # log a / log b is a quotient of two logarithms.
        if self.sees("op", "/") and not (over.kind == "word" and over.text in FUNCTIONS):
            raise self.error(
                f"it is not clear whether the quotient belongs to the argument of {name}", None,
                f"bracket the argument: {name}(…)",
            )  # fmt: skip
        return (parts[0][1] if len(parts) == 1 else Product(start, self.behind, tuple(parts)),)

    def _plain_word(self) -> bool:
        name = self.now.text
        return name not in FUNCTIONS and name not in by_spelling() and name not in ("diag", "tr", "Tr", "trace")

    def indicator(self, token: Token) -> Node:
        """The `1` in bold: an indicator before a bracket or with a condition as subscript, else the vector of ones."""
        if self.sees("open", "[", "(", r"\{"):
            n = self.n
            group = self.group()
            assert isinstance(group, Group)
            if group.items and all(isinstance(i, Relation) for i in group.items):
                return Indicator(token.at, self.behind, group.items)
            self.n = n
        if self.sees("op", "_") and self.peek().text == "{":
            self.take()
            items = self.braces()
            if items and all(isinstance(i, Relation) for i in items):
                return Indicator(token.at, self.behind, items)
            if len(items) == 1 and self.sees("open", "["):
                group = self.group()
                assert isinstance(group, Group)
                return Indicator(token.at, self.behind, group.items, items[0])
            return Mark(token.at, self.behind, "ones")
        return Mark(token.at, self.behind, "ones")

    def command(self, bare: bool) -> Node:
        token = self.take()
        name = token.text
        if name in GREEK:
            return Name(token.at, token.end, "\\" + name)
        if name in ACCENTS:
            return self.accented(token)
        if name in FONTS:
            return self.in_font(token)
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return self.fraction(token)
        if name == "sqrt":
            return self.root(token)
        if name in ("sum", "prod"):
            return self.big(token)
        if name == "partial":
            self.n -= 1
            found = None if bare else self.inline_derivative()
            if found is None:
                raise self.error(r"\partial without a derivative around it")
            return found
        if name == "nabla":
            return self.nabla(token)
        if name == "infty":
            raise self.error("infinity is not a number here", token)
        if name == "boxed":
            return Group(token.at, self.behind, "", (self._one(self.braces(), token),))
        if name in ("underbrace", "overbrace"):
            body = self._one(self.braces(), token)
            if self.sees("op", "_", "^"):
                self.take()
                self.skip_group()
            return Group(token.at, self.behind, "", (body,))
        if name == "dots":
            return Mark(token.at, token.end, "dots")
        self.n -= 1
        raise self.unexpected("a number, a name or a bracket")

    def skip_group(self) -> None:
        """Passes over an annotation."""
        if not self.sees("open", "{"):
            self.take()
            return
        depth = 0
        while True:
            token = self.take()
            if token.kind == "stop":
                raise self.error("a brace is never closed")
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return

    def accented(self, token: Token) -> Node:
        body = self.single()
        if isinstance(body, Scripted) and not body.sups and not body.primes and isinstance(body.core, Name):
            inner = Name(token.at, self.behind, rf"\{token.text}{{{body.core.text}}}")
            return Scripted(token.at, self.behind, inner, body.subs, (), 0)
        if not isinstance(body, (Name, Word)):
            raise self.error(rf"\{token.text} stands over a single name", token)
        accent = {"widehat": "hat", "widetilde": "tilde", "overline": "bar"}.get(token.text, token.text)
        return Name(token.at, self.behind, rf"\{accent}{{{body.text}}}")

    def in_font(self, token: Token) -> Node:
        font = {"bm": "boldsymbol", "mathds": "mathbb"}.get(token.text, token.text)
        body = self.single()
        if isinstance(body, Number) and body.text == "1" and font in ("mathbf", "mathbb", "boldsymbol"):
            return self.indicator(token)
        if isinstance(body, Number) and body.text == "0" and font in ("mathbf", "boldsymbol"):
            return Mark(token.at, self.behind, "zeros")
        if isinstance(body, Name):
            return Name(token.at, self.behind, body.text if font == "mathit" else rf"\{font}{{{body.text}}}")
        if isinstance(body, Product) and all(isinstance(p, Name) and not s for s, p in body.parts):
            letters = "".join(p.text for _, p in body.parts if isinstance(p, Name))
            return Name(token.at, self.behind, rf"\{font}{{{letters}}}")
        raise self.error(rf"\{token.text} stands around a single name", token)

    def root(self, token: Token) -> Node:
        degree: Node | None = None
        if self.sees("open", "["):
            group = self.group()
            assert isinstance(group, Group)
            degree = self._one(group.items, token)
        with self.deeper():
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
        return Big(token.at, self.behind, token.text, below, above, body)

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
        return Nabla(token.at, end, order, wrt[0] if wrt else _only_argument(of, token), of)

    def _operand(self) -> Node:
        """What a derivative sign without a numerator acts on: a bracket, a name applied to one, or the next factor."""
        start = self.now.at
        if not self.starts_factor():
            raise self.unexpected("what is to be differentiated")
        with self.deeper():
            first = self.factor()
            if isinstance(first, (Name, Scripted, Word)) and self.sees("open", "(", "["):
                return Product(start, self.behind, (("", first), ("", self.factor())))
        return first

    # Derivatives

    def fraction(self, token: Token) -> Node:
        found = self.attempt(lambda: self.derivative_fraction(token))
        if found is not None:
            return found
        with self.deeper():
            top = self.single()
            below = self.single()
        if isinstance(top, Number) and isinstance(below, Number) and self._after_number(token):
            raise self.error(
                "a number right before a fraction: a mixed number or a product", token, r"write \cdot or +"
            )
        return Fraction(token.at, self.behind, top, below)

    def _after_number(self, token: Token) -> bool:
        n = next(k for k, t in enumerate(self.tokens) if t.at == token.at)
        return n > 0 and self.tokens[n - 1].kind == "number"

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
        return Derivative(token.at, self.behind, kind, order, of, wrt)

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
            if self._differential() is None:
                raise self.unexpected("a differential")
            found.append(self.variable(order))
            while self.sees("op", "*") or self.sees("command", "cdot"):
                self.take()
        total = sum(n for _, n in found)
        if total != order or not found:
            raise self.error(f"a derivative of order {order} by variables of order {total}")
        return tuple(found)

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

    # Environments

    def environment(self) -> Node:
        token = self.take()
        name = token.text
        if name == "array":
            self.skip_group()
        with self.deeper(), self.no_bars():
            if name in ("cases", "dcases", "rcases"):
                rows = self.case_rows(name)
                return CaseRows(token.at, self.behind, rows)
            if name.endswith("matrix") or name == "array":
                if name in ("vmatrix", "Vmatrix"):
                    raise self.error("determinants are not read here", token)
                return Matrix(token.at, self.behind, self.matrix_rows(name))
            if name in ("aligned", "split", "gathered"):
                body = self.expression()
                while self.sees("op", "\\\\", "&"):
                    self.take()
                self._end(name)
                return Group(token.at, self.behind, "", (body,))
        raise self.error(f"the environment {name!r} cannot stand inside a formula", token)

    def _end(self, name: str) -> None:
        if not self.sees("end", name):
            raise self.unexpected(rf"\end{{{name}}}")
        self.take()

    def matrix_rows(self, name: str) -> tuple[tuple[Node, ...], ...]:
        rows: list[tuple[Node, ...]] = []
        cells: list[Node] = []
        while True:
            if self.sees("end"):
                break
            cells.append(self.item())
            if self.sees("op", "&"):
                self.take()
            elif self.sees("op", "\\\\"):
                self.take()
                rows.append(tuple(cells))
                cells = []
            elif not self.sees("end"):
                raise self.unexpected(r"& or \\")
        if cells:
            rows.append(tuple(cells))
        self._end(name)
        if not rows or len({len(r) for r in rows}) != 1:
            raise self.error("the rows of the matrix differ in length")
        return tuple(rows)

    def case_rows(self, name: str) -> tuple[tuple[Node, tuple[Node, ...] | None], ...]:
        rows: list[tuple[Node, tuple[Node, ...] | None]] = []
        while not self.sees("end"):
            value = self.expression()
            while self.sees("op", ",", "&", "quad"):
                self.take()
            conditions: list[Node] = []
            words = ""
            while not self.sees("end") and not self.sees("op", "\\\\"):
                if self.sees("text") or self.sees("word"):
                    words += " " + self.take().text
                elif self.sees("op", ",", "&", "quad", ".", ";"):
                    self.take()
                else:
                    conditions.append(self.item())
            other = any(w in words.lower() for w in ("otherwise", "else"))
            if not conditions and not other:
                raise self.unexpected("a condition")
            rows.append((value, None if other else tuple(conditions)))
            if self.sees("op", "\\\\"):
                self.take()
        self._end(name)
        if not rows:
            raise self.error("a case split without cases")
        return tuple(rows)

    # Displays

    def statements(self) -> list[Statement]:
        """All relations and expressions of a display, in order; the whole input is consumed or refused."""
        found: list[Statement] = []
        comma = False
        rows = 0
        while True:
            token = self.now
            if token.kind == "stop":
                return found
            if token.kind in ("begin", "end") and not (token.kind == "begin" and self._is_value(token.text)):
                self._layout(token)
            elif token.kind == "op" and token.text == "&" and self.peek().text == "&":
                self._margin()
            elif token.kind == "op" and token.text in (",", ";", ".", "quad", "\\\\", "&", ":") and not token.large:
                comma = token.text == ","
                rows += token.text == "\\\\"
                if self._dots_here():
                    found.append(self._dots())
                else:
                    self.take()
            elif (token.kind == "text" and not self._names_quantity(token)) or (
                token.kind == "word" and self._is_remark(token)
            ):
                self._words(found)
            elif token.kind == "command" and token.text in ("boxed",) and self._boxes_relation():
                self._open_box()
            elif token.kind == "close" and token.text == "}" and self.boxes:
                self.boxes -= 1
                self.take()
            elif self._dots_here():
                found.append(self._dots())
            else:
                statement = self.statement(comma)
                found.append(statement)
                comma = False

    def _is_value(self, name: str) -> bool:
        return name.endswith("matrix") or name in ("cases", "dcases", "rcases", "array")

    def _layout(self, token: Token) -> None:
        self.take()
        if token.kind == "begin" and token.text.startswith("alignat"):
            self.skip_group()

    def _margin(self) -> None:
        """Passes over a column of reasons; a column of formulas is read like any other."""
        self.take()
        self.take()
        while self.sees("op", "quad", "&"):
            self.take()
        if not (self.sees("text") or (self.sees("word") and self._is_remark(self.now))):
            return
        depth = 0
        while not self.sees("stop"):
            token = self.now
            if depth == 0 and ((token.kind == "op" and token.text == "\\\\") or token.kind == "end"):
                return
            depth += token.kind in ("open", "begin")
            depth -= token.kind in ("close", "end")
            self.take()

    def _is_remark(self, token: Token) -> bool:
        return token.large in (
            "text",
            "textbf",
            "textit",
            "mbox",
            "textnormal",
            "textsf",
            "emph",
        ) and self._remark_text(token.text)

    @staticmethod
    def _remark_text(text: str) -> bool:
        return text.lower() in (
            "for", "if", "and", "or", "where", "with", "since", "constant", "const", "otherwise", "all", "as", "by",
            "so", "hence", "thus", "then", "given", "when", "is", "are", "let", "every", "each", "any", "at",
        )  # fmt: skip

    def _words(self, found: list[Statement]) -> None:
        text = self.take().text.strip()
        if found:
            last = found[-1]
            found[-1] = Statement(
                last.sides, last.signs, last.ats, last.ends, f"{last.words} {text}".strip(), last.comma
            )

    def _names_quantity(self, token: Token) -> bool:
        """Whether words are what a relation speaks of: "output size" = 3."""
        following = self.peek()
        return _is_phrase(token.text) and (following.kind == "relation" or following.text in ("times", "*", "/", "+"))

    def _dots_here(self) -> bool:
        k = self.n + (self.tokens[self.n].text in (",", ";") and self.tokens[self.n].kind == "op")
        token = self.tokens[k]
        following = self.tokens[min(k + 1, len(self.tokens) - 1)]
        if token.kind == "command" and token.text == "dots":
            return following.kind == "stop" or following.text in (",", ";", "\\\\", "quad")
        return token.text == "." == following.text and token.end == following.at

    def _dots(self) -> Statement:
        if self.now.text in (",", ";"):
            self.take()
        token = self.take()
        while self.sees("op", "."):
            self.take()
        return Statement((Mark(token.at, self.behind, "dots"),), (), (token.at,), (self.behind,), "", True)

    def _boxes_relation(self) -> bool:
        depth = 0
        for token in self.tokens[self.n + 1 :]:
            depth += token.kind in ("open", "begin")
            depth -= token.kind in ("close", "end")
            if depth == 1 and token.kind == "relation":
                return True
            if depth <= 0:
                return False
        return False

    def _open_box(self) -> None:
        self.take()
        self.want("open", "{", "a brace")
        self.boxes += 1

    def statement(self, comma: bool) -> Statement:
        """One chain of relations; it may begin with a sign, and go on over rows that do."""
        sides: list[Node | ReadError] = []
        signs: list[str] = []
        ats: list[int] = []
        ends: list[int] = []
        if self.now.kind == "relation":
            signs.append(self.take().text)
        while True:
            self._skip_alignment()
            ats.append(self.now.at)
            sides.append(self.side())
            ends.append(self.behind)
            sign = self._next_sign()
            if sign is None:
                break
            signs.append(sign)
        return Statement(tuple(sides), tuple(signs), tuple(ats), tuple(ends), "", comma)

    def side(self) -> Node | ReadError:
        """The expression of one side."""
        if self.sees("op", "?"):
            token = self.take()
            return Mark(token.at, token.end, "?")
        start, depth = self.n, self.depth
        try:
            node = self.expression()
            if not self._side_ends():
                raise self.unexpected("an operator, a relation sign or the end")
        except ReadError as error:
            if not self.lenient:
                raise
            self.n, self.depth, self.bars = start, depth, []
            self._skip_side()
            return error
        return node

    def _skip_side(self) -> None:
        """Passes over a side that cannot be read, up to the next relation sign or row outside all brackets."""
        nested = 0
        while not self.sees("stop"):
            token = self.now
            if nested <= 0 and (token.kind in ("relation", "end") or token.text in ("\\\\", "quad")):
                return
            nested += token.kind in ("open", "begin")
            nested -= token.kind in ("close", "end")
            self.take()

    def _side_ends(self) -> bool:
        token = self.now
        if token.kind in ("relation", "stop", "end", "text", "begin"):
            return True
        if token.kind == "close":
            return bool(self.boxes) and token.text == "}"
        if token.kind == "op":
            return token.text in (",", ";", ".", "&", "\\\\", "quad", ":", "?")
        return token.kind == "word"

    def _skip_alignment(self) -> None:
        while self.sees("op", "&", "quad"):
            self.take()

    def _next_sign(self) -> str | None:
        """The relation sign that goes on with this chain, perhaps after `&` or on the next row."""
        k = self.n
        while (
            self.tokens[k].kind == "op"
            and self.tokens[k].text in ("&", "quad")
            and not (self.tokens[k].text == "&" and self.tokens[k + 1].text == "&")
        ):
            k += 1
        token = self.tokens[k]
        if token.kind != "relation":
            return None
        self.n = k + 1
        return token.text


def _with_rows(found: list[Token], text: str) -> list[Token]:
    """The tokens with a row break wherever a new line of the source begins a new relation.

    That is so where both lines hold a relation outside all brackets, and neither the end of the first nor the start of
    the second asks for more.
    """
    if "\n" not in text:
        return found
    lines: list[list[Token]] = [[]]
    depth = 0
    for before, token in zip([None, *found], found, strict=False):
        if before is not None and depth == 0 and "\n" in text[before.end : token.at]:
            lines.append([])
        lines[-1].append(token)
        is_layout = token.text.rstrip("*") in _LAYOUTS
        depth += token.kind == "open" or (token.kind == "begin" and not is_layout)
        depth -= token.kind == "close" or (token.kind == "end" and not is_layout)
    out = list(lines[0])
    start = 0
    for line in lines[1:]:
        breaks = _is_open(line[0]) and bool(out) and _is_open(out[-1])
        if breaks and _holds_relation(out[start:]) and _holds_relation(line[1:]):
            out.append(Token("op", "\\\\", line[0].at, line[0].at))
            start = len(out)
        out += line
    return out


def _without_brackets(found: list[Token]) -> list[Token]:
    r"""The tokens without the brackets around side conditions: y = a x^2 \quad (a > 0).

    Such a bracket stands apart from what is before it and ends its statement, and a relation is in it.
    """
    out = list(found)
    for n, close in _side_conditions(found):
        out[n] = Token("op", "quad", found[n].at, found[n].end)
        out[close] = Token("op", "quad", found[close].at, found[close].end)
    return out


def _side_conditions(found: list[Token]) -> Iterator[tuple[int, int]]:
    depth = 0
    for n, token in enumerate(found):
        apart = n > 0 and found[n - 1].kind in ("op", "text") and found[n - 1].text not in _JOINING
        if depth == 0 and apart and token.kind == "open" and token.text == "(":
            close = _closing(found, n)
            if close is not None and _holds_relation(found[n + 1 : close]) and _ends_statement(found[close + 1]):
                yield n, close
        is_layout = token.text.rstrip("*") in _LAYOUTS
        depth += token.kind == "open" or (token.kind == "begin" and not is_layout)
        depth -= token.kind == "close" or (token.kind == "end" and not is_layout)


def _closing(found: list[Token], n: int) -> int | None:
    """Where the bracket closes that opens at `n`."""
    depth = 0
    for k in range(n, len(found) - 1):
        depth += found[k].kind in ("open", "begin")
        depth -= found[k].kind in ("close", "end")
        if depth == 0:
            return k
    return None


def _ends_statement(token: Token) -> bool:
    return token.kind in ("stop", "end", "text") or (
        token.kind == "op" and token.text in (",", ";", ".", "\\\\", "quad", "&")
    )


def _without_marks(found: list[Token]) -> list[Token]:
    r"""The tokens without arrows that only point at a remark or a number of an equation: \rightarrow (1)."""
    kept: list[Token] = []
    for n, token in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else token
        is_arrow = token.text in ("rightarrow", "to") or (token.kind == "relation" and token.text == "<-")
        ends = following.kind in ("stop", "end", "text") or following.text == "\\\\"
        if is_arrow and (ends or (following.kind == "word" and following.large == "text")):
            continue
        kept.append(token if token.text != "<-" else Token("relation", "=", token.at, token.end))
    return kept


_JOINING = ("+", "-", "*", "/", "^", "_", "'", "|", "||", "!")
_LAYOUTS = ("aligned", "align", "alignat", "split", "gather", "gathered", "equation", "multline", "eqnarray")


def _holds_relation(line: list[Token]) -> bool:
    depth = 0
    for token in line:
        depth += token.kind in ("open", "begin")
        depth -= token.kind in ("close", "end")
        if token.kind == "relation" and depth <= 0:
            return True
    return False


def _is_open(token: Token) -> bool:
    """Whether a relation may end or begin with this token."""
    if token.kind in ("relation", "begin", "end", "stop"):
        return False
    if token.kind == "op":
        return token.text in ("'", "|", "||")
    return token.text not in ("cdot", "times", "div", "odot", "circ")


def _is_phrase(text: str) -> bool:
    """Whether words are short and plain enough to be a quantity's name."""
    words = text.split()
    return len(words) <= _LONG_NAME and re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9 /-]|\\_)*", " ".join(words)) is not None


_LONG_NAME = 5


def _only_argument(node: Node, token: Token) -> Node:
    r"""The x of \nabla f(x); the function's own argument, as a mark, where none is written."""
    group = node.parts[1][1] if isinstance(node, Product) and len(node.parts) == 2 else None
    if isinstance(group, Group) and len(group.items) == 1 and isinstance(group.items[0], (Name, Scripted)):
        return group.items[0]
    return Mark(token.at, token.end, "argument")


def _may_be_applied(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Scripted) and isinstance(node.core, Name))


def parse(source: Source) -> Node:
    """The surface tree of one expression.

    Raises  `ReadError` where it does not parse to its end.
    """
    parser = Parser(source)
    node = parser.item()
    while parser.sees("op", ".", ",", ";", "quad"):
        parser.take()
    if not parser.sees("stop"):
        raise parser.unexpected("an operator or the end")
    return node


def parse_display(source: Source, lenient: bool = False, conditions: bool = False) -> list[Statement]:
    """The relations and expressions of a display; where lenient, a side that cannot be read is its error.

    With `conditions`, relations in brackets of their own after a formula are statements like any other.
    """
    return Parser(source, lenient, conditions).statements()
