"""What runs along axes of whole arrays: sums, contractions, rows of exponentials, running sums and ordered products."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sympy import Symbol

from symdl.numeric.program import Node, Whole, is_rounded_once, one_share, whole
from symdl.numeric.syntax import binary, call, dotted, moved, number, subscript

if TYPE_CHECKING:
    from symdl.numeric.arrays import ArrayWriter

_STARTS: dict[str, tuple[str, float]] = {"sum": ("np.add", 0.0), "prod": ("np.multiply", 1.0)}
"""Operation -> NumPy's word, and the result of nothing."""


def _reduce(writer: ArrayWriter, node: Node) -> ast.expr:
    """The sum, the product or the largest size of the entries along an axis."""
    op, j = node.data
    (arg,) = node.args
    at = arg.axes.index(j) - len(arg.axes)
    if op == "sum" and one_share(arg, j) is None:
        return writer.helper("exact_sum", writer.value(arg), number(at))
    if op == "size":
        return writer.helper("size_along", writer.value(arg), number(at))
    return ast.Call(dotted(f"np.{op}"), [writer.value(arg)], [ast.keyword("axis", number(at))])


def _contract(writer: ArrayWriter, node: Node) -> ast.expr:
    """The sum of products of several nodes along an axis, as a product of matrices or vectors where it is one."""
    (j,) = node.data
    parts = [_operand(writer, n) for n in node.args]
    if len(parts) == 2:
        for (a, first), (b, second) in (parts, parts[::-1]):
            if first[-1:] == (j,) == second[:1] and (*first[:-1], *second[1:]) == node.axes:
                ranks = (len(first), len(second))
                if ranks == (2, 2):
                    return binary(ast.MatMult, a, b)
                if ranks == (1, 1):
                    return call("np.vecdot", a, b)
                if ranks in ((2, 1), (1, 2)):
                    return writer.helper("matvec" if ranks == (2, 1) else "vecmat", a, b)
    letters = list(dict.fromkeys(x for _, own in (*parts, (None, node.axes)) for x in own))
    text = {x: chr(ord("a") + n) for n, x in enumerate(letters)}
    spec = ",".join("..." + "".join(text[x] for x in own) for _, own in parts)
    spec = f"{spec}->...{''.join(text[x] for x in node.axes)}"
    args = [ast.Constant(spec), *(code for code, _ in parts)]
    return ast.Call(dotted("np.einsum"), list(args), [ast.keyword("optimize", ast.Constant(True))])


def _operand(writer: ArrayWriter, node: Node) -> tuple[ast.expr, tuple[Symbol, ...]]:
    """A factor of a contraction with its axes in the order in which they lie in memory."""
    places = node.data if node.kind == "entry" else ()
    if places and all(isinstance(p, Whole) for p in places):
        return writer.value(node.args[0]), tuple(p.letter for p in places)
    return writer.value(node), node.axes


def _exponentials(writer: ArrayWriter, node: Node) -> ast.expr:
    """A function of a row of exponentials: a row again, or one number for each."""
    first, (j,) = node.args[0], node.data
    if len(node.axes) == len(first.axes) and j in node.axes:
        return _row(writer, node, first.axes.index(j) - len(first.axes))
    axes = (*node.axes, j)
    if node.kind == "logsumexp":
        return writer.helper(node.kind, *(_aligned_last(writer, a, axes, j) for a in node.args))
    top, *rest = node.args
    parts = [_aligned_last(writer, a, axes, j) for a in rest]
    above = writer.as_array(top, writer.aligned(top, node.axes))
    return writer.helper("exp_over_sum" if node.kind == "share" else "log_share", above, *parts)


