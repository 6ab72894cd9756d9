"""Sums, products, and factors with what follows them."""

from __future__ import annotations

from dataclasses import replace

from symdl.read.brackets import Brackets
from symdl.read.commands import ACCENTS, FONTS, GREEK, INDICATORS
from symdl.read.nodes import Evaluated, Factorial, Group, Name, Node, Number, Product, Scripted, Sum, Word
from symdl.read.source import Token

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
            "binom",
            "dbinom",
            "tbinom",
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
            "lim",
            "int",
            "arg",
            "argmin",
            "argmax",
            "sup",
            "inf",
            "dots",
        ]
    )
)

_MULTIPLIES = ("cdot", "times", "ast")


class Factors(Brackets):
    """Reads what is made of atoms."""

    def expression(self) -> Node:
        """A sum of terms."""
        start = self.now.at
        terms: list[tuple[int, Node]] = []
        sign = self._signs()
        while True:
            terms.append((sign, self.term()))
            self._skip_aside()
            if not self._continues():
                break
            sign = self._signs()
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Sum(start, self.behind, tuple(terms))

    def _skip_aside(self) -> None:
        r"""Passes over words in brackets between two terms: 10 \text{ (biases)} + 5."""
        following = self.peek()
        words = self.now.text.strip() if self.sees("text") else ""
        if words.startswith("(") and words.endswith(")") and following.kind == "op" and following.text in ("+", "-"):
            self.take()

    def _continues(self) -> bool:
        """Whether a sign of addition comes next, perhaps on the next row of an aligned display."""
        if self.sees("op", "+", "-"):
            return True
        start = self._after_margin(self.n)
        k, rows, aligned = self._over_rows(start)
        following = self.tokens[k]
        if self.depth and not (aligned == 1 and k - start == 3):
            # Within brackets a row goes on only where it is set in; the rows of a matrix are not.
            return False
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

    def _over_rows(self, k: int) -> tuple[int, int, int]:
        """What comes after row breaks and alignment marks, with how many there are of each."""
        rows = aligned = 0
        while self.tokens[k].kind == "op" and self.tokens[k].text in ("\\\\", "&", "quad"):
            rows += self.tokens[k].text == "\\\\"
            aligned += self.tokens[k].text == "&"
            k += 1
        return k, rows, aligned

    def _after_margin(self, k: int) -> int:
        """Where the row ends after a column of reasons, `&&` and words; the place itself where there is none."""
        column = [t.text if t.kind == "op" else t.kind for t in self.tokens[k : k + 3]]
        if self.depth or column[:2] != ["&", "&"] or column[2:] not in (["text"], ["word"]):
            return k
        depth, n = 0, k + 2
        while self.tokens[n].kind not in ("stop", "end"):
            token = self.tokens[n]
            if depth == 0 and token.kind == "op" and token.text == "\\\\":
                return n
            # The brackets of a reason may close within its words.
            depth += (token.kind == "begin") - (token.kind == "end")
            n += 1
        return k

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
                parts = _with_bar(parts)
        return parts[0][1] if len(parts) == 1 else Product(start, self.behind, tuple(parts))

    def _operator(self) -> str | None:
        """Takes the sign before the next factor: "" where it stands side by side; None where there is no factor."""
        at, rows, aligned = self._over_rows(self.n)
        if rows == 1 and aligned <= 1 and self.tokens[at].kind == "command" and self.tokens[at].text in _MULTIPLIES:
            self.n = at
        token = self.now
        if token.kind == "command" and token.text in _MULTIPLIES:
            self.take()
            self._row_break()
            return "times" if token.text == "times" else "*"
        if token.kind == "op" and token.text == "*":
            self.take()
            return "*"
        if (token.kind == "op" and token.text == "/") or (token.kind == "command" and token.text == "div"):
            self.take()
            return "/"
        if token.kind == "command" and token.text in ("odot", "circ"):
            self.take()
            return "odot"
        around = (self.tokens[self.n - 1].kind, self.peek().kind)
        if token.kind == "op" and token.text == ":" and not self.depth and around == ("number", "number"):
            raise self.error("a colon between numbers", token, "write a fraction")
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
            return token.text in ("|", "||") and token.text not in self.bars[-1:] and self.opens_bars()
        return token.kind == "command" and token.text in _FACTOR_COMMANDS

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

    def factor(self) -> Node:
        """An atom with its scripts, primes and evaluation bars."""
        start = self.now.at
        atom = self.atom()
        is_sign = isinstance(atom, (Number, Name, Word)) and atom.text in INDICATORS
        atom = (self.comparison(start) if is_sign else None) or atom
        node = self._with_factorials(self.scripted(atom, start), start)
        while True:
            token = self.now
            is_bar = token.kind == "op" and token.text == "|" and token.text not in self.bars[-1:]
            if is_bar and self.peek().kind == "op" and self.peek().text == "_":
                self.take()
                node = self.evaluation(node, start)
            else:
                return node

    def _with_factorials(self, node: Node, start: int) -> Node:
        while self.sees("op", "!"):
            self.take()
            node = Factorial(start, self.behind, node)
        return node


def _with_bar(parts: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
    r"""The factors with the bar of f'(x)|_{x=3} at the whole of it, and not at the bracket alone."""
    *first, (sign, head), (touches, last) = parts
    is_applied = (
        isinstance(last, Evaluated) and isinstance(last.body, Group) and isinstance(head, (Name, Scripted, Word))
    )
    if touches or not is_applied or not isinstance(last, Evaluated):
        return parts
    body = Product(head.at, last.body.end, (("", head), ("", last.body)))
    return [*first, (sign, replace(last, at=head.at, body=body))]
