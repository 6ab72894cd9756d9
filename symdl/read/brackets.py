"""Scripts, and what stands in brackets and between bars, item by item."""

from __future__ import annotations

import re
from dataclasses import replace

from symdl.read.commands import ACCENTS, FONTS, GREEK
from symdl.read.cursor import Cursor
from symdl.read.nodes import (
    Bars,
    Call,
    Derivative,
    Entrywise,
    Evaluated,
    Group,
    Indicator,
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
from symdl.read.scripts import spell
from symdl.read.source import Token

_PAIR = ("row", "column")

_TRANSPOSES = frozenset({"top", "intercal"})

_INVERSE_TRANSPOSE = ("{", "-", "T", "}")

_CAPITAL = re.compile(r"(?:\\(?:mathbf|boldsymbol|bm|vec)\{)?\\?[A-Z][a-z]*\}?")

_CLOSING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}


class Brackets(Cursor):
    """Reads what an atom bears, and what brackets hold."""

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
        after = self.peek()
        is_event = self.sees("op", "+", "-") and (after.kind == "close" or after.text in ("|", "mid", ","))
        is_event = is_event and not (after.text == "|" and self.opens_bars(1))
        if self.sees("op", "?", ":") or (is_event and self.depth):
            token = self.take()
            return Mark(token.at, token.end, token.text)
        lone = Mark(start, start, "")
        sides: list[Node] = [lone if self.now.kind == "relation" else self.expression()]
        signs: list[str] = []
        while self.now.kind == "relation":
            signs.append(self.take().text)
            sides.append(self.expression())
        return Relation(start, self.behind, tuple(sides), tuple(signs)) if signs else sides[0]

    def group(self) -> Node:
        token = self.take()
        if token.text == "<":
            return self._inner_product(token)
        closing = _CLOSING[token.text]
        with self.deeper(), self.no_bars():
            items = list(self.items(closing))
            bars: list[str] = []
            while self.sees("op", "|", "||") or self.sees("command", "mid", "parallel", "cap", "cup"):
                bars += [","] * (len(items) - 1 - len(bars))
                bars.append({"mid": "|", "parallel": "||"}.get(self.now.text, self.now.text))
                self.take()
                items += self.items(closing)
            bars += [","] * (len(items) - 1 - len(bars)) if bars else []
            if not self.sees("close", closing):
                if self.sees("close"):
                    raise self.error(f"{token.text!r} is closed by {self.now.text!r}")
                if self.now.kind == "stop":
                    raise self.error(f"{token.text!r} is never closed", token)
                raise self.unexpected(f"the closing {closing!r}")
            self.take()
        return Group(token.at, self.behind, "" if token.text == "{" else token.text, tuple(items), tuple(bars))

    def _inner_product(self, token: Token) -> Node:
        r"""\langle x, y \rangle as x^\top y; \langle E \rangle as a name of its own."""
        with self.deeper(), self.no_bars():
            items = self.items(">")
            if self.lenient and len(items) == 1 and self.sees("close", ">") and "?" not in (inside := spell(items[0])):
                # A mean, which is what the givens say of it.
                return Name(token.at, self.take().end, rf"\langle {inside} \rangle")
            if len(items) != len(_PAIR) or not self.sees("close", ">"):
                raise self.error("angle brackets are not read here", token, "write the inner product as x^\\top y")
            self.take()
        first, second = (i if isinstance(i, Name) or _is_member(i) else Group(i.at, i.end, "(", (i,)) for i in items)
        top = (Mark(first.end, first.end, "top"),)
        row = (
            replace(first, sups=top)
            if isinstance(first, Scripted)
            else Scripted(first.at, first.end, first, (), top, 0)
        )
        return Product(token.at, self.behind, (("", row), ("", second)))

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
        return self.evaluation(body, token.at) if bar else body

    def opens_bars(self, ahead: int = 0) -> bool:
        """Whether the bar that comes next, or so many tokens later, opens an absolute value: a closing one follows."""
        token, after = self.peek(ahead), self.peek(ahead + 1)
        if token.large in ("left", "bigl", "Bigl", "biggl", "Biggl"):
            return True
        if token.large or (after.kind == "op" and after.text == "_"):
            return False
        depth = 0
        for later in self.tokens[self.n + ahead + 1 :]:
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

    def comparison(self, at: int) -> Indicator | None:
        """The indicator, from this place on, of what stands in brackets here, where that is nothing but relations."""
        if not self.sees("open", "[", "(", r"\{"):
            return None
        n = self.n
        group = self.group()
        assert isinstance(group, Group)
        if group.items and all(isinstance(i, Relation) for i in group.items):
            return Indicator(at, self.behind, group.items)
        self.n = n
        return None

    def evaluation(self, body: Node, start: int) -> Node:
        self.want("op", "_", "the point at which to evaluate")
        settings = self.braces() if self.sees("open", "{") else (self.single(),)
        if self.sees("op", "^"):
            # What is between two ends is written in brackets as well.
            self.take()
            whole = body if isinstance(body, Group) and body.bracket == "[" else Group(start, body.end, "[", (body,))
            return Scripted(start, self.behind, whole, settings, (self.superscript(),), 0)
        return Evaluated(start, self.behind, body, settings)

    def scripted(self, core: Node, start: int) -> Node:
        subs: list[Node] = []
        sups: list[Node] = []
        primes = 0
        while True:
            if self.sees("op", "_") and isinstance(core, Group) and not subs and not sups and self._takes_plus():
                # [u]_+ is u where that is positive.
                zero = Number(start, start, "0")
                core = Group(start, self.behind, "", (Call(start, self.behind, "max", None, None, 0, (zero, core)),))
            elif self.sees("op", "_"):
                self.take()
                if subs:
                    raise self.error("a second subscript")
                subs += self.script()
            elif self.sees("op", "^"):
                self.take()
                if not sups and (both := self._inverse_transpose(core)):
                    sups += both
                    continue
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
        if isinstance(core, Number) and core.text == "1" and subs and all(isinstance(s, Relation) for s in subs):
            return Indicator(start, self.behind, tuple(subs))
        if isinstance(core, (Derivative, Nabla)) and subs and all(isinstance(s, Relation) for s in subs) and not sups:
            return Evaluated(start, self.behind, core, tuple(subs))
        if not subs and not sups and not primes:
            return core
        return Scripted(start, self.behind, core, tuple(subs), tuple(sups), primes)

    def _inverse_transpose(self, core: Node) -> tuple[Node, ...]:
        r"""Takes -\top, and -T at a capital letter, as a transposition and an inverse; nothing where it is no such."""
        inside = self.tokens[self.n : self.n + len(_INVERSE_TRANSPOSE)]
        if [t.text for t in inside[:2]] != ["{", "-"] or inside[-1].text != "}":
            return ()
        sign, name = inside[2], core.text if isinstance(core, Name) else ""
        is_top = sign.kind == "command" and sign.text in _TRANSPOSES
        if not is_top and (sign.text != "T" or not _CAPITAL.fullmatch(name)):
            return ()
        self.n += len(_INVERSE_TRANSPOSE)
        is_top = is_top or name.endswith("}")
        first = Mark(sign.at, sign.end, "top") if is_top else Name(sign.at, sign.end, "T")
        return first, Sum(sign.at, sign.end, ((-1, Number(sign.at, sign.end, "1")),))

    def _takes_plus(self) -> bool:
        """Takes the subscript + where that is all of it."""
        texts = [self.peek(k).text for k in range(1, 4)]
        count = 2 if texts[0] == "+" else 4 if texts == ["{", "+", "}"] else 0
        self.n += count
        return bool(count)

    def braces(self) -> tuple[Node, ...]:
        """The items of a group in plain braces, separated by commas, or side by side where that is all there is."""
        self.want("open", "{", "a brace")
        with self.deeper(), self.no_bars():
            items = self.items("}")
        self.want("close", "}", "a closing brace")
        return items

    def _one(self, items: tuple[Node, ...], token: Token) -> Node:
        if len(items) != 1:
            raise self.error("one expression was expected in the braces", token)
        return items[0]

    def script(self) -> tuple[Node, ...]:
        """A subscript's items; a letter with primes is one letter, a star or a sign a label."""
        self._refuse_digits()
        if self._sees_mark():
            return (self._label(),)
        if not self.sees("open", "{"):
            return (primed_letter(self.single()),)
        brace = self.take()
        if self._sees_mark() and self.peek().text == "}":
            sign = self._label()
            self.take()
            return (sign,)
        if [self.now.text, self.peek().text, self.peek(2).text] == ["+", "+", "}"]:
            self.n += len("++}")
            return (Word(brace.end, self.behind - 1, "++", "label"),)
        with self.deeper(), self.no_bars():
            items = self.items("}")
            if items and (self.sees("op", "|") or self.sees("command", "mid")):
                # What \mu_{a|b} is conditioned on is part of its name.
                self.take()
                label = "|".join(",".join(map(spell, part)) for part in (items, self.items("}")))
                if "?" in label:
                    raise self.error("a condition in a subscript that is no name", brace)
                items = (Word(brace.at, self.behind, label, "label"),)
        self.want("close", "}", "a closing brace")
        return tuple(map(primed_letter, items))

    def _sees_mark(self) -> bool:
        token = self.now
        return (token.kind == "op" and token.text in "*+-") or (
            token.kind == "command" and token.text in ("star", "ast")
        )

    def _label(self) -> Word:
        token = self.take()
        return Word(token.at, token.end, token.text if token.text in "+-" else "*", "label")

    def single(self) -> Node:
        """One token as an operand: what `_` and `^` and `\\frac` take where no brace follows."""
        token = self.now
        is_power = self.lenient and "." in token.text and self.n > 0 and self.tokens[self.n - 1].text == "^"
        if token.kind == "number" and token.end - token.at > 1 and not is_power:
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

    def _refuse_digits(self) -> None:
        """Refuses 2^10, of which LaTeX raises the 1 alone; no one who writes 2^0.5 can mean that."""
        if self.lenient and self.now.kind == "number" and len(self.now.text) > 1 and "." not in self.now.text:
            raise self.error("several digits in a script without braces", None, f"write {{{self.now.text}}}")

    def superscript(self) -> Node:
        token, after = self.now, self.peek()
        if self.lenient and self.sees("op", "-") and after.kind == "number" and after.at == token.end:
            # 2^-3: no one raises a minus.
            self.take()
            self.take()
            return Sum(token.at, after.end, ((-1, Number(after.at, after.end, after.text)),))
        if self.sees("op", "*", "+", "-") or (token.kind == "command" and token.text in (
            *_TRANSPOSES, "prime", "star", "ast", "dagger",
        )):  # fmt: skip
            self.take()
            return self._mark(token)
        if not self.sees("open", "{"):
            self._refuse_digits()
            return _transposition(self.single())
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
        if inner.kind == "command" and inner.text in ("circ", "odot") and self.tokens[self.n + 2].kind != "close":
            self.take()
            self.take()
            with self.deeper(), self.no_bars():
                power = self._one(self.items("}"), token)
            self.want("close", "}", "a closing brace")
            return Entrywise(token.at, self.behind, power)
        found = self._one(self.braces(), token)
        return _transposition(found)

    @staticmethod
    def _mark(token: Token) -> Mark:
        text = {"star": "*", "ast": "*", "prime": "'", "intercal": "top"}.get(token.text, token.text)
        return Mark(token.at, token.end, text)


