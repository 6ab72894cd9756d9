r"""latex2sympy2 as an independent second reader.

It carries arithmetic, fractions, powers, roots and the elementary functions of scalars; beyond these it answers wrongly
without a word, so this adapter lets nothing else through to it.  Its faults that matter here, and what is done:
it keeps state in module globals, which a bare differential spoils for every later call (they are reset before each);
it reads `\log` to the base 10 and a relation as an assignment (the first is written as `\ln`, the second refused); its
grammar does not ask for the end of the input (the tokens left over are counted); it leaves names as text (mapped back).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from sympy import Basic

from symdl.errors import ReadError
from symdl.language import scalar
from symdl.read.nodes import Call, Fraction, Group, Name, Node, Number, Product, Root, Scripted, Sum
from symdl.read.scripts import children
from symdl.read.source import Source
from symdl.read.syntax import parse
from symdl.read.vocabulary import Vocabulary

_FUNCTIONS = frozenset({"log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh"})


def second_reading(latex: str) -> Any:
    """How latex2sympy2 reads a formula of scalars: the expression, or the reason in words.

    None where the optional package `symdl[latex2sympy2]` is not installed.
    """
    library = _library()
    if library is None:
        return None
    try:
        tree = parse(Source(latex))
    except ReadError as error:
        return f"not read here either: {error.message}"
    names: dict[str, str] = {}
    reason = _beyond(tree, names)
    if reason:
        return reason
    return _ask(library, _edited(latex, tree, names), names)


@cache
def _library() -> ModuleType | None:
    try:
        import latex2sympy2
    except ImportError:
        return None
    library: ModuleType = latex2sympy2
    return library


def _ask(library: ModuleType, text: str, names: dict[str, str]) -> Any:
    antlr = import_module("antlr4")
    library.variances.clear()
    for name, value in (("var", {}), ("is_real", None), ("frac_type", r"\frac"), ("VARIABLE_VALUES", {})):
        if hasattr(library, name):
            setattr(library, name, value)
    try:
        stream = antlr.CommonTokenStream(library.PSLexer(antlr.InputStream(text)))
        parser = library.PSParser(stream)
        for part in (parser, stream.tokenSource):
            part.removeErrorListeners()
        parser.math()
        if stream.LA(1) != antlr.Token.EOF:
            return "latex2sympy2 does not read it to its end"
        found = library.latex2sympy(text)
    except Exception as error:  # its errors have no class of their own
        return f"latex2sympy2 refuses it: {str(error).splitlines()[0][:80] if str(error) else type(error).__name__}"
    if not isinstance(found, Basic):
        return "latex2sympy2 gives no expression"
    back = {sign: original for original, sign in names.items()}
    renamed = {t: scalar(back[str(t)]) for t in found.free_symbols if str(t) in back}
    if len(renamed) != len(found.free_symbols):
        return "latex2sympy2 finds names that are not there"
    return found.xreplace(renamed)


def _beyond(node: Node, names: dict[str, str]) -> str:
    """Why a formula is more than latex2sympy2 carries; empty where it is not."""
    if isinstance(node, Number):
        return ""
    if isinstance(node, (Name, Scripted)):
        return _name(node, names)
    if isinstance(node, (Sum, Product)):
        parts = [n for _, n in (node.terms if isinstance(node, Sum) else node.parts)]
        if isinstance(node, Product):
            for (_, head), (sign, following) in zip(node.parts, node.parts[1:], strict=False):
                if not sign and isinstance(following, Group) and isinstance(head, (Name, Scripted)):
                    return "a name before a bracket may be an application"
            if any(s == "odot" for s, _ in node.parts):
                return "an entrywise product"
        return next((r for r in (_beyond(n, names) for n in parts) if r), "")
    if isinstance(node, Fraction):
        return _beyond(node.top, names) or _beyond(node.below, names)
    if isinstance(node, Root):
        return _beyond(node.body, names) or ("" if node.degree is None else _beyond(node.degree, names))
    if isinstance(node, Group) and len(node.items) == 1 and not node.bars:
        return _beyond(node.items[0], names)
    if isinstance(node, Call) and node.function in _FUNCTIONS and not (node.primes or node.base):
        return _beyond(node.arguments[0], names) or ("" if node.power is None else _beyond(node.power, names))
    return f"{type(node).__name__.lower()} is more than latex2sympy2 carries"


def _name(node: Node, names: dict[str, str]) -> str:
    o = Vocabulary().occurrence(node)
    if isinstance(node, Scripted):
        if o is not None and (o.above is not None or node.primes or "^" in o.key):
            return "a superscript that may be a label"
        powers = node.sups
        if len(powers) > 1:
            return "two superscripts"
        for power in powers:
            if isinstance(power, Name) and power.text == "T":
                return "a superscript that may be a transposition"
            reason = _beyond(power, names)
            if reason:
                return reason
        if o is None:
            return "a subscript at a bracket" if node.subs else _beyond(node.core, names)
    if o is None:
        return "not a name"
    _, _, key = Vocabulary().parts(o, set())
    if key not in ("e", r"\pi") and key not in names:
        names[key] = _sign(len(names))
        if not names[key]:
            return "more names than there are plain letters"
    return ""


def _sign(n: int) -> str:
    """The n-th plain letter, which latex2sympy2 keeps as it is; empty where they are used up."""
    letters = "abcfghjklmnopqrstuvwxyz"
    return letters[n] if n < len(letters) else ""


def _edited(text: str, node: Node, names: dict[str, str]) -> str:
    """The author's formula with plain names for his and `\\ln` for `\\log`; its structure is left as it stands."""
    out, at = "", 0
    for start, end, new in sorted(_edits(text, node, names)):
        out += text[at:start] + new
        at = end
    return out + text[at:]


def _edits(text: str, node: Node, names: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    if isinstance(node, (Name, Scripted)):
        o = Vocabulary().occurrence(node)
        if o is not None:
            _, _, key = Vocabulary().parts(o, set())
            powers = Vocabulary().power_of(node) if isinstance(node, Scripted) else ()
            written = "".join(f"^{{{_edited_part(text, p, names)}}}" for p in powers)
            yield node.at, node.end, f"{names.get(key, key)}{written} "
            return
    if isinstance(node, Call) and node.function == "log":
        start = text.index("log", node.at)
        yield (node.at if text[node.at] == "\\" else start), start + 3, r"\ln "
    for child in children(node):
        yield from _edits(text, child, names)


def _edited_part(text: str, node: Node, names: dict[str, str]) -> str:
    out, at = "", node.at
    for start, end, new in sorted(_edits(text, node, names)):
        out += text[at:start] + new
        at = end
    return out + text[at : node.end]
