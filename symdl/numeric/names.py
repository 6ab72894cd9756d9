r"""From canonical LaTeX names to identifiers: `\hat{y}` is y_hat, `W^{(1)}` is W_1, `\lambda` is lambda_.

Only letters, digits and underscores come out, whatever goes in.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

from symdl.errors import NoFunctionError

ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
    "vec": "vec",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
    "breve": "breve",
    "acute": "acute",
    "grave": "grave",
    "underline": "under",
}
"""Command -> the suffix that stands for it."""

FONTS = frozenset(
    {
        "mathbf", "mathbb", "mathcal", "mathfrak", "mathit", "mathrm", "mathscr", "mathsf", "mathtt", "mathnormal",
        "boldsymbol", "bm", "bf", "it", "rm", "operatorname", "text", "textbf", "textit", "textrm", "textsf", "texttt",
    }
)  # fmt: skip
"""Commands that change the look of a name and leave no trace in the identifier."""

MARKS = {"*": "star", "+": "plus", "-": "minus", "'": "prime"}
"""Character -> the word for it."""

RESERVED = frozenset({"np", "scipy", "numpy", *dir(builtins)})
"""Names that generated code uses itself or that would hide a built-in function."""

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z0-9]+|.", re.DOTALL)


def identifier(name: str, reserved: Iterable[str] = ()) -> str:
    r"""The identifier for a quantity of this name; a word that Python or the module needs gets a trailing underscore.

    Example
        >>> identifier(r"\hat{y}"), identifier("W^{(1)}"), identifier(r"\lambda"), identifier("z'")
        ('y_hat', 'W_1', 'lambda_', 'z_prime')
    """
    words, _ = _words([t for t in _TOKEN.findall(name) if not t.isspace()], 0)
    text = re.sub(r"_+", "_", words).strip("_") or "q"
    if not text[0].isalpha():
        text = f"q_{text}"
    return f"{text}_" if keyword.iskeyword(text) or text in RESERVED or text in reserved else text


class Names:
    """Identifiers in use, each for one quantity.

    Fails   `quantity` raises NoFunctionError where two quantities would get the same identifier.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._reserved = frozenset(reserved)
        self._owners: dict[str, str] = {}

    def quantity(self, name: str) -> str:
        """The identifier of the quantity with this canonical name."""
        return self._claim(identifier(name, self._reserved), name)

    def member(self, name: str, index: str) -> str:
        """The identifier of one member of a family, such as an initial state."""
        return self._claim(identifier(f"{name}_{{{index}}}", self._reserved), f"{name}_{{{index}}}")

    def auxiliary(self, stem: str) -> str:
        """A new identifier that no quantity has."""
        n = 1
        while f"{stem}{n}" in self._owners or f"{stem}{n}" in self._reserved:
            n += 1
        self._owners[f"{stem}{n}"] = f" auxiliary {stem}{n}"
        return f"{stem}{n}"

    def _claim(self, text: str, owner: str) -> str:
        if self._owners.setdefault(text, owner) != owner:
            raise NoFunctionError(f"{self._owners[text]} and {owner} would both be called {text}: rename one of them")
        return text


def _words(tokens: list[str], at: int) -> tuple[str, int]:
    """The identifier text of a group, and where it ends."""
    out = ""
    while at < len(tokens):
        token = tokens[at]
        if token == "}":
            return out, at + 1
        word, at = _word(tokens, at)
        out += word
    return out, at


def _word(tokens: list[str], at: int) -> tuple[str, int]:
    """The identifier text of one token with its argument, and where it ends."""
    token = tokens[at]
    at += 1
    if token == "{":
        return _words(tokens, at)
    if token in ("_", "^"):
        if at >= len(tokens):
            return "", at
        word, at = _word(tokens, at)
        return f"_{word}_", at
    if token.startswith("\\"):
        command = token[1:]
        if command in ACCENTS:
            if at >= len(tokens):
                return f"_{ACCENTS[command]}_", at
            word, at = _word(tokens, at)
            return f"{word}_{ACCENTS[command]}_", at
        if command in FONTS:
            return "", at
        # Two commands side by side, or a command and a letter, are two words.
        return (f"_{command}_" if command.isascii() and command.isalpha() else "_"), at
    if token in MARKS:
        return f"_{MARKS[token]}_", at
    return (token if token.isascii() and token.isalnum() else "_"), at