def _is_member(node: Node) -> bool:
    return isinstance(node, Scripted) and isinstance(node.core, Name) and not node.sups and not node.primes


def _transposition(node: Node) -> Node:
    r"""A superscript \mathrm{T}, \mathsf{T} or \text{T} as the mark of a transposition."""
    is_word = isinstance(node, Word) and node.text == "T" and bool(node.style)
    if is_word or (isinstance(node, Name) and node.text in (r"\mathsf{T}", r"\mathit{T}")):
        return Mark(node.at, node.end, "top")
    return node


def primed_letter(node: Node) -> Node:
    """An item of a subscript with each letter that has primes as one name: those of i', of t s' and of i' - 1."""
    if isinstance(node, Relation):
        return replace(node, sides=tuple(map(primed_letter, node.sides)))
    if isinstance(node, Product):
        return replace(node, parts=tuple((sign, primed_letter(part)) for sign, part in node.parts))
    if isinstance(node, Sum):
        return replace(node, terms=tuple((sign, primed_letter(term)) for sign, term in node.terms))
    is_bare = isinstance(node, Scripted) and not node.subs and not node.sups
    if isinstance(node, Scripted) and is_bare and isinstance(node.core, Name):
        return Name(node.at, node.end, node.core.text + "'" * node.primes)
    return node