def _row(writer: ArrayWriter, node: Node, at: int) -> ast.expr:
    """A row for a row of exponentials, whose axis, the one at this position, is moved to the end and back."""
    name, first = node.kind, node.args[0]
    shares = [n for n in writer.uses if n.kind == "softmax" and n.args == node.args and n.data == node.data]
    if name == "softmax_rest" and shares and at == -1:
        # The shares are worked out once, under their name where they have one.
        named = next((n for n in writer.uses if n.kind == "named" and whole(n) is shares[0]), None)
        if named is None:
            writer.uses[shares[0]] += 1
        return writer.helper("others_of", writer.value(named or shares[0]))
    value = writer.value(first)
    value = value if at == -1 else call("np.moveaxis", value, number(at), number(-1))
    if name in ("softmax", "softmax_rest") and is_rounded_once(writer.program, writer.uses, first):
        found = writer.helper("dense_softmax", value)
        found = found if name == "softmax" else writer.helper("others_of", found)
    else:
        found = writer.helper(name, value)
    return found if at == -1 else call("np.moveaxis", found, number(-1), number(at))


def _aligned_last(writer: ArrayWriter, node: Node, axes: tuple[Symbol, ...], j: Symbol) -> ast.expr:
    """A node's value with these axes, of which j is the last, wherever it stands in the node."""
    if j in node.axes and node.axes[-1] != j:
        order = [node.axes.index(x) for x in (*(a for a in node.axes if a != j), j)]
        value = moved(writer.value(node), order)
        keys: list[ast.expr] = [ast.Slice() if x in node.axes else ast.Constant(None) for x in axes]
        return value if all(x in node.axes for x in axes) else subscript(value, [ast.Constant(...), *keys])
    return writer.as_array(node, writer.aligned(node, axes))


def _partials(writer: ArrayWriter, node: Node) -> ast.expr:
    op, from_end = node.data
    ufunc, start = _STARTS[op]
    args = [dotted(ufunc), writer.value(node.args[0]), ast.Constant(start)]
    return writer.helper("partial_results", *args, **_flag("from_end", from_end))


def _table(writer: ArrayWriter, node: Node) -> ast.expr:
    ufunc, start = _STARTS[node.data[0]]
    return writer.helper("range_results", dotted(ufunc), writer.value(node.args[0]), ast.Constant(start))


def _running(writer: ArrayWriter, node: Node) -> ast.expr:
    new, factor = node.args
    parts = (writer.aligned(new, node.axes), writer.aligned(factor, node.axes))
    return writer.helper("running_sums", *parts, **_flag("from_end", node.data[0]))


def _running_chain(writer: ArrayWriter, node: Node) -> ast.expr:
    new, matrix = node.args
    letters = (*new.axes, matrix.axes[-1])
    parts = (writer.value(new), writer.aligned(matrix, letters))
    return writer.helper("running_matrix_sums", *parts, **_flag("from_end", node.data[0]))


def _chain(writer: ArrayWriter, node: Node) -> ast.expr:
    return writer.helper("matrix_product", writer.value(node.args[0]))


def _chain_partials(writer: ArrayWriter, node: Node) -> ast.expr:
    return writer.helper("matrix_products", writer.value(node.args[0]), **_flag("from_end", node.data[0]))


def _vector_chain(writer: ArrayWriter, node: Node) -> ast.expr:
    from_end, moves = node.data
    parts = [writer.value(a) for a in node.args]
    return writer.helper("vector_products", *parts, **_flag("from_end", from_end), **_flag("moves", moves))


def _chain_table(writer: ArrayWriter, node: Node) -> ast.expr:
    return writer.helper("range_matrix_products", writer.value(node.args[0]))


def _flag(name: str, value: bool) -> dict[str, ast.expr]:
    return {name: ast.Constant(True)} if value else {}


AXES: Mapping[str, Callable[[ArrayWriter, Node], ast.expr]] = {
    "reduce": _reduce,
    "contract": _contract,
    "softmax": _exponentials,
    "log_softmax": _exponentials,
    "softmax_rest": _exponentials,
    "log_softmax_rest": _exponentials,
    "logsumexp": _exponentials,
    "share": _exponentials,
    "log_share": _exponentials,
    "partials": _partials,
    "table": _table,
    "running": _running,
    "running_chain": _running_chain,
    "chain": _chain,
    "chain_partials": _chain_partials,
    "chain_table": _chain_table,
    "vector_chain": _vector_chain,
}
"""Kind of node -> how its value is written."""
