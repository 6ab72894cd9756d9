"""The text of a node's value at one position of a loop."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from symdl.errors import NoFunctionError
from symdl.numeric.program import Fixed, Node, Whole, is_number
from symdl.numeric.scalars import NEAR, WORDS
from symdl.numeric.syntax import exact_number

if TYPE_CHECKING:
    from symdl.numeric.loops import Kernel
    from symdl.numeric.writer import At, Entry

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "and": "&", "eq": "==", "ne": "!=", "gt": ">", "ge": ">=",
          "lt": "<", "le": "<="}  # fmt: skip
ENTRYWISE = frozenset({*_SIGNS, "pow", "neg", "not", "where", "max", "min", "call"})
"""The kinds of node that are worked out entry by entry."""

_LINEAR = frozenset({"neg", "sub", "where"})


def text(kernel: Kernel, node: Node, at: At) -> str:
    """The text of a node that is not held.

    Fails   raises NoFunctionError where it has no form in loops.
    """
    kind, data = node.kind, node.data
    part = share(kernel, node, at) if kind in _LINEAR else None
    if part is not None:
        scale, lost = kernel.scales[part[0]]
        here = {x: at[x] for x in node.axes}
        return f"softmax_of({part[1]}, {scale(here)}, {lost(here)})"
    if kind == "number":
        return f"_real({ast.unparse(exact_number(data[0]))})"
    if kind == "integer":
        return f"({kernel.integer(data[0])})"
    if kind in ("input", "label"):
        places = [at[x] for x in node.axes]
        if data[0] in kernel.copies:
            return kernel.copies[data[0]](places)
        return kernel.loaded(data[0], places)
    if kind in ("partial", "state"):
        return kernel.entries[data[0]]([at[x] for x in node.axes] or ["0"])
    if kind in ("named", "expand", "position"):
        return kernel.value(node.args[0], {x: at[x] for x in node.args[0].axes})
    if kind == "arange":
        position = f"({kernel.integer(data[0])} + {at[node.axes[0]]})"
        return position if data[2] == "int" else f"_real({position})"
    if kind == "entry":
        return _entry(kernel, node, at)
    if kind == "gather":
        base, *indices = node.args
        return kernel.value(base, {x: kernel.value(i, at) for x, i in zip(base.axes, indices, strict=True)})
    if kind not in ENTRYWISE:
        raise NoFunctionError(f"there are no loops for {kind}")
    parts = [kernel.value(a, at) for a in node.args]
    if kind == "pow":
        power = node.args[1]
        if power.kind == "number" and power.data[0].is_Integer:
            return f"({parts[0]} ** {int(power.data[0])})"
        return f"({parts[0]} ** {parts[1]})"
    if kind in _SIGNS:
        return f"({f' {_SIGNS[kind]} '.join(parts)})"
    if kind == "neg":
        return f"(-{parts[0]})"
    if kind == "not":
        return f"(not {parts[0]})"
    if kind == "where":
        return f"select({', '.join(parts)})"
    if kind in ("max", "min"):
        return f"{kind}({', '.join(parts)})"
    return _call(kernel, node, parts)


def share(kernel: Kernel, node: Node, at: At) -> tuple[Entry, str] | None:
    """The numerator of a share, or of a choice among some with one scale: it is scaled once, to the same digits."""
    here = {x: at[x] for x in node.axes}
    if node in kernel.shares:
        others, part = kernel.shares[node]
        return others, part(here)
    if node in kernel.held:
        return None
    if node.kind == "named" or (node.kind == "entry" and all(isinstance(p, Whole) for p in node.data)):
        (base,) = node.args
        letters = [p.letter for p in node.data] if node.kind == "entry" else node.axes
        return share(kernel, base, {x: here[y] for x, y in zip(base.axes, letters, strict=True)})
    if node.kind not in _LINEAR:
        return None
    if node.kind == "sub" and not is_number(node.args[0], 0):
        return None
    parts = {a: share(kernel, a, at) for a in node.args}
    found = [p for p in parts.values() if p is not None]
    if not found or any(p[0] is not found[0][0] for p in found):
        return None
    if node.kind != "where":
        return (found[0][0], f"(-{found[0][1]})") if parts[node.args[-1]] else None
    condition, *values = node.args
    texts = [p[1] if (p := parts[a]) else "_real(0)" for a in values if parts[a] or is_number(a, 0)]
    if len(texts) < 2:
        return None
    return found[0][0], f"select({kernel.value(condition, {x: at[x] for x in condition.axes})}, {', '.join(texts)})"


def _entry(kernel: Kernel, node: Node, at: At) -> str:
    (base,) = node.args
    inside = {}
    for x, p in zip(base.axes, node.data, strict=True):
        if isinstance(p, Fixed):
            if p.checked:
                raise NoFunctionError("there are no loops for a position that may not exist")
            inside[x] = kernel.integer(p.at)
        elif isinstance(p, Whole):
            inside[x] = at[p.letter]
        elif p.step > 0:
            inside[x] = at[p.letter] if p.start == 0 else f"({kernel.integer(p.start)} + {at[p.letter]})"
        else:
            inside[x] = f"({kernel.integer(p.stop - 1)} - {at[p.letter]})"
    return kernel.value(base, inside)


def _call(kernel: Kernel, node: Node, parts: list[str]) -> str:
    name, source = node.data
    called = source if source and "\n" not in source else name
    word = WORDS.get(called, called)
    if word in NEAR and not _calls(kernel, node.args[NEAR[word]]):
        if kernel.guards is not None:
            kernel.guards.append(parts[NEAR[word]])
        if kernel.is_near_text:
            called = f"{word}_near"
    return f"{called}({', '.join(parts)})"


def _calls(kernel: Kernel, node: Node) -> bool:
    """Whether the text of a node has a call of a function in it."""
    return node not in kernel.held and (node.kind == "call" or any(_calls(kernel, a) for a in node.args))
