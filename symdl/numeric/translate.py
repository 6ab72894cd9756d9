"""From NumPy's words to those of another library of arrays."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from symdl.language.functions import ScalarFunction, records
from symdl.numeric.arrays import SOURCES, ArrayWriter
from symdl.numeric.syntax import dotted


@dataclass(frozen=True)
class Words:
    """What stands for NumPy in another library.

    `library` stands for `np`, `special` for `scipy.special`.  `functions` are the names that differ, `keywords` those
    of arguments (None: left out), for one function only as `function.keyword`.  `sources` are functions of these names
    that the module has to define.
    """

    library: str
    special: str
    functions: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, str | None] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


class _Translation(ast.NodeTransformer):
    def __init__(self, words: Words) -> None:
        self.words = words

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = ast.unparse(node)
        first, _, rest = name.partition(".")
        if first == "np":
            return dotted(self.words.functions.get(rest) or f"{self.words.library}.{rest}")
        if name.startswith("scipy.special."):
            return dotted(f"{self.words.special}.{name.removeprefix('scipy.special.')}")
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = ast.unparse(node.func)
        if called.startswith("np."):
            words = self.words.keywords
            for k in node.keywords:
                k.arg = words.get(f"{called[3:]}.{k.arg}", words.get(str(k.arg), k.arg))
            node.keywords = [k for k in node.keywords if k.arg is not None]
        self.generic_visit(node)
        return node


def translated(source: str, words: Words) -> str:
    """The source of a function in the words of another library."""
    tree = _Translation(words).visit(ast.parse(source.strip()))
    return ast.unparse(ast.fix_missing_locations(tree))


def module(
    title: str,
    imports: Sequence[str],
    writers: Iterable[ArrayWriter],
    functions: Iterable[ast.stmt],
    words: Words | None = None,
    more: Sequence[str] = (),
) -> str:
    """The source of a module with these functions, those that they call, and `more` between them."""
    written = [ast.unparse(ast.fix_missing_locations(f)) for f in functions]
    used: dict[str, str] = {}
    own: dict[str, str] = {}
    for writer in writers:
        used |= writer.used
        own |= writer.helpers
    order = [*(n for n in SOURCES if n in used), *sorted(set(used) - set(SOURCES))]
    sources = [used[n].strip() for n in order]
    if words is not None:
        sources = [
            s if own.get(n, "").strip() == s else translated(s, words) for n, s in zip(order, sources, strict=True)
        ]
        written = [translated(s, words) for s in written]
        called = {n.id for s in (*sources, *written) for n in ast.walk(ast.parse(s)) if isinstance(n, ast.Name)}
        sources = [*(s.strip() for n, s in words.sources.items() if n in called), *sources]
    special = words.special if words else "scipy.special"
    also = [f"import {special}"] if any(f"{special}." in p for p in (*sources, *written)) else []
    return f'"""{title}"""\n\n' + "\n\n\n".join(["\n".join([*imports, *also]), *sources, *more, *written]) + "\n"


def reserved(words: Words | None = None) -> frozenset[str]:
    """The names that generated modules define themselves."""
    named = (r for r in records().values() if isinstance(r, ScalarFunction))
    return frozenset({*SOURCES, *(r.name for r in named if "\n" in r.numpy)} | set(words.sources if words else ()))
