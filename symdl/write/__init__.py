"""Derivations for people: LaTeX, Typst, MathML and Unicode from one layout tree, and whole pages.

Example
    >>> from sympy import log
    >>> from symdl.language import scalar
    >>> from symdl.problem import Givens
    >>> latex_of(-scalar("y") * log(scalar("a")), Givens())
    '-y \\\\log a'
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, MatrixExpr

from symdl.problem import Derivation, Givens, Ranges, Relation
from symdl.write.errors import NoPdfError
from symdl.write.formats import Format, formats
from symdl.write.formats.html import fragment as html
from symdl.write.formats.md import body as _markdown
from symdl.write.formats.tex import body as latex
from symdl.write.latex import latex as _latex
from symdl.write.layout import layout_of
from symdl.write.mathml import mathml as _mathml
from symdl.write.matrix import layout_of_matrix
from symdl.write.order import manner_of
from symdl.write.story import Figure, Options, Page
from symdl.write.terminal import text
from symdl.write.typst import typst as _typst
from symdl.write.unicode import line, stacked

__all__ = [
    "Figure", "Format", "NoPdfError", "Options", "Page", "formats", "html", "latex", "latex_of",
    "latex_of_matrix", "mathml_of", "notebook_latex", "render", "text", "typst_of", "unicode_of",
]  # fmt: skip


def latex_of(expr: Expr | Relation, givens: Givens, ranges: Ranges | None = None) -> str:
    """The expression in LaTeX; what it prints, `symdl.read.read_expression` reads back."""
    return _latex(layout_of(expr, givens, ranges))


def latex_of_matrix(value: MatrixExpr, givens: Givens) -> str:
    """A vector or matrix in matrix notation, in LaTeX."""
    return _latex(layout_of_matrix(value, manner_of(givens)))


def typst_of(expr: Expr | Relation, givens: Givens, ranges: Ranges | None = None) -> str:
    """The expression in Typst's mathematics."""
    return _typst(layout_of(expr, givens, ranges))


def mathml_of(expr: Expr | Relation, givens: Givens, ranges: Ranges | None = None) -> str:
    """The expression as one MathML element."""
    return _mathml(layout_of(expr, givens, ranges))


def unicode_of(expr: Expr | Relation, givens: Givens, ranges: Ranges | None = None, flat: bool = True) -> str:
    """The expression in Unicode: on one line, or with `flat=False` in two dimensions."""
    node = layout_of(expr, givens, ranges)
    return line(node) if flat else "\n".join(x.rstrip() for x in stacked(node).lines)


def notebook_latex(derivation: Derivation) -> str:
    """The proof for a notebook cell: Markdown with displayed chains."""
    return _markdown(derivation)


def render(name: str, page: Page | Sequence[Page], options: Options | None = None) -> bytes:
    """The page in the format of this name, as the bytes of a file.

    Raises  `KeyError` where there is no such format.
    """
    made = formats()[name].render(page, options or Options())
    return made.encode() if isinstance(made, str) else made
